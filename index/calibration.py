"""How probable it is that a candidate is the right entry, and from which probability on an answer may be given.

The probability is a logistic regression over five features of a candidate, fitted where the truth is known: wordings
that searched for their own entry while hidden, and texts that no entry answers. The threshold for a stated share of
wrong answers is taken from probabilities that every example got from a fit without its own entry, with an exact
binomial bound (Clopper & Pearson 1934), tested from the surest down (Angelopoulos et al. 2021, arXiv:2110.01052).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.fusion import LeftOut
from index.ranking import FEATURES, N_RANKED, Ranked

DEFAULT_COEFFICIENTS = (-3.2, 7.5, 9.0, 0.0, 0.0, 0.3, 0.7)  # in the order of FEATURES; the mean fit on the same data
N_LEARNED = 3  # candidates of each query from which the regression learns
MAX_P = 0.999  # nothing learned from some hundred examples is surer than this
_PRIOR_PRECISION = 0.5  # of the coefficients around the defaults
_N_FOLDS = 5
_STARTS = (1, 2, 4, 8)  # where the tests begin, in multiples of the fewest examples that could pass


@dataclass(frozen=True, slots=True)
class Threshold:
    """Answer when p_correct >= `threshold`.

    On the held-out examples `coverage` of the answerable ones are answered, and with the asked confidence at most
    `bound` of the answers are wrong. `certified` is False when there were too few examples to show the asked rate;
    the threshold then trusts the calibrated probability alone.
    """

    threshold: float
    coverage: float
    n_answered: int
    n_wrong: int
    certified: bool
    confidence: float

    @property
    def bound(self) -> float:
        return upper_bound(self.n_wrong, self.n_answered, self.confidence)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients and, for every held-out example, its cross-fitted probability and what was true.

    p: of the best candidate; right: whether that was the entry; answerable: whether any entry was.
    """

    coefficients: tuple[float, ...] = DEFAULT_COEFFICIENTS
    p: tuple[float, ...] = ()
    right: tuple[bool, ...] = ()
    answerable: tuple[bool, ...] = ()

    def p_correct(self, ranked: Ranked) -> np.ndarray:
        """One probability a candidate, falling with rank; those of the first N_RANKED together are at most 1."""
        p = np.minimum.accumulate(np.minimum(_sigmoid(ranked.features @ np.array(self.coefficients)), MAX_P))
        return p / max(1.0, float(p[:N_RANKED].sum()))

    def threshold_for(self, max_wrong: float, confidence: float = 0.9) -> Threshold:
        """The lowest threshold at which, with this confidence, at most `max_wrong` of the given answers are wrong.

        The examples count as a sample of what customers will write: as many that no entry answers, and independent.
        """
        order = np.argsort(-np.array(self.p), kind="stable")
        p, wrong = np.array(self.p)[order], ~np.array(self.right, dtype=bool)[order]
        cuts = np.flatnonzero(np.append(p[1:] != p[:-1], True)) + 1 if len(p) else np.empty(0, dtype=int)
        n_answered = _surely_within(cuts, np.cumsum(wrong), max_wrong, confidence)
        certified = n_answered > 0 or max_wrong >= 1
        threshold = float(p[n_answered - 1]) if n_answered else 1.0 - max_wrong
        n_answered = int((p >= threshold).sum())
        n_wrong = int(wrong[:n_answered].sum())
        answered = np.array(self.answerable, dtype=bool)[order][:n_answered].sum()
        coverage = float(answered / max(1, sum(self.answerable)))
        return Threshold(threshold, coverage, n_answered, n_wrong, certified, confidence)


