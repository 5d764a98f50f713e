"""The service around the line: reads the conversation first, lets the line compute, then saves all of it in one commit.

A message is known by (conversation_id, message_id). Whoever sends it again, a minute later or in the same instant, gets
the stored turn: the database allows one turn for it, and here two copies wait for each other so that one is computed.
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from assistant.customer.profile import fold
from assistant.desk import ownership
from assistant.desk.reception import Reception
from assistant.dialogue import Context
from assistant.errors import InputError, NotFound, TooLong
from assistant.store import Store, UnitOfWork
from assistant.text import normalise
from assistant.values import Conversation, Feedback, Message, Turn

if TYPE_CHECKING:
    from assistant.pipeline import Draft, Pipeline

logger = logging.getLogger(__name__)

_N_TRIES = 3  # to answer a message before another process adds one to its conversation
_N_STRIPES = 1024  # locks that conversations share by their hash: bounded memory, and collisions cost milliseconds


@dataclass(frozen=True, slots=True)
class _Seen:
    """A conversation as it stood when a message came: `stored` is what the message led to before."""

    n_entries: int = 0
    turns: tuple[Turn, ...] = ()
    stored: Turn | None = None


@dataclass(slots=True)
class _Stripe:
    """What conversations of one hash share: the lock, and the last of them as this process left it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    conversation: Conversation | None = None
    turns: tuple[Turn, ...] = ()

    def last_turns(self, conversation: Conversation) -> tuple[Turn, ...] | None:
        """The last turns of a conversation that nobody touched since; reading them again costs a millisecond."""
        return self.turns if conversation == self.conversation else None


