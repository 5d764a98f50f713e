"""How the mood went over time, where it changed, and who carried the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from assistant.reports.calendar import end_of, start_of, starts_between, unit_of
from assistant.reports.changes import change_days
from assistant.reports.counting import MIN_N, difference, is_clear, share
from assistant.reports.dimensions import WHAT, WHO
from assistant.reports.figures import Bucket, Change, Driver, Headline, Share, Trend
from assistant.reports.rows import Rows, Words

MIN_BUCKETS = 4  # with MIN_N messages each, before a line is drawn through them
MIN_SAMPLE = 50  # messages, before a headline says more than how few there are
MOSTLY = 0.5  # part of a change that makes a group its carrier
NO_MATTER = ("complaint", "out_of_scope")  # intents that say how, or nothing: "mostly complaints" explains no change
OUT_OF_PROPORTION = 1.25  # a group that carries a change carries more of it than it writes of the messages


@dataclass(frozen=True, slots=True)
class Days:
    """Consecutive days from the first to the last message, and which of them each row falls on (-1 without a date)."""

    first: np.datetime64
    place: np.ndarray  # int (n,)
    n: np.ndarray  # int (days,)
    n_negative: np.ndarray

    @property
    def last(self) -> np.datetime64:
        return self.first + (len(self.n) - 1)


def days_of(rows: Rows, wall_clock: np.ndarray) -> Days | None:
    """None when no row has a date."""
    known = ~np.isnat(wall_clock)
    if not known.any():
        return None
    days = wall_clock.astype("datetime64[D]")
    first, last = days[known].min(), days[known].max()
    place = np.where(known, (days - first).astype(int), -1)
    size = int((last - first).astype(int)) + 1
    negative = known & (rows.sentiment.mask("negative"))
    return Days(first, place, np.bincount(place[known], minlength=size), np.bincount(place[negative], minlength=size))


def trend(rows: Rows, days: Days | None) -> Trend:
    """The shares by day, week or month; without buckets, and with the reason, where there is too little to draw."""
    if days is None:
        return Trend("week", (), "no_dates")
    unit = unit_of(days.first, days.last, int(days.n.sum()), MIN_N)
    starts = starts_between(days.first, days.last, unit)
    place = np.searchsorted(starts, start_of(days.first + days.place, unit))
    place[days.place < 0] = -1
    buckets = tuple(_bucket(start, place == i, rows, unit, days) for i, start in enumerate(starts))
    if sum(bucket.negative.n >= MIN_N for bucket in buckets) < MIN_BUCKETS:
        return Trend(unit, (), "too_few")
    return Trend(unit, buckets)


def _bucket(start: np.datetime64, mask: np.ndarray, rows: Rows, unit, days: Days) -> Bucket:
    n = int(mask.sum())
    counts = (int((mask & (rows.sentiment.mask(mood))).sum()) for mood in ("negative", "positive"))
    partial = bool(start < days.first or end_of(start, unit) > days.last)
    return Bucket(str(start), *(share(count, n) for count in counts), is_partial=partial)


def changes(days: Days | None) -> tuple[Change, ...]:
    """The days from which the negative share was another, oldest first."""
    places = change_days(days.n, days.n_negative) if days else []
    edges = [0, *places, len(days.n)] if places else []
    shares = [share(int(days.n_negative[a:b].sum()), int(days.n[a:b].sum())) for a, b in pairwise(edges)]
    return tuple(
        Change(str(days.first + place), before, after)
        for place, (before, after) in zip(places, pairwise(shares), strict=True)
    )


def headline(rows: Rows, columns: Mapping[str, Words], days: Days | None, found: Sequence[Change]) -> Headline:
    """What the report says first: the last of the changes `found`, and the product and the people that drove it."""
    negative = rows.sentiment.mask("negative")
    now = share(int(negative.sum()), len(rows))
    if len(rows) < MIN_SAMPLE:
        return Headline("small", now)
    if days is None:
        return Headline("level", now)
    if not found:
        return Headline("steady", now)
    change = found[-1]
    begin = int((np.datetime64(change.day) - days.first).astype(int))
    earlier = int((np.datetime64(found[-2].day) - days.first).astype(int)) if len(found) > 1 else 0
    before, after = (days.place >= earlier) & (days.place < begin), days.place >= begin
    return Headline(
        kind="rose" if change.after.value > change.before.value else "fell",
        now=change.after,
        before=change.before,
        since=change.day,
        what=_driver(WHAT, rows, columns, before, after),
        who=_driver(WHO, rows, columns, before, after),
    )


def _driver(
    names: Sequence[str], rows: Rows, columns: Mapping[str, Words], before: np.ndarray, after: np.ndarray
) -> Driver | None:
    """The group from which most of the change came, out of proportion to the messages it writes; of the first column
    that has one. Where a column is empty for some messages, most of what the others changed, if that is most of all."""
    negative = rows.sentiment.mask("negative")
    n_before, n_after = int(before.sum()), int(after.sum())

    def shares(inside: np.ndarray) -> tuple[Share, Share]:
        return tuple(
            share(int((inside & negative & side).sum()), n) for side, n in ((before, n_before), (after, n_after))
        )

    def step(inside: np.ndarray) -> float:
        old, new = shares(inside)
        return new.value - old.value

    whole = step(np.ones(len(rows), bool))
    for dimension in (name for name in names if name in columns):
        column, best = columns[dimension], None
        known = column.codes >= 0
        told = step(known)
        if told / whole < MOSTLY:
            continue
        for name in (name for name in column.counts if name not in NO_MATTER):
            inside = column.mask(name)
            part, n_share = step(inside) / told, float((inside & after).sum() / max(1, (known & after).sum()))
            stands_out = part >= MOSTLY and part >= OUT_OF_PROPORTION * n_share
            if (
                stands_out
                and is_clear(difference(dimension, name, *shares(inside)))
                and (best is None or part > best.part)
            ):
                best = Driver(dimension, name, float(min(part, 1.0)), n_share)
        if best:
            return best
    return None
