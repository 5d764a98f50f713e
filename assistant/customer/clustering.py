"""K-means, Ward and DBSCAN behind one interface: fit(x), labels_ and predict(x), where -1 is nobody's group.

Ward and DBSCAN hold all pairs of the rows they see, so they learn from at most MAX_ROWS drawn rows and give every
other row the group of what it lies next to. What is learned is `state_`, plain arrays, and `restore` takes it back.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Protocol, Self

import numpy as np
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import NearestNeighbors

NOISE = -1
MAX_ROWS = 6_000  # all pairs of these are 290 MB while Ward merges them
MIN_SAMPLES = 10  # neighbours within eps that make a row of DBSCAN a core
EPS_QUANTILE = 0.9  # eps is the distance that this share of the rows have to their MIN_SAMPLES-th neighbour


class Clustering(Protocol):
    """Learned: labels_ (n,) of the fitted rows, and state_, the arrays from which `predict` works."""

    labels_: np.ndarray
    state_: Mapping[str, np.ndarray]

    def fit(self, x: np.ndarray) -> Self: ...

    def restore(self, state: Mapping[str, np.ndarray]) -> Self: ...

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The group of each row of x, float (n, d); NOISE where there is none."""
        ...


class KMeansClustering:
    """Lloyd's K-means from k-means++ starts (Arthur & Vassilvitskii 2007)."""

    def __init__(self, n_clusters: int = 4, seed: int = 0, n_starts: int = 10):
        self.n_clusters, self.seed, self.n_starts = n_clusters, seed, n_starts

    def fit(self, x: np.ndarray) -> Self:
        with warnings.catch_warnings():
            # a draw of a small shop can hold fewer distinct customers than groups: then some groups are empty
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = KMeans(self.n_clusters, n_init=self.n_starts, random_state=self.seed).fit(x)
        self.state_ = {"centres": model.cluster_centers_}
        self.labels_ = self.predict(x)
        return self

    def restore(self, state: Mapping[str, np.ndarray]) -> Self:
        self.state_ = dict(state)
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        return _nearest(self.state_["centres"], x)


class WardClustering:
    """Merges whatever adds least to the variance within groups (Ward 1963); other rows go to the nearest centre."""

    def __init__(self, n_clusters: int = 4, seed: int = 0):
        self.n_clusters, self.seed = n_clusters, seed

    def fit(self, x: np.ndarray) -> Self:
        rows = drawn(len(x), MAX_ROWS, self.seed)
        labels = np.zeros(len(rows), int)
        if self.n_clusters > 1:  # scikit-learn merges two rows or more
            labels = AgglomerativeClustering(self.n_clusters, linkage="ward").fit(x[rows]).labels_
        self.state_ = {"centres": np.stack([x[rows][labels == k].mean(axis=0) for k in range(self.n_clusters)])}
        self.labels_ = self.predict(x)
        self.labels_[rows] = labels
        return self

    restore = KMeansClustering.restore
    predict = KMeansClustering.predict


class DbscanClustering:
    """Groups are where rows lie densely, of any shape and number (Ester et al. 1996); what lies apart is NOISE."""

    def __init__(self, eps: float | None = None, min_samples: int = MIN_SAMPLES, seed: int = 0):
        self.eps, self.min_samples, self.seed = eps, min_samples, seed

    def fit(self, x: np.ndarray) -> Self:
        rows = drawn(len(x), MAX_ROWS, self.seed)
        eps = self.eps or _usual_distance(x[rows], self.min_samples)
        model = DBSCAN(eps=eps, min_samples=self.min_samples).fit(x[rows])
        cores = model.core_sample_indices_
        self.state_ = {"cores": x[rows][cores], "labels": model.labels_[cores], "eps": np.array(eps)}
        self.labels_ = self.predict(x)
        self.labels_[rows] = model.labels_
        return self

    restore = KMeansClustering.restore

    def predict(self, x: np.ndarray) -> np.ndarray:
        labels = np.full(len(x), NOISE)
        if len(x) and len(self.state_["cores"]):
            distance, core = NearestNeighbors(n_neighbors=1).fit(self.state_["cores"]).kneighbors(x)
            near = distance[:, 0] <= self.state_["eps"]
            labels[near] = self.state_["labels"][core[near, 0]]
        return labels


def drawn(n: int, at_most: int, seed: int) -> np.ndarray:
    """Row numbers, ascending: all of n, or `at_most` of them drawn without replacement."""
    return np.arange(n) if n <= at_most else np.sort(np.random.default_rng(seed).choice(n, at_most, replace=False))


def _nearest(centres: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Ties go to the smaller number."""
    if not len(x):
        return np.empty(0, dtype=np.int64)
    return np.stack([np.square(x - centre).sum(axis=1) for centre in centres], axis=1).argmin(axis=1)


def _usual_distance(x: np.ndarray, n_neighbours: int) -> float:
    neighbours = NearestNeighbors(n_neighbors=min(n_neighbours, len(x))).fit(x)
    distance = neighbours.kneighbors(x)[0][:, -1]
    return max(float(np.quantile(distance, EPS_QUANTILE)), np.finfo(float).tiny)
