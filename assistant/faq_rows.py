"""The rows of an FAQ file as they stand in it, each with its number: CSV, XLSX, JSON lines or Markdown.

Markdown:   # 退换货                     the category of what follows
            ## 怎么退货？ {#returns-1}    a question, its id in braces if you like
            > 我想退掉                    other wordings of it
            七天内都可以退。               everything else is the answer
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import InputError

MAX_BYTES = 200 << 20  # of the file, and of what an XLSX unpacks to
MAX_ROWS = 200_000
MAX_XLSX_RATIO = 200  # unpacked to packed bytes; a sheet of text packs 5 to 20 fold

_HEADING = re.compile(r"(?P<level>#{1,6})\s+(?P<text>.*?)\s*(?:\{#(?P<id>[^}]+)\})?\s*#*\s*$")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: its number in the file, from 1, and its cells by column name; or what makes it unreadable."""

    number: int
    cells: dict[str, Any]
    trouble: str | None = None


def raw_rows(path: Path) -> Iterator[RawRow]:
    """Yield the rows of a file. Raises InputError when the file as a whole cannot be read."""
    readers = {".csv": _csv, ".tsv": _csv, ".jsonl": _json_lines, ".md": _markdown, ".xlsx": _xlsx}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path} ends in {path.suffix!r}; expected one of {', '.join(readers)}")
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise InputError(f"{path} has {size} bytes, at most {MAX_BYTES} are read; cut it into several files")
        for n, row in enumerate(reader(path), start=1):
            if n > MAX_ROWS:
                raise InputError(f"{path} has more than {MAX_ROWS} rows; cut it into several files")
            yield row
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); check the path") from error


def _csv(path: Path) -> Iterator[RawRow]:
    text, broken_lines = _decoded(path.read_bytes())
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    try:
        columns = next(reader, [])
        first = reader.line_num + 1
        for number, cells in enumerate(reader, start=2):
            lines, first = range(first, reader.line_num + 1), reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            trouble = f"it has {len(cells)} cells, the heading {len(columns)}" if len(cells) > len(columns) else None
            if broken := broken_lines.intersection(lines):
                trouble = f"line {min(broken)} is not UTF-8, the rest of the file is"
            yield RawRow(number, dict(zip(columns, cells, strict=False)), trouble)
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: {error}; save it as CSV with quotes around text") from error


def _json_lines(path: Path) -> Iterator[RawRow]:
    text, broken_lines = _decoded(path.read_bytes())
    for number, line in enumerate(text.split("\n"), start=1):
        if number in broken_lines:
            yield RawRow(number, {}, "it is not UTF-8, the rest of the file is")
        elif line.strip():
            try:
                cells = json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                yield RawRow(number, {"line": line}, f"it is not JSON: {error}")
                continue
            is_object = isinstance(cells, dict)
            yield RawRow(
                number, cells if is_object else {"line": line}, None if is_object else "it is not a JSON object"
            )


def _markdown(path: Path) -> Iterator[RawRow]:
    text, _ = _decoded(path.read_bytes())
    category, row, answer = "", None, []
    for number, line in enumerate([*text.splitlines(), "# end"], start=1):
        if heading := _HEADING.match(line):
            if row is not None:
                yield RawRow(row.number, {**row.cells, "answer": "\n".join(answer).strip()})
            row, answer = None, []
            if heading["level"] == "#":
                category = heading["text"]
            else:
                cells = {"question": heading["text"], "id": heading["id"] or "", "category": category, "variants": []}
                row = RawRow(number, cells)
        elif row is not None and line.startswith(">"):
            row.cells["variants"].append(line.lstrip("> "))
        else:
            answer.append(line)


def _xlsx(path: Path) -> Iterator[RawRow]:
    import openpyxl  # parses through defusedxml, which is installed with us

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_BYTES or unpacked > MAX_XLSX_RATIO * max(1, path.stat().st_size):
            raise InputError(f"{path} unpacks to {unpacked} bytes, which no sheet of text does; save it anew")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True)
        columns = [_cell(value) for value in next(rows, ())]
        for number, values in enumerate(rows, start=2):
            if any(value is not None for value in values):
                yield RawRow(number, dict(zip(columns, map(_cell, values), strict=False)))
        book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, SyntaxError, TypeError) as error:
        raise InputError(f"{path} is not a readable XLSX file ({error}); save it anew, or as CSV") from error


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # an id typed as 17 comes as 17.0
    return "" if value is None else str(value)


def _decoded(raw: bytes) -> tuple[str, set[int]]:
    """The text, and the numbers of its lines that could not be read.

    UTF-8, UTF-16 with its mark, or GB18030. A GB18030 file has hardly a line that is UTF-8 beyond ASCII; where there
    are such lines, the file is UTF-8 and the others are broken.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace"), set()
    try:
        return raw.decode("utf-8-sig"), set()
    except UnicodeDecodeError:
        pass
    lines = raw.split(b"\n")
    broken = {number for number, line in enumerate(lines, start=1) if not _is_utf8(line)}
    n_utf8 = sum(not line.isascii() for line in lines) - len(broken)
    if n_utf8 <= len(broken):
        try:
            return raw.decode("gb18030"), set()
        except UnicodeDecodeError:
            pass
    return raw.decode("utf-8-sig", "replace"), broken


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
