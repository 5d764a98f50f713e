"""Report: is the negative share that a report states inside its own interval, and how wide is that?

Of each set N_RESAMPLES groups of messages are drawn, at shares that differ from group to group as months do, and reported as
a report would: with rates from N_LABELLED messages of the same set, drawn at random, and with those of the other kinds
alone. Beside them stands the bare count with its binomial interval, as a dashboard shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder
from assistant.heads import SentimentHead
from assistant.reports.shares import ErrorRates, Share, adjusted, change
from training.error_rates import Judged, judged
from training.rows import Measured, Row, share

SUITE = "report"
SETS = {"online shopping": "zh", "airlines": "en", "bank": "zh"}
N_ROWS = 3_000  # of each of these
N_RESAMPLES = 200
N_GROUP = 1_000  # messages of a group
N_LABELLED = 300  # an afternoon's work for one person
SHARES = (0.1, 0.6)  # between which the true share of a group is drawn


def suite(encoder: Encoder, head: SentimentHead, data: Path) -> Iterator[Row]:
    kinds = list(judged(encoder, head, data, dict.fromkeys(SETS, N_ROWS)))
    for one in kinds:
        if one.name in SETS:
            others = ErrorRates.like([kind.errors for kind in kinds if kind is not one])
            yield from _of_set(one, others, SETS[one.name])


def _of_set(one: Judged, others: ErrorRates, language: str) -> Iterator[Row]:
    rng = np.random.default_rng(0)
    met: dict[str, list[tuple[float, Share]]] = {}
    for _ in range(N_RESAMPLES):
        labelled = rng.permutation(len(one.truth))[:N_LABELLED]
        own = ErrorRates.measured(one.truth[labelled], one.flagged[labelled])
        before, after = (_group(one, rng) for _ in range(2))
        for system, rates in ((f"{N_LABELLED} labelled", own), ("none labelled", others)):
            met.setdefault(f"share, {system}", []).append((before[0], adjusted(*before[1], rates)))
            met.setdefault(f"change, {system}", []).append((after[0] - before[0], change(before[1], after[1], rates)))
        met.setdefault("share, bare count", []).append((before[0], _counted(*before[1])))
    for system, found in met.items():
        inside = share([low_high.low <= truth <= low_high.high for truth, low_high in found], "inside its interval")
        yield inside.row(SUITE, one.name, language, system)
        yield _mean(lambda truth, s: s.high - s.low, found, "width of the interval").row(
            SUITE, one.name, language, system
        )
        yield _mean(lambda truth, s: abs(s.value - truth), found, "mean error").row(SUITE, one.name, language, system)


def _group(one: Judged, rng: np.random.Generator) -> tuple[float, tuple[int, int]]:
    """A group's true share, and (n_flagged, n)."""
    n_negative = rng.binomial(N_GROUP, rng.uniform(*SHARES))
    negative, other = np.flatnonzero(one.truth), np.flatnonzero(~one.truth)
    drawn = np.concatenate([rng.choice(negative, n_negative), rng.choice(other, N_GROUP - n_negative)])
    return n_negative / N_GROUP, (int(one.flagged[drawn].sum()), N_GROUP)


def _counted(n_flagged: int, n: int) -> Share:
    wilson = share(np.arange(n) < n_flagged)
    return Share(wilson.value, wilson.low, wilson.high, wilson.value, n)


def _mean(value: Callable[[float, Share], float], found: list[tuple[float, Share]], metric: str) -> Measured:
    values = np.array([value(truth, stated) for truth, stated in found])
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
    mean = float(values.mean())
    return Measured(metric, mean, mean - half, mean + half, len(values))
