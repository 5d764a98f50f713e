"""INSERT ... ON CONFLICT in the dialect of the connection: the databases share the clause, SQLAlchemy does not."""

from functools import cache

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(dialect_name: str, table: Table):
    return (sqlite if dialect_name == "sqlite" else postgresql).insert(table)


def replace_rows(connection: Connection, table: Table, rows: list[dict]) -> None:
    """Write each row over the one with the same primary key."""
    if rows:
        connection.execute(_replacement(connection.dialect.name, table), rows)


@cache
def _replacement(dialect_name: str, table: Table) -> Insert:
    statement = insert(dialect_name, table)
    others = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
