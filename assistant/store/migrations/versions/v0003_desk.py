"""Conversations get a state, an owner and a card for the queue; posts, the journal, canned replies and words appear.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_INSTANT = sa.DateTime(timezone=True)
_POSITION = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("conversations", sa.Column("state", sa.Text, nullable=False, server_default="bot"))
    op.add_column("conversations", sa.Column("owner", sa.Text))
    op.add_column("conversations", sa.Column("waiting_since", _INSTANT))
    op.add_column("conversations", sa.Column("card", sa.JSON, nullable=False, server_default="{}"))
    op.create_index("ix_conversations_state_last_turn_at", "conversations", ["state", "last_turn_at"])
    op.create_table(
        "posts",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("post_id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("message_id", sa.Text),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_posts"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.conversation_id"], name="fk_posts_conversation_id"
        ),
        sa.CheckConstraint("role IN ('agent', 'note', 'system')", name=op.f("ck_posts_role")),
        sa.UniqueConstraint("post_id", name="uq_posts_post_id"),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_posts_conversation_id_message_id"),
        sa.UniqueConstraint("conversation_id", "sequence", name="uq_posts_conversation_id_sequence"),
    )
    op.create_index("ix_posts_created_at", "posts", ["created_at"])
    op.create_table(
        "journal",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_journal"),
    )
    op.create_table(
        "canned_replies",
        sa.Column("shortcut", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("shortcut", name="pk_canned_replies"),
    )
    op.create_table(
        "entry_words",
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("word", "conversation_id", "sequence", name="pk_entry_words"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.conversation_id"], name="fk_entry_words_conversation_id"
        ),
    )
    for table in ("posts", "journal"):
        _refuse_updates(table)


def _refuse_updates(table: str) -> None:
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
