"""FAQ entries from the owner's files; rows that cannot be used are set aside with their number and the reason."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from assistant.faq_rows import RawRow, raw_rows
from assistant.text import language, repair
from assistant.values import FaqEntry

MAX_QUESTION_CHARS, MAX_ANSWER_CHARS, MAX_VARIANTS, MAX_ID_CHARS = 2_000, 20_000, 200, 128
COLUMNS = {  # names under which owners' files have them, compared without case
    "id": ("id", "faq_id", "编号", "序号"),
    "question": ("question", "问题", "标准问", "标准问题"),
    "variants": ("variants", "相似问", "相似问题", "相似问法", "其他问法"),
    "answer": ("answer", "答案", "回答", "回复"),
    "category": ("category", "分类", "类别", "类目"),
    "language": ("language", "语言"),
}
_LANGUAGES = ("zh", "en", "mixed", "other")
_WITH_HEADING = (".csv", ".tsv", ".xlsx")
_BETWEEN_VARIANTS = re.compile(r"\s*[|｜\n]\s*")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was left out: its number in the file, from 1 with the heading, why, and what stood in it."""

    row: int
    reason: str
    content: str


@dataclass(frozen=True, slots=True)
class FaqFile:
    entries: tuple[FaqEntry, ...]
    rejects: tuple[Reject, ...]


class _Unusable(Exception):
    """Why one row is left out."""


def read_faq(path: Path) -> FaqFile:
    """Read a CSV, TSV, XLSX, JSONL or Markdown file with the columns question and answer, and any of id, variants,
    category and language.

    variants: a list, or one text with | or line breaks between them. Without an id a row gets one made from its
    question, without a language the one its question is in. Raises InputError when the file has no such columns.
    """
    entries: dict[str, FaqEntry] = {}
    rejects: list[Reject] = []
    first_row: dict[str, int] = {}
    for row in raw_rows(path):
        cells = _by_column(row)
        missing = [name for name in ("question", "answer") if row.trouble is None and name not in cells]
        if missing and path.suffix.lower() in _WITH_HEADING:
            raise InputError(f"{path} has no column {missing[0]!r}; its first row names {', '.join(row.cells)}")
        try:
            entry = _entry(row, cells)
            if entry.faq_id in entries:
                raise _Unusable(f"the id {entry.faq_id!r} stands in row {first_row[entry.faq_id]} already")
        except _Unusable as why:
            rejects.append(Reject(row.number, str(why), json.dumps(row.cells, ensure_ascii=False, default=str)))
        else:
            entries[entry.faq_id], first_row[entry.faq_id] = entry, row.number
    return FaqFile(tuple(entries.values()), tuple(rejects))


def write_rejects(path: Path, rejects: Iterable[Reject]) -> None:
    """Write the rows that were left out as CSV (row, reason, content), safe to open in a spreadsheet."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "reason", "content"))
        writer.writerows((reject.row, _plain(reject.reason), _plain(reject.content)) for reject in rejects)


def _by_column(row: RawRow) -> dict[str, Any]:
    names = {alias: column for column, aliases in COLUMNS.items() for alias in aliases}
    cells = {names.get(str(name).strip().casefold()): value for name, value in row.cells.items()}
    return {column: value for column, value in cells.items() if column}


def _entry(row: RawRow, cells: dict[str, Any]) -> FaqEntry:
    if row.trouble:
        raise _Unusable(row.trouble)
    question, answer = (_text(cells, name) for name in ("question", "answer"))
    for name, value, longest in (("question", question, MAX_QUESTION_CHARS), ("answer", answer, MAX_ANSWER_CHARS)):
        if not value:
            raise _Unusable(f"the {name} is empty")
        if len(value) > longest:
            raise _Unusable(f"the {name} has {len(value)} characters, at most {longest} are taken")
    faq_id = _text(cells, "id") or f"faq-{hashlib.sha256(question.encode()).hexdigest()[:10]}"
    if len(faq_id) > MAX_ID_CHARS or not faq_id.isprintable():
        raise _Unusable(f"the id {faq_id[:40]!r} is not usable; expected at most {MAX_ID_CHARS} printable characters")
    spoken = _text(cells, "language").lower() or language(question)
    if spoken not in _LANGUAGES:
        raise _Unusable(f"the language {spoken!r} is not known; expected one of {', '.join(_LANGUAGES)}")
    return FaqEntry(faq_id, question, answer, _variants(cells, question), _text(cells, "category"), spoken)


def _variants(cells: dict[str, Any], question: str) -> tuple[str, ...]:
    value = cells.get("variants") or []
    parts = value if isinstance(value, list) else _BETWEEN_VARIANTS.split(_text(cells, "variants"))
    if not all(isinstance(part, str) for part in parts):
        raise _Unusable("variants holds something that is no text; expected texts with | between them, or a list")
    wordings = dict.fromkeys(repair(part).strip() for part in parts)
    found = tuple(wording for wording in wordings if wording and wording != question)
    if len(found) > MAX_VARIANTS or any(len(wording) > MAX_QUESTION_CHARS for wording in found):
        raise _Unusable(f"at most {MAX_VARIANTS} variants of {MAX_QUESTION_CHARS} characters are taken")
    return found


def _text(cells: dict[str, Any], name: str) -> str:
    value = cells.get(name, "")
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise _Unusable(f"{name} is {value!r}, which is no text")
    return repair("" if value is None else str(value)).strip()


def _plain(text: str) -> str:
    """A cell that a spreadsheet shows rather than computes."""
    return f"'{text}" if text.startswith(_FORMULA) else text
