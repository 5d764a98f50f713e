"""Which version of the tables a database holds, and how it gets the newest: Alembic, run from inside the package.

A database that stands at NEWEST is opened without Alembic, which takes a quarter of a second to import.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from assistant.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0005"  # the last of the migrations

_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x4875696461  # "Huida": any number that PostgreSQL's other advisory locks do not use

_ONE_AT_A_TIME = threading.Lock()  # Alembic's `context` is global to the process


def revision(connection: Connection) -> str | None:
    """What Alembic wrote down when it ran last; None where it never did."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_empty(connection: Connection) -> bool:
    return not inspect(connection).get_table_names()


def check(connection: Connection, where: str) -> None:
    """Raise StoreError unless the database stands at exactly the version that this code was written for."""
    found = revision(connection)
    if found == NEWEST:
        return
    if found is None:
        raise StoreError(f"the database {where} holds tables that are not Huida's; give Huida an empty database")
    from alembic.script import ScriptDirectory

    if found not in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}:
        raise StoreError(f"the database {where} is at version {found!r}, newer than this Huida; install the newer one")
    raise StoreError(
        f"the database {where} is at version {found!r}, this Huida needs {NEWEST!r}; back it up, then run "
        "huida db upgrade"
    )


def upgrade(connection: Connection, where: str) -> None:
    """Bring the database to the newest version inside the transaction of the connection: all of it or nothing."""
    from alembic import command

    if connection.dialect.name == "postgresql":
        # two servers that start on one empty database: the second waits, then finds nothing left to do
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
    if not is_empty(connection) and revision(connection) is None:
        check(connection, where)
    config = _config()
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
