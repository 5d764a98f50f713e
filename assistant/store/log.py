"""Repositories of the log: conversations, their turns and what people thought of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, func, select, update

from assistant.errors import NotFound
from assistant.store import tables
from assistant.store.codec import (
    decision_from_json,
    decision_to_json,
    reading_from_json,
    reading_to_json,
    reply_from_json,
    reply_to_json,
)
from assistant.store.upsert import insert
from assistant.values import Conversation, Feedback, Message, Turn, Versions

_ROWS_A_FETCH = 500  # bounds memory when a whole log is read


@dataclass(frozen=True, slots=True)
class Conversations:
    connection: Connection

    def open(self, conversation_id: str, customer_id: str | None, at: datetime) -> Conversation:
        """Return the conversation, made if it is new; nobody else can add a turn to it until this commit.

        It belongs to the first customer who wrote in it: one given later is taken on only when it had none.
        """
        table = tables.conversations
        row = dict(
            conversation_id=conversation_id,
            customer_id=customer_id,
            started_at=at,
            n_turns=0,
        )
        self.connection.execute(insert(self.connection, table).values(row).on_conflict_do_nothing())
        here = table.c.conversation_id == conversation_id
        found = self.connection.execute(select(table).where(here).with_for_update()).one()
        if found.customer_id is None and customer_id is not None:
            self.connection.execute(update(table).where(here).values(customer_id=customer_id))
            return Conversation(**{**found._mapping, "customer_id": customer_id})
        return Conversation(**found._mapping)

    def get(self, conversation_id: str) -> Conversation:
        table = tables.conversations
        row = self.connection.execute(select(table).where(table.c.conversation_id == conversation_id)).first()
        if row is None:
            raise NotFound(f"there is no conversation {conversation_id!r}")
        return Conversation(**row._mapping)

    def latest(self, n: int, customer_id: str | None = None) -> list[Conversation]:
        """Return the n conversations with the latest turns, newest first; of one customer when one is named."""
        table = tables.conversations
        query = select(table).order_by(table.c.last_turn_at.desc().nulls_last(), table.c.conversation_id).limit(n)
        if customer_id is not None:
            query = query.where(table.c.customer_id == customer_id)
        return [Conversation(**row._mapping) for row in self.connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Turns:
    connection: Connection

    def add(self, turn: Turn) -> None:
        """Append a turn to its open conversation. Raises Conflict when its message or sequence is stored already."""
        message, conversations = turn.message, tables.conversations
        self.connection.execute(
            tables.turns.insert().values(
                turn_id=turn.turn_id,
                conversation_id=message.conversation_id,
                sequence=turn.sequence,
                message_id=message.message_id,
                customer_id=message.customer_id,
                text=message.text,
                faq_id=message.faq_id,
                received_at=message.received_at,
                reading=reading_to_json(turn.reading),
                decision=decision_to_json(turn.decision),
                reply=reply_to_json(turn.reply),
                model_version=turn.versions.model,
                index_version=turn.versions.index,
                created_at=turn.created_at,
            )
        )
        self.connection.execute(
            update(conversations)
            .where(conversations.c.conversation_id == message.conversation_id)
            .values(n_turns=turn.sequence, last_turn_at=turn.created_at)
        )

    def get(self, turn_id: str) -> Turn:
        row = self.connection.execute(select(tables.turns).where(tables.turns.c.turn_id == turn_id)).first()
        if row is None:
            raise NotFound(f"there is no turn {turn_id!r}")
        return _turn(row)

    def find(self, conversation_id: str, message_id: str) -> Turn | None:
        """Return the turn that this message already led to."""
        c = tables.turns.c
        where = (c.conversation_id == conversation_id) & (c.message_id == message_id)
        row = self.connection.execute(select(tables.turns).where(where)).first()
        return row and _turn(row)

    def last(self, conversation_id: str, n: int) -> tuple[Turn, ...]:
        """Return the last n turns of a conversation, oldest first."""
        c = tables.turns.c
        query = select(tables.turns).where(c.conversation_id == conversation_id).order_by(c.sequence.desc()).limit(n)
        return tuple(_turn(row) for row in reversed(self.connection.execute(query).all()))

    def after(self, conversation_id: str, sequence: int, limit: int) -> tuple[Turn, ...]:
        """Return up to `limit` turns that follow `sequence`, oldest first: what a reconnecting client has missed."""
        c = tables.turns.c
        where = (c.conversation_id == conversation_id) & (c.sequence > sequence)
        query = select(tables.turns).where(where).order_by(c.sequence).limit(limit)
        return tuple(_turn(row) for row in self.connection.execute(query))

    def of_customer(self, customer_id: str) -> Iterator[Turn]:
        """Yield every turn of a customer in the order of the log: what `fold` rebuilds a profile from."""
        c = tables.turns.c
        return self._stream(select(tables.turns).where(c.customer_id == customer_id).order_by(c.position))

    def all(self) -> Iterator[Turn]:
        """Yield the whole log in its order."""
        return self._stream(select(tables.turns).order_by(tables.turns.c.position))

    def count(self) -> int:
        return self.connection.execute(select(func.count()).select_from(tables.turns)).scalar_one()

    def _stream(self, query: Select) -> Iterator[Turn]:
        rows = self.connection.execution_options(yield_per=_ROWS_A_FETCH).execute(query)
        return (_turn(row) for row in rows)


@dataclass(frozen=True, slots=True)
class FeedbackLog:
    connection: Connection

    def add(self, feedback: Feedback) -> None:
        self.connection.execute(tables.feedback.insert().values(_columns(feedback)))

    def of_turns(self, turn_ids: Iterable[str]) -> list[Feedback]:
        """Return all feedback on these turns in the order it was given."""
        table = tables.feedback
        query = select(table).where(table.c.turn_id.in_(list(turn_ids))).order_by(table.c.position)
        return [_feedback(row) for row in self.connection.execute(query)]

    def all(self) -> Iterator[Feedback]:
        rows = self.connection.execution_options(yield_per=_ROWS_A_FETCH).execute(
            select(tables.feedback).order_by(tables.feedback.c.position)
        )
        return (_feedback(row) for row in rows)


def _columns(feedback: Feedback) -> dict:
    return {name: getattr(feedback, name) for name in feedback.__slots__}


def _feedback(row: Row) -> Feedback:
    return Feedback(
        row.feedback_id,
        row.turn_id,
        row.verdict,
        row.author,
        row.comment,
        row.created_at,
    )


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
