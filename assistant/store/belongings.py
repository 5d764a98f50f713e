"""What the store holds of one customer, or of conversations long past: found, counted, erased.

Found by the shape of the tables and not by a list of them, so a table that is added later is covered: rows that carry the
customer's id, rows that carry the id of one of their conversations, and rows that refer to such a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select, update

from assistant.store.tables import conversations, metadata, orders, turns
from assistant.store.tables_people import audit_subjects

Owned = dict[Table, ColumnElement[bool]]  # which rows of each table, parents before children
_UNLINKED = {orders}  # the shop's books need the sale; that it was this customer's goes


def of_customer(customer_id: str) -> Owned:
    """The rows of this customer; conversations that began before they signed in are theirs too."""
    owned = _owned(conversations.c.customer_id == customer_id, customer_id)
    theirs = and_(audit_subjects.c.kind == "customer", audit_subjects.c.subject_id == customer_id)
    return owned | {audit_subjects: or_(theirs, owned[audit_subjects])}


def of_conversations_before(instant: datetime) -> Owned:
    """The rows of conversations in which nothing was said since."""
    return _owned(func.coalesce(conversations.c.last_turn_at, conversations.c.started_at) < instant, None)


def rows(connection: Connection, owned: Owned) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table's name with its rows, where there are any, in the order in which they were written."""
    for table, where in owned.items():
        if table is not audit_subjects:
            query = select(table).where(where).order_by(*table.primary_key)
            if found := [dict(row._mapping) for row in connection.execute(query)]:
                yield table.name, found


def customers(connection: Connection, owned: Owned) -> list[str]:
    """Return whose turns are among the rows."""
    query = select(turns.c.customer_id).where(owned[turns], turns.c.customer_id.is_not(None)).distinct()
    return sorted(connection.execute(query).scalars())


def count(connection: Connection, owned: Owned) -> dict[str, int]:
    """Return how many rows there are, by table; nobody adds a turn to their conversations until this commit."""
    # a turn that is being written in one of them is waited for, and counted; SQLite has one writer anyway
    connection.execute(select(conversations.c.conversation_id).where(owned[conversations]).with_for_update())
    sizes = {
        table.name: connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
        for table, where in owned.items()
        if table is not audit_subjects  # who read it is the shop's record, not the customer's
    }
    return {name: n for name, n in sorted(sizes.items()) if n}


def erase(connection: Connection, owned: Owned) -> None:
    """Delete the rows; of orders, the customer's id alone."""
    for table, where in reversed(owned.items()):
        change = update(table).values(customer_id=None) if table in _UNLINKED else delete(table)
        connection.execute(change.where(where))


def _owned(conversation: ColumnElement[bool], customer_id: str | None) -> Owned:
    owned: Owned = {conversations: conversation}
    ids = select(conversations.c.conversation_id).where(conversation)
    for table in metadata.sorted_tables:
        if table is conversations:
            continue
        whose = []
        if "customer_id" in table.c and customer_id is not None:
            whose.append(table.c.customer_id == customer_id)
        if "conversation_id" in table.c:
            whose.append(table.c.conversation_id.in_(ids))
        whose += [
            key.parent.in_(select(key.column).where(owned[key.column.table]))
            for key in table.foreign_keys
            if key.column.table in owned and key.column.table is not conversations
        ]
        if table is audit_subjects:
            whose.append(and_(table.c.kind == "conversation", table.c.subject_id.in_(ids)))
        if whose:
            owned[table] = or_(*whose)
    return owned
