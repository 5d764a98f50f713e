"""Segments on Online Retail II: K-means for three to ten groups, its silhouettes and how stable four groups are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.customer.clustering import KMeansClustering
from assistant.customer.purchases import rfm
from assistant.customer.segment_choice import measure
from assistant.customer.segments import features, fit_segments
from training.customer_figures import Figure, online_retail

DATA = "Online Retail II"
SILHOUETTES = {3: 0.351, 4: 0.367, 5: 0.344, 6: 0.335, 7: 0.302, 8: 0.296, 9: 0.288, 10: 0.291}
CHOSEN, STABILITY = 4, 0.95


def figures(folder: Path) -> Iterator[Figure]:
    log = online_retail(folder)
    x = features(rfm(log.by_day(), log.day[-1]))
    fitted = fit_segments(x, candidates=tuple(SILHOUETTES))
    for found in fitted.candidates:
        k = found.n_clusters
        # other starts end in other groups: three digits of a silhouette repeat for k = 3 to 5, beyond they compare alone
        better = "higher" if k <= CHOSEN + 1 else None
        yield Figure(
            "segments", DATA, "kmeans", f"silhouette, k = {k}", found.silhouette, len(x), SILHOUETTES[k], better
        )
        if k == CHOSEN:
            yield Figure(
                "segments", DATA, "kmeans", "bootstrap ARI, k = 4", found.stability, len(x), STABILITY, "higher", 2
            )
    yield from _without_logarithms(x)
    for method in ("kmeans", "ward", "dbscan"):
        others = fitted if method == "kmeans" else fit_segments(x, method, n_clusters=CHOSEN)
        floor, better = (CHOSEN, "same") if method == "kmeans" else (None, None)
        yield Figure("segments", DATA, method, "groups", len(others.segments), len(x), floor, better, 0)
        for segment in others.segments if method == "kmeans" else ():
            yield Figure(
                "segments", DATA, method, f"share {segment.name.en}", float(np.round(segment.share, 6)), segment.n
            )


def _without_logarithms(x: np.ndarray) -> Iterator[Figure]:
    """Why the silhouette alone misleads: four groups score best where the smallest is a handful of customers."""
    found = measure((x - x.mean(axis=0)) / x.std(axis=0), KMeansClustering, CHOSEN)
    yield Figure("segments", DATA, "kmeans, no logarithms", "silhouette, k = 4", found.silhouette, len(x), 0.576)
    yield Figure(
        "segments", DATA, "kmeans, no logarithms", "smallest group", found.smallest_share * len(x), len(x), 4, digits=0
    )
