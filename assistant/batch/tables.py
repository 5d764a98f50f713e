"""Files of messages as tables: CSV, XLSX, JSONL and Parquet, one record at a time, none of them held whole.

    with open_table(Path("messages.csv")) as table:
        table.header, table.records            names of the columns; number, cells and raw text of every record

Cells are text in CSV and XLSX, and the values of the file in JSONL and Parquet; `as_text` shows any of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assistant.decoding import open_text
from assistant.errors import InputError
from assistant.faq_columns import FORMULA
from assistant.records import csv_records, xlsx_records

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".jsonl", ".ndjson", ".parquet")
MAX_SHEET_BYTES = 1 << 30  # unpacked: a sheet holds 1,048,576 rows at most
MAX_KEYS = 200  # columns that the objects of a JSONL file may have together
_FETCHED = 4_096  # rows of a Parquet file that are made Python values at a time

Cells = list[Any]
Record = tuple[int, Cells | None, str]  # the number by which its author finds it, cells or None when broken, raw text


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    header: tuple[str, ...]
    records: Iterator[Record]
    encoding: str = ""  # of text files
    types: Any = None  # of Parquet: its Arrow schema


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Raises InputError when the file cannot be read, is empty, or of no known format or encoding."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path.name} has no known suffix; expected one of {' '.join(SUFFIXES)}")
    if suffix == ".parquet":
        with _parquet(path) as table:
            yield table
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path") from error
    with file:
        if suffix in (".xlsx", ".xlsm"):
            yield _under_header(path.name, xlsx_records(path.name, file, MAX_SHEET_BYTES))
            return
        if file.read(4) in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
            raise InputError(f"{path.name} is an Excel workbook; rename it to .xlsx, or save it as .xlsx")
    with open_text(path) as text:
        if suffix in (".jsonl", ".ndjson"):
            yield _jsonl(path.name, text)
            return
        first = text.readline()
        while first and not first.strip():
            first = text.readline()
        text.seek(0)
        yield _under_header(path.name, csv_records(path.name, text, max(",;\t", key=first.count)), text.encoding)


def as_text(value: Any) -> str:
    """A cell for people and for CSV: nothing for None, ISO for instants, JSON for lists and objects."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def quoted(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: '=1+1 instead of =1+1; a negative number is none."""
    if not cell or cell[0] not in FORMULA:
        return cell
    return cell if _is_number(cell) else f"'{cell}"


def unquoted(cell: str) -> str:
    """What `quoted` was given."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in FORMULA else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell[0] in "+-" and cell[1:].replace(".", "", 1).isdigit()


def _under_header(name: str, records: Iterator[tuple[int, list[str] | None, str]], encoding: str = "") -> Table:
    """The records below the first that is not empty; empty ones are skipped, short ones filled up."""
    header = next((cells for _, cells, _ in records if cells and any(cell.strip() for cell in cells)), None)
    if header is None:
        raise InputError(f"{name} is empty; expected a header and one message a row")
    while header and not header[-1].strip():
        header.pop()
    names = _distinct([unquoted(cell.strip(" \t\r\n\u3000\ufeff")) for cell in header])
    return Table(name, names, _aligned(records, len(names)), encoding)


def _aligned(records: Iterator[tuple[int, list[str] | None, str]], n: int) -> Iterator[Record]:
    for number, cells, raw in records:
        if cells is None:
            yield number, None, raw
        elif any(cells):
            if len(cells) > n and any(cells[n:]):
                yield number, None, raw
                continue
            yield number, [*map(unquoted, cells[:n]), *[""] * (n - len(cells))], raw


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Names as they are, column_3 for an empty one, name_2 for the second of two."""
    distinct: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        wanted = name = name or f"column_{place}"
        n = 1
        while wanted in distinct:
            n += 1
            wanted = f"{name}_{n}"
        distinct[wanted] = None
    return tuple(distinct)


def _jsonl(name: str, text) -> Table:
    """An object a line; the columns are the keys of all of them, in the order in which they first appear."""
    keys: dict[str, None] = {}
    for line in text:
        keys.update(dict.fromkeys(_object(line) or ()))
        if len(keys) > MAX_KEYS:
            raise InputError(f"{name} has objects with more than {MAX_KEYS} different keys; is it a file of messages?")
    if not keys:
        raise InputError(f"{name} holds no JSON objects; expected one a line")
    text.seek(0)
    return Table(name, tuple(keys), _jsonl_records(text, tuple(keys)), text.encoding)


def _jsonl_records(text, keys: tuple[str, ...]) -> Iterator[Record]:
    for number, line in enumerate(text, 1):
        if line.strip():
            found = _object(line)
            yield number, None if found is None else [found.get(key) for key in keys], line.rstrip("\r\n")


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


@contextmanager
def _parquet(path: Path) -> Iterator[Table]:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise InputError("Parquet files need pyarrow: pip install 'huida[customers]'") from error
    try:
        file = parquet.ParquetFile(path)
    except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
        raise InputError(f"{path} cannot be read as Parquet ({error}); check the file") from error
    with file:
        yield Table(path.name, tuple(file.schema_arrow.names), _parquet_records(file), types=file.schema_arrow)


def _parquet_records(file) -> Iterator[Record]:
    number = 0
    for batch in file.iter_batches(batch_size=_FETCHED):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            yield number, list(values), ""
