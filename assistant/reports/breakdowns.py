"""Who is unhappy with what: the negative share by subject, intent, product, channel, segment, risk, hour and weekday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from assistant.reports.counting import MIN_N, share
from assistant.reports.figures import Breakdown, Group
from assistant.reports.rows import Rows, Words

CLOCK = ("hour", "weekday")
MAX_GROUPS = 12  # that a panel shows; a shop may have a thousand products
_ORDERED = {"churn_risk": ("high", "medium", "low")}  # these have an order of their own


def breakdowns(rows: Rows, columns: Mapping[str, Words], wall_clock: np.ndarray) -> tuple[Breakdown, ...]:
    """One for each column, see dimensions(); wall_clock: datetime64[s] (n,), the instants as the shop's clock shows them."""
    found = [breakdown(name, column, rows) for name, column in columns.items()]
    known = ~np.isnat(wall_clock)
    if has_clock(wall_clock):
        found += [_by_clock(name, *_clock(name, wall_clock[known]), rows.where(known)) for name in CLOCK]
    elif known.any():
        found.append(_by_clock("weekday", *_clock("weekday", wall_clock[known]), rows.where(known)))
    return tuple(found)


def breakdown(dimension: str, column: Words, rows: Rows) -> Breakdown:
    groups = [_group(name, column.mask(name), rows) for name in column.counts]
    if order := _ORDERED.get(dimension):
        groups.sort(key=lambda group: order.index(group.name) if group.name in order else len(order))
        shown = groups[:MAX_GROUPS]
    else:
        large = sorted(groups, key=lambda group: (group.is_small, -group.negative.n))[:MAX_GROUPS]
        shown = sorted(large, key=lambda group: (group.is_small, -group.n_excess))
    rest = [group for group in groups if group not in shown]
    n_missing = int((column.codes < 0).sum())
    return Breakdown(dimension, tuple(shown), n_missing, len(rest), sum(group.negative.n for group in rest))


def has_clock(wall_clock: np.ndarray) -> bool:
    """Whether the rows tell hours: a file of days alone puts every message at one hour."""
    known = wall_clock[~np.isnat(wall_clock)]
    return len(np.unique(known.astype("datetime64[h]").astype(int) % 24)) > 3


def _group(name: str, mask: np.ndarray, rows: Rows) -> Group:
    negative, positive = rows.sentiment.mask("negative"), rows.sentiment.mask("positive")
    n, n_negative = int(mask.sum()), int((negative & mask).sum())
    n_others, n_negative_others = len(rows) - n, int(negative.sum()) - n_negative
    expected = n * n_negative_others / n_others if n_others else n_negative
    return Group(
        name=name,
        negative=share(n_negative, n),
        positive=share(int((positive & mask).sum()), n),
        n_excess=float(n_negative - expected),
        is_small=n < MIN_N,
    )


def _clock(dimension: str, wall_clock: np.ndarray) -> tuple[np.ndarray, Sequence[str]]:
    """The hour (0 to 23) or weekday (Monday first) of each instant, and the names of all there are."""
    if dimension == "hour":
        return wall_clock.astype("datetime64[h]").astype(int) % 24, [str(hour) for hour in range(24)]
    return (wall_clock.astype("datetime64[D]").astype(int) + 3) % 7, [str(day) for day in range(7)]


def _by_clock(dimension: str, codes: np.ndarray, names: Sequence[str], rows: Rows) -> Breakdown:
    column = Words(codes.astype(np.int32), tuple(names))
    return Breakdown(dimension, tuple(_group(name, column.mask(name), rows) for name in names), 0)
