"""The desk's tables: what is said beside the turns, the journal of changes, canned replies, and the words to search by.

`posts` and `journal` are append-only, as `turns` is.
"""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from assistant.store.tables import Instant, metadata, numbered

posts = Table(
    "posts",
    metadata,
    numbered(),
    Column("post_id", Text, nullable=False),
    Column("conversation_id", ForeignKey("conversations.conversation_id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("message_id", Text),
    Column("event", Text, nullable=False),
    Column("data", JSON, nullable=False),
    CheckConstraint("role IN ('agent', 'note', 'system')", name="role"),
    UniqueConstraint("post_id"),
    UniqueConstraint("conversation_id", "message_id"),
    UniqueConstraint("conversation_id", "sequence"),
    Index(None, "created_at"),
)

journal = Table(
    "journal",
    metadata,
    numbered(),
    Column("conversation_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("shortcut", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

entry_words = Table(
    "entry_words",
    metadata,
    Column("word", Text, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.conversation_id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
)
