"""Files of messages as tables: CSV, XLSX, JSONL and Parquet, one record at a time, none of them held whole.

    with open_table(Path("messages.csv")) as table:
        table.header, table.records            names of the columns; number, cells and raw text of every record

Cells are text in CSV and XLSX, and the values of the file in JSONL and Parquet; `cells.as_text` shows any of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.cells import trimmed, unquoted
from assistant.decoding import open_text
from assistant.errors import InputError
from assistant.records import WORKBOOKS, csv_records, is_blank, open_parquet, open_sheet, parquet_rows

SUFFIXES = (".csv", ".tsv", ".txt", *WORKBOOKS, ".jsonl", ".ndjson", ".parquet")
MAX_KEYS = 200  # columns that the objects of a JSONL file may have together

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
    if suffix in WORKBOOKS:
        with open_sheet(path) as records:
            yield _under_header(path.name, records)
        return
    with open_text(path) as text:
        if suffix in (".jsonl", ".ndjson"):
            yield _jsonl(path.name, text)
        else:
            yield _under_header(path.name, csv_records(path.name, text), text.encoding)


def _under_header(name: str, records: Iterator[tuple[int, list[str] | None, str]], encoding: str = "") -> Table:
    """The records below the first that is not empty; empty ones are skipped, short ones filled up."""
    header = next((cells for _, cells, _ in records if cells and any(cell.strip() for cell in cells)), None)
    if header is None:
        raise InputError(f"{name} is empty; expected a header and one message a row")
    while header and not header[-1].strip():
        header.pop()
    names = _distinct([trimmed(cell) for cell in header])
    return Table(name, names, _aligned(records, len(names)), encoding)


def _aligned(records: Iterator[tuple[int, list[str] | None, str]], n: int) -> Iterator[Record]:
    for number, cells, raw in records:
        if cells is None:
            yield number, None, raw
        elif not is_blank(cells):
            if len(cells) > n and any(cells[n:]):
                yield number, None, raw
                continue
            cells = [unquoted(cell) if cell[:1] == "'" else cell for cell in cells[:n]]
            yield number, cells + [""] * (n - len(cells)), raw


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
    with open_parquet(path) as file:
        records = ((number, values, "") for number, values in enumerate(parquet_rows(file), 1))
        yield Table(path.name, tuple(file.schema_arrow.names), records, types=file.schema_arrow)
