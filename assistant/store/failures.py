"""Every way a database fails, said in one clear line: the only place that knows drivers' messages and SQLSTATEs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from assistant.errors import Conflict, InputError, StoreBusy, StoreError, StoreFull

# SQLite tells its failures apart by message, in these words since 3.x
_SQLITE = {
    "database or disk is full": (
        StoreFull,
        "has no room left; free some disk space, reading goes on meanwhile",
    ),
    "disk i/o error": (
        StoreError,
        "cannot be read or written (disk I/O error); check the disk and its free space",
    ),
    "database is locked": (
        StoreBusy,
        "is locked by another process; try again shortly",
    ),
    "readonly database": (
        StoreError,
        "cannot be written; make the file and its folder writable",
    ),
    "unable to open database file": (
        StoreError,
        "cannot be opened; make its folder writable",
    ),
    "file is not a database": (
        StoreError,
        "is not a SQLite database; move it away or restore a backup",
    ),
    "malformed": (StoreError, "is damaged; restore a backup"),
    "no such table": (
        StoreError,
        "lacks a table of this version; run huida db upgrade",
    ),
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES = {
    "53100": (
        StoreFull,
        "has no room left; free some disk space, reading goes on meanwhile",
    ),
    "53300": (StoreBusy, "has too many connections; try again shortly"),
    "55P03": (StoreBusy, "is locked; try again shortly"),
    "57014": (StoreBusy, "took too long; try again shortly"),
    "40001": (StoreBusy, "had two writers at once; try again"),
    "40P01": (StoreBusy, "had two writers waiting for each other; try again"),
    "28P01": (StoreError, "refuses the password; check HUIDA_DATABASE_URL"),
    "28000": (StoreError, "refuses the user; check HUIDA_DATABASE_URL"),
    "3D000": (
        StoreError,
        "does not exist; create it with createdb or check HUIDA_DATABASE_URL",
    ),
    "42501": (
        StoreError,
        "does not let this user write; grant it the rights on the schema",
    ),
    "42P01": (StoreError, "lacks a table of this version; run huida db upgrade"),
}


@contextmanager
def said_clearly(where: str) -> Iterator[None]:
    """Turn whatever the database raises inside into a StoreError (or InputError) whose one line names `where`."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise InputError(f"text with half a surrogate pair (character {error.start}) cannot be stored") from error
    except exc.IntegrityError as error:
        raise Conflict(f"the database {where} holds another row in its place: {_line(error)}") from error
    except exc.DataError as error:
        raise InputError(f"the database {where} refuses the value: {_line(error)}") from error
    except exc.TimeoutError as error:
        raise StoreBusy(f"the database {where} has no connection free; try again shortly") from error
    except exc.DBAPIError as error:
        raise _translated(error, where) from error
    except exc.StatementError as error:  # one of our column types or the JSON writer refused a value
        raise InputError(f"the database {where} refuses the value: {error.orig}") from error


def _translated(error: exc.DBAPIError, where: str) -> StoreError:
    line, state = _line(error), getattr(error.orig, "sqlstate", None)
    if state in _POSTGRES:
        kind, advice = _POSTGRES[state]
        return kind(f"the database {where} {advice}")
    for words, (kind, advice) in _SQLITE.items():
        if words in line.lower():
            return kind(f"the database {where} {advice}")
    if error.connection_invalidated or (isinstance(error, exc.OperationalError) and state in (None, "57P01", "57P03")):
        return StoreBusy(f"the database {where} cannot be reached ({line}); see that it runs, then try again")
    return StoreError(f"the database {where} failed: {line}")


def _line(error: exc.DBAPIError) -> str:
    """The driver's first line: no SQL and no parameters, which may hold customers' words."""
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]
