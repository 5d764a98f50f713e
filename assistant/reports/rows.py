"""The analysed messages as columns: what `huida analyze` writes and every figure of a report is counted from.

    rows = read_rows(Path("analysed.csv"))            .csv .xlsx .jsonl .parquet, whatever `huida analyze` wrote
    bad = rows.where(rows.sentiment.mask("negative"))     where() takes a mask of length n, or places
    rows.product.names, rows.product.codes            a column of words: each word once, and its number in every row

A file that `huida analyze` wrote has the columns of its input and, after them, those of RESULTS. Which of the input's
columns says when, who, of what product and so on is told by the headers, see assistant.batch.columns.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from assistant.batch.columns import guess_roles
from assistant.batch.places import summary_path
from assistant.batch.tables import open_table
from assistant.cells import as_text
from assistant.customer.import_cells import DateOrder, Unusable, date_order, instant
from assistant.errors import InputError
from assistant.values import SENTIMENTS

# what analyze adds to the input's columns, in this order; an input column of such a name is carried as input_NAME
RESULTS = ("file", "row", "language", "sentiment", "p_negative", "p_neutral", "p_positive", "intent", "p_intent",
           "entities", "faq_id", "p_correct")  # fmt: skip
_RISKS = ((0.3, "low"), (0.6, "medium"), (2.0, "high"))  # below it a probability of leaving is called so


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words. codes: int32 (n,), the place in `names` of each row's word, -1 where the cell is empty."""

    codes: np.ndarray
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def mask(self, name: str) -> np.ndarray:
        """bool (n,): the rows with this word."""
        return self.codes == (self.names.index(name) if name in self.names else -2)

    def __getitem__(self, place: int) -> str:
        """The word of one row, "" where there is none."""
        code = self.codes[place]
        return self.names[code] if code >= 0 else ""

    def where(self, mask: np.ndarray) -> Words:
        return Words(self.codes[mask], self.names)

    @property
    def counts(self) -> dict[str, int]:
        """Word -> rows, the most frequent first; empty cells are not counted."""
        n = np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))
        return {self.names[i]: int(n[i]) for i in np.argsort(-n, kind="stable") if n[i]}

    @property
    def present(self) -> bool:
        """Whether any row has a word: whether the file has this column at all."""
        return bool((self.codes >= 0).any())


@dataclass(frozen=True, slots=True)
class Rows:
    """n analysed messages in the order of their files; every column has n values.

    `row` is the number by which the message is found in `file` (a spreadsheet's own number: a header is row 1).
    Instants are UTC, NaT where the cell says none. `entities` are JSON lists of {"type","value","start","end"}.
    """

    file: Words
    row: np.ndarray  # int64
    at: np.ndarray  # datetime64[s]
    text: np.ndarray  # object: str
    language: Words  # zh en mixed other
    sentiment: Words  # negative neutral positive
    p: np.ndarray  # float32 (n, 3): p_negative, p_neutral, p_positive
    intent: Words  # out_of_scope where none
    p_intent: np.ndarray  # float32
    entities: np.ndarray  # object: str
    faq_id: Words  # the likeliest entry; empty where no FAQ was there
    p_correct: np.ndarray  # float32, NaN without faq_id
    customer_id: Words
    product: Words
    channel: Words
    segment: Words
    churn_risk: Words  # as the file has it; a probability is called low, medium or high
    rejected: Mapping[str, int] = field(default_factory=dict)  # reason -> rows that were left out

    def __len__(self) -> int:
        return len(self.row)

    def where(self, mask: np.ndarray) -> Rows:
        """The rows that a bool mask (n,) or places (m,) choose; `rejected` stays that of the whole."""
        columns = ((column.name, getattr(self, column.name)) for column in fields(self) if column.name != "rejected")
        return replace(self, **{name: c.where(mask) if isinstance(c, Words) else c[mask] for name, c in columns})

    @property
    def p_negative(self) -> np.ndarray:
        return self.p[:, SENTIMENTS.index("negative")]


def read_rows(path: Path, zone: ZoneInfo | None = None, named: Mapping[str, str] | None = None) -> Rows:
    """The rows of a file that `huida analyze` wrote, see `rows_of`. Raises InputError when it is none."""
    with open_table(path) as table:
        cells = ([as_text(value) for value in cells] for _, cells, _ in table.records if cells is not None)
        kept = summary_of(path)
        named = ({"text": kept["text_column"]} if kept.get("text_column") in table.header else {}) | dict(named or {})
        return rows_of(table.header, cells, zone, named, kept.get("rejected"))


