"""Pairs: do two questions ask the same? LCQMC's dev pairs, by vectors alone and by words beside them.

The set's terms are `research`: it measures, and nothing that is fitted on it is ever shipped. Its train split is not at
hand, so each half of the dev pairs is judged by what the other half taught (a threshold, or the weights of a model). No
question stands in both halves. So a figure is on all dev pairs, and no pair helped to judge itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array, csr_matrix, hstack
from scipy.sparse.csgraph import connected_components
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC

from assistant.encoder import Encoder
from assistant.text import Segmenter
from index.alignment import Alignment
from index.query import WordVectors
from training.leaks import fingerprint
from training.public import read_set
from training.rows import Row, share

SUITE = "pairs"
SETS = (("lcqmc", "dev"),)
N_FOLDS = 5
MIN_TEXTS = 3  # that hold a word, labels unseen; a rarer one teaches nothing


@dataclass(frozen=True)
class Pairs:
    """Two texts and whether they ask the same: bool (n,)."""

    first: list[str]
    second: list[str]
    same: np.ndarray

    @cached_property
    def half(self) -> np.ndarray:
        """0 or 1 by hash, the same for all pairs that questions in common tie together: int (n,)."""
        texts, place = np.unique([fingerprint(text) for text in (*self.first, *self.second)], return_inverse=True)
        first, second = np.split(place, 2)
        pairs = coo_array((np.ones(len(first)), (first, second)), (len(texts), len(texts)))
        _, group = connected_components(pairs, directed=False)
        names = texts[np.unique(group, return_index=True)[1]]  # a group is called by its first text
        halves = np.array([hashlib.sha1(name.encode()).digest()[-1] % 2 for name in names])
        return halves[group[first]]


def suite(encoder: Encoder, segmenter: Segmenter, data: Path) -> Iterator[Row]:
    for name, file in SETS:
        rows = list(read_set(data, name, file))
        pairs = Pairs(
            [row["text_a"] for row in rows],
            [row["text_b"] for row in rows],
            np.array([row["label"] == "1" for row in rows]),
        )
        yield from measured(encoder, segmenter, pairs, f"{name} {file}")


def measured(encoder: Encoder, segmenter: Segmenter, pairs: Pairs, name: str) -> Iterator[Row]:
    """`vectors` knows the two vectors alone, `reranked` the words beside them: how well they meet, and which do not."""
    first, second = encoder.encode(pairs.first), encoder.encode(pairs.second)
    cosines, both = np.sum(first * second, axis=1), np.hstack([(first - second) ** 2, first * second, first + second])
    apart = opinion(both, make_pipeline(StandardScaler(), SVC(C=2)), pairs)
    surface = np.column_stack([overlap(pairs), _tfidf_cosines(pairs)])
    words = getattr(encoder, "words", None)  # a sentence-transformers model has no vectors of single words
    aligned = alignments(words, pairs) if words else np.zeros((len(cosines), 0))
    likeness = np.column_stack([cosines, aligned, surface])
    unmet = opinion(unmet_words(segmenter, pairs), LogisticRegression(C=0.3, max_iter=500), pairs)
    systems = {
        "char tf-idf, threshold": by_threshold(surface[:, -1], pairs),
        "overlap alone, LR": by_regression(surface, pairs),
        "overlap and words, LR": by_regression(surface, pairs, unmet),
        "huida, cosine": by_threshold(cosines, pairs),
        "huida, vectors": by_regression(cosines[:, None], pairs, apart),
        "huida, reranked": by_regression(likeness, pairs, apart, unmet),
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


def by_regression(likeness: np.ndarray, pairs: Pairs, *said: np.ndarray) -> np.ndarray:
    """bool (n,): by logistic regression over the likenesses (n, f), what was `said` and their products, fitted on the
    other half."""
    guess = np.zeros(len(likeness), bool)
    for k in (0, 1):
        here, columns = pairs.half == k, np.column_stack([likeness, *(each[k] for each in said)])
        model = make_pipeline(StandardScaler(), PolynomialFeatures(2), LogisticRegression(C=0.1, max_iter=500))
        guess[here] = model.fit(columns[~here], pairs.same[~here]).predict(columns[here])
    return guess


def opinion(rows: np.ndarray | csr_matrix, model: BaseEstimator, pairs: Pairs) -> np.ndarray:
    """What a model says of pairs from rows (n, d), float (2, n): row k is for judging half k. There the pairs of half k are
    told by all of the other half, and those of the other half by its other folds."""
    said = np.zeros((2, len(pairs.same)))
    for k in (0, 1):
        here, same = pairs.half == k, pairs.same[pairs.half != k]
        said[k, ~here] = cross_val_predict(model, rows[~here], same, cv=N_FOLDS, method="decision_function")
        said[k, here] = model.fit(rows[~here], same).decision_function(rows[here])
    return said


def unmet_words(segmenter: Segmenter, pairs: Pairs) -> csr_matrix:
    """Words and characters that one text of a pair has and the other lacks, then those that both have: 0 or 1."""
    counts = CountVectorizer(
        analyzer=lambda text: {*segmenter.words(text), *fingerprint(text)}, min_df=MIN_TEXTS, binary=True
    )
    counts.fit([*pairs.first, *pairs.second])
    first, second = counts.transform(pairs.first), counts.transform(pairs.second)
    both = first.multiply(second)
    return csr_matrix(hstack([first + second - 2 * both, both]))


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
