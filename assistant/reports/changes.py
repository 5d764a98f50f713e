"""When the share of negative messages became another one: change points of a daily count.

Days are cut into stretches of constant share so that their binomial likelihood, less a price for each cut, is largest;
an exact dynamic programme finds them (Jackson et al. 2005, arXiv:math/0309285). Real messages come in bursts, so the
likelihood is divided by how much neighbouring days differ beyond chance (a quasi-binomial dispersion).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

MIN_DAYS = 6  # of a stretch: shorter is an outage or a weekend, not a change
MIN_MESSAGES = 40  # of a stretch
MIN_STEP = 0.03  # of share: less nobody would act on
PRICE = (
    5.0  # of a cut, times ln(days) / ln(70): two steady series in a hundred show a change, five where days are bursty
)
MAX_DAYS = 800  # above it days are taken together: two years is what a reader can act on


def change_days(n: np.ndarray, n_hit: np.ndarray) -> list[int]:
    """Places where a new stretch begins, ascending; none when nothing changed or there is too little to tell.

    n, n_hit: int (days,), messages and negative ones of consecutive days; a day may have none.
    """
    width = -(-len(n) // MAX_DAYS) or 1
    starts = np.arange(0, len(n), width)
    n, n_hit = (np.add.reduceat(np.asarray(x, float), starts) if len(x) else np.zeros(0) for x in (n, n_hit))
    if n.sum() < 2 * MIN_MESSAGES or len(n) < 2 * MIN_DAYS:
        return []
    cuts = _best_cuts(n, n_hit, _dispersion(n, n_hit))
    return [int(starts[cut]) for cut in _worth_telling(cuts, n, n_hit)]


def _best_cuts(n: np.ndarray, n_hit: np.ndarray, dispersion: float) -> list[int]:
    n_days, price = len(n), PRICE * np.log(len(n)) / np.log(70)
    total, hits = np.concatenate([[0], np.cumsum(n)]), np.concatenate([[0], np.cumsum(n_hit)])
    best, came_from = np.full(n_days + 1, np.inf), np.zeros(n_days + 1, int)
    best[0] = -price
    for end in range(MIN_DAYS, n_days + 1):
        begin = np.arange(0, end - MIN_DAYS + 1)
        m = total[end] - total[begin]
        cost = best[begin] + price - _log_likelihood(m, hits[end] - hits[begin]) / dispersion
        cost[m < MIN_MESSAGES] = np.inf
        came_from[end] = begin[cost.argmin()]
        best[end] = cost.min()
    cuts, end = [], n_days
    while np.isfinite(best[end]) and came_from[end] > 0:
        end = int(came_from[end])
        cuts.append(end)
    return cuts[::-1]


def _log_likelihood(n: np.ndarray, n_hit: np.ndarray) -> np.ndarray:
    p = np.clip(n_hit / np.maximum(n, 1), 1e-9, 1 - 1e-9)
    return n_hit * np.log(p) + (n - n_hit) * np.log1p(-p)


def _dispersion(n: np.ndarray, n_hit: np.ndarray) -> float:
    """How much two neighbouring days differ, over what chance alone would make: 1 or more. Steps hardly count in it."""
    n, n_hit = n[n > 0], n_hit[n > 0]
    if len(n) < 2 or not 0 < n_hit.sum() < n.sum():
        return 1.0
    p = n_hit.sum() / n.sum()
    expected = p * (1 - p) * (1 / n[1:] + 1 / n[:-1])
    return max(1.0, float(np.mean(np.square(np.diff(n_hit / n)) / expected)))


def _worth_telling(cuts: list[int], n: np.ndarray, n_hit: np.ndarray) -> list[int]:
    """Without the smallest step, as long as one is too small to tell."""
    while cuts:
        edges = [0, *cuts, len(n)]
        shares = [n_hit[a:b].sum() / n[a:b].sum() for a, b in pairwise(edges)]
        steps = np.abs(np.diff(shares))
        if steps.min() >= MIN_STEP:
            return cuts
        cuts = [cut for i, cut in enumerate(cuts) if i != steps.argmin()]
    return []
