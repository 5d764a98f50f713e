"""Word by word: for each word of a query the nearest word of an entry, by the encoder's word vectors.

score = sum over the query's words w of m(w) * max(0, best cosine of w with a word of the entry) / sum of m(w)
m(w) = idf(w) * weight(w): how rare it is among the entries, and how much it says of a message's matter, which is learned

A vector of a whole text blurs what BM25 keeps apart, and BM25 knows no synonyms; this stands between the two. It is late
interaction (Khattab & Zaharia 2020, arXiv:2004.12832) over word vectors without context, so that an entry costs two
bytes a word and no forward pass. It reads candidates that the other sides put forward, and searches for none itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from index.query import WordVectors

FLOOR_IDF = 0.1  # a word that stands in every entry still counts a little


@dataclass(frozen=True)
class _Document:
    """Word numbers of an entry's wordings and of its answer, uint16 or int32."""

    wordings: tuple[np.ndarray, ...]
    answer: np.ndarray

    @cached_property
    def words(self) -> np.ndarray:
        """Each once."""
        return np.unique(np.concatenate([*self.wordings, self.answer]))

    def words_without(self, rows: Sequence[int]) -> np.ndarray:
        left = (own for row, own in enumerate(self.wordings) if row not in rows)
        return np.unique(np.concatenate([*left, self.answer]))


class Alignment:
    """The words of all entries, under slots. Without word vectors every score is 0."""

    def __init__(self, words: WordVectors | None):
        self._words = words
        self._documents: dict[int, _Document] = {}
        self._df = np.zeros(len(words.table) if words else 0, dtype=np.int64)

    def prepare(self, wordings: Sequence[str], answer: str) -> _Document | None:
        """Cut one entry's texts into words."""
        if self._words is None:
            return None
        return _Document(tuple(map(self._words.numbers, wordings)), self._words.numbers(answer))

    def add(self, slot: int, document: _Document | None) -> None:
        if document is not None:
            self._documents[slot] = document
            self._df[document.words] += 1

    def remove(self, slot: int) -> None:
        if (document := self._documents.pop(slot, None)) is not None:
            self._df[document.words] -= 1

    def scores(self, query: np.ndarray, slots: Sequence[int], without: dict[int, Sequence[int]]) -> np.ndarray:
        """float32 (len(slots),) in [0, 1].

        query: word numbers; without: slot -> rows of its wordings that count as absent.
        """
        scores = np.zeros(len(slots), dtype=np.float32)
        if self._words is None or not len(query) or not len(slots):
            return scores
        parts = [self._documents[slot].words for slot in np.asarray(slots).tolist()]
        for place, slot in enumerate(slots):
            if slot in without:
                parts[place] = self._documents[slot].words_without(without[slot])
        lengths = np.array([len(part) for part in parts])
        filled = np.flatnonzero(lengths)
        if not len(filled):
            return scores
        table = self._words.table
        words, places = np.unique(np.concatenate(parts), return_inverse=True)  # candidates share half of their words
        cosines = (table[query] @ table[words].T)[:, places]
        starts = np.cumsum(lengths[filled]) - lengths[filled]
        nearest = np.maximum(np.maximum.reduceat(cosines, starts, axis=1), 0.0)
        df = self._df[query]
        idf = np.log1p((len(self._documents) - df + 0.5) / (df + 0.5)) + FLOOR_IDF
        counts = idf * self._words.weight[query]
        scores[filled] = (counts / counts.sum()).astype(np.float32) @ nearest
        return scores

    def save(self, path: Path) -> None:
        """One flat file: for each slot the number of its texts, for each text its length, then all word numbers."""
        texts = [text for document in self._documents.values() for text in (*document.wordings, document.answer)]
        np.savez(
            path,
            slots=np.array(list(self._documents), dtype=np.int64),
            n_texts=np.array([len(document.wordings) + 1 for document in self._documents.values()], dtype=np.int64),
            lengths=np.array([len(text) for text in texts], dtype=np.int64),
            words=np.concatenate([np.empty(0, dtype=np.uint16), *texts]),
        )

    @classmethod
    def load(cls, path: Path, words: WordVectors | None) -> Alignment:
        """Read what `save` wrote; the caller has verified the bytes."""
        alignment = cls(words)
        with np.load(path, allow_pickle=False) as saved:
            texts = np.split(saved["words"], np.cumsum(saved["lengths"])[:-1]) if len(saved["lengths"]) else []
            ends = np.cumsum(saved["n_texts"])
            for slot, end, n in zip(saved["slots"].tolist(), ends, saved["n_texts"], strict=True):
                alignment.add(slot, _Document(tuple(texts[end - n : end - 1]), texts[end - 1]))
        return alignment
