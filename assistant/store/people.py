"""Repositories of people: what we know of customers, and who may use the administrative routes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import uuid4

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from assistant.customer.profile import Profile
from assistant.errors import NotFound
from assistant.store import tables
from assistant.store.codec import profile_from_json, profile_to_json
from assistant.store.upsert import insert, replace_rows
from assistant.values import ApiToken

_PROFILE = select(tables.profiles.c.profile).where(tables.profiles.c.customer_id == bindparam("id"))


@cache
def _open_profile(dialect_name: str):
    """Insert the profile or lock the one that stands, and return it: the update is what takes the lock."""
    table = tables.profiles
    same = {"customer_id": table.c.customer_id}
    statement = insert(dialect_name, table).on_conflict_do_update(index_elements=[table.c.customer_id], set_=same)
    return statement.returning(table.c.profile)


@dataclass(frozen=True, slots=True)
class Profiles:
    connection: Connection

    def get(self, customer_id: str) -> Profile:
        """Return the customer's profile: an empty one before their first turn."""
        row = self.connection.execute(_PROFILE, {"id": customer_id}).first()
        return profile_from_json(row.profile) if row else Profile(customer_id)

    def since(self, at: datetime | None = None) -> Iterator[Profile]:
        """Yield the profiles of all customers with a turn since then, in no order; of all without an instant."""
        table = tables.profiles
        query = select(table.c.profile)
        if at is not None:
            query = query.where(table.c.updated_at >= at)
        rows = self.connection.execute(query, execution_options={"yield_per": 500})
        return (profile_from_json(row.profile) for row in rows)

    def open(self, customer_id: str) -> Profile:
        """Return the profile to be changed and saved; nobody else can change it until this commit.

        Open it before adding the turn: then the log has a customer's turns in the order in which they were folded.
        """
        row = dict(customer_id=customer_id, profile=profile_to_json(Profile(customer_id)))
        return profile_from_json(self.connection.execute(_open_profile(self.connection.dialect.name), row).scalar_one())

    def replace(self, profile: Profile) -> None:
        """Save the profile that stands for all there is of the customer; an empty one is removed."""
        if profile.n_turns:
            return self.save(profile)
        table = tables.profiles
        self.connection.execute(delete(table).where(table.c.customer_id == profile.customer_id))

    def save(self, profile: Profile) -> None:
        row = dict(
            customer_id=profile.customer_id, profile=profile_to_json(profile), updated_at=profile.last_contact_at
        )
        replace_rows(self.connection, tables.profiles, [row])


@dataclass(frozen=True, slots=True)
class ApiTokens:
    """Secrets have 256 bits of chance, so one SHA-256 hides them as well as a slow hash and costs a look-up nothing."""

    connection: Connection

    def create(self, name: str, role: str, at: datetime) -> tuple[ApiToken, str]:
        """Return the new token and its secret, which cannot be shown again."""
        token, secret = (
            ApiToken(uuid4().hex, name, role, at),
            "huida_" + secrets.token_urlsafe(32),
        )
        self.connection.execute(
            tables.api_tokens.insert().values(
                token_id=token.token_id,
                name=name,
                role=role,
                created_at=at,
                secret_sha256=_sha256(secret),
            )
        )
        return token, secret

    def find(self, secret: str) -> ApiToken | None:
        """Return the token with this secret, unless it was revoked."""
        c = tables.api_tokens.c
        query = select(tables.api_tokens).where((c.secret_sha256 == _sha256(secret)) & c.revoked_at.is_(None))
        row = self.connection.execute(query).first()
        return row and _token(row)

    def all(self) -> list[ApiToken]:
        c = tables.api_tokens.c
        return [_token(row) for row in self.connection.execute(select(tables.api_tokens).order_by(c.created_at))]

    def revoke(self, token_id: str, at: datetime) -> None:
        c = tables.api_tokens.c
        where = (c.token_id == token_id) & c.revoked_at.is_(None)
        if not self.connection.execute(update(tables.api_tokens).where(where).values(revoked_at=at)).rowcount:
            raise NotFound(f"there is no working token {token_id!r}")


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(row: Row) -> ApiToken:
    return ApiToken(row.token_id, row.name, row.role, row.created_at, row.revoked_at)
