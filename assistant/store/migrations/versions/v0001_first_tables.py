"""The first tables, and the triggers that keep the log append-only.

Revision: 0001, after nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)
_POSITION = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    _log()
    _shop()
    op.create_table(
        "profiles",
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("profile", sa.JSON, nullable=False),
        sa.Column("updated_at", _INSTANT),
        sa.PrimaryKeyConstraint("customer_id", name="pk_profiles"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("token_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("secret_sha256", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT),
        sa.PrimaryKeyConstraint("token_id", name="pk_api_tokens"),
        sa.UniqueConstraint("secret_sha256", name="uq_api_tokens_secret_sha256"),
        sa.CheckConstraint("role IN ('admin', 'agent')", name=op.f("ck_api_tokens_role")),
    )
    for table in ("turns", "feedback"):
        _refuse_updates(table)


def _log() -> None:
    op.create_table(
        "conversations",
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Text),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("last_turn_at", _INSTANT),
        sa.Column("n_turns", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_customer_id", "conversations", ["customer_id"])
    op.create_index("ix_conversations_last_turn_at", "conversations", ["last_turn_at"])
    op.create_table(
        "turns",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("faq_id", sa.Text),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("reading", sa.JSON, nullable=False),
        sa.Column("decision", sa.JSON, nullable=False),
        sa.Column("reply", sa.JSON, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("index_version", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_turns"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name="fk_turns_conversation_id",
        ),
        sa.UniqueConstraint("turn_id", name="uq_turns_turn_id"),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_turns_conversation_id_message_id"),
        sa.UniqueConstraint("conversation_id", "sequence", name="uq_turns_conversation_id_sequence"),
    )
    op.create_index("ix_turns_customer_id_position", "turns", ["customer_id", "position"])
    op.create_table(
        "feedback",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("feedback_id", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_feedback"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.turn_id"], name="fk_feedback_turn_id"),
        sa.UniqueConstraint("feedback_id", name="uq_feedback_feedback_id"),
        sa.CheckConstraint("verdict IN ('up', 'down')", name=op.f("ck_feedback_verdict")),
    )
    op.create_index("ix_feedback_turn_id", "feedback", ["turn_id"])


def _shop() -> None:
    op.create_table(
        "faq_entries",
        sa.Column("faq_id", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("variants", sa.JSON, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("faq_id", name="pk_faq_entries"),
    )
    op.create_table(
        "orders",
        sa.Column("order_no", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("amount_cny", sa.Float, nullable=False),
        sa.Column("ordered_at", _INSTANT, nullable=False),
        sa.Column("carrier", sa.Text, nullable=False),
        sa.Column("tracking_no", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("order_no", name="pk_orders"),
    )
    op.create_index("ix_orders_customer_id", "orders", ["customer_id"])


def _refuse_updates(table: str) -> None:
    """A turn is what was said: whatever code or person tries to rewrite one is stopped by the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
    )
