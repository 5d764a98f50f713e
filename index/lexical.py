"""BM25 over injected tokens that also takes new and changed entries without a rebuild.

score(q, d) = sum over the tokens t of q of idf(t) * tf / (tf + K1 * (1 - B + B * |d| / mean length)),
idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))                                  (Lucene's form; Robertson & Zaragoza 2009)

Most documents lie in a matrix of ready scores. New ones lie beside it in small posting lists, scored by the same
formula with the matrix's N, df and mean length; once they are an eighth of all, everything is built into one again.
Scores are divided by the sum of the query's idf, the most that any document could reach: a query whose words the
documents do not know scores low everywhere, which is how this side says that it knows little.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from index.score_matrix import ScoreMatrix

K1, B = 1.2, 0.75  # Robertson's and Lucene's defaults


class Lexical:
    """Documents of tokens under slots (small integers of the caller's)."""

    def __init__(self, documents: Iterable[tuple[int, Sequence[str]]] = ()):
        self._vocabulary: dict[str, int] = {}
        self._documents = {slot: self._numbered(tokens) for slot, tokens in documents}  # slot -> int32 token numbers
        self._compact()

    def __len__(self) -> int:
        return len(self._documents)

    def add(self, slot: int, tokens: Sequence[str]) -> None:
        """Add the document of a new slot; it is found at once."""
        if slot in self._documents or slot in self._dead:
            raise ValueError(f"slot {slot} is in use")
        self._documents[slot] = numbers = self._numbered(tokens)
        self._n_recent += 1
        if self._n_recent > self._n_documents // 8:
            self._compact()
            return
        self._width = max(self._width, slot + 1)
        for number, weight in self._document_weights(Counter(numbers.tolist()), len(numbers)).items():
            self._recent[number].append((slot, weight))

    def remove(self, slot: int) -> None:
        """Forget a document; an unknown slot is none."""
        if self._documents.pop(slot, None) is not None:
            self._dead.append(slot)

    def scores(self, tokens: Sequence[str]) -> np.ndarray:
        """Share in [0, 1) of the greatest possible score, float32 (slots from 0 on,); 0 where nothing matches."""
        numbers = [self._vocabulary[token] for token in tokens if token in self._vocabulary]
        scores = self._matrix_scores([number for number in numbers if number < self._n_known])
        for number in numbers:
            for slot, weight in self._recent.get(number, ()):
                scores[slot] += weight
        scores[self._dead] = 0.0
        scores /= self._ceiling(tokens) or 1.0
        return scores

    def knows(self, token: str) -> bool:
        """Whether a document holds the token, or held it once."""
        return token in self._vocabulary

    def score_without(self, tokens: Sequence[str], slot: int, hidden: Sequence[str]) -> float:
        """The score of one document as if the tokens `hidden`, which are part of it, did not stand in it."""
        left = self._left(slot, hidden)
        weights = self._document_weights(left, left.total())
        total = sum(weights.get(self._vocabulary.get(token, -1), 0.0) for token in tokens)
        return total / (self._ceiling(tokens) or 1.0)

    def covered(self, tokens: Sequence[str], slots: Iterable[int], without: Mapping[int, Sequence[str]]) -> list[float]:
        """Share in [0, 1] of the query's idf weight whose tokens stand in each document at all.

        without: slot -> tokens that are part of its document and count as absent.
        """
        numbers = [self._vocabulary.get(token, -1) for token in tokens]
        weights = [self._idf(number) for number in numbers]
        shares = []
        for slot in slots:
            standing = self._left(slot, without[slot]) if slot in without else set(self._documents[slot].tolist())
            found = sum(weight for number, weight in zip(numbers, weights, strict=True) if number in standing)
            shares.append(found / (sum(weights) or 1.0))
        return shares

    def save(self, folder: Path) -> None:
        """Write plain arrays and JSON into a new folder."""
        self._compact()
        folder.mkdir()
        documents = [self._documents[slot] for slot in self._slots.tolist()]
        np.save(folder / "slots.npy", self._slots)
        np.save(folder / "tokens.npy", _joined(documents))
        np.save(folder / "lengths.npy", np.array([len(document) for document in documents], dtype=np.int64))
        (folder / "vocabulary.json").write_text(json.dumps(list(self._vocabulary), ensure_ascii=False), "utf-8")
        if self._matrix is not None:
            self._matrix.save(folder / "bm25")

    @classmethod
    def load(cls, folder: Path) -> Lexical:
        """Read what `save` wrote; the caller has verified the bytes."""
        lexical = cls()
        words = json.loads((folder / "vocabulary.json").read_text("utf-8"))
        slots, tokens, lengths = (np.load(folder / f"{name}.npy") for name in ("slots", "tokens", "lengths"))
        ends = np.cumsum(lengths)
        lexical._vocabulary = {word: number for number, word in enumerate(words)}
        lexical._documents = {
            slot: tokens[end - length : end] for slot, end, length in zip(slots.tolist(), ends, lengths, strict=True)
        }
        matrix = folder / "bm25"
        lexical._take(ScoreMatrix.load(matrix) if matrix.is_dir() else None)
        return lexical

    def _matrix_scores(self, numbers: list[int]) -> np.ndarray:
        """A fresh float32 (width,)."""
        if numbers and len(self._slots) == self._width:  # no gaps and nothing recent: position is slot
            return self._matrix.scores(numbers, self._n_documents)
        scores = np.zeros(self._width, dtype=np.float32)
        if numbers:
            scores[self._slots] = self._matrix.scores(numbers, self._n_documents)
        return scores

    def _numbered(self, tokens: Sequence[str]) -> np.ndarray:
        vocabulary = self._vocabulary
        return np.array([vocabulary.setdefault(token, len(vocabulary)) for token in tokens], dtype=np.int32)

    def _compact(self) -> None:
        """Build the matrix anew from all living documents; tokens that none of them holds are forgotten."""
        if self._compacted:
            return
        slots = sorted(self._documents)
        joined = _joined([self._documents[slot] for slot in slots])
        used, renumbered = np.unique(joined, return_inverse=True)
        words = list(self._vocabulary)
        self._vocabulary = {words[old]: new for new, old in enumerate(used.tolist())}
        ends = np.cumsum([len(self._documents[slot]) for slot in slots])
        documents = np.split(renumbered.astype(np.int32), ends[:-1]) if slots else []
        self._documents = dict(zip(slots, documents, strict=True))
        rows = [document.tolist() for document in documents]
        self._take(ScoreMatrix.build(rows, len(used), K1, B) if len(used) else None)

    def _take(self, matrix: ScoreMatrix | None) -> None:
        """Make `matrix` the one that scores the present documents, and take the statistics that all scores use."""
        self._matrix = matrix
        self._slots = np.array(sorted(self._documents), dtype=np.int64)
        self._width = int(self._slots[-1]) + 1 if len(self._slots) else 0
        self._n_documents = len(self._slots)
        self._n_known = len(self._vocabulary)
        self._recent: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self._n_recent, self._dead = 0, []
        lengths = [len(document) for document in self._documents.values()]
        self._mean_length = sum(lengths) / max(1, len(lengths)) or 1.0
        df = matrix.frequencies() if matrix is not None else np.empty(0)
        self._idf_of = np.log(1 + (self._n_documents - df + 0.5) / (df + 0.5)).tolist()
        self._idf_unknown = math.log(1 + (self._n_documents + 0.5) / 0.5)

    @property
    def _compacted(self) -> bool:
        return hasattr(self, "_idf_of") and not self._n_recent and not self._dead

    def _idf(self, number: int) -> float:
        """A token that the matrix does not know is as rare as can be."""
        return self._idf_of[number] if 0 <= number < self._n_known else self._idf_unknown

    def _ceiling(self, tokens: Sequence[str]) -> float:
        return sum(self._idf(self._vocabulary.get(token, -1)) for token in tokens)

    def _document_weights(self, counts: Counter[int], length: int) -> dict[int, float]:
        norm = K1 * (1 - B + B * length / self._mean_length)
        return {number: self._idf(number) * tf / (tf + norm) for number, tf in counts.items() if tf > 0}

    def _left(self, slot: int, hidden: Sequence[str]) -> Counter[int]:
        return Counter(self._documents[slot].tolist()) - Counter(self._vocabulary.get(token, -1) for token in hidden)


def _joined(documents: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype=np.int32), *documents])
