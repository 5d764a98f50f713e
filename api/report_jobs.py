"""Makes the reports that were asked for, one after the other, each by the command `huida report` in a process of its own.

A report works for seconds or minutes on a whole core: beside the server, and less important than it, customers do not
wait for it. A server that was stopped goes on with what was left; of several workers one alone makes a report.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from assistant.errors import NotFound
from assistant.reports.shelf import FORMATS, Record, Shelf
from assistant.settings import Settings, keys

logger = logging.getLogger(__name__)

SECTIONS = ("store", "models", "faq", "policy")  # settings that a report depends on
NICE = ("nice", "-n", "10")


class ReportJobs:
    """`close()` ends the report under way; it stays unfinished and is begun again by `resume()`."""

    def __init__(self, settings: Settings):
        self.shelf = Shelf(settings.store.data_dir / "reports")
        self._environment = {**os.environ, **_environment(settings)}
        self._executor = ThreadPoolExecutor(1, "reports")
        self._lock = threading.Lock()
        self._child: subprocess.Popen | None = None
        self._closed = False

    def start(self, record: Record) -> None:
        self._executor.submit(self._make, record)

    def resume(self) -> None:
        for record in reversed(self.shelf.all()):
            if not record.finished_at:
                self.start(record)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._child:
                self._child.terminate()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _make(self, record: Record) -> None:
        try:
            with self.shelf.claimed(record) as ours:
                if ours:
                    self._made(record)
        except NotFound:  # another worker made it meanwhile, and it was thrown away
            return
        except OSError:
            logger.exception("a report could not be begun", extra={"report_id": record.report_id})

    def _made(self, record: Record) -> None:
        try:
            self.shelf.update(record.report_id, state="running")
            out, err, status = self._run(_command(self.shelf, record))
            if self._closed:
                return
            if status:
                said = err.strip().splitlines()[-1:] or ["it ended without a word"]
                error = (
                    said[0].removeprefix("huida: ").replace(self.shelf.upload(record).name, record.source or "upload")
                )
                self.shelf.finish(record.report_id, state="failed", error=error[:500])
                return
            done = json.loads(out.strip().splitlines()[-1])
            self.shelf.finish(record.report_id, state="done", n=done["n"], headline=done["headline"])
        except Exception:  # nobody waits for this thread's answer
            logger.exception("a report could not be made", extra={"report_id": record.report_id})
            self.shelf.finish(record.report_id, state="failed", error="the server met an error; its log says which")

    def _run(self, command: Sequence[str]) -> tuple[str, str, int]:
        with self._lock:
            if self._closed:
                return "", "", 1
            self._child = subprocess.Popen(
                command,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        out, err = self._child.communicate()
        with self._lock:
            status, self._child = self._child.returncode, None
        return out, err, status


def _command(shelf: Shelf, record: Record) -> list[str]:
    source = [str(shelf.upload(record)), "--name", record.source] if record.source else ["--store"]
    outs = [part for form in FORMATS for part in ("-o", str(shelf.target(record, form)))]
    period = ["--days", str(record.days)] + (["--compare", "previous"] if record.compare else [])
    kept = ["--work", str(shelf.work(record)), "--progress", str(shelf.progress_file(record))]
    nice = NICE if shutil.which(NICE[0]) else ()
    return [*nice, sys.executable, "-m", "api", "report", *source, *outs, *period, *kept, "--workers", "1",
            "--lang", record.language, "--json"]  # fmt: skip


def _environment(settings: Settings) -> dict[str, str]:
    """The settings as the command reads them, so that it works with this server's store and models."""
    values = {}
    for name, (section, key) in keys().items():
        if section in SECTIONS:
            value = getattr(getattr(settings, section), key)
            values[name] = " ".join(value) if isinstance(value, tuple) else str(value)
    return values
