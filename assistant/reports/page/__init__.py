"""A report as one HTML file: no request leaves it, so it opens offline, can be mailed and prints."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from assistant.cells import quoted
from assistant.faq_columns import HEADERS
from assistant.reports.breakdowns import CLOCK
from assistant.reports.counting import MIN_N, is_clear
from assistant.reports.figures import Breakdown, Difference, Marked, Report
from assistant.reports.page.charts import (
    clock_chart,
    difference_tip,
    dumbbell,
    group_tip,
    mood_bar,
    scale,
    share_row,
    spark_bars,
    trend_chart,
)
from assistant.reports.page.embedded_font import with_fonts
from assistant.reports.wording import Wording, interval, number, percent, points, signed

_FOLDER = Path(__file__).parent
MARK_STRENGTH = (18, 60)  # per cent of colour behind the lightest and the heaviest marked word


def render(report: Report, say: Wording) -> str:
    """The page in the language of `say`. Customers' words are escaped; the page's own policy lets no other script run."""
    script = (_FOLDER / "report.js").read_text("utf-8")
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True,
                              undefined=StrictUndefined)  # fmt: skip
    page = environment.get_template("report.html.j2").render(
        report=report, say=say, percent=percent, interval=interval, number=number,
        css=Markup((_FOLDER / "report.css").read_text("utf-8")), script=Markup(script), policy=page_policy(script),
        name=say.name(report.name), findings=say.findings(report), unit=say(f"units.{report.trend.unit}"),
        clauses=_clauses(say.headline(report)), clause_end=Markup("<wbr>" if say.tongue == "zh" else " "), mood_bar=mood_bar(report.moods, say), trend_chart=_trend(report, say), panels=list(_panels(report, say)),
        where_note=say("page.where_note", overall=percent(report.moods["negative"].value), min_n=MIN_N),
        clocks=list(_clocks(report, say)), topics=list(_topics(report, say)), marked=_marked,
        place=lambda item: _place(item, report, say), facts=lambda item: _facts(item, say), signed=signed, draft=_draft(report, say), quality=_quality(report, say),
        compare_sides=_sides(report, say), compare_panels=list(_compared(report, say)),
        method=[line.format(model=report.quality.model, min_n=MIN_N) for line in say.tables["method"]["lines"]],
    )  # fmt: skip
    return with_fonts(page)


def page_policy(script: str | None = None) -> str:
    """The Content-Security-Policy of a report: its own style, script and letters, nothing from anywhere."""
    script = (_FOLDER / "report.js").read_text("utf-8") if script is None else script
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; font-src data:; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _clauses(sentence: str) -> list[str]:
    """Parts between which a line may end: a Chinese headline should not be cut within a word."""
    return re.findall(r".+?(?:[，：:]|, |$)", sentence)


def _trend(report: Report, say: Wording) -> Markup:
    return (
        trend_chart(report.trend.buckets, report.changes, report.trend.unit, say) if report.trend.buckets else Markup()
    )


def _panels(report: Report, say: Wording) -> Iterator[dict[str, Any]]:
    """Small multiples on one axis, so that a dot further right is worse in any panel; none where there is too little."""
    if report.headline.kind == "small":
        return
    found = [breakdown for breakdown in report.breakdowns if breakdown.dimension not in CLOCK]
    reach = [group.negative.high for breakdown in found for group in breakdown.groups if not group.is_small]
    axis, overall = scale(reach), report.moods["negative"].value
    for breakdown in found:
        names = [say.group(breakdown.dimension, group.name) for group in breakdown.groups]
        charts = (
            share_row(group.negative, axis, overall, group_tip(group, name, say), hollow=group.is_small)
            for name, group in zip(names, breakdown.groups, strict=True)
        )
        rows = [
            dict(name=name, group=group, chart=chart)
            for name, group, chart in zip(names, breakdown.groups, charts, strict=True)
        ]
        yield dict(title=say(f"dimensions.{breakdown.dimension}"), rows=rows, rest=list(_rest(breakdown, say)))


def _rest(breakdown: Breakdown, say: Wording) -> Iterator[str]:
    if breakdown.n_more_groups:
        yield say("page.n_more", n_groups=breakdown.n_more_groups, n=number(breakdown.n_more))
    if breakdown.n_missing:
        yield say("page.n_missing", n=number(breakdown.n_missing))


def _clocks(report: Report, say: Wording) -> Iterator[tuple[str, Markup]]:
    for breakdown in report.breakdowns:
        if breakdown.dimension in CLOCK and report.headline.kind != "small":
            names = [say.group(breakdown.dimension, group.name) for group in breakdown.groups]
            overall = report.moods["negative"].value
            yield say(f"dimensions.{breakdown.dimension}"), clock_chart(breakdown.groups, names, overall, say)


def _topics(report: Report, say: Wording) -> Iterator[dict[str, Any]]:
    items, days = report.topics.items, [bucket.first_day for bucket in report.trend.buckets]
    axis = scale([topic.negative.high for topic in items])
    for topic in items:
        name = say.topic(topic)
        tip = f"{name}\n{say('page.negative')} {percent(topic.negative.value)} ({interval(topic.negative)})"
        yield dict(
            topic=topic, name=name, spark=spark_bars(topic.weeks, days, report.trend.unit, say),
            chart=share_row(topic.negative, axis, report.moods["negative"].value, tip, hollow=topic.n < MIN_N),
        )  # fmt: skip


def _marked(item: Marked) -> Markup:
    """The message with a shade behind each word that moved its mood, the heavier the darker; a neutral one has no mood."""
    if item.sentiment == "neutral":
        return escape(item.text)
    heaviest = max((weight for *_, weight in item.marks), default=1.0)
    low, high = MARK_STRENGTH
    parts, end = [], 0
    for start, stop, weight in item.marks:
        strength = round(low + (high - low) * weight / heaviest)
        parts += [
            escape(item.text[end:start]),
            Markup('<mark style="--strength:{}%">{}</mark>').format(strength, item.text[start:stop]),
        ]
        end = stop
    return Markup("").join([*parts, escape(item.text[end:])])


def _facts(item: Marked, say: Wording) -> list[str]:
    """What it is about, of which product, who wrote it where: enough to see whose problem it is."""
    known = dict(item.facts)
    about = "subject" if "subject" in known else "intent"
    return [say.name(known[name]) for name in (about, "product", "segment", "channel") if name in known]


def _place(item: Marked, report: Report, say: Wording) -> str:
    """The file is named only where the report is made of several."""
    file, _, row = item.place.rpartition(":")
    return say("page.row", row=row) if file == report.name else f"{file} {say('page.row', row=row)}"


def _draft(report: Report, say: Wording) -> str:
    """The gaps as a CSV file that huida faq import takes once the answers are written, as a data: address."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    for gap in report.unanswered.gaps:
        cells = dict(question=gap.question, variants=" | ".join(gap.variants), answer=gap.nearest_answer)
        writer.writerow([quoted(cells.get(column, "")) for column in HEADERS])
    raw = base64.b64encode(("\ufeff" + text.getvalue()).encode()).decode()
    return f"data:text/csv;charset=utf-8;base64,{raw}"


