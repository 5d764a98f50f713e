"""FAQ files in and out: CSV, XLSX, JSONL and Markdown to entries, with a reason for every row that is left behind.

entries, rejects = read_faq(Path("faq.xlsx"), language)
write_rejects(Path("faq.rejects.csv"), rejects)           mend it and import it again: its columns are the same
write_faq(Path("faq.csv"), entries)                       safe to open in a spreadsheet; reads back as it was
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, get_args

from assistant.cells import quoted
from assistant.characters import repair
from assistant.errors import InputError
from assistant.faq_columns import HEADERS, Row
from assistant.faq_rows import rows_of
from assistant.values import FaqEntry, Language

MAX_CHARACTERS = {"id": 100, "question": 1_000, "answer": 20_000, "category": 200}  # a variant is capped as a question
MAX_VARIANTS = 1_000
_LANGUAGES = {"zh": "zh", "cn": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh", "简体中文": "zh", "繁体中文": "zh",
              "en": "en", "english": "en", "英文": "en", "英语": "en", "mixed": "mixed", "混合": "mixed",
              "other": "other", "其他": "other"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is no entry: its number in the file, what is wrong with it, its cells as far as they could be read."""

    row: int
    reason: str
    cells: dict[str, Any]
    raw: str = ""


class FaqFile(NamedTuple):
    entries: list[FaqEntry]
    rejects: list[Reject]


def read_faq(path: Path, guess_language: Callable[[str], Language]) -> FaqFile:
    """Read a file, see `parse_faq`. Raises InputError when it cannot be opened."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path") from error
    return parse_faq(path.name, raw, guess_language)


def parse_faq(name: str, raw: bytes, guess_language: Callable[[str], Language]) -> FaqFile:
    """The entries of a file in its order, and the rows that are none.

    `guess_language` is asked about the question where the file does not say. An entry without id gets one made from its
    question, the same at every import. Of two rows with one id the first counts. Raises InputError when the file is of
    no known format or encoding, TooLong above the caps of assistant.faq_rows and assistant.faq_tables.
    """
    entries, rejects, first_row = [], [], {}
    for row in rows_of(name, raw):
        try:
            entry = _entry(row, guess_language)
            if entry.faq_id in first_row:
                what = f"the id {entry.faq_id!r}" if row.cells.get("id") else "the same question without an id"
                raise _Unusable(f"{what} stands in row {first_row[entry.faq_id]} already")
        except _Unusable as error:
            rejects.append(Reject(row.number, str(error), row.cells, row.raw))
            continue
        first_row[entry.faq_id] = row.number
        entries.append(entry)
    return FaqFile(entries, rejects)


def write_faq(path: Path, entries: Iterable[FaqEntry]) -> None:
    """Write .csv (UTF-8 with BOM, which Excel needs; formulas quoted) or .jsonl, whole or not at all."""
    writers = {".csv": _csv_of, ".jsonl": _jsonl_of}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise InputError(f"{path.name} has no known suffix; an export goes to one of {' '.join(writers)}")
    _replace(path, writer(entries))


def write_rejects(path: Path, rejects: Sequence[Reject]) -> None:
    """Write the rejected rows as CSV: number, reason, the usual columns, and the raw row where it was unreadable."""
    table = [["row", "reason", *HEADERS, "raw"]]
    for reject in rejects:
        cells = [_shown(reject.cells.get(column, "")) for column in HEADERS]
        table.append([str(reject.row), reject.reason, *cells, "" if reject.cells else reject.raw])
    _replace(path, _csv_text(table))


class _Unusable(Exception):
    """Why a row is no entry."""


def _entry(row: Row, guess_language: Callable[[str], Language]) -> FaqEntry:
    if row.broken:
        raise _Unusable(row.broken)
    cells = {column: _text(column, row.cells.get(column, "")) for column in HEADERS if column != "variants"}
    cells |= {column: " ".join(cells[column].split()) for column in ("id", "question", "category")}
    for column in ("question", "answer"):
        if not cells[column]:
            raise _Unusable(f"the {column} is empty")
    for column, cap in MAX_CHARACTERS.items():
        if len(cells[column]) > cap:
            raise _Unusable(f"the {column} has {len(cells[column])} characters, at most {cap} are kept")
    faq_id = cells["id"] or f"q-{hashlib.sha256(cells['question'].encode()).hexdigest()[:10]}"
    if not faq_id.isprintable():
        raise _Unusable(f"the id {faq_id!r} has characters that cannot be printed")
    variants = _variants(row.cells.get("variants", ""), cells["question"])
    language = _language(cells["language"]) if cells["language"] else guess_language(cells["question"])
    return FaqEntry(faq_id, cells["question"], cells["answer"], variants, cells["category"], language)


def _text(column: str, value: Any) -> str:
    """JSON gives numbers for some ids; anything but text and numbers is a mistake."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Unusable(f"the {column} is a JSON {type(value).__name__}, expected text")
    text = repair(str(value)).strip()
    if "\ufffd" in text:
        raise _Unusable(f"the {column} has bytes that are not UTF-8, at {text[: text.index(chr(0xFFFD))][-20:]!r}...")
    return text


def _variants(value: Any, question: str) -> tuple[str, ...]:
    """Other wordings in their order, each once, none of them the question itself."""
    texts = value if isinstance(value, list) else _split(_text("variants", value))
    variants = dict.fromkeys(text for item in texts if (text := " ".join(_text("variants", item).split())))
    variants.pop(question, None)
    longest = max(map(len, variants), default=0)
    if len(variants) > MAX_VARIANTS or longest > MAX_CHARACTERS["question"]:
        raise _Unusable(
            f"{len(variants)} variants of up to {longest} characters, at most {MAX_VARIANTS} of up to "
            f"{MAX_CHARACTERS['question']} are kept"
        )
    return tuple(variants)


_SEPARATOR = re.compile(r"\\([\\|｜])|[|｜\r\n]")


def _split(cell: str) -> list[str]:
    r"""Split at | or a new line; \| is a bar inside a variant."""
    parts, start, current = [], 0, ""
    for mark in _SEPARATOR.finditer(cell):
        current += cell[start : mark.start()] + (mark[1] or "")
        start = mark.end()
        if not mark[1]:
            parts.append(current)
            current = ""
    return [*parts, current + cell[start:]]


def _language(cell: str) -> Language:
    name = cell.lower()
    found = _LANGUAGES.get(name) or _LANGUAGES.get(re.split("[-_]", name)[0])  # zh-CN, en_US
    if found is None:
        raise _Unusable(f"the language {cell!r} is none of {', '.join(get_args(Language))}")
    return found


def _csv_of(entries: Iterable[FaqEntry]) -> str:
    table = [list(HEADERS)]
    for entry in entries:
        variants = " | ".join(re.sub(r"([\\|｜])", r"\\\1", variant) for variant in entry.variants)
        table.append([entry.faq_id, entry.question, variants, entry.answer, entry.category, entry.language])
    return _csv_text(table)


def _jsonl_of(entries: Iterable[FaqEntry]) -> str:
    lines = ({"id": fields.pop("faq_id"), **fields} for fields in map(asdict, entries))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _csv_text(table: Iterable[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([quoted(cell) for cell in row] for row in table)
    return "\ufeff" + text.getvalue()


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " | ".join(map(str, value))
    return "" if value is None else str(value)


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(text.encode("utf-8", "replace"))
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another place") from error
