"""How much of the churn score is the purchase model's: learned on days that the classifier had not seen.

Each snapshot in turn is left out, the classifier learns from the others and scores it. A logistic regression on both
log odds, neither coefficient below 0 (stacking, Breiman 1996), says in which proportion they belong together. Every
snapshot has a level of its own there, because the share that leaves differs by season. A shop with little history gets
much of BG/NBD, which has four parameters, and one with years of it more of the classifier.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from assistant.customer.churn_classifiers import Classifier
from assistant.customer.churn_features import Snapshot

USUAL = 0.4  # with a single snapshot none can be left out: least Brier score on ten days (training.customer_choice)
MAX_ROWS = 20_000  # of a snapshot; more move the second digit


def purchase_share(snapshots: Sequence[Snapshot], classifier: Callable[[], Classifier]) -> float:
    """The weight of BG/NBD in [0, 1]; USUAL when no snapshot can be told from the others."""
    some = [_drawn(s) for s in snapshots]
    left_out = [(own, rest) for i, own in enumerate(some) if _tells(rest := some[:i] + some[i + 1 :])]
    if not left_out:
        return USUAL
    scores, churned, levels = [], [], []
    for at, ((x, odds, gone), rest) in enumerate(left_out):
        seen, left = (np.concatenate([one[column] for one in rest]) for column in (0, 2))
        scores.append(np.column_stack([classifier().fit(seen, left).log_odds(x), odds]))
        churned.append(gone)
        levels.append(np.full(len(gone), at))
    of_classifier, of_purchases = _coefficients(*map(np.concatenate, (scores, churned, levels)))
    total = of_classifier + of_purchases
    return float(of_purchases / total) if total > 0 else USUAL


def _coefficients(scores: np.ndarray, churned: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Maximum likelihood of both coefficients, float64 (2,), each at least 0. scores: (n, 2); levels: int (n,)."""
    inputs = np.column_stack([scores, levels[:, None] == np.unique(levels)])

    def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
        odds = inputs @ free
        return np.logaddexp(0, odds).sum() - odds @ churned, (expit(odds) - churned) @ inputs

    bounds = [(0, None)] * 2 + [(None, None)] * (inputs.shape[1] - 2)
    return minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x[:2]


def _drawn(s: Snapshot) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, log odds of the purchase model and outcome of at most MAX_ROWS customers, every so many."""
    rows = slice(None, None, -(-len(s) // MAX_ROWS))
    return s.x[rows], s.purchase_log_odds[rows], s.churned[rows]


def _tells(rest: Sequence[tuple[np.ndarray, ...]]) -> bool:
    """Whether some of these left and some stayed, so that a classifier can learn from them."""
    churned = np.concatenate([one[2] for one in rest]) if rest else np.empty(0, bool)
    return bool(churned.any() and not churned.all())
