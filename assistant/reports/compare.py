"""This period beside an older one: how moods, groups and topics moved, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assistant.reports.counting import MIN_N, difference, is_clear, share
from assistant.reports.figures import Comparison, Difference, Share
from assistant.reports.rows import Rows, Words
from assistant.values import SENTIMENTS

MAX_GROUPS = 12


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two periods. days: datetime64[D] (n,); topics: int, the topic of each sampled message, -1 for none."""

    name: str
    rows: Rows
    columns: Mapping[str, Words]
    days: np.ndarray
    topics: np.ndarray


def compare(old: Side, new: Side) -> Comparison:
    """The new period beside the old one. `topics`: groups found in both together, 0 to n, the same in either side."""
    known = old.days[~np.isnat(old.days)]
    moods = tuple(difference("sentiment", mood, _mood(old.rows, mood), _mood(new.rows, mood)) for mood in SENTIMENTS)
    moved = [
        difference("topic", str(i), *(share(int((side.topics == i).sum()), len(side.topics)) for side in (old, new)))
        for i in range(int(new.topics.max(initial=-1)) + 1)
    ]
    return Comparison(
        old_name=old.name,
        old_first_day=str(known.min()) if len(known) else "",
        old_last_day=str(known.max()) if len(known) else "",
        n_old=len(old.rows),
        moods=moods,
        groups=tuple(_groups(old, new)),
        topics=tuple(moved) if len(old.topics) >= MIN_N else (),
    )


def _mood(rows: Rows, mood: str) -> Share:
    return share(int((rows.sentiment.mask(mood)).sum()), len(rows))


def _groups(old: Side, new: Side) -> list[Difference]:
    """Groups that both periods have enough messages of, clear changes first, then the largest."""
    found = []
    for dimension in (name for name in new.columns if name in old.columns):
        for name in new.columns[dimension].counts:
            shares = [_negative(side.rows, side.columns[dimension].mask(name)) for side in (old, new)]
            if min(share.n for share in shares) >= MIN_N:
                found.append(difference(dimension, name, *shares))
    found.sort(key=lambda moved: (not is_clear(moved), -abs(moved.change) * moved.new.n))
    return found[:MAX_GROUPS]


def _negative(rows: Rows, inside: np.ndarray) -> Share:
    return share(int((inside & rows.sentiment.mask("negative")).sum()), int(inside.sum()))