def calibrate(ranked: Sequence[Ranked], examples: Sequence[LeftOut]) -> Calibration:
    """Fit on all examples, and cross-fit for thresholds; `ranked[i]` are the candidates of `examples[i]`."""
    folds = np.array([zlib.crc32(example.group.encode("utf-8", "replace")) % _N_FOLDS for example in examples])
    p = np.zeros(len(examples))
    for fold in range(_N_FOLDS):
        fitted = _fit(
            [pair for pair, other in zip(zip(ranked, examples, strict=True), folds, strict=True) if other != fold]
        )
        for i in np.flatnonzero(folds == fold):
            p[i] = max(fitted.p_correct(ranked[i]), default=0.0)
    return Calibration(
        _fit(list(zip(ranked, examples, strict=True))).coefficients,
        tuple(np.round(p, 6).tolist()),
        tuple(
            bool(len(found.slots) and found.slots[0] == example.right)
            for found, example in zip(ranked, examples, strict=True)
        ),
        tuple(example.right is not None for example in examples),
    )


def upper_bound(n_wrong: int, n: int, confidence: float) -> float:
    """Clopper-Pearson: the rate that `n_wrong` of `n` leaves possible with this confidence; 1 for no examples."""
    from scipy.special import betaincinv  # a quarter of a second to import, for the figure alone

    return 1.0 if n_wrong >= n else float(betaincinv(n_wrong + 1, n - n_wrong, confidence))


def p_at_most(n_wrong: int, n: int, rate: float) -> float:
    """The chance of at most `n_wrong` wrong answers among n, each wrong with 0 < rate < 1: the binomial distribution.

    It is greater than 1 - confidence exactly where `upper_bound` is greater than the rate.
    """
    k = np.arange(min(n_wrong, n))
    growth = np.log((n - k) / (k + 1) * rate / (1 - rate))  # from k wrong ones to k + 1
    return float(np.exp(n * math.log1p(-rate) + np.cumsum([0.0, *growth])).sum())


def _surely_within(cuts: np.ndarray, n_wrong: np.ndarray, max_wrong: float, confidence: float) -> int:
    """The greatest number of answers, counted from the surest, whose rate of wrong ones is shown to be small enough.

    Fixed-sequence testing from several starts: each start may be mistaken with its share of 1 - confidence, and goes on
    to more answers as long as every test before was passed. 0 when none is. Where tests stand depends on the
    probabilities alone, never on the truth.
    """
    if not 0 < max_wrong < 1:
        return int(cuts[-1]) if max_wrong >= 1 and len(cuts) else 0
    error = (1 - confidence) / len(_STARTS)
    fewest = math.ceil(math.log(error) / math.log(1 - max_wrong))  # with none wrong among so many the bound just holds
    shown = 0
    for start in _STARTS:
        wanted = fewest * start
        for n in cuts.tolist():
            if n < wanted:
                continue
            if p_at_most(int(n_wrong[n - 1]), n, max_wrong) > error:
                break
            shown, wanted = max(shown, n), n * 1.05
    return shown


def _fit(pairs: Sequence[tuple[Ranked, LeftOut]]) -> Calibration:
    """The most probable coefficients under a Gaussian prior around the defaults, by Newton's method."""
    prior = np.array(DEFAULT_COEFFICIENTS)
    rows = [found.features[:N_LEARNED] for found, _ in pairs]
    truths = [found.slots[:N_LEARNED] == (-1 if example.right is None else example.right) for found, example in pairs]
    x, y = np.concatenate([np.empty((0, len(FEATURES))), *rows]), np.concatenate([np.empty(0, dtype=bool), *truths])
    coefficients = prior.copy()
    for _ in range(50):
        p = _sigmoid(x @ coefficients)
        gradient = x.T @ (p - y) + _PRIOR_PRECISION * (coefficients - prior)
        curvature = (x * (p * (1 - p))[:, None]).T @ x + _PRIOR_PRECISION * np.eye(len(FEATURES))
        step = np.linalg.solve(curvature, gradient)
        coefficients -= step / max(
            1.0, np.abs(step).max() / 5
        )  # at most 5 at once: far from the optimum Newton overshoots
        if np.abs(step).max() < 1e-9:
            break
    return Calibration(tuple(np.round(coefficients, 6).tolist()))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0)))