def summary_of(path: Path) -> dict[str, Any]:
    """What `huida analyze --json` printed about the file that it wrote; empty when that is not kept beside it."""
    try:
        return json.loads(summary_path(path).read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def rows_of(
    header: Sequence[str],
    cells: Iterable[Sequence[str]],
    zone: ZoneInfo | None = None,
    named: Mapping[str, str] | None = None,
    rejected: Mapping[str, int] | None = None,
) -> Rows:
    """Columns from the rows of an analysed table, all cells as text.

    zone: of times that name none, UTC by default. named: role -> header, where the guess is wrong; `text` too.
    Raises InputError when a column of RESULTS or the text is missing.
    """
    if missing := [name for name in RESULTS if name not in header]:
        raise InputError(f"this file was not analysed, it has no column {missing[0]!r}; run: huida analyze FILE -o OUT")
    places = guess_roles([name if name not in RESULTS else "" for name in header], named)
    if "text" not in places:
        raise InputError(f"no column is known to hold the text; name it. The file has: {', '.join(header)[:300]}")
    return _Builder(header, places, zone or ZoneInfo("UTC")).built(cells, rejected or {})


class _Builder:
    """Cells to columns as they come: words become numbers at once, so that a million rows hold each word once."""

    _WORDS = ("file", "language", "sentiment", "intent", "faq_id")
    _ROLES = ("customer_id", "product", "channel", "segment", "churn_risk")
    _NUMBERS = ("p_negative", "p_neutral", "p_positive", "p_intent", "p_correct")

    def __init__(self, header: Sequence[str], places: Mapping[str, int], zone: ZoneInfo):
        self._at = {name: header.index(name) for name in RESULTS} | dict(places)
        self._zone = zone

    def built(self, rows: Iterable[Sequence[str]], rejected: Mapping[str, int]) -> Rows:
        words = {name: (array("i"), dict[str, int]()) for name in (*self._WORDS, *self._ROLES)}
        numbers = {name: array("f") for name in self._NUMBERS}
        row, at, text, entities, shared = array("q"), list[str](), list[str](), list[str](), dict[str, str]()
        for cells in rows:
            row.append(int(cells[self._at["row"]]))
            text.append(cells[self._at["text"]])
            entities.append(shared.setdefault(found := cells[self._at["entities"]], found))
            for name, (codes, known) in words.items():
                word = self._word(name, cells)
                codes.append(known.setdefault(word, len(known)) if word else -1)
            for name, column in numbers.items():
                column.append(float(cells[self._at[name]] or "nan"))
            if "at" in self._at:
                at.append(shared.setdefault(when := cells[self._at["at"]], when))
        n = len(row)
        columns = {name: Words(np.array(codes, np.int32), tuple(known)) for name, (codes, known) in words.items()}
        return Rows(
            row=np.array(row, np.int64), text=_objects(text), entities=_objects(entities),
            at=self._instants(at) if at else np.full(n, "NaT", "datetime64[s]"),
            p=np.array([numbers[name] for name in self._NUMBERS[:3]], np.float32).T.reshape(n, 3),
            p_intent=np.array(numbers["p_intent"], np.float32), p_correct=np.array(numbers["p_correct"], np.float32),
            rejected=dict(rejected), **columns,
        )  # fmt: skip

    def _word(self, name: str, cells: Sequence[str]) -> str:
        place = self._at.get(name)
        word = "" if place is None else cells[place].strip()
        return _risk(word) if name == "churn_risk" else word

    def _instants(self, cells: list[str]) -> np.ndarray:
        """datetime64[s] (n,). Dates such as 3/4/2026 begin as the others of the file do."""
        order = date_order(dict.fromkeys(cells))
        nat = np.datetime64("NaT", "s")
        known = {cell: nat if (when := instant_of(cell, self._zone, order)) is None else when for cell in set(cells)}
        return np.array([known[cell] for cell in cells], "datetime64[s]")


def instant_of(cell: str, zone: ZoneInfo, order: DateOrder | None = None) -> np.datetime64 | None:
    """A cell's instant in UTC, None when it says none; a day alone is its midnight in `zone`."""
    try:
        when = instant(cell, order)
    except Unusable:
        return None
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    aware = when if when.tzinfo else when.replace(tzinfo=zone)
    return np.datetime64(aware.astimezone(UTC).replace(tzinfo=None), "s")


def _risk(word: str) -> str:
    try:
        p = float(word)
    except ValueError:
        return word
    return risk_name(p) if 0 <= p <= 1 else word


def risk_name(p: float) -> str:
    """What a probability of leaving is called."""
    return next(name for below, name in _RISKS if p < below)


def _objects(values: list[str]) -> np.ndarray:
    column = np.empty(len(values), object)
    column[:] = values
    return column
