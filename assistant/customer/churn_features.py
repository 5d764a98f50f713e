"""What a customer's purchases up to a day say about whether they will come back, and whether they then did.

    past = snapshot(log.by_day(), "2026-06-10", horizon_days=90)       past.churned is None when the future is not over
    past.x[i], FEATURES                                                 numbers of customer past.table.customer[i]

Everything but `churned` comes from the past of the as-of day, the parameters of the purchase models too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.customer.purchases import PurchaseDays, Rfm, rfm
from assistant.customer.reasons import FEATURES
from assistant.customer.talks import Talks, nothing_said
from assistant.customer.value import PurchaseCounts

YEAR_DAYS = 365
SEASON_DAYS = 31  # how far from exactly a year a snapshot may stand and still be of the same season
_CLIP = 1e-4  # of probabilities before their log odds are taken


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every customer of an as-of day: x float64 (c, len(FEATURES)); `purchase_log_odds` (c,) that BG/NBD gives
    churn alone; `churned` bool (c,) whether no purchase followed in the horizon, None where the horizon is not over."""

    as_of: np.datetime64
    table: Rfm
    x: np.ndarray
    purchase_log_odds: np.ndarray
    churned: np.ndarray | None

    def __len__(self) -> int:
        return len(self.table)

    def blocks(self, n: int) -> Iterator[Snapshot]:
        """The same customers in their order, n at a time: views, nothing is copied."""
        for first in range(0, len(self), n):
            some = slice(first, first + n)
            churned = None if self.churned is None else self.churned[some]
            yield Snapshot(self.as_of, self.table.rows(some), self.x[some], self.purchase_log_odds[some], churned)


def snapshot(
    days: PurchaseDays,
    as_of: np.datetime64 | str,
    horizon_days: int,
    known_until: np.datetime64 | str | None = None,
    talks: Talks | None = None,
) -> Snapshot:
    """`known_until` is the day at whose end the purchases were collected, by default the last that has any.

    talks: what was said in conversations; without any these features are 0 and weigh nothing.

    Raises InputError when nobody had bought on two days by `as_of`.
    """
    as_of = np.datetime64(as_of, "D")
    past = days.until(as_of)
    table = rfm(past, as_of)
    plain, modified = PurchaseCounts().fit(table), PurchaseCounts(modified=True).fit(table)
    expected = plain.expected(table, horizon_days)
    # exp(-E) as the chance of none ranks like E and is the better calibrated of the two (CUSTOMERS, Online Retail II)
    odds_expected = log_odds(np.exp(-expected))
    columns = _rhythm(past, table) | _amounts(past, table) | _windows(past, table, horizon_days) | {
        "expected": np.log(expected + _CLIP),
        "expected_mbg": np.log(modified.expected(table, horizon_days) + _CLIP),
        "odds_none": log_odds(plain.p_none(table, horizon_days)),
        "odds_none_mbg": log_odds(modified.p_none(table, horizon_days)),
        "odds_expected": odds_expected,
    } | (talks or nothing_said()).features(table.customer, as_of)  # fmt: skip
    x = np.stack([np.asarray(columns[name], float) for name in FEATURES], axis=1)
    over = np.datetime64(days.day.max() if known_until is None else known_until, "D") >= as_of + horizon_days
    return Snapshot(as_of, table, x, odds_expected, _churned(days, table, horizon_days) if over else None)


def same_season(past: Sequence[Snapshot], as_of: np.datetime64) -> int | None:
    """The place of the snapshot that stands nearest to a year before the day `as_of`; None where none is of its season."""
    apart = [abs(int((as_of - s.as_of).astype(int)) - YEAR_DAYS) for s in past]
    return int(np.argmin(apart)) if min(apart, default=SEASON_DAYS + 1) <= SEASON_DAYS else None


def log_odds(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, _CLIP, 1 - _CLIP)
    return np.log(p) - np.log1p(-p)


def _churned(days: PurchaseDays, table: Rfm, horizon_days: int) -> np.ndarray:
    future = days.between(table.as_of, table.as_of + horizon_days)
    return ~np.isin(table.customer, future.customer)


def _rhythm(past: PurchaseDays, table: Rfm) -> dict[str, np.ndarray]:
    """Logs of times and counts, because the tenth purchase says less than the second."""
    again = table.frequency > 0
    mean_gap = table.last_days / np.maximum(table.frequency, 1)
    same = np.r_[False, past.customer[1:] == past.customer[:-1]]
    gaps = np.where(same, np.r_[0, np.diff(past.day.astype(np.int64))], 0).astype(float)
    mean_square = _sums(past, table, gaps**2) / np.maximum(table.frequency, 1)
    deviation = np.sqrt(np.maximum(mean_square - mean_gap**2, 0))
    return {
        "recency": np.log1p(table.recency_days),
        "recency_days": table.recency_days / 100,
        "recency_in_gaps": np.where(again, np.log1p(table.recency_days / np.maximum(mean_gap, 1)), 0),
        "gap": np.where(again, np.log1p(mean_gap), 0),
        "irregularity": np.where(table.frequency > 1, deviation / np.maximum(mean_gap, 1), 0),
        "frequency": np.log1p(table.frequency),
        "bought_once": ~again,
        "age": np.log1p(table.age_days),
    }


def _amounts(past: PurchaseDays, table: Rfm) -> dict[str, np.ndarray]:
    last = np.flatnonzero(np.r_[past.customer[1:] != past.customer[:-1], True])
    n_days = table.frequency + 1
    return {
        "spend": _log(table.spend_cny),
        "spend_a_day": _log(table.spend_cny / n_days),
        "last_spend": _log(past.amount_cny[last]),
        "lines_a_day": _log(_sums(past, table, past.n_lines) / n_days),
    }


def _windows(past: PurchaseDays, table: Rfm, horizon_days: int) -> dict[str, np.ndarray]:
    as_of = table.as_of
    recent = {n: past.between(as_of - n, as_of) for n in (30, 90, 180, 365)}
    counts = {f"n_{n}": np.log1p(_sums(window, table)) for n, window in recent.items()}
    season = past.between(as_of - YEAR_DAYS, as_of - YEAR_DAYS + horizon_days)
    spend = _log(_sums(recent[90], table, recent[90].amount_cny))
    return counts | {"same_season_last_year": np.log1p(_sums(season, table)), "spend_90": spend}


def _sums(days: PurchaseDays, table: Rfm, values: np.ndarray | None = None) -> np.ndarray:
    """Per customer of the table: the sum of values over their days, or the number of days."""
    size = int(table.customer.max()) + 1
    return np.bincount(days.customer, values, minlength=size)[table.customer]


def _log(amounts: np.ndarray) -> np.ndarray:
    return np.log1p(np.maximum(amounts, 0))  # what came back can outweigh what was bought
