"""CSV files and XLSX workbooks to rows under the columns that their header names."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from assistant.cells import trimmed
from assistant.decoding import decode
from assistant.errors import InputError
from assistant.faq_columns import COLUMN_OF, HEADERS, Row
from assistant.records import Record, Uncalculated, csv_records, is_blank, uncalculated, xlsx_records


def csv_rows(name: str, raw: bytes) -> Iterator[Row]:
    return _table(name, csv_records(name, io.StringIO(decode(raw, name), newline="")))


def xlsx_rows(name: str, raw: bytes) -> Iterator[Row]:
    yield from _table(name, xlsx_records(name, io.BytesIO(raw)))


def _table(name: str, records: Iterable[Record]) -> Iterator[Row]:
    """Rows under the first record that is not empty, which must name a question and an answer."""
    columns: list[str | None] | None = None
    for number, cells, raw in records:
        if cells is not None and is_blank([cell if isinstance(cell, Uncalculated) else cell.strip() for cell in cells]):
            continue
        if columns is None:
            columns = _columns(name, cells)
        elif cells is None:
            yield Row(number, broken="a quote is not closed, or text follows a closing quote", raw=raw)
        elif any(cell.strip() for cell in cells[len(columns) :]):
            yield Row(number, broken=f"{len(cells)} cells where the header has {len(columns)}", raw=raw)
        elif why := uncalculated(cells, {column: place for place, column in enumerate(columns) if column}):
            yield Row(number, _named(columns, cells), broken=why, raw=raw)
        else:
            yield Row(number, _named(columns, cells), raw=raw)
    if columns is None:
        raise InputError(f"{name} is empty; expected a header with the columns {', '.join(HEADERS)}")


def _named(columns: list[str | None], cells: list[str]) -> dict[str, str]:
    return {column: trimmed(cell) for column, cell in zip(columns, cells, strict=False) if column}


def _columns(name: str, header: list[str] | None) -> list[str | None]:
    names = [cell.strip().lower() for cell in header or ()]
    columns = [COLUMN_OF.get(cell) for cell in names]
    for needed in ("question", "answer"):
        if columns.count(needed) != 1:
            raise InputError(
                f"{name} needs one column {needed!r} (or {HEADERS[needed][-1]}) in its first row, which is: "
                f"{', '.join(names)[:200]!r}"
            )
    return [column if column not in columns[:i] else None for i, column in enumerate(columns)]
