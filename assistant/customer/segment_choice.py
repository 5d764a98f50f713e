"""How many groups: tight ones that come back on another draw of customers, and none too small to act on.

The silhouette alone misleads: without logarithms it likes four groups of 4, 51, 2,005 and 3,818 customers best.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.metrics import adjusted_rand_score, silhouette_score

from assistant.customer.clustering import Clustering, drawn

MAX_ROWS = 6_000  # all pairs of them are measured; more change the third digit
N_DRAWS = 10  # bootstrap draws whose groups are compared
MIN_STABILITY = 0.8  # mean adjusted Rand index: below, the next draw tells another story
MIN_SHARE = 0.03  # of all customers in the smallest group


@dataclass(frozen=True, slots=True)
class Candidate:
    """silhouette in [-1, 1] (Rousseeuw 1987); stability is a mean adjusted Rand index (Hubert & Arabie 1985)."""

    n_clusters: int
    silhouette: float
    stability: float
    smallest_share: float
    chosen: bool = False

    @property
    def is_sound(self) -> bool:
        return self.stability >= MIN_STABILITY and self.smallest_share >= MIN_SHARE


def choose(
    z: np.ndarray, clustering: Callable[..., Clustering], candidates: Sequence[int], seed: int = 0
) -> tuple[Candidate, ...]:
    """Try each number of groups; the sound one of the best silhouette is chosen, or the most stable if none is sound."""
    z = z[drawn(len(z), MAX_ROWS, seed)]
    tried = [measure(z, clustering, k, seed) for k in candidates]
    if not tried:
        return ()
    best = max(tried, key=lambda c: (c.is_sound, c.silhouette if c.is_sound else c.stability, -c.n_clusters))
    return tuple(replace(c, chosen=c is best) for c in tried)


def measure(z: np.ndarray, clustering: Callable[..., Clustering], n_clusters: int, seed: int = 0) -> Candidate:
    """Stability: groups of bootstrap draws, extended to all rows, against those of all rows (Ben-Hur et al. 2002)."""
    labels = clustering(n_clusters, seed=seed).fit(z).labels_
    rng = np.random.default_rng(seed)
    draws = [z[rng.integers(0, len(z), len(z))] for _ in range(N_DRAWS)]
    again = [clustering(n_clusters, seed=seed).fit(draw).predict(z) for draw in draws]
    stability = float(np.mean([adjusted_rand_score(labels, other) for other in again]))
    smallest = float(np.bincount(labels, minlength=n_clusters).min() / len(labels))
    n_found = len(np.unique(labels))
    silhouette = float(silhouette_score(z, labels)) if 1 < n_found < len(z) else 0.0
    return Candidate(n_clusters, silhouette, stability, smallest)
