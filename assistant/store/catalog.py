"""Repositories of what the shop knows: its FAQ, its orders, and the small facts about this database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, select

from assistant.errors import NotFound
from assistant.store import tables
from assistant.store.upsert import replace_rows
from assistant.values import FaqEntry, Order

_IDS_A_STATEMENT = 500  # SQLite binds at most 32,766 values and older ones 999


@dataclass(frozen=True, slots=True)
class Meta:
    """Words under keys, e.g. the number of the FAQ's revision."""

    connection: Connection

    def get(self, key: str, default: str = "") -> str:
        query = select(tables.meta.c.value).where(tables.meta.c.key == key)
        return self.connection.execute(query).scalar_one_or_none() or default

    def set(self, key: str, value: str) -> None:
        replace_rows(self.connection, tables.meta, [{"key": key, "value": value}])


@dataclass(frozen=True, slots=True)
class FaqEntries:
    """The FAQ: the source of truth that every index is built from. Each change raises `revision` by one."""

    connection: Connection

    def upsert(self, entries: Iterable[FaqEntry], at: datetime) -> None:
        rows = [
            dict(
                faq_id=e.faq_id,
                question=e.question,
                answer=e.answer,
                variants=list(e.variants),
                category=e.category,
                language=e.language,
                updated_at=at,
            )
            for e in entries
        ]
        replace_rows(self.connection, tables.faq_entries, rows)
        self._changed()

    def delete(self, faq_ids: Sequence[str]) -> int:
        """Delete these entries and return how many there were; unknown ids count as none."""
        table, n = tables.faq_entries, 0
        for start in range(0, len(faq_ids), _IDS_A_STATEMENT):
            some = list(faq_ids[start : start + _IDS_A_STATEMENT])
            n += self.connection.execute(delete(table).where(table.c.faq_id.in_(some))).rowcount
        if n:
            self._changed()
        return n

    def get(self, faq_id: str) -> FaqEntry:
        table = tables.faq_entries
        row = self.connection.execute(select(table).where(table.c.faq_id == faq_id)).first()
        if row is None:
            raise NotFound(f"there is no FAQ entry {faq_id!r}")
        return _entry(row)

    def all(self) -> list[FaqEntry]:
        """Return every entry by id, in the order of code points (PostgreSQL's own order depends on its locale)."""
        rows = self.connection.execute(select(tables.faq_entries))
        return sorted((_entry(row) for row in rows), key=lambda entry: entry.faq_id)

    def count(self) -> int:
        return self.connection.execute(select(func.count()).select_from(tables.faq_entries)).scalar_one()

    def revision(self) -> int:
        return int(Meta(self.connection).get("faq_revision", "0"))

    def _changed(self) -> None:
        Meta(self.connection).set("faq_revision", str(self.revision() + 1))


@dataclass(frozen=True, slots=True)
class Orders:
    connection: Connection

    def put(self, orders: Iterable[Order]) -> None:
        """Write the orders, over older ones of the same number."""
        names = tables.orders.columns.keys()
        rows = [{**{n: getattr(order, n) for n in names}, "items": list(order.items)} for order in orders]
        replace_rows(self.connection, tables.orders, rows)

    def get(self, order_no: str) -> Order:
        table = tables.orders
        row = self.connection.execute(select(table).where(table.c.order_no == order_no)).first()
        if row is None:
            raise NotFound(f"there is no order {order_no!r}")
        return _order(row)

    def of_customer(self, customer_id: str, n: int) -> list[Order]:
        """Return a customer's last n orders, newest first."""
        table = tables.orders
        query = select(table).where(table.c.customer_id == customer_id)
        rows = self.connection.execute(query.order_by(table.c.ordered_at.desc(), table.c.order_no).limit(n))
        return [_order(row) for row in rows]


def _entry(row: Row) -> FaqEntry:
    return FaqEntry(
        row.faq_id,
        row.question,
        row.answer,
        tuple(row.variants),
        row.category,
        row.language,
    )


def _order(row: Row) -> Order:
    return Order(**{**row._mapping, "items": tuple(row._mapping["items"])})
