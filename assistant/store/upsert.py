"""INSERT ... ON CONFLICT in the dialect of the connection: the databases share the clause, SQLAlchemy does not."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table):
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def replace_rows(connection: Connection, table: Table, rows: list[dict]) -> None:
    """Write each row over the one with the same primary key."""
    if rows:
        statement = insert(connection, table)
        others = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key}
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=others),
            rows,
        )
