"""Pairs: do two questions ask the same? LCQMC's dev pairs, by vectors alone and by words beside them.

The set's terms are `research`: it measures, and nothing that is fitted on it is ever shipped. Its train split is not at
hand, so each half of the dev pairs is judged by what the other half taught (a threshold, or the weights of a logistic regression); the
halves are made by hash of the first question. So a figure is on all dev pairs, and no pair helped to judge itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from assistant.encoder import Encoder
from index.alignment import Alignment
from index.query import WordVectors
from training.leaks import fingerprint
from training.public import read_set
from training.rows import Row, share

SUITE = "pairs"
SETS = (("lcqmc", "dev"),)
N_FOLDS = 5


@dataclass(frozen=True)
class Pairs:
    """Two texts and whether they ask the same: bool (n,)."""

    first: list[str]
    second: list[str]
    same: np.ndarray

    @property
    def half(self) -> np.ndarray:
        """0 or 1 by the first text: int (n,)."""
        digests = (hashlib.sha1(fingerprint(text).encode()).digest() for text in self.first)
        return np.array([digest[-1] % 2 for digest in digests])


def suite(encoder: Encoder, data: Path) -> Iterator[Row]:
    for name, file in SETS:
        rows = list(read_set(data, name, file))
        pairs = Pairs(
            [row["text_a"] for row in rows],
            [row["text_b"] for row in rows],
            np.array([row["label"] == "1" for row in rows]),
        )
        yield from measured(encoder, pairs, f"{name} {file}")


def measured(encoder: Encoder, pairs: Pairs, name: str) -> Iterator[Row]:
    """`vectors` knows the two vectors alone, `reranked` the words beside them."""
    first, second = encoder.encode(pairs.first), encoder.encode(pairs.second)
    cosines, apart = np.sum(first * second, axis=1), np.hstack([np.abs(first - second), first * second])
    surface = np.column_stack([overlap(pairs), _tfidf_cosines(pairs)])
    words = getattr(encoder, "words", None)  # a sentence-transformers model has no vectors of single words
    aligned = alignments(words, pairs) if words else np.zeros((len(cosines), 0))
    likeness = np.column_stack([cosines, aligned, surface])
    systems = {
        "char tf-idf, threshold": by_threshold(surface[:, -1], pairs),
        "overlap alone, LR": by_regression(surface, pairs),
        "huida, cosine": by_threshold(cosines, pairs),
        "huida, vectors": by_regression(cosines[:, None], pairs, apart),
        "huida, reranked": by_regression(likeness, pairs, apart),
    }
    for system, guess in systems.items():
        yield share(guess == pairs.same).row(SUITE, name, "zh", system)


def by_threshold(scores: np.ndarray, pairs: Pairs) -> np.ndarray:
    """bool (n,): the same at or above the threshold that judges the other half best."""
    guess, half = np.zeros(len(scores), bool), pairs.half
    for k in (0, 1):
        here = half == k
        guess[here] = scores[here] >= best_threshold(scores[~here], pairs.same[~here])
    return guess


def best_threshold(scores: np.ndarray, same: np.ndarray) -> float:
    """The score at and above which calling a pair the same is right most often; 0 without any pair."""
    if not len(scores):
        return 0.0
    order = np.argsort(scores)
    ranked = scores[order].astype(np.float64)
    # cut k calls the k lowest different: each of them that is different adds a right answer, the others take one away
    right = np.concatenate([[0], np.cumsum(np.where(same[order], -1, 1))])
    cuts = np.flatnonzero(np.concatenate([[True], ranked[1:] > ranked[:-1], [True]]))
    best = cuts[right[cuts].argmax()]
    bounds = np.concatenate([[ranked[0] - 1], ranked, [ranked[-1] + 1]])
    return float((bounds[best] + bounds[best + 1]) / 2)


def by_regression(likeness: np.ndarray, pairs: Pairs, apart: np.ndarray | None = None) -> np.ndarray:
    """bool (n,): by logistic regression over the likenesses (n, f) and their products, fitted on the other half.

    apart: (n, 2 d), where two vectors differ and where they agree; what a regression over it says, of pairs held out from
    it, joins the likenesses.
    """
    guess, half = np.zeros(len(likeness), bool), pairs.half
    for k in (0, 1):
        here = half == k
        learned, judged, same = likeness[~here], likeness[here], pairs.same[~here]
        if apart is not None:
            model = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=500))
            held_out = cross_val_predict(model, apart[~here], same, cv=N_FOLDS, method="decision_function")
            learned = np.column_stack([learned, held_out])
            judged = np.column_stack([judged, model.fit(apart[~here], same).decision_function(apart[here])])
        model = make_pipeline(StandardScaler(), PolynomialFeatures(2), LogisticRegression(C=0.1, max_iter=500))
        guess[here] = model.fit(learned, same).predict(judged)
    return guess


def alignments(words: WordVectors, pairs: Pairs) -> np.ndarray:
    """float32 (n, 5): how well the words of each text are met in the other, the less and the more of the two, and the
    cosine of the words' means."""
    one = np.stack([_aligned(words, *texts) for texts in ((pairs.first, pairs.second), (pairs.second, pairs.first))])
    means = [np.stack([_mean(words, text) for text in texts]) for texts in (pairs.first, pairs.second)]
    return np.stack([*one, one.min(axis=0), one.max(axis=0), np.sum(means[0] * means[1], axis=1)], axis=1)


def _mean(words: WordVectors, text: str) -> np.ndarray:
    """Of length 1, or 0 for a text without a word."""
    total = words.table[words.numbers(text)].sum(axis=0)
    return total / max(float(np.linalg.norm(total)), 1e-9)


def _aligned(words: WordVectors, asked: Sequence[str], stored: Sequence[str]) -> np.ndarray:
    alignment = Alignment(words)  # it weighs words by how many of all stored texts hold them, labels unseen
    for slot, text in enumerate(stored):
        alignment.add(slot, alignment.prepare((text,), ""))
    return np.array([alignment.scores(words.numbers(text), [slot], {})[0] for slot, text in enumerate(asked)])


def overlap(pairs: Pairs) -> np.ndarray:
    """float (n, 4): characters and pairs of neighbours in common over those in either, and the same of digits and Latin
    letters (1 where neither has any); the shorter length over the longer."""
    return np.array([_overlap(fingerprint(a), fingerprint(b)) for a, b in zip(pairs.first, pairs.second, strict=True)])


def _overlap(a: str, b: str) -> tuple[float, ...]:
    latin = tuple({c for c in text if c.isascii()} for text in (a, b))
    neighbours = tuple({text[i : i + 2] for i in range(len(text) - 1)} for text in (a, b))
    lengths = sorted((len(a), len(b)))
    return jaccard(set(a), set(b)), jaccard(*neighbours), jaccard(*latin), lengths[0] / max(1, lengths[1])


def jaccard(a: set, b: set) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0


def _tfidf_cosines(pairs: Pairs) -> np.ndarray:
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    vectorizer.fit(pairs.first + pairs.second)
    first, second = vectorizer.transform(pairs.first), vectorizer.transform(pairs.second)
    return np.asarray(first.multiply(second).sum(axis=1)).ravel()
