"""Messages out of and into databases: the turns of our own store, and any table of PostgreSQL or SQLite.

    source = TableSource("postgresql://user@host/shop", "messages")     rows in the order of the primary key
    form = TableSink("postgresql://user@host/shop", "analysed")         replaced at once, when all rows are there

Passwords need not stand in the URL: PGPASSWORD and ~/.pgpass are read as psql reads them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Float,
    MetaData,
    Table,
    Text,
    create_engine,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchTableError, SQLAlchemyError

from assistant.batch.formats import RESULT_TYPES, Columns, Spooled, spooled
from assistant.batch.sources import SourceRow
from assistant.cells import as_text
from assistant.errors import InputError, StoreError
from assistant.store import Store
from assistant.store.engine import parse
from assistant.values import Turn

_FETCHED = 4_096  # rows at a time, in and out
_TURN = ("conversation_id", "turn_id", "customer_id", "at", "text", "outcome", "reply", "answered_faq_id")


class Conversations:
    """What customers wrote in our own store, in the order of the log, from one instant (or the beginning) to another."""

    name, header, types = "store", _TURN, None

    def __init__(self, store: Store, until: datetime, since: datetime | None = None):
        self._store, self._until, self._since = store, until, since
        self.encodings: dict[str, str] = {}

    @cached_property
    def _extent(self) -> tuple[int, str]:
        """How many turns there are, and the last one's id: the log only grows."""
        with self._store.read() as uow:
            return uow.turns.extent(self._since, self._until)

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self._store.where}\0{self._extent}".encode()).hexdigest()

    @property
    def n_rows(self) -> int:
        return self._extent[0]

    @contextmanager
    def rows(self) -> Iterator[Iterator[SourceRow]]:
        with self._store.read() as uow:
            turns = uow.turns.between(self._since, self._until)
            yield (SourceRow("store", number, _cells(turn), "") for number, turn in enumerate(turns, 1))


def _cells(turn: Turn) -> list[Any]:
    message = turn.message
    return [message.conversation_id, turn.turn_id, message.customer_id or "", message.received_at.isoformat(), message.text,
            turn.decision.outcome, turn.reply.text, turn.reply.faq_id or ""]  # fmt: skip


class TableSource:
    """A table with a primary key, which is the order of its rows; `number` counts them in it."""

    types = None

    def __init__(self, url: str, table: str):
        self.name, self._engine, self.encodings = table, _engine(url), {}
        with _said():
            try:
                self._table = Table(
                    table.rpartition(".")[2], MetaData(), schema=_schema(table), autoload_with=self._engine
                )
            except NoSuchTableError as error:
                raise InputError(f"there is no table {table!r} in {_shown(self._engine)}") from error
        if not list(self._table.primary_key):
            raise InputError(
                f"the table {table!r} has no primary key, so its rows have no order; add one, or export it"
            )
        self.header = tuple(column.name for column in self._table.columns)

    @cached_property
    def digest(self) -> str:
        """Of every value: the table is read once for it."""
        whole = hashlib.sha256()
        with self.rows() as rows:
            for row in rows:
                whole.update(repr(row.cells).encode("utf-8", "surrogatepass"))
        return whole.hexdigest()

    @cached_property
    def n_rows(self) -> int:
        with _said(), self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(self._table)).scalar_one()

    @contextmanager
    def rows(self) -> Iterator[Iterator[SourceRow]]:
        query = select(self._table).order_by(*self._table.primary_key)
        with _said(), self._engine.connect() as connection:
            found = connection.execution_options(stream_results=True, yield_per=_FETCHED).execute(query)
            yield (SourceRow(self.name, number, list(row), "") for number, row in enumerate(found, 1))


class TableSink(Spooled):
    """A table that is made anew; one of that name is replaced in the same transaction."""

    def __init__(self, url: str, table: str):
        self._engine, self._name, self._schema = _engine(url), table.rpartition(".")[2], _schema(table)

    def join(self, parts: Sequence[Path], columns: Columns, out: Any) -> None:
        kinds = _kinds(parts, columns)
        made = [Column(name, kind) for name, kind in zip(columns.names, kinds, strict=True)]
        incoming = Table(f"{self._name}_incoming", MetaData(), *made, schema=self._schema)
        rows = (
            {name: value if kind is not Text or value is None else as_text(value).replace("\0", "")
             for name, value, kind in zip(columns.names, row, kinds, strict=True)}
            for row in spooled(parts)
        )  # fmt: skip
        quote = self._engine.dialect.identifier_preparer.quote
        with _said(), self._engine.begin() as connection:
            incoming.drop(connection, checkfirst=True)
            incoming.create(connection)
            while some := list(islice(rows, _FETCHED)):
                connection.execute(incoming.insert(), some)
            if inspect(connection).has_table(self._name, schema=self._schema):
                Table(self._name, MetaData(), schema=self._schema).drop(connection)
            whole = f"{quote(self._schema)}.{quote(incoming.name)}" if self._schema else quote(incoming.name)
            connection.execute(text(f"ALTER TABLE {whole} RENAME TO {quote(self._name)}"))


def is_table(name: str) -> bool:
    """Whether this names a database's table, URL#TABLE, rather than a file."""
    return "://" in name


def split(name: str) -> tuple[str, str]:
    """URL#TABLE to its halves. Raises InputError."""
    url, _, table = name.rpartition("#")
    if not url or not table:
        raise InputError(
            "a table is named after its database: postgresql://USER@HOST/NAME#TABLE or sqlite:///FILE#TABLE"
        )
    return url, table


def _kinds(parts: Sequence[Path], columns: Columns) -> list[type]:
    """The type of each column: numbers where all of the input's values are, else text."""
    met: list[set[type]] = [set() for _ in columns.carried]
    for row in spooled(parts):
        for types, value in zip(met, row, strict=False):
            types.add(type(value))
    ours = {"string": Text, "int64": BigInteger, "float32": Float}
    return [*(_kind(types - {type(None)}) for types in met), *(ours[name] for name in RESULT_TYPES.values())]


def _kind(types: set[type]) -> type:
    if types == {int}:
        return BigInteger
    return Float if types and types <= {int, float} else Text


def _engine(url: str) -> Engine:
    try:
        return create_engine(parse(url), hide_parameters=True)
    except ModuleNotFoundError as error:
        raise InputError("PostgreSQL needs the driver psycopg: pip install 'huida[postgres]'") from error
    except ArgumentError as error:
        raise InputError("the database URL cannot be read; expected postgresql://USER@HOST/NAME#TABLE") from error


def _schema(table: str) -> str | None:
    return table.rpartition(".")[0] or None


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


@contextmanager
def _said() -> Iterator[None]:
    """The database's own words in one line, without the values of the statement."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()
        raise StoreError(f"the database said: {reason[0] if reason else type(error).__name__}") from error
