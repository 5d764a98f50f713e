"""Repositories of those who work at the desk: users and their sessions.

The password's hash is made in `api`; here it is a text. A session's secret has 256 bits of chance: one SHA-256 hides it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from assistant.errors import InputError, NotFound
from assistant.store.tables_people import sessions, users

Role = Literal["agent", "supervisor", "admin"]

# built once: every request of a desk asks it
_USER_OF_SESSION = (
    select(users)
    .join(sessions)
    .where(sessions.c.secret_sha256 == bindparam("secret"), sessions.c.expires_at > bindparam("at"))
    .where(users.c.disabled_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in. `name` is unique and what conversations call their owner.

    `must_change_password`: somebody else knows the password, so it opens nothing but the form to change it.
    """

    name: str
    display_name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None
    must_change_password: bool = False


@dataclass(frozen=True, slots=True)
class Users:
    connection: Connection

    def add(self, user: User, password_hash: str) -> None:
        """Raises InputError when the name is taken."""
        if self._row(user.name) is not None:
            raise InputError(f"there is a user {user.name!r} already; choose another name")
        row = {name: getattr(user, name) for name in user.__slots__}
        self.connection.execute(users.insert().values(password_hash=password_hash, **row))

    def get(self, name: str) -> User:
        row = self._row(name)
        if row is None:
            raise NotFound(f"there is no user {name!r}")
        return _user(row)

    def all(self) -> list[User]:
        """Return every user, disabled ones too, by name."""
        return [_user(row) for row in self.connection.execute(select(users).order_by(users.c.name))]

    def count(self) -> int:
        return self.connection.execute(select(func.count()).select_from(users)).scalar_one()

    def password_hash(self, name: str) -> str | None:
        """Return the hash of a user who may sign in; None for the unknown and the disabled."""
        row = self._row(name)
        return row.password_hash if row is not None and row.disabled_at is None else None

    def change(self, name: str, **values: Any) -> User:
        """Set display_name, role, disabled_at, password_hash or must_change_password; returns the user as they are now.

        Raises NotFound, and InputError when nobody would be left who can administer.
        """
        before = self.get(name)
        self.connection.execute(update(users).where(users.c.name == name).values(**values))
        if _administers(before) and not any(map(_administers, self.all())):
            raise InputError(f"{name!r} is the last working administrator; make another one first")
        return self.get(name)

    def _row(self, name: str) -> Row | None:
        return self.connection.execute(select(users).where(users.c.name == name)).first()


@dataclass(frozen=True, slots=True)
class Sessions:
    connection: Connection

    def create(self, user_name: str, at: datetime, expires_at: datetime) -> str:
        """Return the secret of a new session; it is stored as a hash and cannot be shown again."""
        secret = secrets.token_urlsafe(32)
        row = dict(secret_sha256=_sha256(secret), user_name=user_name, created_at=at, expires_at=expires_at)
        self.connection.execute(sessions.insert().values(row))
        return secret

    def find(self, secret: str, at: datetime) -> User | None:
        """Return whose session this is, unless it has ended or its user was disabled."""
        row = self.connection.execute(_USER_OF_SESSION, {"secret": _sha256(secret), "at": at}).first()
        return row and _user(row)

    def end(self, secret: str) -> None:
        self.connection.execute(delete(sessions).where(sessions.c.secret_sha256 == _sha256(secret)))

    def end_all(self, user_name: str) -> int:
        """Sign the user out everywhere; returns how many sessions that were."""
        return self.connection.execute(delete(sessions).where(sessions.c.user_name == user_name)).rowcount

    def forget_expired(self, at: datetime) -> int:
        return self.connection.execute(delete(sessions).where(sessions.c.expires_at <= at)).rowcount


def _administers(user: User) -> bool:
    return user.role == "admin" and user.disabled_at is None


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _user(row: Row) -> User:
    return User(row.name, row.display_name, row.role, row.created_at, row.disabled_at, row.must_change_password)
