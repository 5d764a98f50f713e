"""The tables, in one place: SQLAlchemy Core, the same on SQLite and PostgreSQL.

`turns` and `feedback` are append-only (triggers in the migration refuse UPDATE); everything a profile knows from
conversation can be rebuilt from them. Change a table here and add a migration in the same commit: a test compares both.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator):
    """An aware UTC instant to the microsecond; SQLite has no time zones, so the zone is added on the way back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; instants are aware UTC")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


def numbered() -> Column:
    """The column `position`, which counts a table's rows in the order they were written."""
    kind = BigInteger().with_variant(Integer, "sqlite")  # SQLite only numbers rows by itself in an INTEGER
    return Column("position", kind, primary_key=True, autoincrement=True)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("conversation_id", Text, primary_key=True),
    Column("customer_id", Text),
    Column("started_at", Instant, nullable=False),
    Column("last_turn_at", Instant),
    Column("n_turns", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="bot"),
    Column("owner", Text),
    Column("waiting_since", Instant),
    Column("card", JSON, nullable=False, server_default="{}"),
    Index(None, "customer_id"),
    Index(None, "last_turn_at"),
    Index(None, "state", "last_turn_at"),
)

turns = Table(
    "turns",
    metadata,
    numbered(),
    Column("turn_id", Text, nullable=False),
    Column("conversation_id", ForeignKey("conversations.conversation_id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("customer_id", Text),
    Column("text", Text, nullable=False),
    Column("faq_id", Text),
    Column("received_at", Instant, nullable=False),
    Column("reading", JSON, nullable=False),
    Column("decision", JSON, nullable=False),
    Column("reply", JSON, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("index_version", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("turn_id"),
    UniqueConstraint("conversation_id", "message_id"),
    UniqueConstraint("conversation_id", "sequence"),
    Index(None, "customer_id", "position"),
)

feedback = Table(
    "feedback",
    metadata,
    numbered(),
    Column("feedback_id", Text, nullable=False),
    Column("turn_id", ForeignKey("turns.turn_id"), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("verdict IN ('up', 'down')", name="verdict"),
    UniqueConstraint("feedback_id"),
    Index(None, "turn_id"),
)

profiles = Table(
    "profiles",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("profile", JSON, nullable=False),
    Column("updated_at", Instant),
)

faq_entries = Table(
    "faq_entries",
    metadata,
    Column("faq_id", Text, primary_key=True),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("variants", JSON, nullable=False),
    Column("category", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("order_no", Text, primary_key=True),
    Column("customer_id", Text),
    Column("status", Text, nullable=False),
    Column("items", JSON, nullable=False),
    Column("amount_cny", Float, nullable=False),
    Column("ordered_at", Instant, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("tracking_no", Text, nullable=False),
    Index(None, "customer_id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    CheckConstraint("role IN ('admin', 'agent')", name="role"),
    UniqueConstraint("secret_sha256"),
)
