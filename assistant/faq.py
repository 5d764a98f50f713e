"""The FAQ: its entries live in the store, and an index of them, kept in versioned folders, answers searches.

The store is the truth. The index is opened at start, brought up to date with the store entry by entry, and swapped
whole when it is built anew; searches go on meanwhile. When no folder of it can be used (damaged, or made with another
encoder), one that searches by words alone is made from the store, and `degraded` says so until the next build.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from assistant.errors import ArtifactError, InputError, NotFound
from assistant.faq_files import Reject, parse_faq
from assistant.index_versions import IndexVersions, as_entry
from assistant.store import Store
from assistant.text import language, normalise
from assistant.values import FaqEntry, Hit
from index.calibration import Threshold
from index.errors import RetrievalError
from index.faq_index import FaqIndex

logger = logging.getLogger(__name__)

REBUILD_SHARE = 0.2  # of the entries changed by one import: more than that, and what the index learned is stale


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed, in entries; and the rows of the file that were left out."""

    n_added: int
    n_changed: int
    n_unchanged: int
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True)
class _Live:
    """The index that serves now, the store's revision that it holds, and the version that was current at the time."""

    index: FaqIndex
    revision: int
    current: str | None
    degraded: str | None = None


class FaqService:
    """Safe for threads; several servers may share the store and, each with its own folder, have their own index."""

    def __init__(self, store: Store, versions: IndexVersions):
        self.on_change: Callable[[], None] | None = None  # called after each change that was made here
        self._store, self._versions = store, versions
        self._changing = threading.RLock()  # held by whoever changes or replaces the index, never by a search
        self._live = self._open()
        self.refresh()

    @property
    def version(self) -> str:
        return self._live.index.version

    @property
    def degraded(self) -> str | None:
        """What is wrong with the index, in one line for the readiness check; None when it is as it should be."""
        return self._live.degraded

    def search(self, vectors: np.ndarray, texts: Sequence[str], k: int = 5) -> list[list[Hit]]:
        """Return the k likeliest entries of each text, best first. vectors: float32 (n, d), the encoder's rows."""
        try:
            found = self._live.index.search(vectors, texts, k)
        except RetrievalError as error:
            raise ArtifactError(str(error)) from error
        return [[Hit(c.faq_id, c.question, c.answer, c.score, c.p_correct) for c in candidates] for candidates in found]

    def find(self, query: str, k: int = 5) -> list[Hit]:
        """Return the k likeliest entries of one text, best first."""
        return self.search(self._versions.encode([query]), [query], k)[0]

    def threshold_for(self, max_wrong: float, confidence: float = 0.9) -> Threshold:
        """The probability from which on an answer keeps the stated share of wrong ones; see index.calibration."""
        return self._live.index.threshold_for(max_wrong, confidence)

    def hit(self, faq_id: str) -> Hit | None:
        """The entry that a customer chose by its button, as a sure hit; None when it is gone."""
        entry = self._live.index.get(faq_id)
        return entry and Hit(entry.faq_id, entry.question, entry.answer, 1.0, 1.0)

    def get(self, faq_id: str) -> FaqEntry:
        """Raises NotFound."""
        with self._store.read() as uow:
            return uow.faq.get(faq_id)

    def entries(self) -> list[FaqEntry]:
        """Every entry, by id."""
        return self._stored()[1]

    def upsert(self, entry: FaqEntry) -> None:
        """Add an entry or put it in the place of the one with its id; the next search finds it."""
        _check(entry)
        with self._store.begin() as uow:
            uow.faq.upsert([entry], datetime.now(UTC))
            revision = uow.faq.revision()
        self._changed(revision, lambda index: index.add(as_entry(entry)))

    def delete(self, faq_id: str) -> None:
        """Raises NotFound."""
        with self._store.begin() as uow:
            if not uow.faq.delete([faq_id]):
                raise NotFound(f"there is no FAQ entry {faq_id!r}")
            revision = uow.faq.revision()
        self._changed(revision, lambda index: index.remove(faq_id))

    def import_entries(self, entries: Iterable[FaqEntry]) -> Imported:
        """Add or replace many entries in one commit; builds the index anew when a large share of it changed."""
        wanted = {entry.faq_id: entry for entry in entries}
        for entry in wanted.values():
            _check(entry)
        with self._store.begin() as uow:
            before = {entry.faq_id: entry for entry in uow.faq.all()}
            different = [entry for entry in wanted.values() if before.get(entry.faq_id) != entry]
            if different:
                uow.faq.upsert(different, datetime.now(UTC))
        n_added = sum(entry.faq_id not in before for entry in different)
        if len(different) > REBUILD_SHARE * len(before):
            self.build()
        else:
            self.refresh()
            self._tell()
        return Imported(n_added, len(different) - n_added, len(wanted) - len(different))

    def import_file(self, name: str, raw: bytes) -> Imported:
        """Import the rows of a file that can be used; its name tells the format, see assistant.faq_files."""
        entries, rejects = parse_faq(name, raw, language)
        return replace(self.import_entries(entries), rejects=tuple(rejects))

    def build(self) -> str:
        """Build the index anew, publish it as a version of its own, serve it, and return the version.

        Searches go on with the old one until then; when anything fails or the process dies, with the old one after it.
        """
        revision, entries = self._stored()
        index = self._versions.build(entries)
        with self._changing:
            self._versions.publish(index)
            self._live = _Live(index, revision, self._versions.current())
        self.refresh()  # entries that changed while it was built
        self._tell()
        logger.info("faq index built", extra={"version": self.version, "n_entries": len(entries)})
        return self.version

    def refresh(self) -> bool:
        """Serve what others published and changed meanwhile; True when there was anything to do.

        One small query and one small file when there was not: a server may call it every few seconds.
        """
        with self._store.read() as uow:
            stored_revision = uow.faq.revision()
        if (stored_revision, self._versions.current()) == (self._live.revision, self._live.current):
            return False
        with self._changing:
            if self._versions.current() != self._live.current:
                self._live = self._open()
            revision, entries = self._stored()
            _bring_up_to_date(self._live.index, entries)
            self._live = replace(self._live, revision=revision)
        return True

    def _changed(self, revision: int, change: Callable[[FaqIndex], object]) -> None:
        """Make our own change in the index; when others changed the store too, compare all of it."""
        with self._changing:
            if is_next := self._live.revision == revision - 1:
                change(self._live.index)
                self._live = replace(self._live, revision=revision)
        if not is_next:
            self.refresh()
        self._tell()

    def _tell(self) -> None:
        if self.on_change:
            self.on_change()

    def _open(self) -> _Live:
        """The newest version that can be read; else an index by words alone, built from the store."""
        current = self._versions.current()
        index, trouble = self._versions.open()
        if index is not None:
            return _Live(index, -1, current, trouble)
        revision, entries = self._stored()
        if not entries:
            return _Live(self._versions.build([]), revision, current)
        advice = f"{trouble} (searching by words alone until huida faq build)"
        return _Live(self._versions.build_words_only(entries), revision, current, advice)

    def _stored(self) -> tuple[int, list[FaqEntry]]:
        with self._store.read() as uow:
            return uow.faq.revision(), uow.faq.all()


def _bring_up_to_date(index: FaqIndex, entries: Sequence[FaqEntry]) -> None:
    stored = {entry.faq_id: as_entry(entry) for entry in entries}
    for entry in stored.values():
        if index.get(entry.faq_id) != entry:
            index.add(entry)
    for faq_id in {entry.faq_id for entry in index.entries} - stored.keys():
        index.remove(faq_id)


def _check(entry: FaqEntry) -> None:
    for name in ("faq_id", "question", "answer"):
        if not getattr(entry, name).strip():
            raise InputError(f"FAQ entry {entry.faq_id!r} has an empty {name}; every entry needs one")
    for text in (entry.question, entry.answer, *entry.variants):
        normalise(text)  # refuses what no store can hold
