"""Softmax regression that knows which classes a row could have had, and the temperature that makes it honest.

Star reviews have no neutral class. Where a row's label set lacks a class, that class is left out of the row's softmax:
the row then says how negative and positive differ and nothing about neutral.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assistant.features import Rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MAX_ROTATED = 3_000  # rows; above this the matrix X X' costs more than it saves


class SoftmaxRegression:
    """Multinomial logistic regression, mean weighted cross-entropy + |W|^2 / (2 C n), solved by L-BFGS.

    Learned: coef_ float32 (n_features, n_classes); intercept_ float32 (n_classes,).
    """

    def __init__(self, c: float = 4.0, max_iter: int = 100):
        self.c = c
        self.max_iter = max_iter

    def fit(
        self,
        x: np.ndarray | csr_matrix,
        labels: np.ndarray,
        n_classes: int,
        possible: np.ndarray | None = None,
        weights: np.ndarray | None = None,
    ) -> SoftmaxRegression:
        """labels: int (n,). possible: bool (n, n_classes), which classes a row could have had; by default all.

        weights: float (n,), by default 1 each.
        """
        if x.shape[0] < x.shape[1] and x.shape[0] <= MAX_ROTATED:
            return self._fit_rotated(x, labels, n_classes, possible, weights)
        return self._fit(x, labels, n_classes, possible, weights)

    def _fit(
        self,
        x: np.ndarray | csr_matrix,
        labels: np.ndarray,
        n_classes: int,
        possible: np.ndarray | None,
        weights: np.ndarray | None,
    ) -> SoftmaxRegression:
        from scipy.optimize import minimize  # where a model is fitted: a server that reads starts a second sooner
        from scipy.special import log_softmax

        n, n_features = x.shape
        weights = np.ones(n) if weights is None else weights
        share = (weights / weights.sum()).astype(np.float32)[:, None]
        floor = (
            np.zeros((n, n_classes), np.float32) if possible is None else np.where(possible, 0, -1e9).astype(np.float32)
        )
        target = np.eye(n_classes, dtype=np.float32)[labels]
        penalty = 1 / (self.c * weights.sum())

        def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
            coef, intercept = _unflatten(flat.astype(np.float32), n_features, n_classes)
            log_p = log_softmax(x @ coef + intercept + floor, axis=1)
            error = share * (np.exp(log_p) - target)
            value = -float(np.sum(share * target * log_p)) + penalty / 2 * float(np.sum(coef * coef, dtype=np.float64))
            gradient = np.concatenate([(x.T @ error + penalty * coef).ravel(), error.sum(axis=0)])
            return value, gradient.astype(np.float64)

        start = np.zeros(n_features * n_classes + n_classes)
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": self.max_iter, "ftol": 1e-7})
        self.coef_, self.intercept_ = _unflatten(found.x.astype(np.float32), n_features, n_classes)
        return self

    def _fit_rotated(self, x: np.ndarray | csr_matrix, *labels_and_weights) -> SoftmaxRegression:
        """Few rows, many columns: fit on B with B B' = X X', and turn back. The solution is the same, because |W| and
        X W do not change under the rotation, and B has at most n columns instead of a hundred thousand."""
        from scipy.sparse import issparse

        gram = x @ x.T
        values, basis = np.linalg.eigh((gram.toarray() if issparse(gram) else gram).astype(np.float64))
        kept = values > 1e-6 * values[-1]  # the rest is rounding, or rows that occur twice
        values, basis = np.sqrt(values[kept]), basis[:, kept]
        self._fit((basis * values).astype(np.float32), *labels_and_weights)
        self.coef_ = np.asarray(x.T @ ((basis / values) @ self.coef_).astype(np.float32))
        return self

    def logits(self, x: np.ndarray | csr_matrix | Rows) -> np.ndarray:
        """float32 (n, n_classes)."""
        return x @ self.coef_ + self.intercept_


def temperature(logits: np.ndarray, labels: np.ndarray, possible: np.ndarray | None = None) -> float:
    """The number to divide held-out logits by, at which their probabilities fit the labels best (Guo et al. 2017,
    arXiv:1706.04599), between 0.05 and 20."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    if possible is not None:
        logits = np.where(possible, logits, -1e9)

    def cross_entropy(log_t: float) -> float:
        return -float(log_softmax(logits / np.exp(log_t), axis=1)[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(cross_entropy, bounds=(np.log(0.05), np.log(20)), method="bounded").x))


def probabilities(logits: np.ndarray, temperatures: np.ndarray | float) -> np.ndarray:
    """Softmax of logits divided by one temperature, or by one per row."""
    return softmax(logits / np.reshape(temperatures, (-1, 1)))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Of each row. scipy's takes ten times as long on one row, which is what a chat turn has."""
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-logits)), of any size. scipy's takes a quarter of a second to import."""
    return np.exp(-np.logaddexp(0, -logits))


def logsumexp(logits: np.ndarray) -> np.ndarray:
    """Of each row: (n,)."""
    top = logits.max(axis=1)
    return top + np.log(np.exp(logits - top[:, None]).sum(axis=1))


def half(array: np.ndarray) -> np.ndarray:
    """Rounded to float16, which a saved head keeps, as float32: so a loaded head scores as the fitted one did."""
    return np.asarray(array).astype(np.float16).astype(np.float32)


def _unflatten(flat: np.ndarray, n_features: int, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    return flat[:-n_classes].reshape(n_features, n_classes), flat[-n_classes:]
