"""The tables of people who work here: users, their sessions, and who read what.

`audit` is append-only (triggers refuse UPDATE and DELETE) and chained by hash. Its rows name nobody: a row holds the
fingerprint of what was read, and `audit_subjects` says whose fingerprint that is until the customer is erased.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from assistant.store.tables import Instant, metadata, numbered

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),
    CheckConstraint("role IN ('agent', 'supervisor', 'admin')", name="role"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("secret_sha256", Text, primary_key=True),
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "user_name"),
)

audit = Table(
    "audit",
    metadata,
    numbered(),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("previous"),  # a chain, no tree: two writers at once cannot both follow one row
)

audit_subjects = Table(
    "audit_subjects",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("salt", Text, nullable=False),
    UniqueConstraint("kind", "subject_id"),
)
