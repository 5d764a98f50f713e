"""Hashed n-grams of a text, weighted like tf-idf: the surface features that the heads read beside the encoder's vector.

A unit is one Han character, one Latin word, or one mark; the features are runs of 1 to 4 units and, for words, also
their 3- and 4-letter pieces, which survive typos. Digits count as one digit, so order numbers do not become features.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from assistant.characters import fold

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

N_COLUMNS = 2**20  # of the hash; `fit` then keeps only the columns that occur
MAX_UNITS = 4
_BETWEEN = "\t"  # the units of a run
_DIGITS = re.compile(r"\d+")
_UNIT = re.compile(r"[a-z\u00c0-\u024f]+(?:'[a-z]+)?|\S")


@dataclass(frozen=True, slots=True)
class Hashed:
    """N-grams of n texts: those of text i are `columns[starts[i]:starts[i + 1]]`, ascending, each met `counts` times."""

    starts: np.ndarray
    columns: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str]) -> Hashed:
        met = [_hashes(text) for text in texts]
        of_text = np.repeat(np.arange(len(met)), [len(hashes) for hashes in met])
        columns = np.array(list(chain.from_iterable(met)), dtype=np.int64) % N_COLUMNS
        keys, counts = np.unique(of_text * N_COLUMNS + columns, return_counts=True)
        starts = np.searchsorted(keys, np.arange(len(met) + 1) * N_COLUMNS)
        return cls(starts, (keys % N_COLUMNS).astype(np.int32), counts.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Rows:
    """Weighted rows, of length 1 or empty, laid out like `Hashed`. `rows @ coef` spares what a scipy matrix checks."""

    starts: np.ndarray
    columns: np.ndarray
    weights: np.ndarray
    n_columns: int

    def __matmul__(self, coef: np.ndarray) -> np.ndarray:
        """coef: float32 (n_columns, k); returns float32 (n, k)."""
        product = np.zeros((len(self.starts) - 1, coef.shape[1]), dtype=np.float32)
        filled = np.flatnonzero(np.diff(self.starts))
        if len(filled):
            terms = self.weights[:, None] * coef[self.columns]
            product[filled] = np.add.reduceat(terms, self.starts[filled], axis=0)
        return product

    def matrix(self) -> csr_matrix:
        from scipy.sparse import csr_matrix

        shape = (len(self.starts) - 1, self.n_columns)
        return csr_matrix((self.weights, self.columns, self.starts), shape=shape)


class Ngrams:
    """Hash n-grams, keep the columns seen in at least `min_df` texts (at most `max_columns`, frequent ones first).

    Learned: columns_ int32 (k,), ascending; idf_ float32 (k,), smoothed as in scikit-learn: ln((1 + n) / (1 + df)) + 1.
    """

    def __init__(self, min_df: int = 1, max_columns: int = N_COLUMNS):
        self.min_df = min_df
        self.max_columns = max_columns

    def fit(self, texts: Sequence[str]) -> Ngrams:
        self._learn(Hashed.of(texts))
        return self

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        hashed = Hashed.of(texts)
        self._learn(hashed)
        return self.rows(hashed).matrix()

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """float32 CSR (n, k), rows of length 1, or 0 where no feature is known: (1 + ln tf) * idf, normalised."""
        return self.rows(Hashed.of(texts)).matrix()

    def rows(self, hashed: Hashed) -> Rows:
        """The same rows of texts hashed before, which all heads share."""
        places = self._places[hashed.columns]
        known = places >= 0
        starts = np.concatenate([[0], np.cumsum(known)])[hashed.starts]
        places = places[known]
        weights = (1 + np.log(hashed.counts[known])) * self.idf_[places]
        lengths = np.diff(starts)
        filled = np.flatnonzero(lengths)
        if len(filled):
            norms = np.sqrt(np.add.reduceat(weights * weights, starts[filled]))
            weights = weights / np.repeat(norms, lengths[filled])
        return Rows(starts, places, weights.astype(np.float32), len(self.columns_))

    def restore(self, columns: np.ndarray, idf: np.ndarray) -> Ngrams:
        """Take learned columns and weights back from a file."""
        self.columns_, self.idf_ = columns.astype(np.int32), idf.astype(np.float32)
        self._lay_out()
        return self

    def _lay_out(self) -> None:
        """A table of all columns, -1 for those left out: a look into it takes a tenth of a search."""
        self._places = np.full(N_COLUMNS, -1, dtype=np.int32)
        self._places[self.columns_] = np.arange(len(self.columns_), dtype=np.int32)

    def _learn(self, hashed: Hashed) -> None:
        df = np.bincount(hashed.columns, minlength=N_COLUMNS)
        frequent_first = np.argsort(-df, kind="stable")[: self.max_columns]
        self.columns_ = np.sort(frequent_first[df[frequent_first] >= self.min_df]).astype(np.int32)
        # float16 is what a saved head keeps; rounding here makes a loaded head score as the fitted one did
        idf = np.log(len(hashed.starts) / (1 + df[self.columns_])) + 1
        self.idf_ = idf.astype(np.float16).astype(np.float32)
        self._lay_out()


def ngrams(text: str) -> Iterator[str]:
    """The features of one text, repeated as often as they occur."""
    units = _units(text)
    for size in range(1, MAX_UNITS + 1):
        for start in range(len(units) - size + 1):
            yield _BETWEEN.join(units[start : start + size])
    for word in units:
        yield from _pieces(word)


def _units(text: str) -> list[str]:
    return _UNIT.findall(_DIGITS.sub("0", fold(text)))


def _pieces(word: str) -> list[str]:
    """Of the letters of a word; a mark and a Han character have none."""
    marked = f"<{word}>"
    sizes = (3, 4) if len(word) > 2 else ()
    return [marked[start : start + size] for size in sizes for start in range(len(marked) - size + 1)]


def _hashes(text: str) -> list[int]:
    """The CRC-32 of each of `ngrams(text)`, in its order. That of a longer run goes on from the shorter one's."""
    units = _units(text)
    runs = list(map(_hash, units))
    hashes, following = runs, list(map(_following, units))
    for size in range(1, MAX_UNITS):
        runs = list(map(zlib.crc32, following[size:], runs))
        hashes = hashes + runs
    for word in units:
        if len(word) > 2:
            hashes += _piece_hashes(word)
    return hashes


# a day's messages are made of some thousand words and characters
@lru_cache(maxsize=20_000)
def _following(unit: str) -> bytes:
    return (_BETWEEN + unit).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=20_000)
def _hash(gram: str) -> int:
    return zlib.crc32(gram.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=20_000)
def _piece_hashes(word: str) -> tuple[int, ...]:
    return tuple(map(_hash.__wrapped__, _pieces(word)))
