"""Delimited text, workbooks and Parquet to records: a number by which their author finds them again, and their cells.

Nothing in a file is believed: not its suffix, not the size it claims, not that its quotes are closed. One record is held
at a time, so a file may be larger than memory.
"""

from __future__ import annotations

import csv
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from assistant.cells import as_text
from assistant.errors import InputError, TooLong

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

WORKBOOKS = (".xlsx", ".xlsm")
MAX_BROKEN = 100  # records with an open quote after which a file is no CSV
MAX_RECORD_LINES = 10_000  # after which a quote counts as left open
MAX_CELLS = 200  # columns of a sheet's row
MAX_UNPACKED_BYTES = 128 << 20  # of a workbook: its shared strings are held in memory
MAX_SHEET_BYTES = 1 << 30  # the same of a workbook on disk, read row by row: a sheet holds 1,048,576 rows at most
MAX_RATIO = 100  # unpacked : packed of one part above 1 MiB; sheets of ordinary text have 5 to 20
MAX_PARTS = 1_000  # files in a workbook
MAX_EMPTY_ROWS = 1_000  # in a stretch, after which a sheet counts as ended: formatting alone can reach row 1,048,576
_FETCHED = 4_096  # rows of a Parquet file that are made Python values at a time


class Uncalculated(str):
    """The empty text of a sheet's formula whose value was never saved, as programs that only write sheets leave it."""


NEVER_SAVED = "is a formula whose value was never saved; open the file in a spreadsheet program, save it there"


Record = tuple[int, list[str] | None, str]  # number, cells or None when broken, raw text


def csv_records(name: str, text: TextIO) -> Iterator[Record]:
    """Number, cells and raw text of every record; after a broken one (None) reading goes on with the line below it.

    The delimiter is what the first line with words has most of: a comma, a semicolon or a tab.
    """
    first = next((line for line in text if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    text.seek(0)
    source, again, taken = iter(text), deque[str](), list[str]()
    number, n_broken = 0, 0

    def feed() -> Iterator[str]:
        while line := again.popleft() if again else next(source, ""):
            taken.append(line)
            if len(taken) > MAX_RECORD_LINES:
                raise csv.Error("a quote is not closed")
            yield line

    while True:
        reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                number += 1
                yield number, cells, "".join(taken).rstrip("\r\n")
                taken.clear()
            return
        except csv.Error:
            number, n_broken = number + 1, n_broken + 1
            if n_broken > MAX_BROKEN:
                raise InputError(f"{name} has more than {MAX_BROKEN} records with an open quote; is it CSV?") from None
            yield number, None, taken[0].rstrip("\r\n")
            again.extendleft(reversed(taken[1:]))
            taken.clear()


@contextmanager
def open_sheet(path: Path) -> Iterator[Iterator[Record]]:
    """The records of a workbook on disk. Raises InputError when it cannot be opened."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path") from error
    with file:
        yield xlsx_records(path.name, file, MAX_SHEET_BYTES)


def open_parquet(path: Path) -> ParquetFile:
    """To be closed by the caller. Raises InputError without pyarrow, and for a file that is none."""
    check_parquet()
    from pyarrow.parquet import ParquetFile

    try:
        return ParquetFile(path)
    except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
        raise InputError(f"{path} cannot be read as Parquet ({error}); check the file") from error


def parquet_rows(file: ParquetFile) -> Iterator[list[Any]]:
    """The values of every row."""
    for batch in file.iter_batches(batch_size=_FETCHED):
        yield from map(list, zip(*(column.to_pylist() for column in batch.columns), strict=True))


def is_blank(cells: Sequence[Any]) -> bool:
    """Whether a row holds nothing, not even a formula."""
    return not any(cells) and Uncalculated not in map(type, cells)


def uncalculated(cells: Sequence[Any], at: Mapping[str, int]) -> str | None:
    """Why a row cannot be taken: the first column of `at` (name -> place) that is `Uncalculated`; None where none is."""
    if Uncalculated not in map(type, cells):
        return None
    found = (name for name, place in at.items() if place < len(cells) and isinstance(cells[place], Uncalculated))
    return next((f"the {name} {NEVER_SAVED}" for name in found), None)


def check_parquet() -> None:
    """Raises InputError when Parquet files cannot be read or written here."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise InputError("Parquet files need pyarrow: pip install 'huida[customers]'") from error


def xlsx_records(name: str, file: BinaryIO, max_unpacked_bytes: int = MAX_UNPACKED_BYTES) -> Iterator[Record]:
    """The records of the first visible sheet; formulas count as the value saved with them, or are `Uncalculated`."""
    _check_archive(name, file, max_unpacked_bytes)
    from openpyxl import DEFUSEDXML, load_workbook  # slow to import, and only workbooks need it

    if not DEFUSEDXML:
        raise InputError(f"{name} cannot be read safely without the package defusedxml; install it")
    try:
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
        if sheet is None:
            raise InputError(f"{name} has no visible sheet")
        yield from _sheet_records(zip(_rows(sheet), _formulas(file, sheet.title), strict=False))
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever its parser meets in a damaged workbook
        raise InputError(f"{name} is a damaged workbook ({type(error).__name__}: {error}); save it again") from error


def _check_archive(name: str, file: BinaryIO, max_unpacked_bytes: int) -> None:
    try:
        parts = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InputError(
            f"{name} is no .xlsx workbook ({error}); save it from the spreadsheet program again"
        ) from error
    swollen = [part for part in parts if part.file_size > max(1 << 20, MAX_RATIO * part.compress_size)]
    if len(parts) > MAX_PARTS or swollen or sum(part.file_size for part in parts) > max_unpacked_bytes:
        raise TooLong(
            f"{name} unpacks to {sum(part.file_size for part in parts)} bytes in {len(parts)} parts; "
            f"at most {max_unpacked_bytes} bytes, {MAX_PARTS} parts and {MAX_RATIO} times the packed size are read"
        )


def _rows(sheet: Any) -> Iterator[tuple]:
    sheet.reset_dimensions()  # what a file claims of its size is not believed
    return sheet.iter_rows(values_only=True)


def _formulas(file: BinaryIO, title: str) -> Iterator[tuple]:
    """The rows of the sheet again with formulas instead of values, nothing in them where no sheet has a formula."""
    from openpyxl import load_workbook

    with zipfile.ZipFile(file) as book:
        sheets = [part for part in book.namelist() if part.startswith("xl/worksheets/sheet")]
        if not any(_holds(book, part, b"<f") for part in sheets):
            return repeat(())
    return _rows(load_workbook(file, read_only=True)[title])


def _holds(book: zipfile.ZipFile, part: str, mark: bytes) -> bool:
    tail = b""
    with book.open(part) as stream:
        while piece := stream.read(1 << 20):
            if mark in tail + piece:
                return True
            tail = piece[-len(mark) :]
    return False


def _sheet_records(rows: Iterator[tuple[tuple, tuple]]) -> Iterator[Record]:
    n_empty = 0
    for number, (values, formulas) in enumerate(rows, start=1):
        cells = [_cell_text(value) for value in values[:MAX_CELLS]]
        for place, formula in enumerate(formulas[: len(cells)]):
            if formula is not None and values[place] is None:
                cells[place] = Uncalculated()
        n_empty = 0 if any(cells) or any(formulas) else n_empty + 1
        if n_empty > MAX_EMPTY_ROWS:
            return
        yield number, cells, "\t".join(cells)


def _cell_text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else as_text(value)
