"""Suggestions as they were shown, agents' verdicts on them, and drafts of FAQ entries.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_INSTANT = sa.DateTime(timezone=True)
_POSITION = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "suggestions",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("suggestion_id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("p", sa.Float, nullable=False),
        sa.Column("features", sa.JSON, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("index_version", sa.Text, nullable=False),
        sa.Column("learned_version", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_suggestions"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.conversation_id"], name="fk_suggestions_conversation_id"
        ),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.turn_id"], name="fk_suggestions_turn_id"),
        sa.UniqueConstraint("suggestion_id", name="uq_suggestions_suggestion_id"),
        sa.CheckConstraint("source IN ('faq', 'canned', 'agent')", name=op.f("ck_suggestions_source")),
    )
    op.create_index("ix_suggestions_turn_id", "suggestions", ["turn_id"])
    op.create_index("ix_suggestions_conversation_id", "suggestions", ["conversation_id"])
    op.create_table(
        "verdicts",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("verdict_id", sa.Text, nullable=False),
        sa.Column("suggestion_id", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("edit_distance", sa.Integer, nullable=False),
        sa.Column("sent_text", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_verdicts"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.suggestion_id"], name="fk_verdicts_suggestion_id"),
        sa.UniqueConstraint("verdict_id", name="uq_verdicts_verdict_id"),
        sa.CheckConstraint("verdict IN ('accepted', 'edited', 'rejected')", name=op.f("ck_verdicts_verdict")),
    )
    op.create_index("ix_verdicts_suggestion_id", "verdicts", ["suggestion_id"])
    op.create_table(
        "faq_drafts",
        sa.Column("draft_id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("faq_id", sa.Text),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", _INSTANT),
        sa.PrimaryKeyConstraint("draft_id", name="pk_faq_drafts"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.conversation_id"], name="fk_faq_drafts_conversation_id"
        ),
        sa.CheckConstraint("state IN ('open', 'published', 'discarded')", name=op.f("ck_faq_drafts_state")),
    )
    op.create_index("ix_faq_drafts_conversation_id", "faq_drafts", ["conversation_id"])
    for table in ("suggestions", "verdicts"):
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
