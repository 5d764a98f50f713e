"""Repositories of the log: conversations, their turns and what people thought of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from assistant.errors import NotFound
from assistant.store import tables
from assistant.store.codec import (
    card_from_json,
    card_to_json,
    decision_from_json,
    decision_to_json,
    reading_from_json,
    reading_to_json,
    reply_from_json,
    reply_to_json,
)
from assistant.store.upsert import insert
from assistant.values import Conversation, Feedback, Message, State, Turn, Versions

# bounds memory when a whole log is read; of this one statement: set on a connection it would hold for all that follow
_STREAMED = {"yield_per": 500}

# built once: a chat turn runs nine statements, and building one costs SQLAlchemy more than running it costs SQLite
_c, _t, _f = tables.conversations, tables.turns, tables.feedback
_CONVERSATION = select(_c).where(_c.c.conversation_id == bindparam("id"))
_TURN = select(_t).where(_t.c.turn_id == bindparam("id"))
_TURN_OF_MESSAGE = select(_t).where(_t.c.conversation_id == bindparam("id"), _t.c.message_id == bindparam("message"))
_LAST_TURNS = (
    select(_t).where(_t.c.conversation_id == bindparam("id")).order_by(_t.c.sequence.desc()).limit(bindparam("n"))
)
_TURNS_AFTER = (
    select(_t)
    .where(_t.c.conversation_id == bindparam("id"), _t.c.sequence > bindparam("sequence"))
    .order_by(_t.c.sequence)
    .limit(bindparam("n"))
)
_ADD_TURN = _t.insert()
_COUNT_TURN = (
    update(_c)
    .where(_c.c.conversation_id == bindparam("id"))
    .values(n_turns=bindparam("sequence"), last_turn_at=bindparam("at"))
)


_SEQUENCE = select(_c.c.n_turns).where(_c.c.conversation_id == bindparam("id"))
_LOCK = select(_c).where(_c.c.conversation_id == bindparam("id")).with_for_update()
_SAVE_CONVERSATION = (
    update(_c)
    .where(_c.c.conversation_id == bindparam("id"))
    .values({name: bindparam(name) for name in ("n_turns", "last_turn_at", "state", "owner", "waiting_since", "card")})
)


@cache
def _open_conversation(dialect_name: str):
    """Insert the conversation or lock the one that stands, and return its row: the update is what takes the lock."""
    statement = insert(dialect_name, _c)
    customer_id = func.coalesce(_c.c.customer_id, statement.excluded.customer_id)
    return statement.on_conflict_do_update(
        index_elements=[_c.c.conversation_id], set_={"customer_id": customer_id}
    ).returning(*_c.c)


@dataclass(frozen=True, slots=True)
class Conversations:
    connection: Connection

    def open(self, conversation_id: str, customer_id: str | None, at: datetime) -> Conversation:
        """Return the conversation, made if it is new; nobody else can add a turn to it until this commit.

        It belongs to the first customer who wrote in it: one given later is taken on only when it had none.
        """
        row = dict(conversation_id=conversation_id, customer_id=customer_id, started_at=at, n_turns=0)
        found = self.connection.execute(_open_conversation(self.connection.dialect.name), row).one()
        return _conversation(found)

    def save(self, conversation: Conversation) -> None:
        """Write what changes of a conversation over its row, which must be opened or locked in this transaction."""
        row = {name: getattr(conversation, name) for name in _CHANGING}
        row |= {"id": conversation.conversation_id, "card": card_to_json(conversation.card)}
        self.connection.execute(_SAVE_CONVERSATION, row)

    def lock(self, conversation_id: str) -> Conversation:
        """Return a conversation that nobody else can change until this commit. Raises NotFound."""
        row = self.connection.execute(_LOCK, {"id": conversation_id}).first()
        if row is None:
            raise NotFound(f"there is no conversation {conversation_id!r}")
        return _conversation(row)

    def get(self, conversation_id: str) -> Conversation:
        row = self.connection.execute(_CONVERSATION, {"id": conversation_id}).first()
        if row is None:
            raise NotFound(f"there is no conversation {conversation_id!r}")
        return _conversation(row)

    def sequence(self, conversation_id: str) -> int:
        """Return the last entry's sequence; 0 before the first, for an unknown conversation too."""
        return self.connection.execute(_SEQUENCE, {"id": conversation_id}).scalar_one_or_none() or 0

    def latest(self, n: int, customer_id: str | None = None) -> list[Conversation]:
        """Return the n conversations with the latest turns, newest first; of one customer when one is named."""
        query = select(_c).order_by(_c.c.last_turn_at.desc().nulls_last(), _c.c.conversation_id).limit(n)
        if customer_id is not None:
            query = query.where(_c.c.customer_id == customer_id)
        return [_conversation(row) for row in self.connection.execute(query)]

    def in_states(
        self, states: Sequence[State], n: int, *, owner: str | None = None, since: datetime | None = None
    ) -> list[Conversation]:
        """Return the n conversations in these states with the latest turns, newest first.

        owner: of one agent alone; since: with a turn at that instant or later.
        """
        query = select(_c).where(_c.c.state.in_(states)).order_by(_c.c.last_turn_at.desc().nulls_last()).limit(n)
        if owner is not None:
            query = query.where(_c.c.owner == owner)
        if since is not None:
            query = query.where(_c.c.last_turn_at >= since)
        return [_conversation(row) for row in self.connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Turns:
    connection: Connection

    def append(self, turn: Turn) -> None:
        """Append a turn to its open conversation, which the caller saves with its new count.

        Raises Conflict when its message or sequence is stored already.
        """
        self.connection.execute(_ADD_TURN, _columns_of(turn))

    def add(self, turn: Turn) -> None:
        """Append a turn and count it, for a conversation of which nothing else changes."""
        self.append(turn)
        counted = {"id": turn.message.conversation_id, "sequence": turn.sequence, "at": turn.created_at}
        self.connection.execute(_COUNT_TURN, counted)

    def get(self, turn_id: str) -> Turn:
        row = self.connection.execute(_TURN, {"id": turn_id}).first()
        if row is None:
            raise NotFound(f"there is no turn {turn_id!r}")
        return _turn(row)

    def find(self, conversation_id: str, message_id: str) -> Turn | None:
        """Return the turn that this message already led to."""
        row = self.connection.execute(_TURN_OF_MESSAGE, {"id": conversation_id, "message": message_id}).first()
        return row and _turn(row)

    def last(self, conversation_id: str, n: int) -> tuple[Turn, ...]:
        """Return the last n turns of a conversation, oldest first."""
        rows = self.connection.execute(_LAST_TURNS, {"id": conversation_id, "n": n}).all()
        return tuple(_turn(row) for row in reversed(rows))

    def after(self, conversation_id: str, sequence: int, limit: int) -> tuple[Turn, ...]:
        """Return up to `limit` turns that follow `sequence`, oldest first: what a reconnecting client has missed."""
        place = {"id": conversation_id, "sequence": sequence, "n": limit}
        return tuple(_turn(row) for row in self.connection.execute(_TURNS_AFTER, place))

    def last_of_customer(self, customer_id: str, n: int) -> tuple[Turn, ...]:
        """Return a customer's last n turns over all conversations, in the order of the log."""
        query = select(_t).where(_t.c.customer_id == customer_id).order_by(_t.c.position.desc()).limit(n)
        return tuple(_turn(row) for row in reversed(self.connection.execute(query).all()))

    def of_customer(self, customer_id: str) -> Iterator[Turn]:
        """Yield every turn of a customer in the order of the log: what `fold` rebuilds a profile from."""
        return self._stream(select(_t).where(_t.c.customer_id == customer_id).order_by(_t.c.position))

    def all(self) -> Iterator[Turn]:
        """Yield the whole log in its order."""
        return self._stream(select(_t).order_by(_t.c.position))

    def between(self, since: datetime | None, until: datetime) -> Iterator[Turn]:
        """Yield the turns made from `since` (or the beginning) up to `until`, in the order of the log."""
        return self._stream(_made(select(_t), since, until).order_by(_t.c.position))

    def extent(self, since: datetime | None, until: datetime) -> tuple[int, str]:
        """Return how many turns `between` yields, and the last one's id, "" of none."""
        n, last = self.connection.execute(
            _made(select(func.count(), func.max(_t.c.position)).select_from(_t), since, until)
        ).one()
        turn_id = self.connection.execute(select(_t.c.turn_id).where(_t.c.position == last)).scalar()
        return n, turn_id or ""

    def customers(self) -> list[str]:
        """Return who ever wrote, each once, in no order."""
        query = select(_t.c.customer_id).where(_t.c.customer_id.is_not(None)).distinct()
        return list(self.connection.execute(query).scalars())

    def moods(self) -> Iterator[tuple[str, datetime, float, str]]:
        """Yield (customer id, received at, p_positive - p_negative, outcome) of identified customers' turns, as logged."""
        p = _t.c.reading["sentiment"]["p"]
        feelings = (p[label].as_float() for label in ("positive", "negative"))
        query = select(_t.c.customer_id, _t.c.received_at, *feelings, _t.c.decision["outcome"].as_string())
        query = query.where(_t.c.customer_id.is_not(None)).order_by(_t.c.position)
        rows = self.connection.execute(query, execution_options=_STREAMED)
        return ((who, at, (good or 0.0) - (bad or 0.0), outcome) for who, at, good, bad, outcome in rows)

    def outcomes_since(self, at: datetime) -> list[tuple[str, int, str, datetime]]:
        """Return (conversation id, sequence, outcome, created at) of the turns made since, in no order."""
        outcome = _t.c.decision["outcome"].as_string()
        query = select(_t.c.conversation_id, _t.c.sequence, outcome, _t.c.created_at).join(_c)
        # conversations have an index by their last turn, turns none by time: a chat turn would pay for it
        query = query.where(_c.c.last_turn_at >= at, _t.c.created_at >= at)
        return [tuple(row) for row in self.connection.execute(query)]

    def count(self) -> int:
        return self.connection.execute(select(func.count()).select_from(_t)).scalar_one()

    def _stream(self, query: Select) -> Iterator[Turn]:
        rows = self.connection.execute(query, execution_options=_STREAMED)
        return (_turn(row) for row in rows)


@dataclass(frozen=True, slots=True)
class FeedbackLog:
    connection: Connection

    def add(self, feedback: Feedback) -> None:
        self.connection.execute(_f.insert(), {name: getattr(feedback, name) for name in feedback.__slots__})

    def of_turns(self, turn_ids: Iterable[str]) -> list[Feedback]:
        """Return all feedback on these turns in the order it was given."""
        query = select(_f).where(_f.c.turn_id.in_(list(turn_ids))).order_by(_f.c.position)
        return [_feedback(row) for row in self.connection.execute(query)]

    def since(self, at: datetime) -> list[Feedback]:
        """Return what was given since, in the order it was given."""
        query = select(_f).where(_f.c.created_at >= at).order_by(_f.c.position)
        return [_feedback(row) for row in self.connection.execute(query)]

    def all(self) -> Iterator[Feedback]:
        rows = self.connection.execute(select(_f).order_by(_f.c.position), execution_options=_STREAMED)
        return (_feedback(row) for row in rows)


_CHANGING = ("n_turns", "last_turn_at", "state", "owner", "waiting_since")


def _made(query: Select, since: datetime | None, until: datetime) -> Select:
    """Of the turns of a time. Conversations have an index by their last turn, turns none: a chat turn would pay for it."""
    query = query.where(_t.c.created_at <= until)
    return query if since is None else query.join(_c).where(_c.c.last_turn_at >= since, _t.c.created_at >= since)


def _conversation(row: Row) -> Conversation:
    *fields, card = row  # the columns stand in the order of Conversation's fields; a queue reads hundreds of rows
    return Conversation(*fields, card_from_json(card))


def _feedback(row: Row) -> Feedback:
    return Feedback(row.feedback_id, row.turn_id, row.verdict, row.author, row.comment, row.created_at)


def _columns_of(turn: Turn) -> dict[str, Any]:
    message = turn.message
    return {
        "turn_id": turn.turn_id,
        "conversation_id": message.conversation_id,
        "sequence": turn.sequence,
        "message_id": message.message_id,
        "customer_id": message.customer_id,
        "text": message.text,
        "faq_id": message.faq_id,
        "received_at": message.received_at,
        "reading": reading_to_json(turn.reading),
        "decision": decision_to_json(turn.decision),
        "reply": reply_to_json(turn.reply),
        "model_version": turn.versions.model,
        "index_version": turn.versions.index,
        "created_at": turn.created_at,
    }


def _turn(row: Row) -> Turn:
    message = Message(
        row.conversation_id,
        row.message_id,
        row.text,
        row.received_at,
        row.customer_id,
        row.faq_id,
    )
    return Turn(
        turn_id=row.turn_id,
        sequence=row.sequence,
        message=message,
        reading=reading_from_json(row.reading),
        decision=decision_from_json(row.decision),
        reply=reply_from_json(row.reply),
        versions=Versions(row.model_version, row.index_version),
        created_at=row.created_at,
    )