class ChatService:
    """Safe for threads. Messages of one conversation are answered one after the other, in the order they came in."""

    def __init__(
        self,
        store: Store,
        pipeline: Pipeline,
        *,
        n_context_turns: int = 6,
        max_text_chars: int = 2_000,
        max_id_chars: int = 128,
        reception: Reception | None = None,
    ):
        """reception: the opening hours of the people behind the bot; without one they are always there."""
        self._store, self._pipeline, self._reception = store, pipeline, reception
        self._n_context_turns, self._max_text_chars, self._max_id_chars = n_context_turns, max_text_chars, max_id_chars
        self._stripes = [_Stripe() for _ in range(_N_STRIPES)]

    def chat(self, message: Message) -> Turn:
        """Answer a message and return the stored turn; the one stored before when the message is a retry.

        Raises InputError or TooLong for text or ids that cannot be used, NotFound when the conversation belongs to
        another customer, and StoreError when the turn could not be saved: then nothing of it is, and a retry is safe.
        """
        self._check(message)
        stripe = self._stripes[zlib.crc32(message.conversation_id.encode()) % _N_STRIPES]
        began = time.perf_counter()
        with stripe.lock:
            turn = self._answered(message, stripe)
        latency_ms = round(1000 * (time.perf_counter() - began), 1)
        logger.info("turn saved", extra={"turn_id": turn.turn_id, "latency_ms": latency_ms})
        return turn

    def history(self, conversation_id: str, after: int = 0, limit: int = 100) -> tuple[Turn, ...]:
        """Return the turns that follow sequence number `after`, oldest first; none for an unknown conversation."""
        with self._store.read() as uow:
            return uow.turns.after(conversation_id, after, limit)

    def conversation(self, conversation_id: str) -> Conversation:
        """Raises NotFound."""
        with self._store.read() as uow:
            return uow.conversations.get(conversation_id)

    def conversations(self, limit: int = 50) -> Sequence[Conversation]:
        """Return the conversations with the latest turns, newest first."""
        with self._store.read() as uow:
            return uow.conversations.latest(limit)

    def feedback(
        self, turn_id: str, verdict: Literal["up", "down"], *, author: str = "customer", comment: str = ""
    ) -> Feedback:
        """Append what somebody thought of a turn; the latest by one author counts. Raises NotFound for the turn."""
        if verdict not in ("up", "down"):
            raise InputError(f"verdict {verdict!r} is not known; expected up or down")
        if len(comment) > self._max_text_chars:
            raise TooLong(f"the comment has {len(comment)} characters, at most {self._max_text_chars} are taken")
        normalise(comment)  # refuses what no store can hold
        given = Feedback(uuid4().hex, turn_id, verdict, author, comment, datetime.now(UTC))
        with self._store.begin() as uow:
            uow.turns.get(turn_id)
            uow.feedback.add(given)
        return given

    def _answered(self, message: Message, stripe: _Stripe) -> Turn:
        for left in reversed(range(_N_TRIES)):
            with self._store.read() as uow:
                seen = self._seen(uow, message, stripe)
            if seen.stored:
                return seen.stored
            draft = self._pipeline.run(message, Context(seen.turns))  # no transaction is open: SQLite has one writer
            if turn := self._save(message, draft, seen, stripe, is_last=not left):
                return turn
        raise AssertionError("the last try saves")

    def _check(self, message: Message) -> None:
        ids = {"conversation_id": message.conversation_id, "message_id": message.message_id}
        optional = {"customer_id": message.customer_id, "faq_id": message.faq_id}
        for name, value in {**ids, **{name: value for name, value in optional.items() if value is not None}}.items():
            if not 1 <= len(value) <= self._max_id_chars or not value.isprintable():
                raise InputError(f"{name} {value[:40]!r} is not usable; expected 1 to {self._max_id_chars} characters")
        if len(message.text) > self._max_text_chars:
            raise TooLong(f"the text has {len(message.text)} characters, at most {self._max_text_chars} are taken")
        normalise(message.text)  # refuses what no store can hold

    def _seen(self, uow: UnitOfWork, message: Message, stripe: _Stripe) -> _Seen:
        """What stands before the message is answered. Raises NotFound when somebody else's conversation is named."""
        try:
            conversation = uow.conversations.get(message.conversation_id)
        except NotFound:
            return _Seen()
        _check_owner(message, conversation.customer_id)
        turns = stripe.last_turns(conversation)
        if turns is None:
            turns = uow.turns.last(message.conversation_id, self._n_context_turns)
        stored = next((turn for turn in turns if turn.message.message_id == message.message_id), None)
        if stored is None and len(turns) == self._n_context_turns:  # there may be older ones
            stored = uow.turns.find(message.conversation_id, message.message_id)
        return _Seen(conversation.n_turns, turns, stored)

    def _save(self, message: Message, draft: Draft, seen: _Seen, stripe: _Stripe, is_last: bool) -> Turn | None:
        """Who has the conversation is asked here, where nobody can take it meanwhile: see assistant.desk.ownership.

        None when another process answered an earlier message meanwhile, unless this is the last try: this one may
        follow it up (那运费呢), and is answered again with all that was said.
        """
        customer_id = message.customer_id
        closed_text = self._reception.closed_text(message, draft.reading.language) if self._reception else ""
        with self._store.begin() as uow:
            conversation = uow.conversations.open(message.conversation_id, customer_id, message.received_at)
            _check_owner(message, conversation.customer_id)
            was_added_to = (
                conversation.n_turns != seen.n_entries
            )  # since the message was looked for: every entry counts
            if was_added_to:
                if stored := uow.turns.find(message.conversation_id, message.message_id):
                    return stored  # another process answered a copy of it meanwhile
                if not is_last and uow.turns.last(message.conversation_id, 1) != seen.turns[-1:]:
                    return None
            outcome = ownership.receive(conversation, message, draft, datetime.now(UTC), closed_text)
            profile = uow.profiles.open(customer_id) if customer_id is not None else None
            uow.write(outcome.conversation, outcome.entries)
            if profile is not None:
                uow.profiles.save(fold(profile, outcome.turn))
            uow.journal.add(outcome.changes)
        stripe.conversation = None if was_added_to else outcome.conversation
        stripe.turns = (*seen.turns, outcome.turn)[-self._n_context_turns :]
        return outcome.turn


def _check_owner(message: Message, owner: str | None) -> None:
    """A guest may write in a conversation whose id they hold; another customer may not even learn that it exists."""
    if owner is not None and message.customer_id not in (None, owner):
        raise NotFound(f"there is no conversation {message.conversation_id!r} of this customer")
