"""One figure with its interval, and the intervals: Wilson for shares, resampled confusion counts for F1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

Z95 = 1.959964
N_RESAMPLED = 1_000
N_BINS = 15  # of the calibration error


@dataclass(frozen=True, slots=True)
class Row:
    """A measured figure: `value` with its 95 % interval [low, high] on n examples."""

    suite: str
    data: str
    language: str
    system: str
    metric: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What one system scored on one set; `row` makes it a figure of a suite."""

    metric: str
    value: float
    low: float
    high: float
    n: int

    def row(self, suite: str, data: str, language: str, system: str) -> Row:
        return Row(suite, data, language, system, self.metric, self.value, self.low, self.high, self.n)


def share(right: Sequence[bool] | np.ndarray, metric: str = "accuracy") -> Measured:
    """The share of true values with Wilson's interval (1927); 0 of 0 is 0 in [0, 1]."""
    right = np.asarray(right, bool)
    n, k = len(right), int(right.sum())
    if n == 0:
        return Measured(metric, 0.0, 0.0, 1.0, 0)
    p = k / n
    middle = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * np.sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
    return Measured(metric, p, max(0.0, float(middle - half)), min(1.0, float(middle + half)), n)


def macro_f1(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> Measured:
    """Mean F1 of the classes; its interval from resampled cells of the confusion matrix."""
    cells = np.bincount(truth * n_classes + predicted, minlength=n_classes**2)
    resampled = np.random.default_rng(0).multinomial(len(truth), cells / max(1, cells.sum()), N_RESAMPLED)
    low, high = np.percentile(_f1_of_cells(resampled, n_classes), [2.5, 97.5])
    return Measured("macro-F1", float(_f1_of_cells(cells[None], n_classes)[0]), float(low), float(high), len(truth))


def averaged(runs: Sequence[Measured]) -> Measured:
    """The mean of runs that differ by their seed alone, on one test set.

    Its interval is the runs' mean interval, that of one test set of n: it says how far n examples can be trusted, and
    several seeds do not make them more.
    """
    value, low, high = np.mean([(run.value, run.low, run.high) for run in runs], axis=0).tolist()
    return Measured(runs[0].metric, value, low, high, runs[0].n)


def resampled(counts: np.ndarray, statistic: Callable[[np.ndarray], float], metric: str) -> Measured:
    """A statistic of summed per-example counts (n, c), its interval from resampled examples."""
    rng = np.random.default_rng(0)
    n = len(counts)
    drawn = [statistic(counts[rng.integers(0, n, n)].sum(axis=0)) for _ in range(N_RESAMPLED)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Measured(metric, statistic(counts.sum(axis=0)), float(low), float(high), n)


def calibration_error(p: np.ndarray, truth: np.ndarray) -> Measured:
    """How far the probability of the chosen class lies from the share that is right, mean over N_BINS bins of it (Guo et
    al. 2017, arXiv:1706.04599).

    p: (n, classes), rows that sum to 1; truth: (n,) class numbers.
    """
    n, sure = len(p), p.max(axis=1)
    bins = np.eye(N_BINS)[np.minimum((sure * N_BINS).astype(int), N_BINS - 1)]
    over = bins * (sure - (p.argmax(axis=1) == truth))[:, None]
    drawn = resampled(over, lambda total: float(np.abs(total).sum() / n), "ECE")
    # chance adds to every resampled error: reversed percentiles take it off again (Efron & Tibshirani 1993, 13.4)
    return replace(drawn, low=max(0.0, 2 * drawn.value - drawn.high), high=2 * drawn.value - drawn.low)


def auroc(inside: np.ndarray, outside: np.ndarray) -> Measured:
    """How probably an out-of-scope message scores above one in scope; interval by Hanley & McNeil (1982)."""
    order = np.argsort(np.concatenate([inside, outside]), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    n, m = len(outside), len(inside)
    area = float((ranks[m:].sum() - n * (n + 1) / 2) / max(1, n * m))
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (n - 1) * (q1 - area**2) + (m - 1) * (q2 - area**2)) / max(1, n * m)
    half = Z95 * float(np.sqrt(max(0.0, variance)))
    return Measured("oos AUROC", area, max(0.0, area - half), min(1.0, area + half), n + m)


def _f1_of_cells(cells: np.ndarray, n_classes: int) -> np.ndarray:
    matrix = cells.reshape(-1, n_classes, n_classes)
    right = np.diagonal(matrix, axis1=1, axis2=2)
    total = matrix.sum(axis=1) + matrix.sum(axis=2)
    return np.where(total > 0, 2 * right / np.maximum(total, 1), 0).mean(axis=1)
