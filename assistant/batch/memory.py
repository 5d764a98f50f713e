"""What earlier parts of a run have read: customers say the same things all day, and a text is read once for all of them.

    memory.reveal(number); memory.known("在吗")     -> Read, or None when no part before has read it
    memory.learn(number, fresh)                     what this part read that was new

A part counts on what the parts LAG and more before it have read, and on nothing later: a run with many parts under way, and
one that goes on after a kill, know exactly the same. Dates are never remembered: 昨天 is another day tomorrow.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from assistant.batch.formats import written
from assistant.batch.scoring import Read

LAG = 2  # parts under way at once
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
MAX_KNOWN = 300_000  # texts, the first ones: about 60 MiB; more bring little


class Memory:
    """Not for threads. Readings are kept as the JSON they are written as: a tenth of the objects' room."""

    def __init__(self, max_known: int = MAX_KNOWN):
        self._known: dict[str, bytes] = {}
        self._fresh: deque[tuple[int, dict[str, bytes]]] = deque()
        self._max_known = max_known

    def reveal(self, number: int) -> None:
        """Part `number` is about to begin."""
        while self._fresh and self._fresh[0][0] <= number - LAG:
            for text, read in self._fresh.popleft()[1].items():
                if len(self._known) >= self._max_known:
                    break
                self._known[text] = read

    def known(self, text: str) -> Read | None:
        found = self._known.get(text)
        return None if found is None else _read(found)

    def learn(self, number: int, reads: Mapping[str, Read], path: Path) -> None:
        """Keep the undated ones, and write them to `path` for a run that goes on after a kill."""
        kept = {text: _line(read) for text, read in reads.items() if not read.dated} if self._has_room else {}
        with written(path) as file:
            file.writelines(f"{_as_json(text)}\t{line.decode()}\n" for text, line in kept.items())
        self._fresh.append((number, kept))

    def recall(self, number: int, path: Path) -> None:
        """What `learn` wrote for this part; the parts come in their order."""
        self.reveal(number)
        with path.open(encoding="utf-8") as file:
            self._fresh.append((number, dict(_pairs(file)) if self._has_room else {}))

    @property
    def _has_room(self) -> bool:
        return len(self._known) < self._max_known


def _line(read: Read) -> bytes:
    return _as_json(read).encode()


def _read(line: bytes) -> Read:
    fields = Read(*json.loads(line))
    return fields._replace(entities=tuple(fields.entities))


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for line in lines:
        text, _, read = line.rstrip("\n").partition("\t")
        yield json.loads(text), read.encode()