def _quality(report: Report, say: Wording) -> list[tuple[str, str]]:
    found = report.quality
    joint = "、" if say.tongue == "zh" else ", "
    counts = {"n_rows": found.n_rows, "n_read": report.n, "n_rejected": found.n_rejected,
              "n_duplicates": found.n_duplicates, "n_without_date": found.n_without_date, "n_unsure": found.n_unsure}  # fmt: skip
    languages = joint.join(f"{say.name(name)} {number(n)}" for name, n in found.languages.items())
    missing = joint.join(say(f"dimensions.{name}") for name in found.missing) or say("quality.none")
    facts = [(say(f"quality.{name}"), number(n)) for name, n in counts.items()]
    return [*facts, *_negative(report, say), (say("quality.languages"), languages), (say("quality.missing"), missing)]


def _negative(report: Report, say: Wording) -> list[tuple[str, str]]:
    """The negative share as counted and as it is once the reader's errors are known, each with its interval."""
    read, corrected = report.moods["negative"], report.corrected
    fixed = f"{percent(corrected.value)} ({interval(corrected)})" if corrected else say("quality.not_corrected")
    return [(say("quality.negative_read"), f"{percent(read.value)} ({interval(read)})"),
            (say("quality.negative_corrected"), fixed)]  # fmt: skip


def _sides(report: Report, say: Wording) -> str:
    if not (sides := report.comparison):
        return ""
    old = (
        f"{say.day(sides.old_first_day, with_year=True)}–{say.day(sides.old_last_day)}"
        if sides.old_first_day
        else sides.old_name
    )
    return say("page.compare_sides", old=old, n_old=number(sides.n_old), new=say.period(report), n_new=number(report.n))


def _compared(report: Report, say: Wording) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if not report.comparison:
        return
    found = report.comparison
    named = {
        "sentiment": [(say.name(item.name), item) for item in found.moods],
        "negative_share": [
            (f"{say(f'dimensions.{item.dimension}')} · {say.group(item.dimension, item.name)}", item)
            for item in found.groups
        ],
        "topic": [(say.topic(report.topics.items[int(item.name)]), item) for item in found.topics],
    }
    titles = {
        "sentiment": say("dimensions.sentiment"),
        "negative_share": say("page.where"),
        "topic": say("page.topics"),
    }
    for key, items in named.items():
        axis = scale(max(item.old.value, item.new.value) for _, item in items)
        if items:
            yield titles[key], [_dumbbell(name, item, axis, say) for name, item in items]


def _dumbbell(name: str, item: Difference, axis, say: Wording) -> dict[str, Any]:
    change = points(item) if is_clear(item) else say("page.not_clear")
    chart = dumbbell(item, axis, difference_tip(item, name, say))
    return dict(name=name, old=percent(item.old.value), new=percent(item.new.value), change=change, chart=chart)
