"""Hashed n-grams of a text, weighted like tf-idf: the surface features that the heads read beside the encoder's vector.

A unit is one Han character, one Latin word, or one mark; the features are runs of 1 to 4 units and, for words, also
their 3- and 4-letter pieces, which survive typos. Digits count as one digit, so order numbers do not become features.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from assistant.characters import fold

N_COLUMNS = 2**18  # of the hash; `fit` then keeps only the columns that occur
MAX_UNITS = 4
_DIGITS = re.compile(r"\d+")
_UNIT = re.compile(r"[a-z\u00c0-\u024f]+(?:'[a-z]+)?|\S")


class Ngrams:
    """Hash n-grams, keep the columns seen in at least `min_df` texts (at most `max_columns`, frequent ones first).

    Learned: columns_ int32 (k,), ascending; idf_ float32 (k,), smoothed as in scikit-learn: ln((1 + n) / (1 + df)) + 1.
    """

    def __init__(self, min_df: int = 1, max_columns: int = N_COLUMNS):
        self.min_df = min_df
        self.max_columns = max_columns

    def fit(self, texts: Sequence[str]) -> Ngrams:
        self._learn(_hashed(texts))
        return self

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        hashed = _hashed(texts)
        self._learn(hashed)
        return self._weigh(hashed)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """float32 CSR (n, k), rows of length 1, or 0 where no feature is known: (1 + ln tf) * idf, normalised."""
        return self._weigh(_hashed(texts))

    def restore(self, columns: np.ndarray, idf: np.ndarray) -> Ngrams:
        """Take learned columns and weights back from a file."""
        self.columns_, self.idf_ = columns.astype(np.int32), idf.astype(np.float32)
        return self

    def _learn(self, hashed: csr_matrix) -> None:
        df = np.bincount(hashed.indices, minlength=N_COLUMNS)
        frequent_first = np.argsort(-df, kind="stable")[: self.max_columns]
        self.columns_ = np.sort(frequent_first[df[frequent_first] >= self.min_df]).astype(np.int32)
        # float16 is what a saved head keeps; rounding here makes a loaded head score as the fitted one did
        idf = np.log((1 + hashed.shape[0]) / (1 + df[self.columns_])) + 1
        self.idf_ = idf.astype(np.float16).astype(np.float32)

    def _weigh(self, hashed: csr_matrix) -> csr_matrix:
        # a message has a hundred n-grams: looking these up beats a table of all columns, which costs 2 ms to lay out
        columns = np.searchsorted(self.columns_, hashed.indices)
        columns[columns == len(self.columns_)] = 0
        known = self.columns_[columns] == hashed.indices if len(self.columns_) else np.zeros(len(columns), bool)
        ends = np.concatenate([[0], np.cumsum(known)])[hashed.indptr]
        columns = columns[known]
        weights = (1 + np.log(hashed.data[known])) * self.idf_[columns]
        shape = (hashed.shape[0], len(self.columns_))
        return normalize(csr_matrix((weights.astype(np.float32), columns, ends), shape=shape), copy=False)


def ngrams(text: str) -> Iterator[str]:
    """The features of one text, repeated as often as they occur."""
    units = _UNIT.findall(_DIGITS.sub("0", fold(text)))
    for size in range(1, MAX_UNITS + 1):
        for start in range(len(units) - size + 1):
            yield "\t".join(units[start : start + size])
    for word in units:
        if len(word) > 2:
            marked = f"<{word}>"
            for size in (3, 4):
                yield from (marked[start : start + size] for start in range(len(marked) - size + 1))


_HASHER = HashingVectorizer(
    analyzer=ngrams, n_features=N_COLUMNS, alternate_sign=False, norm=None, dtype=np.float32
)  # stateless


def _hashed(texts: Sequence[str]) -> csr_matrix:
    return _HASHER.transform(texts) if len(texts) else csr_matrix((0, N_COLUMNS), dtype=np.float32)
