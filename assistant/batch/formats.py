"""How analysed rows are written: parts while a run goes on, joined into one file at its end.

    form = format_of(Path("out.parquet"))
    form.write(part, columns, rows); form.join(parts, columns, out)

A part is finished when it has its name; `join` writes beside its goal and renames, so that nobody sees half a file.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from assistant.batch.tables import Cells
from assistant.cells import FORMULA, as_text, quoted
from assistant.errors import InputError, StoreFull
from assistant.records import check_parquet

RESULT_TYPES = {
    "file": "string", "row": "int64", "language": "string", "sentiment": "string", "p_negative": "float32",
    "p_neutral": "float32", "p_positive": "float32", "intent": "string", "p_intent": "float32", "entities": "string",
    "faq_id": "string", "p_correct": "float32",
}  # fmt: skip
MAX_SHEET_ROWS = 1_048_575  # below the header
_AS_THEY_ARE = {float, int, type(None)}  # the writer writes these itself
_RUN = frozenset(FORMULA)
_SUFFIXES = ".csv .jsonl .parquet .xlsx"


@dataclass(frozen=True, slots=True)
class Columns:
    """What a row holds: the input's columns under the names that they get, then those of RESULT_TYPES.

    types: the Arrow schema of the input's columns, or None where they are text.
    """

    carried: tuple[str, ...]
    types: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.carried, *RESULT_TYPES)


class Format(Protocol):
    def write(self, part: Path, columns: Columns, rows: Iterable[Cells]) -> None:
        """Write a part: whole, or not under this name."""
        ...

    def join(self, parts: Sequence[Path], columns: Columns, out: Any) -> None:
        """Put the parts together in their order; what stood at `out` is replaced at the end, at once."""
        ...


def format_of(out: Path) -> Format:
    """Raises InputError for a suffix that is none of ours."""
    forms: dict[str, Callable[[], Format]] = {".csv": Csv, ".jsonl": JsonLines, ".parquet": Parquet, ".xlsx": Sheet}
    form = forms.get(out.suffix.lower())
    if form is None:
        raise InputError(f"{out.name} has no known suffix; the result goes to one of {_SUFFIXES}")
    return form()


class Csv:
    """UTF-8 with BOM, which Excel needs; what a spreadsheet would run is quoted. Parts are rows without a header."""

    def write(self, part: Path, columns: Columns, rows: Iterable[Cells]) -> None:
        with written(part) as file:
            # nearly all cells go as they are, and a call for each would take longer than writing them
            csv.writer(file).writerows(
                [
                    cell
                    if type(cell) in _AS_THEY_ARE or (type(cell) is str and cell[:1] not in _RUN)
                    else quoted(as_text(cell))
                    for cell in row
                ]
                for row in rows
            )

    def join(self, parts: Sequence[Path], columns: Columns, out: Path) -> None:
        with written(out) as file:
            file.write("\ufeff")
            csv.writer(file).writerow(map(quoted, columns.names))
            file.flush()
            _append(parts, file.buffer)


class JsonLines:
    """An object a line; entities are a list in it."""

    def write(self, part: Path, columns: Columns, rows: Iterable[Cells]) -> None:
        names, place = columns.names, columns.names.index("entities")
        with written(part) as file:
            for row in rows:
                row = [*row[:place], json.loads(row[place]), *row[place + 1 :]]
                file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=as_text) + "\n")

    def join(self, parts: Sequence[Path], columns: Columns, out: Path) -> None:
        with written(out) as file:
            _append(parts, file.buffer)


class Parquet:
    """Columns of a Parquet input keep their types; those of other inputs are strings."""

    def __init__(self):
        check_parquet()

    def write(self, part: Path, columns: Columns, rows: Iterable[Cells]) -> None:
        import pyarrow as arrow
        import pyarrow.parquet as parquet

        schema = self._schema(columns)
        cells = list(zip(*rows, strict=True)) or [()] * len(schema)
        typed = len(columns.carried) if columns.types is None else 0
        arrays = [
            arrow.array([None if cell is None else as_text(cell) for cell in column] if place < typed else column, field.type)
            for place, (column, field) in enumerate(zip(cells, schema, strict=True))
        ]  # fmt: skip
        with written(part) as file:
            parquet.write_table(arrow.Table.from_arrays(arrays, schema=schema), file.buffer, compression="zstd")

    def join(self, parts: Sequence[Path], columns: Columns, out: Path) -> None:
        import pyarrow.parquet as parquet

        schema = self._schema(columns)
        with written(out) as file, parquet.ParquetWriter(file.buffer, schema, compression="zstd") as writer:
            for part in parts:
                writer.write_table(parquet.read_table(part, schema=schema))

    def _schema(self, columns: Columns):
        import pyarrow as arrow

        types = [field.type for field in columns.types] if columns.types else [arrow.string()] * len(columns.carried)
        results = [getattr(arrow, name)() for name in RESULT_TYPES.values()]
        return arrow.schema(list(zip(columns.names, (*types, *results), strict=True)))


class Spooled:
    """Parts as JSON lists, for goals that take all rows at once."""

    def write(self, part: Path, columns: Columns, rows: Iterable[Cells]) -> None:
        with written(part) as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False, default=as_text) + "\n")


class Sheet(Spooled):
    """A workbook with one sheet. Control characters, which no workbook may hold, are left out."""

    def join(self, parts: Sequence[Path], columns: Columns, out: Path) -> None:
        from openpyxl import Workbook
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        def cell(value: Any) -> Any:
            return value if isinstance(value, int | float) else ILLEGAL_CHARACTERS_RE.sub("", quoted(as_text(value)))

        book = Workbook(write_only=True)
        sheet = book.create_sheet("huida")
        sheet.append([quoted(name) for name in columns.names])
        for n, row in enumerate(spooled(parts), 1):
            if n > MAX_SHEET_ROWS:
                raise InputError(
                    f"a sheet holds {MAX_SHEET_ROWS:,} rows; run it again with -o {out.stem}.csv or .parquet"
                )
            sheet.append([cell(value) for value in row])
        with written(out) as file:
            book.save(file.buffer)


def spooled(parts: Sequence[Path]) -> Iterator[Cells]:
    """The rows of parts that `Spooled` wrote."""
    for part in parts:
        with part.open(encoding="utf-8") as file:
            yield from map(json.loads, file)


@contextmanager
def written(path: Path) -> Iterator[Any]:
    """A text file that gets its name when it is whole and on the disk. Raises StoreFull or InputError."""
    temporary = path.with_name(f".{path.name}.{uuid4().hex[:8]}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", errors="replace", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in (28, 122):  # ENOSPC, EDQUOT
            raise StoreFull(f"no room left to write {path}; make room and run it again: it goes on there") from error
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another place") from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _append(parts: Sequence[Path], file) -> None:
    for part in parts:
        with part.open("rb") as piece:
            shutil.copyfileobj(piece, file, 1 << 20)
