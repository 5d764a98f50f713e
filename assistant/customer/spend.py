"""What a customer will spend in the next H days, with an interval that holds: ridge regression on their features.

    model = SpendModel().fit(pasts, as_of)               past snapshots whose horizon is over, and what was then spent
    model.predict(now)                                   Spend(mean_cny, low_cny, high_cny), float64 (c,) each

Square roots are regressed, because spend is skewed and often nothing (Hoerl & Kennard 1970 for the penalty). Intervals
are conformalised quantiles (Romano, Patterson & Candes 2019, arXiv:1905.03222): the quantiles of what the regression
leaves unexplained, apart for customers of whom little and of whom much is expected; then widened or narrowed, for each
group of activity by itself, until they hold nine in ten customers of a snapshot that took no part in the fit. That is
the one of the same season a year before, because before Christmas people spend otherwise than in June; without such a
one it is the latest. The mean comes back from square roots by the residuals of its bin (Duan 1983, smearing).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import Ridge

from assistant.customer.churn_features import Snapshot, same_season
from assistant.customer.purchases import PurchaseDays
from assistant.errors import InputError

COVERAGE = 0.9  # of the intervals
N_BINS = 10  # of expected spend, each with residuals of its own
N_SMEARED = 200  # residuals of a bin that its mean is taken over
MIN_ROWS = 200  # of the snapshot that sets the intervals: twenty customers a bin say where a tenth of them lies
MIN_GROUP = 20  # customers of a group of activity that set its interval; of fewer, all customers set it
SILENT_DAYS = (90, 180, 365)  # where groups of activity end: since the last purchase
ACTIVITY = tuple(
    f"bought {often}, {when}"
    for often in ("once", "again")
    for when in ("last 90 days", "90 to 180 days ago", "180 to 365 days ago", "over a year ago")
)


class Past(NamedTuple):
    """A snapshot and what its customers then spent in its horizon, CNY float64 (c,)."""

    snapshot: Snapshot
    then_cny: np.ndarray


class Spend(NamedTuple):
    """CNY float64 (c,) each; low <= high, none below 0."""

    mean_cny: np.ndarray
    low_cny: np.ndarray
    high_cny: np.ndarray


class SpendModel:
    """Learned, all in square roots of CNY: mean_, scale_, ridge_, edges_ (N_BINS - 1,), low_ and high_ (N_BINS,) beside
    the regression, residuals_ one sorted array a bin, widening_ (len(ACTIVITY),) of both sides of the interval."""

    def __init__(self, penalty: float = 10.0, coverage: float = COVERAGE):
        self.penalty, self.coverage = penalty, coverage

    def fit(self, pasts: Sequence[Past], as_of: np.datetime64 | str) -> SpendModel:
        """Learn from snapshots whose horizon ended by the day `as_of`, which is the day to be predicted from.

        Raises InputError when there are fewer than two, or the one that sets the intervals has fewer than MIN_ROWS
        customers.
        """
        setting = _setting(pasts, np.datetime64(as_of, "D"))
        if len(pasts) < 2 or len(setting.snapshot) < MIN_ROWS:
            n = len(setting.snapshot) if pasts else 0
            raise InputError(
                f"spend is learned from two past days and {MIN_ROWS} customers, met {len(pasts)} and {n}; import more"
            )
        earlier = [past for past in pasts if past is not setting]
        x = np.concatenate([_inputs(past.snapshot) for past in earlier])
        self.mean_, deviation = x.mean(axis=0), x.std(axis=0)
        self.scale_ = np.where(deviation > 1e-12, deviation, 1.0)
        self.ridge_ = Ridge(self.penalty).fit(
            (x - self.mean_) / self.scale_, np.concatenate(list(map(_roots, earlier)))
        )
        expected, left = (np.concatenate(parts) for parts in zip(*map(self._left, earlier), strict=True))
        self.edges_ = np.quantile(expected, np.arange(1, N_BINS) / N_BINS)
        tail = (1 - self.coverage) / 2
        self.residuals_ = self._by_bin(expected, left)
        self.low_, self.high_ = np.array([np.quantile(some, (tail, 1 - tail)) for some in self.residuals_]).T
        self._set(setting)
        return self

    def _set(self, past: Past) -> None:
        """How far the quantiles missed each customer of this snapshot, below 0 where they lay inside, sets the width."""
        low, high = self._quantiles(self._expected(past.snapshot))
        missed_by = np.maximum(low - _roots(past), _roots(past) - high)
        groups = activity(past.snapshot)
        of_each = (missed_by[groups == g] for g in range(len(ACTIVITY)))
        self.widening_ = np.array([self._width(own if len(own) >= MIN_GROUP else missed_by) for own in of_each])

    def predict(self, now: Snapshot) -> Spend:
        """CNY in the horizon for each row of the snapshot: the mean, and the interval that holds `coverage` of them."""
        expected = self._expected(now)
        bins, square = self._bins(expected), np.empty(len(expected))
        for b, residuals in enumerate(self.residuals_):
            some = residuals[:: max(1, len(residuals) // N_SMEARED)]
            square[bins == b] = np.square(np.maximum(expected[bins == b, None] + some, 0)).mean(axis=1)
        low, high = self._quantiles(expected)
        widening = self.widening_[activity(now)]
        low, high = np.maximum(low - widening, 0), np.maximum(high + widening, 0)
        return Spend(square, low**2, np.maximum(low, high) ** 2)

    def _quantiles(self, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Nobody spends less than nothing: where the lower one says so, only the upper one can miss."""
        bins = self._bins(expected)
        low = expected + self.low_[bins]
        return np.where(low <= 0, -np.inf, low), expected + self.high_[bins]

    def _width(self, missed_by: np.ndarray) -> float:
        """The finite-sample quantile of split conformal prediction (Lei et al. 2018, arXiv:1604.04173)."""
        place = int(np.ceil(self.coverage * (len(missed_by) + 1))) - 1
        return float(np.sort(missed_by)[min(place, len(missed_by) - 1)])

    def _expected(self, now: Snapshot) -> np.ndarray:
        return self.ridge_.predict((_inputs(now) - self.mean_) / self.scale_)

    def _left(self, past: Past) -> tuple[np.ndarray, np.ndarray]:
        expected = self._expected(past.snapshot)
        return expected, _roots(past) - expected

    def _bins(self, expected: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.edges_, expected, side="right")

    def _by_bin(self, expected: np.ndarray, left: np.ndarray) -> list[np.ndarray]:
        """Sorted residuals of each bin; of an empty one, all."""
        bins = self._bins(expected)
        return [np.sort(left[bins == b] if (bins == b).any() else left) for b in range(N_BINS)]


