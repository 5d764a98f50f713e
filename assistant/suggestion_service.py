"""Suggestions around the store: what to show for a conversation, what agents made of it, and what follows from that.

Everything learned comes from the append-only log (agents' replies and their verdicts) and can be learned again from it.
What was learned is one frozen value, replaced whole; it is saved as a sealed, versioned folder now and then, and `rollback`
goes back to the version before, whose later feedback is then left out for good.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import numpy as np

from assistant.errors import ArtifactError, InputError, NotFound
from assistant.reader import Reader
from assistant.store import Store, UnitOfWork
from assistant.suggestions import Entry, Example, Item, ItemVectors, Learned, Memory, Situation, situation_of, suggest
from assistant.suggestions.edits import edit_distance, kept_share
from assistant.suggestions.impersonal import impersonal
from assistant.suggestions.items import of_hit
from assistant.suggestions.ranker import MAX_ROWS, fit
from assistant.values import Hit, Post, Suggestion, Turn, Verdict, VerdictKind, Versions
from index import folder as folders
from index.errors import RetrievalError

logger = logging.getLogger(__name__)

N_HITS = 5
N_ENTRIES = 60  # of a conversation's end that a situation is read from
LOG_ROWS = 500  # read in one go
SAVE_EVERY = 50  # verdicts and replies after which what was learned is saved as a version
ERASED_S = 60.0  # how late an erasure of another process is followed
N_VERSIONS = 5  # folders that are kept


class Faq(Protocol):
    version: str

    def search(self, vectors: np.ndarray, texts: Sequence[str], k: int) -> list[list[Hit]]: ...


class SuggestionService:
    """Safe for threads. `root`: the folder of saved versions; several servers learn the same from one log."""

    def __init__(self, store: Store, reader: Reader, faq: Faq, root: Path):
        self._store, self._reader, self._faq, self._root = store, reader, faq, root
        self._vectors = ItemVectors(reader.encoder.encode)
        self._changing = threading.RLock()
        self._learned, self.version = self._opened()
        self._n_unsaved, self._looked_for_erased = 0, -ERASED_S

    @property
    def known(self) -> dict[str, str | int]:
        """The version in use, and how many replies and verdicts were learned from."""
        learned = self._learned
        return {"version": self.version, "n_replies": len(learned.memory), "n_verdicts": len(learned.labels)}

    def suggest(self, conversation_id: str) -> list[Suggestion]:
        """At most three replies to the customer's last words, best first; the same again until something new is said.

        None after an agent's reply, or where nothing is likely enough. Raises NotFound.
        """
        self.learn()
        with self._store.read() as uow:
            conversation = uow.conversations.get(conversation_id)
            turns, posts = _ending(uow, conversation_id, conversation.n_turns)
            canned = uow.canned.all()
            last = turns[-1] if turns else None
            if last is None or any(post.role == "agent" and post.sequence > last.sequence for post in posts):
                return []
            if stored := uow.suggestions.of_turn(last.turn_id):
                return stored
        situation = self._situation(conversation_id, turns, posts)
        if situation is None:
            return []
        hits = self._faq.search(situation.message[None], [situation.text], N_HITS)[0]
        items = [of_hit(hit) for hit in hits]
        items += [
            Item("canned", c.shortcut, c.title, c.text, c.labels) for c in canned if c.language == situation.language
        ]
        learned, version, now = self._learned, self.version, datetime.now(UTC)
        versions = Versions(self._reader.version, self._faq.version)
        shown = [
            Suggestion(
                uuid4().hex, conversation_id, last.turn_id, rank, one.item.source, one.item.source_id, one.item.title,
                one.item.text, one.p, one.row, versions, version, now,
            )
            for rank, one in enumerate(suggest(situation, items, learned, self._vectors), 1)
        ]  # fmt: skip
        with self._store.begin() as uow:
            if stored := uow.suggestions.of_turn(last.turn_id):
                return stored  # two agents looked at once
            uow.suggestions.add(shown)
        return shown

    def judge(self, suggestion_id: str, verdict: VerdictKind, author: str, sent_text: str | None = None) -> Verdict:
        """Append what an agent made of a suggestion. Raises NotFound, and InputError when an edit lacks its text."""
        with self._store.read() as uow:
            suggestion = uow.suggestions.get(suggestion_id)
        if verdict == "edited" and sent_text is None:
            raise InputError("the verdict edited needs sent_text, what was sent in the suggestion's place")
        sent = suggestion.text if verdict == "accepted" and sent_text is None else sent_text or ""
        distance = 0 if verdict == "rejected" else edit_distance(suggestion.text, sent)
        given = Verdict(uuid4().hex, suggestion_id, verdict, distance, sent, author, datetime.now(UTC))
        with self._store.begin() as uow:
            uow.suggestions.judge(given)
        return given

    def prepare(self) -> None:
        """Learn, and encode the canned replies that are new: then no agent waits for what can be done before."""
        self.learn()
        with self._store.read() as uow:
            texts = [text for canned in uow.canned.all() for text in (canned.title, canned.text)]
        if texts:
            self._vectors(texts)

    def learn(self) -> bool:
        """Take over what was said and judged since; True when there was anything. One small query when there was not.

        Now and then what was learned in conversations that were erased meanwhile is dropped.
        """
        if time.monotonic() - self._looked_for_erased > ERASED_S:
            self._looked_for_erased = time.monotonic()
            self.forget()
        with self._store.read() as uow:
            heads = uow.suggestions.heads()
        if all(heads[name] <= self._learned.upto.get(name, 0) for name in heads):
            return False
        with self._changing:
            before = self._learned
            learned = self._with_verdicts(self._with_replies(before))
            n_new = len(learned.labels) - len(before.labels) + len(learned.memory) - len(before.memory)
            self._learned = learned
            self._n_unsaved += max(0, n_new)
            if self._n_unsaved >= SAVE_EVERY:
                self.save()
        return True

    def rebuild(self) -> str:
        """Learn everything again from the log, without what a rollback took back, and publish it as a version."""
        with self._changing:
            self._learned = replace(self._empty(), ignored=self._learned.ignored)
            self.learn()
            return self.save()

    def save(self) -> str:
        """Publish what is known as a version, and return its name. Raises ArtifactError when it cannot be written."""
        with self._changing:
            try:
                self._root.mkdir(parents=True, exist_ok=True)
                incoming = self._root / f".incoming-{uuid4().hex}"
                self.version = self._learned.save(incoming)
                folders.publish(self._root, incoming, self.version)
                for old in folders.versions(self._root)[N_VERSIONS:]:
                    shutil.rmtree(old, ignore_errors=True)
            except OSError as error:
                raise ArtifactError(
                    f"what suggestions learned cannot be written to {self._root} ({error.strerror})"
                ) from error
            self._n_unsaved = 0
            logger.info("suggestions saved", extra={"version": self.version, "n_examples": len(self._learned.memory)})
            return self.version

    def rollback(self) -> str:
        """Go back to the version before the present one and leave out, for good, what was learned after it.

        Raises NotFound when there is none.
        """
        with self._changing:
            earlier = [folder for folder in folders.versions(self._root) if folder.name != self.version]
            if not earlier:
                raise NotFound("there is no earlier version of the suggestions to go back to")
            with self._store.read() as uow:
                heads = uow.suggestions.heads()
            back = Learned.load(earlier[0], self._reader.encoder.version)
            skipped = tuple(
                (name, back.upto.get(name, 0), head) for name, head in heads.items() if head > back.upto.get(name, 0)
            )
            self._learned = replace(back, upto=heads, ignored=(*back.ignored, *skipped))
            return self.save()

    def forget(self, conversation_ids: Sequence[str] | None = None) -> int:
        """Drop what was learned in these conversations, or in all that the store no longer has; returns how many replies.

        Earlier versions hold them too, so they are removed.
        """
        with self._changing:
            memory = self._learned.memory
            if conversation_ids is None:
                with self._store.read() as uow:
                    known = uow.suggestions.known_conversations(memory.conversation_ids)
                conversation_ids = [name for name in memory.conversation_ids if name not in known]
            kept = memory.without(conversation_ids)
            if n_gone := len(memory) - len(kept):
                self._learned = replace(self._learned, memory=kept)
                self.save()
                for old in folders.versions(self._root)[1:]:
                    shutil.rmtree(old, ignore_errors=True)
            return n_gone

    def _opened(self) -> tuple[Learned, str]:
        try:
            folder = folders.current(self._root)
            return Learned.load(folder, self._reader.encoder.version), folder.name
        except (RetrievalError, ArtifactError) as error:
            if self._root.is_dir() and any(self._root.iterdir()):
                logger.warning("suggestions are learned anew", extra={"reason": str(error)})
            return self._empty(), "none"

    def _empty(self) -> Learned:
        encoder = self._reader.encoder
        return Learned(Memory.empty(encoder.dimension), encoder_version=encoder.version)

    def _with_replies(self, learned: Learned) -> Learned:
        while True:
            upto = learned.upto.get("posts", 0)
            with self._store.read() as uow:
                found = uow.suggestions.replies_after(upto, LOG_ROWS)
                examples = [
                    example
                    for position, post in found
                    if not _is_ignored(learned, "posts", position)
                    if (example := self._example(uow, post))
                ]
            if not found:
                return learned
            learned = replace(
                learned, memory=learned.memory.plus(examples), upto={**learned.upto, "posts": found[-1][0]}
            )

    def _with_verdicts(self, learned: Learned) -> Learned:
        while True:
            upto = learned.upto.get("verdicts", 0)
            with self._store.read() as uow:
                found = uow.suggestions.verdicts_after(upto, LOG_ROWS)
            if not found:
                return learned
            rows, labels, verdicts = [learned.rows], list(learned.labels), learned.verdicts
            for position, verdict, suggestion in found:
                if not _is_ignored(learned, "verdicts", position) and len(suggestion.features) == learned.rows.shape[1]:
                    taken = _taken(verdict, suggestion)
                    rows.append(np.array([suggestion.features]))
                    labels.append(taken)
                    verdicts = verdicts.plus(f"{suggestion.source}:{suggestion.source_id}", taken)
            kept_rows, kept_labels = np.concatenate(rows)[-MAX_ROWS:], np.array(labels, dtype=float)[-MAX_ROWS:]
            learned = replace(
                learned, rows=kept_rows, labels=kept_labels, verdicts=verdicts, ranker=fit(kept_rows, kept_labels),
                upto={**learned.upto, "verdicts": found[-1][0]},
            )  # fmt: skip

    def _example(self, uow: UnitOfWork, post: Post) -> Example | None:
        """What a reply teaches; None for one that answers nothing."""
        turns, posts = _ending(uow, post.conversation_id, post.sequence - 1)
        situation = self._situation(post.conversation_id, turns, posts)
        if situation is None:
            return None
        reply = self._impersonal(post.text, post.created_at)
        item_id = ""
        if suggestion_id := post.data.get("suggestion_id"):
            try:
                taken = uow.suggestions.get(suggestion_id)
                if taken.source != "agent" and kept_share(taken.text, post.text) >= 0.5:
                    item_id = f"{taken.source}:{taken.source_id}"
            except NotFound:
                logger.warning("a reply names an unknown suggestion", extra={"post_id": post.post_id})
        return Example(situation, reply, self._vectors([reply])[0], item_id)

    def _situation(self, conversation_id: str, turns: Sequence[Turn], posts: Sequence[Post]) -> Situation | None:
        entries = []
        for entry in sorted((*turns, *posts), key=lambda entry: entry.sequence):
            if isinstance(entry, Turn):
                text = impersonal(entry.message.text, entry.reading.entities)
                if entry.reading.intent_ranking:
                    entries.append(Entry("customer", text, entry.reading))
            elif entry.role == "agent":
                entries.append(Entry("agent", self._impersonal(entry.text, entry.created_at)))
        return situation_of(conversation_id, entries, self._vectors)

    def _impersonal(self, text: str, at: datetime) -> str:
        return impersonal(text, self._reader.entities(text, at))


def _ending(uow: UnitOfWork, conversation_id: str, upto: int) -> tuple[list[Turn], list[Post]]:
    """Turns and posts among the last N_ENTRIES up to a sequence number."""
    start = max(0, upto - N_ENTRIES)
    turns = uow.turns.after(conversation_id, start, N_ENTRIES)
    posts = uow.posts.after(conversation_id, start, N_ENTRIES)
    return [t for t in turns if t.sequence <= upto], [p for p in posts if p.sequence <= upto]


def _taken(verdict: Verdict, suggestion: Suggestion) -> float:
    """1 for accepted, 0 for rejected, and for an edited one the share that was kept."""
    if verdict.verdict == "edited":
        return max(0.0, kept_share(suggestion.text, verdict.sent_text))
    return float(verdict.verdict == "accepted")


def _is_ignored(learned: Learned, table: str, position: int) -> bool:
    return any(name == table and start < position <= stop for name, start, stop in learned.ignored)
