"""CSV files and XLSX workbooks to rows under the columns that their header names.

Nothing in a file is believed: not its suffix, not the size it claims, not that its quotes are closed.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from assistant.decoding import decode
from assistant.errors import InputError, TooLong
from assistant.faq_columns import COLUMN_OF, HEADERS, Row, unquoted

MAX_BROKEN = 100  # records with an open quote after which a file is no CSV
MAX_CELLS = 200  # columns of a sheet's row
MAX_UNPACKED_BYTES = 128 << 20  # of a workbook: its shared strings are held in memory
MAX_RATIO = 100  # unpacked : packed of one part above 1 MiB; sheets of ordinary text have 5 to 20
MAX_PARTS = 1_000  # files in a workbook
MAX_EMPTY_ROWS = 1_000  # in a stretch, after which a sheet counts as ended: formatting alone can reach row 1,048,576

Record = tuple[int, list[str] | None, str]  # number, cells or None when broken, raw text


def csv_rows(name: str, raw: bytes) -> Iterator[Row]:
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(f"{name} is an Excel workbook, not CSV; save it as .xlsx and import that")
    text = decode(raw, name)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    records = _records(name, text, max(",;\t", key=first.count))
    return _table(name, records)


def _records(name: str, text: str, delimiter: str) -> Iterator[Record]:
    """Number, cells and raw text of every record; after a broken one (None) reading goes on with the line below it."""
    lines = io.StringIO(text, newline="").readlines()
    at, number, n_broken = 0, 0, 0
    while at < len(lines):
        reader = csv.reader((lines[i] for i in range(at, len(lines))), delimiter=delimiter, strict=True)
        taken = 0
        try:
            for cells in reader:
                number += 1
                yield number, cells, "".join(lines[at + taken : at + reader.line_num]).rstrip("\r\n")
                taken = reader.line_num
            return
        except csv.Error:
            number, n_broken = number + 1, n_broken + 1
            if n_broken > MAX_BROKEN:
                raise InputError(f"{name} has more than {MAX_BROKEN} records with an open quote; is it CSV?") from None
            yield number, None, lines[at + taken].rstrip("\r\n")
            at += taken + 1


def xlsx_rows(name: str, raw: bytes) -> Iterator[Row]:
    _check_archive(name, raw)
    from openpyxl import DEFUSEDXML, load_workbook  # slow to import, and only workbooks need it

    if not DEFUSEDXML:
        raise InputError(f"{name} cannot be read safely without the package defusedxml; install it")
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
        if sheet is None:
            raise InputError(f"{name} has no visible sheet")
        sheet.reset_dimensions()  # what a file claims of its size is not believed
        yield from _table(name, _sheet_records(sheet.iter_rows(values_only=True)))
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever its parser meets in a damaged workbook
        raise InputError(f"{name} is a damaged workbook ({type(error).__name__}: {error}); save it again") from error


def _check_archive(name: str, raw: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InputError(
            f"{name} is no .xlsx workbook ({error}); save it from the spreadsheet program again"
        ) from error
    swollen = [part for part in parts if part.file_size > max(1 << 20, MAX_RATIO * part.compress_size)]
    if len(parts) > MAX_PARTS or swollen or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise TooLong(
            f"{name} unpacks to {sum(part.file_size for part in parts)} bytes in {len(parts)} parts; "
            f"at most {MAX_UNPACKED_BYTES} bytes, {MAX_PARTS} parts and {MAX_RATIO} times the packed size are read"
        )


def _sheet_records(rows: Iterator[tuple]) -> Iterator[Record]:
    n_empty = 0
    for number, values in enumerate(rows, start=1):
        cells = [_cell_text(value) for value in values[:MAX_CELLS]]
        n_empty = 0 if any(cells) else n_empty + 1
        if n_empty > MAX_EMPTY_ROWS:
            return
        yield number, cells, "\t".join(cells)


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)


def _table(name: str, records: Iterable[Record]) -> Iterator[Row]:
    """Rows under the first record that is not empty, which must name a question and an answer."""
    columns: list[str | None] | None = None
    for number, cells, raw in records:
        if cells is not None and not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = _columns(name, cells)
        elif cells is None:
            yield Row(number, broken="a quote is not closed, or text follows a closing quote", raw=raw)
        elif any(cell.strip() for cell in cells[len(columns) :]):
            yield Row(number, broken=f"{len(cells)} cells where the header has {len(columns)}", raw=raw)
        else:
            named = zip(columns, cells, strict=False)
            yield Row(number, {column: unquoted(cell) for column, cell in named if column}, raw=raw)
    if columns is None:
        raise InputError(f"{name} is empty; expected a header with the columns {', '.join(HEADERS)}")


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
