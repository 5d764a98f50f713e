"""Search over all conversations by jieba words. The words are written behind the journal, so a chat turn pays nothing.

search = Search(store, segmenter.words)
search.catch_up()          every so often, and before each search
search.find("退货 运费")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from assistant.errors import Conflict
from assistant.stemming import STOP_WORDS, stem
from assistant.store import Store, UnitOfWork
from assistant.values import Change, Entry, Post, Sender, Turn

N_HITS = 50
N_A_BATCH = 40  # entries of one transaction, some twenty words each: chat turns that wait for it wait milliseconds
_PLACE = "words_position"  # the key in `meta`: the last change of the journal that is indexed
_WORD = re.compile(r"\w")
_MAX_WORDS = 400  # of one entry: a text of 2,000 characters has fewer


@dataclass(frozen=True, slots=True)
class Found:
    """One entry in which the words stand. `text` is what was said by `sender`."""

    conversation_id: str
    sequence: int
    text: str
    at: datetime
    sender: Sender


class Search:
    """Safe for threads. `words` cuts a text, as assistant.text.Segmenter.words does."""

    def __init__(self, store: Store, words: Callable[[str], list[str]]):
        self._store, self._words = store, words

    def find(self, query: str, n: int = N_HITS) -> list[Found]:
        """Return the entries that hold the most of the query's words, at least half of them; the newest of equals first.

        None for a query without a word. Notes are found too: only people at the desk search.
        """
        self.catch_up()
        wanted = self._tokens(query)
        if not wanted:
            return []
        with self._store.read() as uow:
            places = uow.words.find(wanted, n)
            return [found for place in places if (found := self._found(uow, *place, wanted))]

    def catch_up(self) -> int:
        """Index what was written since the last call and return how many entries that were."""
        n_indexed = 0
        while True:
            with self._store.read() as uow:
                place = int(uow.meta.get(_PLACE, "0"))
                changes = uow.journal.after(place, N_A_BATCH)
                found = [(change, self._tokens(_said(entry))) for change, entry in _entries(uow, changes)]
            if not changes:
                return n_indexed
            try:
                self._write(found, changes[-1].position)
            except Conflict:  # a conversation was erased meanwhile: read again what is left
                continue
            n_indexed += len(found)

    def _write(self, found: list[tuple[Change, frozenset[str]]], position: int) -> None:
        with self._store.begin() as uow:
            uow.words.add([(c.conversation_id, c.sequence, word) for c, tokens in found for word in tokens])
            if position > int(uow.meta.get(_PLACE, "0")):  # another server may be further
                uow.meta.set(_PLACE, str(position))

    def _tokens(self, text: str) -> frozenset[str]:
        words = (stem(word) for word in self._words(text)[:_MAX_WORDS] if _WORD.search(word))
        return frozenset(word for word in words if word not in STOP_WORDS)

    def _found(self, uow: UnitOfWork, conversation_id: str, sequence: int, wanted: frozenset[str]) -> Found | None:
        entry = next(iter(_between(uow, conversation_id, sequence, sequence)), None)
        if entry is None:
            return None
        if isinstance(entry, Post):
            return Found(conversation_id, sequence, entry.text, entry.created_at, "agent")
        text, reply = entry.message.text, entry.reply.text
        by_bot = len(wanted & self._tokens(reply)) > len(wanted & self._tokens(text))
        return Found(
            conversation_id, sequence, reply if by_bot else text, entry.created_at, "bot" if by_bot else "customer"
        )


def _entries(uow: UnitOfWork, changes: list[Change]) -> Iterator[tuple[Change, Entry]]:
    """The entries that these changes are about; events and changes of the card have none."""
    told = sorted((c for c in changes if c.kind != "state"), key=lambda c: (c.conversation_id, c.sequence))
    for conversation_id, group in groupby(told, key=lambda change: change.conversation_id):
        of_sequence = {change.sequence: change for change in group}
        for entry in _between(uow, conversation_id, min(of_sequence), max(of_sequence)):
            if entry.sequence in of_sequence:
                yield of_sequence[entry.sequence], entry


def _between(uow: UnitOfWork, conversation_id: str, first: int, last: int) -> list[Entry]:
    n = last - first + 1
    found = (*uow.turns.after(conversation_id, first - 1, n), *uow.posts.after(conversation_id, first - 1, n))
    return [entry for entry in found if entry.sequence <= last]


def _said(entry: Entry) -> str:
    return f"{entry.message.text}\n{entry.reply.text}" if isinstance(entry, Turn) else entry.text
