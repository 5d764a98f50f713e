"""What an intent head sees of a message: logits of every intent, and how far it lies from all that is known.

Out-of-scope features: cosine to the nearest examples and to the nearest of the none bank, energy of both linear models
(Liu et al. 2020, arXiv:2010.03759), distance to the nearest intent under one shrunk covariance (Lee et al. 2018,
arXiv:1807.03888; Ledoit & Wolf 2004).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import logsumexp
from sklearn.covariance import ledoit_wolf

from assistant.linear import SoftmaxRegression, half

N_NEAREST = 3
N_LOGITS = 3  # kinds of logits: vector, ngrams, nearest


class IntentCore:
    """Fitted on one set of examples; a head fits several to see how it does on examples held out."""

    def __init__(self, c_vector: float, c_ngrams: float):
        self.c_vector = c_vector
        self.c_ngrams = c_ngrams

    def fit(
        self, vectors: np.ndarray, grams: csr_matrix, y: np.ndarray, n_classes: int, bank: np.ndarray
    ) -> IntentCore:
        """vectors: float32 (n, d) of length 1; y: int (n,) below n_classes; bank: vectors (m, d) that belong nowhere."""
        self.n_classes_ = n_classes
        self.y_, self.examples_, self.bank_ = y.astype(np.int32), half(vectors), half(bank)
        self.vector_ = _rounded(SoftmaxRegression(self.c_vector).fit(vectors, y, n_classes))
        self.ngrams_ = _rounded(SoftmaxRegression(self.c_ngrams).fit(grams, y, n_classes))
        means = np.stack(
            [vectors[y == k].mean(axis=0) if (y == k).any() else vectors.mean(axis=0) for k in range(n_classes)]
        )
        covariance, _ = ledoit_wolf(vectors - means[y], assume_centered=True)
        values, basis = np.linalg.eigh(covariance)
        self.whiten_ = half(basis / np.sqrt(np.maximum(values, 1e-6)))
        self.means_ = half(means) @ self.whiten_
        return self

    def logits(self, vectors: np.ndarray, grams: csr_matrix) -> np.ndarray:
        """float32 (N_LOGITS, n, n_classes): of the vector, of the n-grams, and mean cosine to an intent's nearest."""
        return np.stack([self.vector_.logits(vectors), self.ngrams_.logits(grams), self._nearest(vectors)])

    def strangeness(self, vectors: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """float32 (n, 6), see the module; `logits` are those of `self.logits`."""
        distance = np.square((vectors @ self.whiten_)[:, None, :] - self.means_[None]).sum(axis=2).min(axis=1)
        features = [
            logits[2].max(axis=1),
            _top(vectors @ self.bank_.T) if len(self.bank_) else np.zeros(len(vectors)),
            logsumexp(logits[0], axis=1),
            logsumexp(logits[1], axis=1),
            np.log(distance + 1e-6),
            _margin(logits[0]),
        ]
        return np.stack(features, axis=1).astype(np.float32)

    def _nearest(self, vectors: np.ndarray) -> np.ndarray:
        cosines = vectors @ self.examples_.T
        nearest = np.zeros((len(vectors), self.n_classes_), np.float32)
        for k in range(self.n_classes_):
            own = cosines[:, self.y_ == k]
            nearest[:, k] = _top(own) if own.shape[1] else -1.0
        return nearest


def _top(cosines: np.ndarray) -> np.ndarray:
    """The mean of the N_NEAREST largest of each row."""
    n = min(N_NEAREST, cosines.shape[1])
    return np.partition(cosines, -n, axis=1)[:, -n:].mean(axis=1)


def _margin(logits: np.ndarray) -> np.ndarray:
    best = np.sort(logits, axis=1)
    return best[:, -1] - best[:, -2] if logits.shape[1] > 1 else best[:, -1]


def _rounded(model: SoftmaxRegression) -> SoftmaxRegression:
    model.coef_, model.intercept_ = half(model.coef_), half(model.intercept_)
    return model
