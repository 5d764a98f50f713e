"""SQLite, set up so that an acknowledged commit survives kill -9 and a power cut.

Every SQLite from 3.7.0 to 3.51.2 can lose committed rows when a write-ahead log is reset while several connections
write (sqlite.org, WAL-reset bug; fixed in 3.51.3 and in the backports 3.50.7 and 3.44.6). Python's own module is often
linked with one of those, so the library is checked here and `pysqlite3`, which carries its own, takes its place.
"""

from __future__ import annotations

import importlib
import os
import time
from pathlib import Path
from types import ModuleType

from sqlalchemy import URL, Engine, event

from assistant.errors import StoreError

# the store begins by these itself: the driver would begin late, and an engine's "begin" event makes SQLAlchemy look for
# listeners at every statement. Who reads first and writes later could not wait for the lock: writers take it at once
BEGIN_READING, BEGIN_WRITING = "BEGIN", "BEGIN IMMEDIATE"
BUSY_TIMEOUT_MS = 5_000  # how long a writer waits for another process's commit before it says that the store is busy


def is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite release is free of the WAL-reset bug."""
    fixed_backports = {(3, 50): 7, (3, 44): 6}
    patch = fixed_backports.get(version[:2])
    return version >= (3, 51, 3) or version < (3, 7, 0) or (patch is not None and version[2] >= patch)


def driver(modules: tuple[str, ...] = ("sqlite3", "pysqlite3")) -> ModuleType:
    """Return the first of the DB-API modules whose SQLite is safe. Raises StoreError naming the versions it met."""
    met = []
    for name in modules:
        try:
            module = importlib.import_module(f"{name}.dbapi2")
        except ImportError:
            met.append(f"{name} is not installed")
            continue
        if is_safe(module.sqlite_version_info):
            return module
        met.append(f"{name} has SQLite {module.sqlite_version}")
    raise StoreError(
        f"no SQLite without the WAL-reset bug, which can lose saved conversations ({', '.join(met)}); 3.51.3 or later "
        "is needed: pip install pysqlite3, or set HUIDA_DATABASE_URL to a PostgreSQL database"
    )


def prepare_file(url: URL) -> Path:
    """Create the database file's folder and the file, readable by its owner alone. Raises StoreError."""
    if url.database in (None, "", ":memory:"):
        raise StoreError(f"{url} lives in memory and is gone with its connection; give a file: sqlite:////var/huida.db")
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # the -wal and -shm files take this mode over
    except OSError as error:
        raise StoreError(
            f"cannot write the database file {path} ({error.strerror}); "
            "make its folder writable or set HUIDA_DATABASE_URL to another place"
        ) from error
    return path


def install(engine: Engine, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
    """Give each connection of the engine durable commits and foreign keys; transactions are begun by BEGIN_READING and BEGIN_WRITING."""

    @event.listens_for(engine, "connect")
    def configure(connection, _record) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        connection.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
        mode = _use_write_ahead_log(connection, busy_timeout_ms / 1000)
        if mode != "wal":
            raise StoreError(
                f"the file system of {engine.url.database} does not support SQLite's write-ahead log (it offers "
                f"{mode!r}); keep the database on a local disk or set HUIDA_DATABASE_URL to a PostgreSQL database"
            )
        connection.execute("PRAGMA synchronous = FULL")  # NORMAL would lose the last commits in a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # zeroes over erased customers; we delete nothing else often


def truncate_log(engine: Engine) -> bool:
    """Move the write-ahead log into the file and empty it; False while another's long reading holds it."""
    connection = engine.raw_connection()
    try:
        return connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    finally:
        connection.close()


def _use_write_ahead_log(connection, timeout_s: float) -> str:
    """Return the journal mode that the file got; while another process switches, SQLite fails without waiting."""
    give_up_at = time.monotonic() + timeout_s
    while True:
        try:
            return connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
