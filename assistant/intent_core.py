"""What an intent head sees of a message: logits of every intent, and how far it lies from all that is known.

Out-of-scope features: cosine to the nearest examples and to the nearest of the none bank, energy of both linear models
(Liu et al. 2020, arXiv:2010.03759), distance to the nearest intent under one shrunk covariance (Lee et al. 2018,
arXiv:1807.03888; Ledoit & Wolf 2004).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from assistant.features import Rows
from assistant.linear import SoftmaxRegression, half, logsumexp

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

N_NEAREST = 3
N_LOGITS = 3  # kinds of logits: vector, ngrams, nearest
PAGE = 512  # rows compared with every example at a time


class IntentCore:
    """Fitted on one set of examples; a head fits several to see how it does on examples held out."""

    def __init__(self, c_vector: float, c_ngrams: float):
        self.c_vector = c_vector
        self.c_ngrams = c_ngrams

    def fit(
        self, vectors: np.ndarray, grams: csr_matrix, y: np.ndarray, n_classes: int, bank: np.ndarray
    ) -> IntentCore:
        """vectors: float32 (n, d) of length 1; y: int (n,) below n_classes; bank: vectors (m, d) that belong nowhere."""
        from sklearn.covariance import ledoit_wolf  # takes two seconds to import, and a server need not fit

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

    def logits(self, vectors: np.ndarray, grams: csr_matrix | Rows) -> np.ndarray:
        """float32 (N_LOGITS, n, n_classes): of the vector, of the n-grams, and mean cosine to an intent's nearest."""
        return np.stack([self.vector_.logits(vectors), self.ngrams_.logits(grams), self._nearest(vectors)])

    def strangeness(self, vectors: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """float32 (n, 6), see the module; `logits` are those of `self.logits`."""
        white = vectors @ self.whiten_
        # |a - b|^2 = |a|^2 - 2 a.b + |b|^2, without an array of every row against every intent's every dimension
        distance = np.square(white).sum(axis=1) + (self._squares - 2 * white @ self.means_.T).min(axis=1)
        features = [
            logits[2].max(axis=1),
            _top(vectors @ self.bank_.T) if len(self.bank_) else np.zeros(len(vectors)),
            logsumexp(logits[0]),
            logsumexp(logits[1]),
            np.log(np.maximum(distance, 0) + 1e-6),
            _margin(logits[0]),
        ]
        return np.stack(features, axis=1).astype(np.float32)

    def _nearest(self, vectors: np.ndarray) -> np.ndarray:
        """Mean cosine to the N_NEAREST nearest examples of each intent, -1 for an intent without any."""
        if len(vectors) > PAGE:  # a row takes a number for every example, three times over
            pages = range(0, len(vectors), PAGE)
            return np.concatenate([self._nearest(vectors[start : start + PAGE]) for start in pages])
        places, counts = self._places
        cosines = np.column_stack([vectors @ self.examples_.T, np.full(len(vectors), -np.inf, np.float32)])
        best = np.partition(cosines[:, places], -N_NEAREST, axis=2)[:, :, -N_NEAREST:]
        sums = np.where(np.isneginf(best), 0, best).sum(axis=2)
        return np.where(counts, sums / np.clip(counts, 1, N_NEAREST), -1).astype(np.float32)

    @cached_property
    def _squares(self) -> np.ndarray:
        return np.square(self.means_).sum(axis=1)

    @cached_property
    def _places(self) -> tuple[np.ndarray, np.ndarray]:
        """The examples of each intent, filled up with one that is none (n_classes, most), and how many each has."""
        counts = np.bincount(self.y_, minlength=self.n_classes_)
        places = np.full((self.n_classes_, max(N_NEAREST, counts.max(initial=0))), len(self.y_))
        for k in range(self.n_classes_):
            places[k, : counts[k]] = np.flatnonzero(self.y_ == k)
        return places, counts


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
