"""Who asks in an entry's own words means that entry: the same letters and digits, whatever the case, width and marks."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from index.entry import Entry

P_OWN_WORDS = 0.99  # a question repeated letter by letter is as sure as anything; left-out variants cannot measure it
_MARKS = re.compile(r"[\W_]+")


class Wordings:
    """The slots of the entries that own each wording."""

    def __init__(self, entries: Iterable[tuple[int, Entry]] = ()):
        self._slots: dict[str, set[int]] = defaultdict(set)
        for slot, entry in entries:
            self.add(slot, entry)

    def add(self, slot: int, entry: Entry) -> None:
        for wording in entry.wordings:
            self._slots[_folded(wording)].add(slot)

    def remove(self, slot: int, entry: Entry) -> None:
        for wording in entry.wordings:
            self._slots[_folded(wording)].discard(slot)

    def owner(self, text: str) -> int | None:
        """The slot of the one entry with this wording; None when there is none, or more than one."""
        slots = self._slots.get(_folded(text), ())
        return next(iter(slots)) if len(slots) == 1 else None


def _folded(text: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", text).casefold())
