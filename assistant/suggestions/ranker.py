"""The probability that an agent would take an item: logistic regression around coefficients that stand from the start.

Coefficients are fitted to verdicts with a Gaussian prior centred on the defaults (MAP by Newton's method; Hastie et al.
2009, 4.4): a few verdicts move them a little, hundreds as far as they say. Fifteen numbers: a fit takes milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assistant.linear import sigmoid

# `python -m training.suggestions` prints them: the fit on the learning half, see training/suite_suggestions.py
DEFAULTS: dict[str, float] = {
    "bias": -2.44,
    "is_faq": -4.67,
    "is_agent": 0.94,
    "faq_log_odds": 0.63,
    "title_cosine": 1.32,
    "text_cosine": 0.15,
    "label": 1.59,
    "first_label": 0.77,
    "prior": -0.30,
    "near": 0.28,
    "follows": 0.63,
    "so_far": 0.19,
    "state": 0.19,
    "state_and_so_far": 0.32,
    "verdicts": 0.70,
}
PRIOR_ROWS = 150.0  # verdicts that the defaults weigh as much as; 30 tried, surer of itself than right
MAX_ROWS = 3_000  # the latest verdicts, of which callers keep no more; habits and shops change


@dataclass(frozen=True, slots=True)
class Ranker:
    """`coefficients` are in the order of features.FEATURES; none: the defaults."""

    coefficients: tuple[float, ...] = ()

    def p(self, rows: np.ndarray) -> np.ndarray:
        """rows: (n, len(DEFAULTS)); returns (n,) probabilities."""
        return sigmoid(rows @ np.array(self.coefficients or tuple(DEFAULTS.values())))


def fit(rows: np.ndarray, taken: np.ndarray, prior_rows: float = PRIOR_ROWS, prior: np.ndarray | None = None) -> Ranker:
    """rows: (n, len(DEFAULTS)); taken: (n,) in [0, 1], 1 for accepted, less the more an agent edited."""
    centre = np.array(list(DEFAULTS.values())) if prior is None else prior
    found, pull = centre.copy(), 0.25 * prior_rows  # a verdict at p = 1/2 carries a quarter of information
    scale = pull * (np.maximum(np.square(rows).mean(axis=0), 1e-3) if len(rows) else np.ones(len(centre)))

    def loss(coefficients: np.ndarray) -> float:
        odds = rows @ coefficients
        return float(np.sum(np.logaddexp(0, odds) - taken * odds) + scale @ np.square(coefficients - centre) / 2)

    for _ in range(50):
        p = sigmoid(rows @ found)
        slope = rows.T @ (p - taken) + scale * (found - centre)
        step = np.linalg.solve((rows * (p * (1 - p))[:, None]).T @ rows + np.diag(scale), slope)
        length = 1.0
        while loss(found - length * step) > loss(found) and length > 1e-6:  # far away the curvature is too flat
            length /= 2
        found = found - length * step
        if np.abs(step).max() < 1e-6:
            break
    return Ranker(tuple(float(value) for value in found))
