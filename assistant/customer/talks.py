"""What customers said, day by day, as columns: what the churn model knows of conversations on any past day.

talks = talks_of(rows, log.customer_ids)             rows: (customer_id, received_at, mood, outcome) of each turn
snapshot(days, as_of, 90, talks=talks)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from assistant.customer.purchases import DAY

WINDOW_DAYS = 90  # a conversation of last year says nothing of today's mood
UNSETTLED = ("handoff", "unknown")  # outcomes that left something open


@dataclass(frozen=True, slots=True)
class Talks:
    """One row per turn: customer int32 code, day datetime64[D], mood in [-1, 1], unsettled bool; all (n,)."""

    customer: np.ndarray
    day: np.ndarray
    mood: np.ndarray
    unsettled: np.ndarray

    def __len__(self) -> int:
        return len(self.customer)

    def features(self, customers: np.ndarray, as_of: np.datetime64) -> dict[str, np.ndarray]:
        """Of the WINDOW_DAYS up to the day `as_of`, float64 (c,) each; 0 for whom nothing was said."""
        rows = (self.day > as_of - WINDOW_DAYS) & (self.day <= as_of)
        who, mood = self.customer[rows], self.mood[rows]
        size = int(max(customers.max(initial=0), who.max(initial=0))) + 1
        n = np.bincount(who, minlength=size)
        worst = np.zeros(size)
        np.minimum.at(worst, who, mood)
        return {
            "talk_turns": np.log1p(n)[customers],
            "talk_mood": (np.bincount(who, mood, minlength=size) / np.maximum(n, 1))[customers],
            "talk_worst": worst[customers],
            "talk_unsettled": np.log1p(np.bincount(who, self.unsettled[rows], minlength=size))[customers],
        }


def nothing_said() -> Talks:
    return Talks(np.empty(0, np.int32), np.empty(0, DAY), np.empty(0), np.empty(0, bool))


def talks_of(
    rows: Iterable[tuple[str, datetime, float, str]], customer_ids: Sequence[str], zone: ZoneInfo | None = None
) -> Talks:
    """The turns of customers who bought; who only asked has no purchases to predict. zone: the shop's, UTC without."""
    code_of = {customer_id: code for code, customer_id in enumerate(customer_ids)}
    known = [(code_of[who], at, mood, outcome) for who, at, mood, outcome in rows if who in code_of]
    if not known:
        return nothing_said()
    codes, instants, moods, outcomes = zip(*known, strict=True)
    days = np.array([(at.astimezone(zone) if zone else at).date() for at in instants], DAY)
    unsettled = np.array([outcome in UNSETTLED for outcome in outcomes])
    return Talks(np.array(codes, np.int32), days, np.array(moods, float), unsettled)