def past_of(days: PurchaseDays, snapshot: Snapshot, horizon_days: int) -> Past:
    """What the customers of a snapshot spent in the days after it; returns are not counted against it."""
    future = days.between(snapshot.as_of, snapshot.as_of + horizon_days)
    size = int(max(snapshot.table.customer.max(initial=0), future.customer.max(initial=0))) + 1
    then = np.bincount(future.customer, np.maximum(future.amount_cny, 0), minlength=size)
    return Past(snapshot, then[snapshot.table.customer])


def activity(now: Snapshot) -> np.ndarray:
    """The group of each customer, int (c,), a place in ACTIVITY: whether they came back, and how long they are silent."""
    silent = np.searchsorted(SILENT_DAYS, now.table.recency_days, side="right")
    return (now.table.frequency > 0) * (len(SILENT_DAYS) + 1) + silent


def _setting(pasts: Sequence[Past], as_of: np.datetime64) -> Past | None:
    """The snapshot that sets the intervals."""
    place = same_season([past.snapshot for past in pasts], as_of)
    return max(pasts, key=lambda past: past.snapshot.as_of, default=None) if place is None else pasts[place]


def _roots(past: Past) -> np.ndarray:
    return np.sqrt(past.then_cny)


def _inputs(now: Snapshot) -> np.ndarray:
    """The features of churn, and the roots of spend so far a day and of late: what square roots are linear in."""
    table = now.table
    roots = np.sqrt(np.maximum([table.spend_cny, table.spend_cny / (table.frequency + 1), table.monetary_cny], 0))
    return np.column_stack([now.x, roots.T])
