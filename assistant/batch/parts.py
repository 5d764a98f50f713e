"""One part of a run: rows of the source to rows of the result, each distinct text read once.

A part is a function of its rows and of what the memory knows when it begins: which texts are read together is settled by the
part, not by the workers, so that any number of workers on any engine, disturbed or not, write the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from assistant.batch.memory import Memory
from assistant.batch.pool import Pool
from assistant.batch.scoring import Read
from assistant.batch.sources import SourceRow
from assistant.batch.tables import Cells
from assistant.cells import as_text
from assistant.characters import repair
from assistant.customer.import_cells import DateOrder, Unusable, instant
from assistant.decoding import BROKEN
from assistant.records import NEVER_SAVED, Uncalculated

PART_ROWS = 32_768  # what a kill costs at most, about 15 s of work; equal texts within it are read once
TASK_TEXTS = 1_024  # texts that a worker reads in one call: of about one length, so that little is padded
MAX_CHARACTERS = 100_000  # of a message; the models read far less of it, the entities all
_MAY_BE_PERSONAL = re.compile(r"\d{5}|@|[\u4e00-\u9fff]{5}")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the text stands, and the time, in the cells of a row; undated messages count as written on `today`."""

    text: int
    at: int | None
    order: DateOrder | None  # of dates such as 3/4/2026
    file_zone: ZoneInfo  # of times that name none
    shop_zone: ZoneInfo  # in which a day begins
    today: date
    masked: bool = False


@dataclass(slots=True)
class Reject:
    file: str
    number: int
    reason: str
    cells: Cells


@dataclass(slots=True)
class _Message:
    row: SourceRow
    text: str
    day: int


@dataclass(slots=True)
class Work:
    """A part that is being read: its messages, the calls that were handed out, and the rows that are no messages."""

    number: int
    n_rows: int
    messages: list[_Message]
    calls: list[tuple[list[str], Any]]  # texts, and the pool's handle
    days: dict[str, list[int]]  # text -> the days on which it was written
    known: dict[str, Read]  # texts that an earlier part has read
    hidden: list[tuple[list[str], Any]]  # cells of other columns to mask, and the pool's handle
    rejects: list[Reject] = field(default_factory=list)
    fresh: dict[str, Read] = field(default_factory=dict)  # what this part has read, when it is finished


def parts(rows: Iterator[SourceRow], n_rows: int) -> Iterator[list[SourceRow]]:
    while part := list(islice(rows, n_rows)):
        yield part


