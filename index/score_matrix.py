"""What every token adds to the BM25 score of every document, computed beforehand: bm25s builds it, numpy alone reads it.

bm25s brings scipy with it, a third of a second that a process which only searches does not wait for.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from bm25s import BM25


class ScoreMatrix(NamedTuple):
    """Documents (rows) by tokens in compressed columns: of token t the `indices` and `data` from indptr[t] to indptr[t + 1]."""

    data: np.ndarray  # float32
    indices: np.ndarray
    indptr: np.ndarray

    @classmethod
    def build(cls, documents: Sequence[Sequence[int]], n_tokens: int, k1: float, b: float) -> ScoreMatrix:
        """documents: token numbers below n_tokens; Lucene's BM25."""
        matrix = quiet_bm25(k1=k1, b=b, method="lucene")
        corpus = (documents, {number: number for number in range(n_tokens)})
        matrix.index(corpus, create_empty_token=False, show_progress=False)
        return cls(*(matrix.scores[name] for name in cls._fields))

    @classmethod
    def load(cls, folder: Path) -> ScoreMatrix:
        return cls(*(np.load(folder / _file(name)) for name in cls._fields))

    def save(self, folder: Path) -> None:
        """Write one array a file, called as bm25s calls them."""
        folder.mkdir()
        for name, array in self._asdict().items():
            np.save(folder / _file(name), array)

    def scores(self, tokens: Sequence[int], n_documents: int) -> np.ndarray:
        """A fresh float32 (n_documents,): the sum over the tokens, one or more, which may repeat."""
        scores = np.zeros(n_documents, dtype=np.float32)
        ends = zip(self.indptr.take(tokens).tolist(), self.indptr[1:].take(tokens).tolist(), strict=True)
        columns = [slice(start, end) for start, end in ends]
        documents, terms = (np.concatenate([part[column] for column in columns]) for part in (self.indices, self.data))
        np.add.at(scores, documents, terms)
        return scores

    def frequencies(self) -> np.ndarray:
        """How many documents hold each token."""
        return np.diff(self.indptr)


def quiet_bm25(**options) -> BM25:
    """A bm25s.BM25, whose package sets its own logger to DEBUG when it is imported."""
    from bm25s import BM25

    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return BM25(**options)


def _file(name: str) -> str:
    return f"{name}.csc.index.npy"
