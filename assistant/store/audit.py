"""Who read what: a chain in which each row's hash covers the row before, so that an edited row is found.

    uow.audit.add("mei", "agent", "read", "conversation", conversation_id, at)
    uow.audit.check()

hash = SHA-256(previous hash, at, actor, role, action, subject, detail). The newest hash stands in `meta` too, so that
rows cut off at the end are missed; whoever notes it elsewhere (`huida db audit --check`) would also notice a chain that
was written anew. Source: Schneier and Kelsey 1999, Secure Audit Logs to Support Computer Forensics.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from assistant.errors import StoreError
from assistant.store.catalog import Meta
from assistant.store.tables import meta
from assistant.store.tables_people import audit, audit_subjects
from assistant.store.upsert import insert

HEAD = "audit_head"  # the key in `meta`: the newest row's hash
START = "0" * 64  # what the first row follows


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `subject_id` is None once its customer was erased, `kind` then too; `subject` stays."""

    position: int
    at: datetime
    actor: str
    role: str
    action: str
    subject: str
    kind: str | None
    subject_id: str | None
    hash: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditLog:
    connection: Connection

    def add(
        self,
        actor: str,
        role: str,
        action: str,
        kind: str,
        subject_id: str,
        at: datetime,
        detail: Mapping[str, Any] | None = None,
    ) -> str:
        """Append what `actor` did and return the row's hash. `detail` holds numbers and words of ours, nobody's data."""
        row = dict(at=at.astimezone(UTC), actor=actor, role=role, action=action, detail=dict(detail or {}))
        row |= {"previous": self._take_head(), "subject": self._subject(kind, subject_id)}
        digest = _digest(row)
        self.connection.execute(audit.insert().values(hash=digest, **row))
        Meta(self.connection).set(HEAD, digest)
        return digest

    def after(self, position: int, limit: int) -> list[AuditEntry]:
        """Return up to `limit` entries that follow `position`, oldest first."""
        query = select(audit, audit_subjects.c.kind, audit_subjects.c.subject_id)
        query = query.outerjoin(audit_subjects, audit_subjects.c.subject == audit.c.subject)
        rows = self.connection.execute(query.where(audit.c.position > position).order_by(audit.c.position).limit(limit))
        return [AuditEntry(*(getattr(row, name) for name in AuditEntry.__slots__)) for row in rows]

    def check(self, noted: str | None = None) -> int:
        """Follow the chain and return its length. Raises StoreError naming the first row that does not fit.

        noted: a hash that was the newest at some earlier time; the chain must still hold it.
        """
        n, head, met = 0, START, noted is None
        for row in self.connection.execute(select(audit).order_by(audit.c.position)):
            if row.previous != head or row.hash != _digest(row._mapping):
                raise StoreError(f"the audit was edited: row {row.position} does not fit the one before it")
            n, head, met = n + 1, row.hash, met or row.hash == noted
        if head != self.head():
            raise StoreError(f"the audit was edited: it ends with {head[:12]}, it ended with {self.head()[:12]}")
        if not met:
            raise StoreError(f"the audit was written anew: it does not hold {noted!r}")
        for subject in self._misnamed():
            raise StoreError(f"the audit was edited: subject {subject[:12]} carries another's name")
        return n

    def head(self) -> str:
        return Meta(self.connection).get(HEAD, START)

    def _take_head(self) -> str:
        """Return the newest hash; nobody else can append until this commit: the update is what takes the lock."""
        statement = insert(self.connection.dialect.name, meta).values(key=HEAD, value=START)
        same = statement.on_conflict_do_update(index_elements=[meta.c.key], set_={"key": meta.c.key})
        return self.connection.execute(same.returning(meta.c.value)).scalar_one()

    def _subject(self, kind: str, subject_id: str) -> str:
        """Return the fingerprint that stands for the subject, drawn at its first entry."""
        c = audit_subjects.c
        known = select(c.subject).where(c.kind == kind, c.subject_id == subject_id)
        if found := self.connection.execute(known).scalar_one_or_none():
            return found
        salt = secrets.token_hex(16)  # goes with the name: without it nobody can try names against the fingerprint
        subject = _fingerprint(salt, kind, subject_id)
        row = dict(subject=subject, kind=kind, subject_id=subject_id, salt=salt)
        self.connection.execute(audit_subjects.insert().values(row))
        return subject

    def _misnamed(self) -> Iterator[str]:
        for row in self.connection.execute(select(audit_subjects)):
            if row.subject != _fingerprint(row.salt, row.kind, row.subject_id):
                yield row.subject


def _fingerprint(salt: str, kind: str, subject_id: str) -> str:
    return hashlib.sha256(f"{salt}:{kind}:{subject_id}".encode()).hexdigest()


def _digest(row: Row | Mapping[str, Any]) -> str:
    said = [row["previous"], row["at"].isoformat(timespec="microseconds"), row["actor"], row["role"], row["action"]]
    text = json.dumps([*said, row["subject"], row["detail"]], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
