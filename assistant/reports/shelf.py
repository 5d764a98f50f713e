"""Reports that were asked for in the product: a folder each in the data folder, with its state and its finished files.

<data_dir>/reports/20261122-110512-3f9c/     record.json progress.json report.html report.xlsx report.json
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

from assistant.errors import NotFound

try:
    import fcntl
except ImportError:  # Windows, where one process serves
    fcntl = None

State = Literal["waiting", "running", "done", "failed"]
FORMATS = ("html", "xlsx", "json")
N_KEPT = 100  # finished reports: two years of weeks
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Record:
    """One report. source: the uploaded file's name, or "" for our own conversations of the last `days` (0: all)."""

    report_id: str
    source: str
    days: int
    compare: bool  # with as many days before
    language: Literal["zh", "en"]
    asked_by: str
    asked_at: str
    state: State = "waiting"
    error: str = ""
    finished_at: str = ""
    n: int = 0
    headline: str = ""


class Shelf:
    """Safe for threads that change different reports; every write replaces a file whole."""

    def __init__(self, root: Path):
        self._root = root

    def add(
        self, source: str, days: int, compare: bool, language: Literal["zh", "en"], asked_by: str, raw: bytes = b""
    ) -> Record:
        """Put a new report on the shelf; `raw` is the uploaded file, kept until the report is made."""
        now = datetime.now(UTC)
        record = Record(f"{now:%Y%m%d-%H%M%S}-{token_hex(4)}", source, days, compare, language, asked_by,
                        now.isoformat(timespec="seconds"))  # fmt: skip
        folder = self._root / record.report_id
        folder.mkdir(parents=True, mode=0o700)
        if source:
            self.upload(record).write_bytes(raw)
        self._write(record)
        return record

    def get(self, report_id: str) -> Record:
        """Raises NotFound."""
        if not _ID.fullmatch(report_id) or not (path := self._root / report_id / "record.json").is_file():
            raise NotFound(f"there is no report {report_id[:40]!r}")
        return Record(**json.loads(path.read_text("utf-8")))

    def all(self) -> list[Record]:
        """Newest first."""
        names = sorted((path.parent.name for path in self._root.glob("*/record.json")), reverse=True)
        return [self.get(name) for name in names if _ID.fullmatch(name)]

    def update(self, report_id: str, **changed: Any) -> Record:
        record = replace(self.get(report_id), **changed)
        self._write(record)
        return record

    def finish(self, report_id: str, **changed: Any) -> Record:
        """Done or failed: the upload and its analysis, which hold customers' words as they were, are thrown away."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        record = self.update(report_id, finished_at=now, **changed)
        self.upload(record).unlink(missing_ok=True)
        shutil.rmtree(self.work(record), ignore_errors=True)
        for old in [r for r in self.all() if r.finished_at][N_KEPT:]:
            self.remove(old.report_id)
        return record

    def remove(self, report_id: str) -> None:
        """Raises NotFound."""
        shutil.rmtree(self._root / self.get(report_id).report_id)

    def upload(self, record: Record) -> Path:
        """Its suffix says what it is; nothing else of a name that strangers chose is on the disk."""
        return self._root / record.report_id / f"upload{Path(record.source).suffix.lower()}"

    def work(self, record: Record) -> Path:
        return self._root / record.report_id / "work"

    def progress_file(self, record: Record) -> Path:
        return self._root / record.report_id / "progress.json"

    def progress(self, record: Record) -> dict[str, Any]:
        """{"stage", "n_done", "n_total"}; empty before the first."""
        try:
            return json.loads(self.progress_file(record).read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def file(self, record: Record, form: str) -> Path:
        """Where the finished file lies. Raises NotFound before it does."""
        path = self.target(record, form)
        if not path.is_file():
            raise NotFound(f"the report {record.report_id} is not finished")
        return path

    def target(self, record: Record, form: str) -> Path:
        return self._root / record.report_id / f"report.{form}"

    @contextmanager
    def claimed(self, record: Record) -> Iterator[bool]:
        """Whether the record is this process's to make: of several that go on with what was left, one alone makes it.

        The claim ends with the process, however it ends. False for a record that is finished.
        """
        with (self._root / record.report_id / ".claim").open("a") as file:
            try:
                if fcntl is not None:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield not self.get(record.report_id).finished_at

    def _write(self, record: Record) -> None:
        path = self._root / record.report_id / "record.json"
        temporary = path.with_name(f".record.{token_hex(4)}")
        temporary.write_text(json.dumps(asdict(record), ensure_ascii=False), "utf-8")
        os.replace(temporary, path)
