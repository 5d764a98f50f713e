"""What agents teach: suggestions as they were shown, what became of each, and drafts of FAQ entries.

`suggestions` and `verdicts` are append-only, as `turns` is; with the turn they hold the reading and every version.
"""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from assistant.store.tables import Instant, metadata, numbered

suggestions = Table(
    "suggestions",
    metadata,
    numbered(),
    Column("suggestion_id", Text, nullable=False),
    Column("conversation_id", ForeignKey("conversations.conversation_id"), nullable=False),
    Column("turn_id", ForeignKey("turns.turn_id"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("p", Float, nullable=False),
    Column("features", JSON, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("index_version", Text, nullable=False),
    Column("learned_version", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("source IN ('faq', 'canned', 'agent')", name="source"),
    UniqueConstraint("suggestion_id"),
    Index(None, "turn_id"),
    Index(None, "conversation_id"),
)

verdicts = Table(
    "verdicts",
    metadata,
    numbered(),
    Column("verdict_id", Text, nullable=False),
    Column("suggestion_id", ForeignKey("suggestions.suggestion_id"), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("edit_distance", Integer, nullable=False),
    Column("sent_text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("verdict IN ('accepted', 'edited', 'rejected')", name="verdict"),
    UniqueConstraint("verdict_id"),
    Index(None, "suggestion_id"),
)

faq_drafts = Table(
    "faq_drafts",
    metadata,
    Column("draft_id", Text, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.conversation_id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("faq_id", Text),
    Column("author", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    CheckConstraint("state IN ('open', 'published', 'discarded')", name="state"),
    Index(None, "conversation_id"),
)