class Parts:
    """Starts and finishes parts on a pool."""

    def __init__(self, layout: Layout, pool: Pool, memory: Memory):
        self._layout, self._pool, self._memory = layout, pool, memory
        self._days: dict[str, int] = {}

    def start(self, number: int, rows: Sequence[SourceRow]) -> Work:
        """Hand the distinct texts out that nobody has read, those of one length together and the longest first."""
        messages, rejects = [], []
        for row in rows:
            try:
                messages.append(self._message(row))
            except Unusable as error:
                rejects.append(
                    Reject(row.file, row.number, str(error), row.cells if row.cells is not None else [row.raw])
                )
        days: dict[str, dict[int, None]] = {}
        for message in messages:
            days.setdefault(message.text, {})[message.day] = None
        on_days = {text: list(found) for text, found in days.items()}
        self._memory.reveal(number)
        known = {text: read for text in on_days if (read := self._memory.known(text))}
        # words have about as many bytes in either language; stable: equal lengths stay in the order of their first rows
        texts = sorted((text for text in on_days if text not in known), key=lambda text: -len(text.encode()))
        calls = [
            (some, self._pool.submit("read", [(text, tuple(on_days[text])) for text in some]))
            for some in _chunks(texts, TASK_TEXTS)
        ]
        hidden = [(some, self._pool.submit("mask", some)) for some in _chunks(self._personal(messages), TASK_TEXTS)]
        return Work(number, len(rows), messages, calls, on_days, known, hidden, rejects)

    def finish(self, work: Work, tick: Callable[[float], None]) -> tuple[list[Cells], list[Reject]]:
        """The part's rows in their order; `tick` hears the share of it that is done."""
        for n, (texts, handle) in enumerate(work.calls, 1):
            work.fresh.update(zip(texts, self._pool.result(handle), strict=True))
            tick(n / len(work.calls))
        masks: dict[str, str] = {}
        for cells, handle in work.hidden:
            masks.update(zip(cells, self._pool.result(handle), strict=True))
        reads = work.known | work.fresh
        place = {text: {day: n for n, day in enumerate(days)} for text, days in work.days.items() if reads[text].dated}
        rows = []
        for message in work.messages:
            read = reads[message.text]
            entities = read.entities[place[message.text][message.day] if message.text in place else 0]
            rows.append(
                [
                    *self._carried(message, read, masks), message.row.file, message.row.number, *read[:7], entities,
                    read.faq_id, read.p_correct,
                ]
            )  # fmt: skip
        rejects = (
            [Reject(r.file, r.number, r.reason, []) for r in work.rejects] if self._layout.masked else work.rejects
        )
        return rows, rejects

    def _message(self, row: SourceRow) -> _Message:
        """Raises Unusable with the reason why the row is no message."""
        if row.cells is None:
            raise Unusable("the row cannot be read: an open quote, too many cells, or no JSON object")
        text = as_text(row.cells[self._layout.text])
        if isinstance(text, Uncalculated):
            raise Unusable(f"the text {NEVER_SAVED}")
        if not text.isascii():
            text = repair(text)
            if BROKEN in text:
                raise Unusable("the text has bytes that are not of the file's encoding")
        elif "\0" in text:
            text = repair(text)
        if not text or text.isspace():
            raise Unusable("the text is empty")
        if len(text) > MAX_CHARACTERS:
            raise Unusable(f"the text has {len(text)} characters, at most {MAX_CHARACTERS} are read")
        return _Message(row, text, self._day(row.cells))

    def _day(self, cells: Cells) -> int:
        """The day of the message as an ordinal; `today` where the cell says none."""
        layout = self._layout
        cell = "" if layout.at is None else as_text(cells[layout.at])
        day = self._days.get(cell)
        if day is None:
            if len(self._days) > PART_ROWS:
                self._days.clear()
            day = self._days[cell] = _day_of(cell, layout)
        return day

    def _carried(self, message: _Message, read: Read, masks: dict[str, str]) -> Cells:
        cells = list(message.row.cells)
        if self._layout.masked:
            cells = [
                masks.get(cell, cell) if isinstance(cell, str) else masks.get(as_text(cell), cell) for cell in cells
            ]
            cells[self._layout.text] = read.shown
        elif cells[self._layout.text] != message.text:
            cells[self._layout.text] = message.text
        return cells

    def _personal(self, messages: Sequence[_Message]) -> list[str]:
        """Distinct cells beside the text that may hold personal data, when that is to be masked."""
        if not self._layout.masked:
            return []
        others = (
            as_text(cell)
            for message in messages
            for place, cell in enumerate(message.row.cells)
            if place != self._layout.text
        )
        return list(dict.fromkeys(cell for cell in others if _MAY_BE_PERSONAL.search(cell)))


def counted(rows: Sequence[Cells], n_carried: int) -> tuple[dict[str, int], dict[str, int]]:
    """Rows of each language and of each mood."""
    return tuple(dict(Counter(row[n_carried + place] for row in rows)) for place in (2, 3))


def _day_of(cell: str, layout: Layout) -> int:
    try:
        when = instant(cell, layout.order)
    except Unusable:
        return layout.today.toordinal()
    if isinstance(when, datetime):
        when = (
            (when.replace(tzinfo=layout.file_zone) if when.tzinfo is None else when).astimezone(layout.shop_zone).date()
        )
    return when.toordinal()


def _chunks(items: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
