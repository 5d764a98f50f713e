"""Groups of customers by recency, number of purchases and spend: found, counted, named, mapped and watched.

segments = fit_segments(features(table))
segments.predict(features(later)), segments.save(folder), Segments.load(folder)
drift({id: key}, {id: key}).psi                                  segment_drift: the last run against this one
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.customer.clustering import NOISE, Clustering, DbscanClustering, KMeansClustering, WardClustering
from assistant.customer.purchases import Rfm
from assistant.customer.segment_choice import Candidate, choose
from assistant.customer.segment_names import UNUSUAL, SegmentName, names_of
from assistant.errors import ArtifactError, InputError
from assistant.head_files import load_head, save_head

KIND = "segments"
METHODS = {"kmeans": KMeansClustering, "ward": WardClustering, "dbscan": DbscanClustering}
CANDIDATES = tuple(range(3, 11))  # two groups say "good" and "bad", more than ten nobody can keep apart


@dataclass(frozen=True, slots=True)
class Segment:
    """One group and its middle customer: medians of its members, so that a name can be checked against facts."""

    name: SegmentName
    n: int
    share: float
    recency_days: float
    n_purchases: float
    spend_cny: float


@dataclass(frozen=True, slots=True)
class Segments:
    """Learned: groups, their names, and the axes of the map. `segments[k]` is group k, most spending first.

    mean, scale: float (3,) of the log features. axes: float (2, 3), the map's directions.
    """

    method: str
    clustering: Clustering
    order: np.ndarray  # int (k,): the clustering's label of group k
    mean: np.ndarray
    scale: np.ndarray
    axes: np.ndarray
    explained: tuple[float, float]  # shares of the variance that the map's two axes show
    segments: tuple[Segment, ...]
    candidates: tuple[Candidate, ...] = ()

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The group of each row of `features`, int (n,); NOISE (-1) for what lies apart, with DBSCAN alone."""
        labels = self.clustering.predict(self._standardised(x))
        group = np.full(max(self.order, default=NOISE) + 2, NOISE)  # its last place is NOISE's own
        group[self.order] = np.arange(len(self.order))
        return group[labels]

    def names(self, x: np.ndarray) -> list[SegmentName]:
        return [self.segments[k].name if k >= 0 else UNUSUAL for k in self.predict(x)]

    def map(self, x: np.ndarray) -> np.ndarray:
        """Where each row of `features` stands on the map, float (n, 2): its two principal components."""
        return self._standardised(x) @ self.axes.T

    def save(self, folder: Path) -> str:
        """Write the folder and return the version."""
        state = {f"state_{name}": array for name, array in self.clustering.state_.items()}
        arrays = {name: getattr(self, name) for name in ("order", "mean", "scale", "axes")}
        facts = [
            [s.name.key, s.name.zh, s.name.en, s.n, s.share, s.recency_days, s.n_purchases, s.spend_cny]
            for s in self.segments
        ]
        fields = {"method": self.method, "segments": facts, "explained": list(self.explained)}
        return save_head(folder, KIND, state | arrays, fields)

    @classmethod
    def load(cls, folder: Path) -> Segments:
        """Raises ArtifactError when the folder is missing, edited or of another kind."""
        weights, manifest = load_head(folder, KIND)
        if (method := manifest.fields["method"]) not in METHODS:
            raise ArtifactError(f"{folder} was made by {method!r}, expected one of {', '.join(METHODS)}; fit it again")
        prefix = "state_"
        state = {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}
        segments = tuple(Segment(SegmentName(*fact[:3]), *fact[3:]) for fact in manifest.fields["segments"])
        arrays = {name: weights[name] for name in ("order", "mean", "scale", "axes")}
        clustering = METHODS[method]().restore(state)
        return cls(method, clustering, explained=tuple(manifest.fields["explained"]), segments=segments, **arrays)

    def _standardised(self, x: np.ndarray) -> np.ndarray:
        return (np.log1p(np.asarray(x, float)) - self.mean) / self.scale


def features(table: Rfm) -> np.ndarray:
    """float (n, 3), none negative: days since the last purchase counted from 1, days with a purchase, spend."""
    return rfm_features(table.recency_days, table.frequency + 1, table.spend_cny)


def rfm_features(recency_days: np.ndarray, n_days: np.ndarray, spend_cny: np.ndarray) -> np.ndarray:
    """The same from columns. Who sent back more than they bought counts as having spent nothing."""
    columns = (recency_days + 1, n_days, np.maximum(spend_cny, 0))
    return np.stack([np.asarray(column, float) for column in columns], axis=1)


def fit_segments(
    x: np.ndarray, method: str = "kmeans", n_clusters: int | None = None, candidates: Sequence[int] = CANDIDATES, seed=0
) -> Segments:
    """Learn the groups of the rows of `features`; without `n_clusters` their number is chosen (segment_choice).

    Raises InputError for no rows, or a method that does not exist.
    """
    x = np.asarray(x, float)
    if method not in METHODS:
        raise InputError(f"there is no segmentation {method!r}; expected one of {', '.join(METHODS)}")
    if not len(x):
        raise InputError("nobody has bought anything, so there are no segments to find; import orders first")
    logs = np.log1p(x)
    mean, scale = logs.mean(axis=0), logs.std(axis=0)
    scale[scale < 1e-9] = 1.0  # a feature that is the same for all tells nobody apart
    z = (logs - mean) / scale
    n_distinct = len(np.unique(z, axis=0))
    tried: tuple[Candidate, ...] = ()
    if method == "dbscan":
        clustering = DbscanClustering(seed=seed)
    else:
        tried = () if n_clusters else choose(z, METHODS[method], [k for k in candidates if k < n_distinct], seed)
        wanted = n_clusters or next((c.n_clusters for c in tried if c.chosen), 1)
        clustering = METHODS[method](min(wanted, n_distinct), seed=seed)
    axes, explained = _map_axes(z)
    fitted = Segments(method, clustering.fit(z), np.empty(0, int), mean, scale, axes, explained, (), tried)
    return _described(fitted, x, z)


def _described(fitted: Segments, x: np.ndarray, z: np.ndarray) -> Segments:
    """With names and facts, the group of the greatest median spend first."""
    labels = fitted.clustering.labels_
    found = [k for k in np.unique(labels) if k != NOISE]
    order = np.array(sorted(found, key=lambda k: -np.median(x[labels == k, 2])), dtype=np.int64)
    names = names_of(np.array([z[labels == k].mean(axis=0) for k in order])) if found else []
    segments = []
    for name, k in zip(names, order, strict=True):
        inside = labels == k
        middle = [float(value) for value in np.median(x[inside], axis=0)]
        segments.append(Segment(name, int(inside.sum()), float(inside.mean()), *middle))
    return replace(fitted, order=order, segments=tuple(segments))


def _map_axes(z: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """The two main directions, each pointing towards more spend, and the shares of the variance they show."""
    values, vectors = np.linalg.eigh(z.T @ z / len(z))
    axes = vectors[:, ::-1].T[:2]
    axes = axes * np.where(axes[:, 2:3] < 0, -1, 1)
    total = max(float(values.sum()), np.finfo(float).tiny)
    return axes, (float(values[-1] / total), float(values[-2] / total))
