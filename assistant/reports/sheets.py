"""A report as a workbook: each part a sheet of plain figures, for those who count on with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from assistant.cells import quoted
from assistant.reports.figures import Report, Share
from assistant.reports.wording import Wording

Row = Sequence[Any]
MAX_WIDTH = 60  # characters of a column
PER_CENT = "0.0%"


def write_workbook(report: Report, say: Wording, path: Path) -> None:
    book = Workbook()
    book.remove(book.active)
    for title, head, rows in _sheets(report, say):
        sheet = book.create_sheet(title[:31])
        sheet.append(list(head))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for row in rows:
            sheet.append([quoted(cell) if isinstance(cell, str) else cell for cell in row])
        _lay_out(sheet, head)
    book.save(path)


def _sheets(report: Report, say: Wording) -> Iterator[tuple[str, Row, Iterable[Row]]]:
    share, low, high = say("page.negative"), *_bounds(say)
    n, positive = say("page.messages"), say("page.positive")
    facts = [(say("page.title"), say.name(report.name)), ("", say.period(report)), ("", say.headline(report))]
    moods = [(say(f"page.{mood}"), found.value, found.low, found.high) for mood, found in report.moods.items()]
    yield say("page.findings"), (say("page.findings"), "", low, high), [
        *facts, *(("", text) for text in say.findings(report)), (n, report.n), *moods
    ]  # fmt: skip
    yield (
        say("page.trend"),
        (say("page.day"), n, share, low, high, positive),
        ((bucket.first_day, *_cells(bucket.negative), bucket.positive.value) for bucket in report.trend.buckets),
    )
    yield say("page.where"), ("", say("page.group"), n, share, low, high, positive, say("page.excess")), (
        (say(f"dimensions.{found.dimension}"), say.group(found.dimension, group.name), *_cells(group.negative),
         group.positive.value, round(group.n_excess))
        for found in report.breakdowns for group in found.groups
    )  # fmt: skip
    yield (
        say("page.topics"),
        (say("page.topic"), n, share, low, high, say("page.rising"), say("page.example")),
        (
            (say.topic(topic), *_cells(topic.negative), "x" if topic.is_rising else "", topic.example)
            for topic in report.topics.items
        ),
    )
    yield (
        say("page.to_read"),
        (share, say("page.day"), say("page.to_read"), say("dimensions.sentiment"), say("page.place")),
        (
            (item.p_negative, item.day, item.text, say.name(item.sentiment), item.place)
            for item in (*report.worst, *report.typical)
        ),
    )
    # the columns of an FAQ file, so that the sheet can be saved and imported once the answers are written
    yield (
        say("page.gaps"),
        ("question", "variants", "answer", "n"),
        ((gap.question, " | ".join(gap.variants), gap.nearest_answer, gap.n) for gap in report.unanswered.gaps),
    )
    yield say("page.quality"), (say("page.quality"), ""), _quality(report, say)
    if found := report.comparison:
        head = ("", say("page.group"), say("page.old"), say("page.new"), say("page.change"), low, high)
        yield say("page.compare"), head, (
            (say(f"dimensions.{item.dimension}"), _compared(item, report, say), item.old.value, item.new.value,
             item.change, item.low, item.high)
            for item in (*found.moods, *found.groups, *found.topics)
        )  # fmt: skip


def _compared(item, report: Report, say: Wording) -> str:
    if item.dimension == "topic":
        return say.topic(report.topics.items[int(item.name)])
    return say.group(item.dimension, item.name)


def _bounds(say: Wording) -> tuple[str, str]:
    return f"{say('page.interval')} ↓", f"{say('page.interval')} ↑"


def _cells(share: Share) -> tuple[int, float, float, float]:
    return share.n, share.value, share.low, share.high


def _quality(report: Report, say: Wording) -> Iterator[Row]:
    found = report.quality
    for name in ("n_rows", "n_rejected", "n_duplicates", "n_without_date", "n_unsure", "model"):
        yield say(f"quality.{name}"), getattr(found, name)
    for name, share in (("negative_read", report.moods["negative"]), ("negative_corrected", report.corrected)):
        yield (
            say(f"quality.{name}"),
            *((share.value, share.low, share.high) if share else (say("quality.not_corrected"),)),
        )
    yield from ((say.name(name), count) for name, count in found.languages.items())
    yield from ((say.reason(reason), count) for reason, count in found.reasons.items())


def _lay_out(sheet, head: Row) -> None:
    """Shares as per cent, columns as wide as what they hold."""
    for place, column in enumerate(sheet.columns, start=1):
        width = max((_width(cell.value) for cell in column), default=0)
        sheet.column_dimensions[get_column_letter(place)].width = min(MAX_WIDTH, 2 + max(8, width))
        for cell in column[1:]:
            if isinstance(cell.value, float) and -1 <= cell.value <= 1:
                cell.number_format = PER_CENT


def _width(value: object) -> int:
    """Characters, a Han one for two."""
    text = "" if value is None else f"{value:.1%}" if isinstance(value, float) else str(value)
    return len(text) + sum(character > "\u2e7f" for character in text)
