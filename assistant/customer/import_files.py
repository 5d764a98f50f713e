"""Order lines of a shop from CSV, XLSX or Parquet: one pass, a bounded part of the file in memory, nothing lost.

    read = read_lines(Path("orders.csv"), Options(rates={"CNY": 1.0}), rejects=Path("orders.rejects.csv"))
    read.lines, read.counts                    lines for assistant.customer.purchase_log, and what became of every row

A row that cannot be taken goes to the rejects file with its number, the reason and its own cells under the header of
the file, so that it can be mended there and imported again.
"""

from __future__ import annotations

import csv
import hashlib
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from assistant.cells import quoted, trimmed
from assistant.characters import repair
from assistant.customer.import_cells import DateOrder, Days, State, Unusable, date_order, money, number, state_of
from assistant.customer.import_columns import places
from assistant.customer.purchase_log import Lines, numbered
from assistant.decoding import BROKEN, open_text
from assistant.errors import InputError
from assistant.records import (
    WORKBOOKS,
    Record,
    csv_records,
    is_blank,
    open_parquet,
    open_sheet,
    parquet_rows,
    uncalculated,
)

MAX_ID_CHARACTERS = 200
N_SAMPLED = 10_000  # rows from which the order of day and month is told
TICK_ROWS = 20_000  # between two reports of progress
FORMATS = (".csv", ".tsv", ".txt", *WORKBOOKS, ".parquet")
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Options:
    """What a file does not say of itself.

    columns: our column -> the header it has here. currency: of rows without one. rates: CNY for one unit.
    time_zone: of times without one; shop_zone: in which a day begins and ends. dates: of dates such as 3/4/2026.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    currency: str = "CNY"
    rates: Mapping[str, float] = field(default_factory=lambda: {"CNY": 1.0})
    time_zone: ZoneInfo = _UTC
    shop_zone: ZoneInfo = _UTC
    dates: DateOrder | None = None
    all_returns: bool = False  # the file lists returns: whatever its quantities say, goods came back
    keep_duplicates: bool = True  # two equal lines of one order are two lines; else one


@dataclass(frozen=True, slots=True)
class Counts:
    """n_rows = n_lines + n_duplicates + n_rejected; the others are parts of n_lines."""

    n_rows: int
    n_lines: int
    n_returns: int
    n_cancelled: int
    n_without_customer: int
    n_duplicates: int
    n_rejected: int
    reasons: Mapping[str, int]  # the first words of each reason -> rows


@dataclass(frozen=True, slots=True)
class ReadLines:
    lines: Lines
    counts: Counts


def read_lines(
    path: Path,
    options: Options,
    rejects: Path,
    today: date | None = None,
    tick: Callable[[int], None] = lambda n_rows: None,
) -> ReadLines:
    """Read a file of order lines; `tick` hears the number of rows read so far, `rejects` is written only when needed.

    Raises InputError when the file is of no known format or encoding, or a needed column is missing.
    """
    with records_of(path) as records:
        header = next((cells for _, cells, _ in records if cells and any(cell.strip() for cell in cells)), None)
        if header is None:
            raise InputError(f"{path.name} is empty; expected a header and one line per product of an order")
        at = places(path.name, header, options.columns)
        sample = list(islice(records, N_SAMPLED))
        order = options.dates or date_order(
            cells[at["at"]] for _, cells, _ in sample if cells and len(cells) > at["at"]
        )
        days = Days(options.time_zone, options.shop_zone, order, today or datetime.now(options.shop_zone).date())
        reader = _Lines(at, len(header), days, options)
        with Rejects(rejects, header) as rejected:
            n_rows = _read(_chained(sample, records), reader, rejected, tick)
    lines, n_duplicates = numbered(reader.columns(), options.keep_duplicates)
    counts = Counts(
        n_rows, len(lines), int(((lines.state == State.RETURN) | (lines.state == State.SENT_BACK)).sum()), int((lines.state == State.CANCELLED).sum()),
        int((lines.customer == reader.nobody).sum()), n_duplicates, rejected.n, dict(rejected.reasons.most_common()),
    )  # fmt: skip
    return ReadLines(lines, counts)


def _chained(sample: list[Record], records: Iterator[Record]) -> Iterator[Record]:
    waiting = deque(sample)
    sample.clear()
    while waiting:
        yield waiting.popleft()
    yield from records


def _read(records: Iterator[Record], reader: _Lines, rejected: Rejects, tick: Callable[[int], None]) -> int:
    n_rows = 0
    for row, cells, raw in records:
        if cells is not None and is_blank(cells):
            continue
        n_rows += 1
        if n_rows % TICK_ROWS == 0:
            tick(n_rows)
        try:
            reader.take(cells)
        except Unusable as error:
            rejected.write(row, str(error), cells, raw)
    tick(n_rows)
    return n_rows


class _Lines:
    """Rows to columns as they come; ids become codes at once, so that a million lines hold each id once."""

    def __init__(self, at: Mapping[str, int], n_cells: int, days: Days, options: Options):
        self.at, self.n_cells, self.days, self.options = at, n_cells, days, options
        self.customers, self.products = {"": 0}, {"": 0}
        self.nobody = 0
        self.customer, self.product, self.day = array("i"), array("i"), array("i")
        self.quantity, self.amount = array("d"), array("d")
        self.order, self.key, self.state, self.has_line = array("Q"), array("Q"), array("b"), array("b")

    def take(self, cells: list[str] | None) -> None:
        """Add a row, whole or not at all. Raises Unusable."""
        cells = readable(cells, self.at)
        if len(cells) > self.n_cells and any(cells[self.n_cells :]):
            raise Unusable(f"{len(cells)} cells where the header has {self.n_cells}")
        if len(cells) < self.n_cells:
            cells = [*cells, *[""] * (self.n_cells - len(cells))]
        cell = {column: cells[place] for column, place in self.at.items()}
        day = self.days(cell["at"])
        quantity, amount, rate = self._quantity_and_amount(cell)
        came_back = quantity < 0 or amount < 0 or self.options.all_returns
        state = State.RETURN if came_back else state_of(cell.get("status", ""), cell.get("cancelled", ""))
        customer, product, order = (clean_id(name, cell.get(name, "")) for name in ("customer", "product", "order"))
        sign = -1.0 if state in (State.RETURN, State.SENT_BACK) else 1.0
        quantity, amount = sign * abs(quantity), sign * abs(amount)
        # without an order number, what a customer bought at one instant is one order
        whole = order or f"{customer}\x1f{cell['at']}"
        line = clean_id("line", cell.get("line", ""))
        # the amount as written: a line is the same one when the rate has changed since
        within = line or f"{product}\x1f{quantity!r}\x1f{amount!r}"
        self.customer.append(self.customers.setdefault(customer, len(self.customers)))
        self.product.append(self.products.setdefault(product, len(self.products)))
        self.day.append(day)
        self.quantity.append(quantity)
        self.amount.append(amount * rate)
        self.order.append(_hash(whole))
        self.key.append(_hash(f"{whole}\x1e{within}"))
        self.state.append(state)
        self.has_line.append(bool(line))

    def columns(self) -> tuple[Lines, np.ndarray]:
        """The lines, not yet told apart where they are equal, and which of them carry a line number of their own."""
        lines = Lines(
            np.frombuffer(self.customer, np.int32), np.frombuffer(self.product, np.int32),
            np.frombuffer(self.day, np.int32), np.frombuffer(self.quantity, np.float64),
            np.frombuffer(self.amount, np.float64), np.frombuffer(self.order, np.uint64),
            np.frombuffer(self.key, np.uint64), np.frombuffer(self.state, np.int8),
            tuple(self.customers), tuple(self.products),
        )  # fmt: skip
        return lines, np.frombuffer(self.has_line, np.int8).astype(bool)

    def _quantity_and_amount(self, cell: Mapping[str, str]) -> tuple[float, float, float]:
        """Quantity, amount of the whole line in its currency, and the rate of that."""
        quantity = number(cell["quantity"], "quantity") if "quantity" in cell else 1.0
        what = "amount" if cell.get("amount", "").strip() or "price" not in cell else "price"
        currency = cell.get("currency", "").strip().upper() or self.options.currency
        amount, rate = money(cell[what], what, currency, self.options.rates)
        return quantity, amount * quantity if what == "price" else amount, rate


def readable(cells: list[str] | None, at: Mapping[str, int]) -> list[str]:
    """The cells of a row. Raises Unusable for one that is broken, or whose columns `at` hold a formula without value."""
    if cells is None:
        raise Unusable("a quote is not closed, or text follows a closing quote")
    if why := uncalculated(cells, at):
        raise Unusable(why)
    return cells


def clean_id(column: str, cell: str) -> str:
    """The id without the traces of a spreadsheet: blanks, a quote, 13085.0. Raises Unusable for one that is no text."""
    text = trimmed(cell)
    if not text.isascii() or not text.isprintable():
        text = repair(text).strip()
        if BROKEN in text:
            raise Unusable(f"the {column} has bytes that are not UTF-8, at {text[:40]!r}")
        if not text.isprintable():
            raise Unusable(f"the {column} {text[:40]!r} has characters that cannot be printed")
    if len(text) > MAX_ID_CHARACTERS:
        raise Unusable(f"the {column} has {len(text)} characters, at most {MAX_ID_CHARACTERS} are kept")
    return text[:-2] if column == "customer" and text.endswith(".0") and text[:-2].isdigit() else text  # 13085.0


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


class Rejects:
    """The rejects file, written as the rows come; there is none when all rows were good."""

    def __init__(self, path: Path, header: list[str]):
        self.path, self.header = path, header
        self.n, self.reasons = 0, Counter[str]()
        self._file = None

    def __enter__(self) -> Rejects:
        self.path.unlink(missing_ok=True)  # that of an earlier import says nothing of this one
        return self

    def __exit__(self, *_exception) -> None:
        if self._file:
            self._file.close()

    def write(self, row: int, reason: str, cells: list[str] | None, raw: str) -> None:
        if self._file is None:
            try:
                self._file = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
            except OSError as error:
                raise InputError(f"{self.path} cannot be written ({error.strerror}); choose another place") from error
            self._writer = csv.writer(self._file)
            self._writer.writerow(["row", "reason", *map(quoted, self.header)])
        self.n += 1
        self.reasons[" ".join(reason.split()[:3])] += 1
        self._writer.writerow([row, reason, *map(quoted, [raw] if cells is None else cells)])


@contextmanager
def records_of(path: Path) -> Iterator[Iterator[Record]]:
    """The records of a CSV, XLSX or Parquet file, its header first. Raises InputError for a file that is none."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(f"{path.name} has no known suffix; expected one of {' '.join(FORMATS)}")
    if suffix == ".parquet":
        with open_parquet(path) as file:
            yield chain([(1, file.schema_arrow.names, "")], _as_cells(parquet_rows(file)))
    elif suffix in WORKBOOKS:
        with open_sheet(path) as records:
            yield records
    else:
        with open_text(path) as text:
            yield csv_records(path.name, text)


def _as_cells(rows: Iterator[list]) -> Iterator[Record]:
    """Numbered below the header, as a sheet's rows are."""
    for row, values in enumerate(rows, 2):
        yield row, ["" if value is None else str(value) for value in values], ""
