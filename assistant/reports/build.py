"""From analysed rows to a report: every figure counted once, whatever it is written as afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from assistant.clusters import MAX_LINKED, centres
from assistant.errors import InputError
from assistant.reader import Reader
from assistant.reports import trend as trends
from assistant.reports.breakdowns import breakdowns
from assistant.reports.calendar import local
from assistant.reports.compare import Side, compare
from assistant.reports.counting import share
from assistant.reports.dimensions import dimensions
from assistant.reports.figures import Comparison, Corrected, Report
from assistant.reports.messages import marked, masked, typical, worst
from assistant.reports.quality import quality
from assistant.reports.rows import Rows
from assistant.reports.sample import Sample, take_sample
from assistant.reports.shares import ErrorRates, adjusted
from assistant.reports.topics import group, news, topics
from assistant.reports.unanswered import unanswered
from assistant.values import SENTIMENTS, FaqEntry


@dataclass(frozen=True, slots=True)
class Period:
    """Analysed messages of one file or stretch of time. `name` is what the report calls it."""

    name: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class Context:
    """What a report needs beside its rows. zone: where a day begins; faq: the entries by id, none without a FAQ."""

    reader: Reader
    zone: ZoneInfo
    made_at: datetime  # aware
    faq: Mapping[str, FaqEntry] = field(default_factory=dict)
    rates: ErrorRates | None = None  # of the reader's mistakes; None where nobody measured them


def build_report(
    period: Period, context: Context, old: Period | None = None, tick: Callable[[int], None] = lambda n: None
) -> Report:
    """Count everything. `tick` is told how many more messages were looked at, of at most `n_looked_at` in all.

    Raises InputError when there is no message at all.
    """
    rows, reader = period.rows, context.reader
    if not len(rows):
        raise InputError(f"{period.name} holds no message that could be read; there is nothing to report")
    wall_clock = local(rows.at, context.zone)
    days = trends.days_of(rows, wall_clock)
    dates = wall_clock.astype("datetime64[D]")
    columns = dimensions(rows, context.faq)
    trend, changes = trends.trend(rows, days), trends.changes(days)
    sample = take_sample(rows, reader, tick)
    sample_dates = local(sample.rows.at, context.zone).astype("datetime64[D]")
    groups, show = group(sample), masked(sample.rows)
    unhappiest = worst(rows)
    found = topics(sample, groups, sample_dates, trend, reader.segmenter, show)
    return Report(
        name=period.name,
        made_at=context.made_at.astimezone(context.zone).isoformat(timespec="minutes"),
        first_day=str(days.first) if days else "",
        last_day=str(days.last) if days else "",
        time_zone=str(context.zone),
        n=len(rows),
        moods={mood: share(int((rows.sentiment.mask(mood)).sum()), len(rows)) for mood in SENTIMENTS},
        corrected=_corrected(rows, context.rates),
        headline=trends.headline(rows, columns, days, changes),
        trend=trend,
        changes=changes,
        breakdowns=breakdowns(rows, columns, wall_clock),
        topics=found,
        news=news(rows, dates, found, reader.segmenter),
        worst=marked(rows, columns, unhappiest, dates, reader),
        typical=marked(
            sample.rows,
            dimensions(sample.rows, context.faq),
            typical(sample, groups, set(rows.text[unhappiest])),
            sample_dates,
            reader,
        ),
        unanswered=unanswered(sample, show, context.faq),
        quality=quality(rows, rows.rejected, reader.version),
        comparison=_compared(
            old,
            Side(period.name, rows, columns, dates, _topics_of(sample, sample, groups)),
            context,
            sample,
            groups,
            tick,
        )
        if old
        else None,
    )


def n_looked_at(*periods: Period) -> int:
    """How many messages are encoded for these periods."""
    return sum(min(len(period.rows), MAX_LINKED) for period in periods)


def _corrected(rows: Rows, rates: ErrorRates | None) -> Corrected | None:
    if rates is None:
        return None
    found = adjusted(int(rows.sentiment.mask("negative").sum()), len(rows), rates)
    return Corrected(found.value, found.low, found.high, rates.source)


def _compared(old: Period, new: Side, context: Context, sample: Sample, groups: np.ndarray, tick) -> Comparison:
    before = take_sample(old.rows, context.reader, tick)
    days = local(old.rows.at, context.zone).astype("datetime64[D]")
    columns = dimensions(old.rows, context.faq)
    return compare(Side(old.name, old.rows, columns, days, _topics_of(before, sample, groups)), new)


def _topics_of(messages: Sample, new: Sample, groups: np.ndarray) -> np.ndarray:
    """Which of the new report's topics each message is of: that of the nearest centre, if its own lie no nearer."""
    inside = groups >= 0
    if not inside.any() or not len(messages.rows):
        return np.full(len(messages.rows), -1)
    middles = centres(new.vectors[inside], groups[inside])
    own = np.einsum("nd,nd->n", new.vectors[inside], middles[groups[inside]])
    reach = np.array([np.quantile(own[groups[inside] == i], 0.1) for i in range(len(middles))])
    near = messages.vectors @ middles.T
    topic = near.argmax(axis=1)
    return np.where(near[np.arange(len(near)), topic] >= reach[topic], topic, -1)
