"""One SQLAlchemy engine for a database URL: SQLite in a file, or PostgreSQL through psycopg 3."""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from assistant.errors import InputError, StoreError
from assistant.store import sqlite
from assistant.store.codec import dumps

N_CONNECTIONS = 8  # enough readers for the threads that serve requests; SQLite has one writer anyway
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 30_000  # a statement of ours takes milliseconds; one that hangs must not hold its thread
LOCK_TIMEOUT_MS = 5_000  # how long a PostgreSQL writer waits for another before it says that the store is busy


def parse(url: str) -> URL:
    """Return the parsed URL with its driver. Raises InputError for anything but SQLite and PostgreSQL."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError as error:
        # the text itself may hold a password
        raise InputError(
            "the database URL cannot be read; expected sqlite:///FILE or postgresql://HOST/NAME"
        ) from error
    if backend not in ("sqlite", "postgresql"):
        raise InputError(f"the database URL names {backend!r}; expected sqlite:///FILE or postgresql://USER@HOST/NAME")
    return parsed.set(drivername="postgresql+psycopg" if backend == "postgresql" else "sqlite")


def connect(url: URL, busy_timeout_ms: int = sqlite.BUSY_TIMEOUT_MS) -> Engine:
    """Return an engine; the first connection is made when it is used."""
    shared = dict(
        json_serializer=dumps,
        pool_size=N_CONNECTIONS,
        max_overflow=N_CONNECTIONS,
        hide_parameters=True,
    )
    if url.get_backend_name() == "sqlite":
        module = sqlite.driver()
        sqlite.prepare_file(url)
        engine = create_engine(url, module=module, connect_args={"check_same_thread": False}, **shared)
        sqlite.install(engine, busy_timeout_ms)
        return engine
    try:
        engine = create_engine(
            url,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
            **shared,
        )
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs the driver psycopg: pip install 'huida[postgres]'") from error

    @event.listens_for(engine, "connect")
    def configure(connection, _record) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
            cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
        connection.commit()

    return engine
