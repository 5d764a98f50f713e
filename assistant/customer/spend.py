"""What a customer will spend in the next H days, with an interval that holds: ridge regression on their features.

    model = SpendModel().fit(earlier, latest)            past snapshots, and the latest whose horizon is over
    model.predict(now)                                   Spend(mean_cny, low_cny, high_cny), float64 (c,) each

Square roots are regressed, because spend is skewed and often nothing (Hoerl & Kennard 1970 for the penalty). What the
regression leaves unexplained is read off the latest snapshot, which took no part in the fit, apart for customers of
whom little and of whom much is expected: split conformal prediction (Lei et al. 2018, arXiv:1604.04173). The mean
comes back from square roots by the same residuals (Duan 1983, smearing).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import Ridge

from assistant.customer.churn_features import Snapshot
from assistant.customer.purchases import PurchaseDays
from assistant.errors import InputError

COVERAGE = 0.9  # of the intervals
N_BINS = 10  # of expected spend, each with residuals of its own
N_SMEARED = 200  # residuals of a bin that its mean is taken over
MIN_ROWS = 200  # of the snapshot that sets the intervals: twenty customers a bin say where a tenth of them lies


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
    """Learned: mean_, scale_, ridge_ (of square roots), edges_ (bins - 1,) and residuals_, one sorted array a bin."""

    def __init__(self, penalty: float = 10.0, coverage: float = COVERAGE):
        self.penalty, self.coverage = penalty, coverage

    def fit(self, earlier: Sequence[Past], latest: Past) -> SpendModel:
        """Raises InputError when there is no earlier snapshot, or the latest has fewer than MIN_ROWS customers."""
        if not earlier or len(latest.snapshot) < MIN_ROWS:
            raise InputError(
                f"spend is learned from two past days and {MIN_ROWS} customers, met {len(earlier) + 1} and "
                f"{len(latest.snapshot)}; import more"
            )
        x = np.concatenate([_inputs(past.snapshot) for past in earlier])
        roots = np.sqrt(np.concatenate([past.then_cny for past in earlier]))
        self.mean_, deviation = x.mean(axis=0), x.std(axis=0)
        self.scale_ = np.where(deviation > 1e-12, deviation, 1.0)
        self.ridge_ = Ridge(self.penalty).fit((x - self.mean_) / self.scale_, roots)
        expected = self._roots(latest.snapshot)
        self.edges_ = np.quantile(expected, np.arange(1, N_BINS) / N_BINS)
        left = np.sqrt(latest.then_cny) - expected
        bins = self._bins(expected)
        self.residuals_ = [np.sort(left[bins == b] if (bins == b).any() else left) for b in range(N_BINS)]
        return self

    def predict(self, now: Snapshot) -> Spend:
        """CNY in the horizon for each row of the snapshot: the mean, and the interval that holds `coverage` of them."""
        roots = self._roots(now)
        bins = self._bins(roots)
        tail = (1 - self.coverage) / 2
        low, high, square = (np.empty(len(roots)) for _ in range(3))
        for b, residuals in enumerate(self.residuals_):
            rows, n = bins == b, len(residuals)
            # the finite-sample quantiles of split conformal: the interval holds coverage (n + 1) / n of the residuals
            down = residuals[max(0, int(np.floor(tail * (n + 1))) - 1)]
            up = residuals[min(n - 1, int(np.ceil((1 - tail) * (n + 1))) - 1)]
            low[rows], high[rows] = roots[rows] + down, roots[rows] + up
            some = residuals[:: max(1, n // N_SMEARED)]
            square[rows] = np.square(np.maximum(roots[rows, None] + some, 0)).mean(axis=1)
        return Spend(square, np.maximum(low, 0) ** 2, np.maximum(high, 0) ** 2)

    def _roots(self, now: Snapshot) -> np.ndarray:
        return self.ridge_.predict((_inputs(now) - self.mean_) / self.scale_)

    def _bins(self, roots: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.edges_, roots, side="right")


def past_of(days: PurchaseDays, snapshot: Snapshot, horizon_days: int) -> Past:
    """What the customers of a snapshot spent in the days after it; returns are not counted against it."""
    future = days.between(snapshot.as_of, snapshot.as_of + horizon_days)
    size = int(max(snapshot.table.customer.max(initial=0), future.customer.max(initial=0))) + 1
    then = np.bincount(future.customer, np.maximum(future.amount_cny, 0), minlength=size)
    return Past(snapshot, then[snapshot.table.customer])


def _inputs(now: Snapshot) -> np.ndarray:
    """The features of churn, and the roots of spend so far a day and of late: what square roots are linear in."""
    table = now.table
    roots = np.sqrt(np.maximum([table.spend_cny, table.spend_cny / (table.frequency + 1), table.monetary_cny], 0))
    return np.column_stack([now.x, roots.T])
