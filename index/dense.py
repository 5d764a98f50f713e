"""Nearest entries by meaning: FAISS over unit vectors, several rows (wordings) to an entry.

An entry is known here by its slot, a small integer of the caller's; row j of slot s carries the FAISS id
s * MAX_ROWS + j, so no table beside the index is needed. Up to FLAT_ROWS rows the search is exhaustive; above, rows lie
in cells around k-means centres and the nearest cells are searched (inverted file, Johnson et al. 2017,
arXiv:1702.08734), rows kept in half precision. Both kinds add and remove rows in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import faiss
import numpy as np

from index.errors import IndexMismatch

MAX_ROWS = 1 << 16  # of one slot; wordings beyond that are nobody's FAQ
FLAT_ROWS = 12_000  # exhaustive search reads every row: about 1 ms for 12,000 x 256 on one thread
N_PROBE = 48  # cells searched: under 1 ms at 300,000 rows in 1,024 cells
_SEED = 20_261_122


class Dense:
    """A growing set of unit vectors under slots."""

    def __init__(self, dimension: int, index: faiss.Index | None = None, rows_of: Mapping[int, int] | None = None):
        self.dimension = dimension
        self._index = index if index is not None else faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self._rows_of = dict(rows_of or {})  # slot -> number of rows
        faiss.omp_set_num_threads(1)  # one request, one thread: two threads beside a busy neighbour are 3 times slower

    @classmethod
    def build(cls, vectors: np.ndarray, slots: Sequence[int]) -> Dense:
        """Index float32 (n, d) unit rows; rows of one slot stand together, their order is kept."""
        dimension = vectors.shape[1]
        ids, rows_of = _numbered(slots)
        faiss.omp_set_num_threads(1)
        dense = cls(dimension, _cells(vectors) if len(vectors) > FLAT_ROWS else None, rows_of)
        dense._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)
        return dense

    def add(self, slot: int, vectors: np.ndarray) -> None:
        """Add the rows of a new slot."""
        if slot in self._rows_of:
            raise ValueError(f"slot {slot} is in use")
        ids, counted = _numbered([slot] * len(vectors))
        self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)
        self._rows_of.update(counted)

    def remove(self, slot: int) -> None:
        """Remove the rows of a slot from memory; an unknown slot has none."""
        if n_rows := self._rows_of.pop(slot, 0):
            self._index.remove_ids(np.arange(row_id(slot, 0), row_id(slot, n_rows), dtype=np.int64))

    def nearest(self, vectors: np.ndarray, n: int) -> list[np.ndarray]:
        """For each query the FAISS ids of its `n` nearest rows, fewer when there are fewer.

        vectors: float32 (n_queries, d). Raises IndexMismatch when d differs.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise IndexMismatch(
                f"query vectors have shape {vectors.shape}, the index has {self.dimension} columns; "
                "rebuild it with this encoder (huida faq build)"
            )
        if not self._index.ntotal:
            return [np.empty(0, dtype=np.int64) for _ in vectors]
        _, ids = self._index.search(np.ascontiguousarray(vectors, dtype=np.float32), min(n, self._index.ntotal))
        return [row[row >= 0] for row in ids]  # FAISS pads with -1

    def cosines(self, vector: np.ndarray, slots: Sequence[int], hidden: frozenset[int] = frozenset()) -> np.ndarray:
        """The greatest cosine between `vector` and each slot's rows, float32 (len(slots),); -1 for a slot without any.

        `hidden` are row ids that count as absent: a wording searching for its own entry must not find itself.
        """
        best = np.full(len(slots), -1.0, dtype=np.float32)
        ids, counts = self._ids(slots)
        if not len(ids):
            return best
        cosines = self._index.reconstruct_batch(ids) @ vector
        if hidden:
            cosines[np.isin(ids, list(hidden))] = -1.0
        filled = np.flatnonzero(counts)
        best[filled] = np.maximum.reduceat(cosines, np.cumsum(counts[filled]) - counts[filled])
        return best

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path, dimension: int) -> Dense:
        """Read a file whose bytes were verified before: FAISS itself reads altered files without complaint."""
        index = faiss.read_index(str(path))
        if index.d != dimension:
            raise IndexMismatch(f"{path} holds vectors of {index.d} columns, expected {dimension}; build it again")
        if (cells := faiss.try_extract_index_ivf(index)) is not None:
            cells.set_direct_map_type(faiss.DirectMap.Hashtable)
            cells.nprobe = N_PROBE
            ids = _cell_ids(cells)
        else:
            ids = faiss.vector_to_array(index.id_map)
        slots, counts = np.unique(ids // MAX_ROWS, return_counts=True)
        return cls(dimension, index, dict(zip(slots.tolist(), counts.tolist(), strict=True)))

    def _ids(self, slots: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """The row ids of these slots one after the other, and how many each slot has."""
        slots = np.asarray(slots, dtype=np.int64)
        counts = np.array([self._rows_of.get(slot, 0) for slot in slots.tolist()], dtype=np.int64)
        first = slots * MAX_ROWS - (np.cumsum(counts) - counts)
        return np.repeat(first, counts) + np.arange(counts.sum()), counts


def row_id(slot: int, row: int) -> int:
    return slot * MAX_ROWS + row


def slots_of(ids: np.ndarray) -> np.ndarray:
    """The distinct slots of row ids, ascending."""
    return np.unique(ids // MAX_ROWS)


def _numbered(slots: Iterable[int]) -> tuple[np.ndarray, dict[int, int]]:
    counts: dict[int, int] = {}
    ids = []
    for slot in slots:
        row = counts.get(slot, 0)
        ids.append(row_id(slot, row))
        counts[slot] = row + 1
    if counts and max(counts.values()) > MAX_ROWS:
        raise ValueError(f"an entry has {max(counts.values())} wordings, at most {MAX_ROWS} are kept")
    return np.array(ids, dtype=np.int64), counts


def _cells(vectors: np.ndarray) -> faiss.IndexIVFScalarQuantizer:
    """An inverted file trained on a sample; the seed makes it repeatable."""
    n_cells = 1 << int(np.log2(2 * np.sqrt(len(vectors))))  # 512 at 100,000 rows, 1,024 at 300,000
    metric = faiss.METRIC_INNER_PRODUCT
    dimension = vectors.shape[1]
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension), dimension, n_cells, faiss.ScalarQuantizer.QT_fp16, metric
    )
    index.cp.seed, index.cp.niter, index.cp.spherical = _SEED, 10, True
    index.cp.max_points_per_centroid = 40
    index.set_direct_map_type(faiss.DirectMap.Hashtable)
    index.nprobe = N_PROBE
    index.train(np.ascontiguousarray(vectors, dtype=np.float32))
    return index


def _cell_ids(cells: faiss.IndexIVF) -> np.ndarray:
    lists = cells.invlists
    return np.concatenate(
        [
            faiss.rev_swig_ptr(lists.get_ids(cell), lists.list_size(cell)).copy()
            for cell in range(cells.nlist)
            if lists.list_size(cell)
        ]
        or [np.empty(0, dtype=np.int64)]
    )
