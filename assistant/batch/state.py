"""What a run has finished, so that another run of the same command goes on there after kill -9.

    .out.csv.parts/state.json       what was asked for, of which input, with which models, and the parts that are whole
    .out.csv.parts/00000            a part in the order of the input, see assistant.batch.formats
    .out.csv.parts/00000.rejects    its rows that were left out, where there are any
    .out.csv.parts/00000.reads      what it has read that was new, see assistant.batch.memory

A part counts when the state names it; the state is replaced after the part has its name.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.batch.formats import written
from assistant.errors import InputError

_STATE, _LOCK = "state.json", "lock"
FORMAT = 2  # of the state; another number is another release's


@dataclass(frozen=True, slots=True)
class Part:
    """What one part counted. n_rows: records of the source, left out or not; n_bytes: of its file."""

    n_rows: int
    n_written: int
    n_texts: int  # that the models read: equal ones once
    n_bytes: int
    rejected: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    sentiments: dict[str, int] = field(default_factory=dict)


class Progress:
    """The folder of a run. `as_of`: when it first began, from which undated messages count 昨天."""

    def __init__(self, folder: Path, key: Mapping[str, Any], as_of: datetime):
        self._folder, self._key, self.as_of = folder, dict(key), as_of
        self.parts: list[Part] = []

    @property
    def n_rows(self) -> int:
        return sum(part.n_rows for part in self.parts)

    def path(self, number: int) -> Path:
        return self._folder / f"{number:05}"

    def rejects(self, number: int) -> Path:
        return self._folder / f"{number:05}.rejects"

    def reads(self, number: int) -> Path:
        return self._folder / f"{number:05}.reads"

    def add(self, part: Part) -> None:
        self.parts.append(part)
        self.save()

    def save(self) -> None:
        kept = {
            "format": FORMAT,
            "key": self._key,
            "as_of": self.as_of.isoformat(),
            "parts": [*map(asdict, self.parts)],
        }
        with written(self._folder / _STATE) as file:
            json.dump(kept, file, ensure_ascii=False)

    def end(self) -> None:
        """The parts are joined: nothing of them is needed."""
        shutil.rmtree(self._folder, ignore_errors=True)


def begun_at(folder: Path) -> datetime | None:
    """When the run that left this folder began."""
    kept = _read(folder)
    return datetime.fromisoformat(kept["as_of"]) if kept else None


def resume(folder: Path, key: Mapping[str, Any], as_of: datetime) -> tuple[Progress, str]:
    """The progress of an earlier run with the same key, or a new one; and what is different: "" when nothing is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made ({error.strerror}); choose another place for the output") from error
    kept, changed = _read(folder), ""
    progress = Progress(folder, key, as_of)
    if kept:
        changed = ", ".join(name for name in key if kept["key"].get(name) != json.loads(json.dumps(key[name])))
        if not changed:
            progress.as_of = datetime.fromisoformat(kept["as_of"])
            progress.parts = _whole([Part(**part) for part in kept["parts"]], progress)
    for left in folder.glob("*.tmp"):
        left.unlink(missing_ok=True)
    progress.save()
    return progress, changed


def locked(folder: Path) -> Any:
    """Hold this for the run. Raises InputError when another run is writing the same output."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / _LOCK).open("w")
    with suppress(ImportError):  # Windows: two runs on one output are the user's to avoid
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError("another run is writing this output; wait for it, or choose another place") from error
    return file


def total(parts: list[Part], name: str) -> dict[str, int]:
    """The sum of one of the counters, the most frequent first."""
    counted: Counter[str] = Counter()
    for part in parts:
        counted.update(getattr(part, name))
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _read(folder: Path) -> dict[str, Any]:
    try:
        kept = json.loads((folder / _STATE).read_text("utf-8"))
        return kept if kept["format"] == FORMAT else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _whole(parts: list[Part], progress: Progress) -> list[Part]:
    """The parts up to the first whose file is missing or of another size."""
    for number, part in enumerate(parts):
        path = progress.path(number)
        if not path.is_file() or path.stat().st_size != part.n_bytes or not progress.reads(number).is_file():
            return parts[:number]
    return parts
