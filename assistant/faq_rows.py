"""Files of four formats to rows of named cells, each with the number by which its author finds it again.

| suffix           | row number                   | cells                                                           |
|------------------|------------------------------|-----------------------------------------------------------------|
| .csv .tsv .txt   | of the record, header = 1    | by column; comma, semicolon or tab                              |
| .xlsx .xlsm      | of the sheet's row           | by column of the first sheet; formulas count as their value     |
| .jsonl .ndjson   | of the line                  | by key; variants may be a list                                  |
| .md .markdown    | of the heading's line        | heading = question, text below = answer, `id: x` lines in front |

A row that cannot be read comes back with `broken` saying why; a file that is no such format raises InputError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePath

from assistant.decoding import decode
from assistant.errors import InputError, TooLong
from assistant.faq_columns import COLUMN_OF, Row
from assistant.faq_tables import csv_rows, xlsx_rows

MAX_FILE_BYTES = 64 << 20
MAX_ROWS = 200_000
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_FIELD = re.compile(r"[-*]?[ \t]*(\w[\w ]{0,20}?)[ \t]*[:：][ \t]*(.*)$")


def rows_of(name: str, raw: bytes) -> Iterator[Row]:
    """The rows of a file, by the suffix of its name.

    Raises InputError when it is not of that format, and TooLong above the caps on bytes and rows.
    """
    reader = READERS.get(PurePath(name).suffix.lower())
    if reader is None:
        raise InputError(f"{name} has no known suffix; expected one of {' '.join(READERS)}")
    if len(raw) > MAX_FILE_BYTES:
        raise TooLong(f"{name} has {len(raw)} bytes, at most {MAX_FILE_BYTES} are read; split it")
    for n_rows, row in enumerate(reader(name, raw), start=1):
        if n_rows > MAX_ROWS:
            raise TooLong(f"{name} has more than {MAX_ROWS} rows; split it")
        yield row


def _jsonl(name: str, raw: bytes) -> Iterator[Row]:
    n_objects, n_lines = 0, 0
    for number, line in enumerate(decode(raw, name).split("\n"), start=1):
        if not line.strip():
            continue
        n_lines += 1
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Row(number, broken=f"no JSON: {error}", raw=line)
            continue
        if not isinstance(fields, dict):
            yield Row(number, broken=f"a JSON {type(fields).__name__}, expected an object", raw=line)
            continue
        n_objects += 1
        cells = {
            COLUMN_OF[key.strip().lower()]: value for key, value in fields.items() if key.strip().lower() in COLUMN_OF
        }
        yield Row(number, cells, raw=line)
    if not n_objects:
        raise InputError(f"{name} has no line that is a JSON object ({n_lines} lines read); expected JSONL")


def _markdown(name: str, raw: bytes) -> Iterator[Row]:
    """A heading without text of its own and with deeper headings below is their category."""
    sections = list(_sections(decode(raw, name).splitlines()))
    if not sections:
        raise InputError(f"{name} has no heading; expected questions as headings (## ...) with the answer below each")
    categories: dict[int, str] = {}
    for i, (number, level, title, lines) in enumerate(sections):
        categories = {depth: category for depth, category in categories.items() if depth < level}
        cells, answer = _fields(lines)
        if not answer and not cells and i + 1 < len(sections) and sections[i + 1][1] > level:
            categories[level] = title
            continue
        category = categories[max(categories)] if categories else ""
        yield Row(
            number, {"question": title, "answer": answer, "category": category, **cells}, raw="\n".join([title, *lines])
        )


def _sections(lines: list[str]) -> Iterator[tuple[int, int, str, list[str]]]:
    """Line number, level, title and lines below of every heading; `#` inside a code fence is no heading."""
    section: tuple[int, int, str, list[str]] | None = None
    fence = None
    for number, line in enumerate(lines, start=1):
        if mark := _FENCE.match(line):
            fence = mark[1] if fence is None else (None if fence == mark[1] else fence)
        heading = None if fence or mark else _HEADING.match(line)
        if heading:
            if section:
                yield section
            section = (number, len(heading[1]), heading[2].strip(), [])
        elif section:
            section[3].append(line)
    if section:
        yield section


def _fields(lines: list[str]) -> tuple[dict[str, str], str]:
    """The `id: x` lines that stand before the answer, and the answer."""
    cells: dict[str, str] = {}
    for at, line in enumerate(lines):
        found = _FIELD.match(line.strip())
        column = COLUMN_OF.get(found[1].strip().lower()) if found else None
        if column in (None, "question", "answer"):
            if line.strip():
                return cells, "\n".join(lines[at:]).strip()
        else:
            cells[column] = found[2].strip()
    return cells, ""


READERS = {
    ".csv": csv_rows,
    ".tsv": csv_rows,
    ".txt": csv_rows,
    ".xlsx": xlsx_rows,
    ".xlsm": xlsx_rows,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".md": _markdown,
    ".markdown": _markdown,
}
