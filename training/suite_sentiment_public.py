"""Sentiment on public reviews: the shipped head as it is, and a copy of it fitted on each set's own train rows.

A fitted copy is what compares with published figures, and is thrown away after: chnsenticorp and the airline tweets are
for `research`, so they measure and never ship. A set without splits is split by hash (training.public.public_split):
tenth 0 tests, tenth 1 calibrates the copy, which must not calibrate on texts that the encoder has learned.

ChnSentiCorp repeats 335 of its 1,200 test reviews in its train split; papers count them, so that row does too, and
`clean` leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder
from assistant.features import N_COLUMNS
from assistant.heads import SentimentHead
from assistant.values import SENTIMENTS
from training.baselines import (
    CHAR_TFIDF,
    HASHED_WORDS,
    MINILM,
    N_SNOWNLP,
    char_tfidf,
    hashed_words,
    minilm,
    snownlp_positive,
    vector_lr,
)
from training.leaks import LeakFilter, fingerprint
from training.public import public_split, read_set
from training.rows import Measured, Row, macro_f1, share

SUITE = "sentiment"
PARTS = {"both": "huida", "vector": "vector alone", "ngrams": "n-grams alone"}
POLAR = ("negative", "positive")
N_MINILM_ROWS = 3_000  # of the train rows, which it reads in half a minute
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Benchmark:
    """`tests` by the name of their rows; `classes` are the labels in use; without `train` only the shipped head is scored."""

    name: str
    tests: dict[str, Pairs]
    train: Pairs = field(default_factory=list)
    dev: Pairs = field(default_factory=list)
    classes: tuple[str, ...] = POLAR
    language: str = "zh"
    metric: str = "accuracy"

    def score(self, guess: Sequence[str], test: Pairs) -> Measured:
        if self.metric == "accuracy":
            return share([said == label for said, (_, label) in zip(guess, test, strict=True)])
        truth, said = (
            np.array([self.classes.index(label) for label in labels]) for labels in ([y for _, y in test], guess)
        )
        return macro_f1(truth, said, len(self.classes))


def suite(encoder: Encoder, head: SentimentHead, data: Path) -> Iterator[Row]:
    for read in (online_shopping, waimai, nlpcc2014, hotels, chnsenticorp, airlines):
        benchmark = read(data)
        yield from as_shipped(encoder, head, benchmark)
        yield from fitted(encoder, benchmark)


def as_shipped(encoder: Encoder, head: SentimentHead, benchmark: Benchmark) -> Iterator[Row]:
    for name, test in benchmark.tests.items():
        texts = [text for text, _ in test]
        guess = _named(head.predict_proba(encoder.encode(texts), texts), benchmark.classes)
        yield benchmark.score(guess, test).row(SUITE, name, benchmark.language, "huida as shipped")
        if benchmark.language == "zh":
            sample = np.random.default_rng(0).permutation(len(texts))[:N_SNOWNLP]
            positive = snownlp_positive([texts[i] for i in sample]) > 0.5
            measured = benchmark.score([POLAR[p] for p in positive.astype(int)], [test[i] for i in sample])
            yield measured.row(SUITE, name, benchmark.language, "SnowNLP")


def fitted(encoder: Encoder, benchmark: Benchmark) -> Iterator[Row]:
    """The parts of the copy and the sum, beside linear models fitted on the same rows."""
    if not benchmark.train:
        return
    rows = benchmark.train + benchmark.dev
    texts, labels = map(list, zip(*rows, strict=True))
    held_out = np.arange(len(rows)) >= len(benchmark.train)
    polar = np.full(len(rows), benchmark.classes == POLAR)
    own = SentimentHead(c_ngrams=16.0, max_columns=N_COLUMNS).fit(
        encoder.encode(texts), texts, labels, held_out=held_out, polar=polar
    )
    linear = {CHAR_TFIDF: char_tfidf(texts, labels, min_df=2), HASHED_WORDS: hashed_words(texts, labels)}
    english = _fit_minilm(texts, labels) if benchmark.language == "en" else None
    for name, test in benchmark.tests.items():
        asked = [text for text, _ in test]
        parts = own.predict_parts(encoder.encode(asked), asked)
        guesses = {system: _named(parts[part], benchmark.classes) for part, system in PARTS.items()}
        guesses |= {system: model.predict(asked) for system, model in linear.items()}
        if english is not None:
            guesses[f"{MINILM}, {N_MINILM_ROWS:,} of its train"] = english.predict(minilm(asked))
        for system, guess in guesses.items():
            title = f"{name}, fitted on its train"
            yield benchmark.score(guess, test).row(SUITE, title, benchmark.language, system)


def _fit_minilm(texts: Sequence[str], labels: Sequence[str]):
    chosen = np.random.default_rng(0).permutation(len(texts))[:N_MINILM_ROWS]
    return vector_lr(minilm([texts[i] for i in chosen]), [labels[i] for i in chosen])


def _named(p: np.ndarray, classes: tuple[str, ...]) -> list[str]:
    """The likeliest of `classes` in each row of p (n, 3)."""
    columns = [SENTIMENTS.index(name) for name in classes]
    return [classes[place] for place in p[:, columns].argmax(axis=1)]


def online_shopping(data: Path) -> Benchmark:
    return hash_split("online_shopping_10_cats", _labelled(data, "online_shopping_10_cats", "all"))


def waimai(data: Path) -> Benchmark:
    return hash_split("waimai_10k", _labelled(data, "waimai_10k", "all"))


def nlpcc2014(data: Path) -> Benchmark:
    """Only its train rows are at hand; the tenths held out of them stand for its dev and test."""
    return hash_split("nlpcc2014_sc", _labelled(data, "nlpcc2014_sc", "train"), metric="macro-F1")


def hotels(data: Path) -> Benchmark:
    """As shipped alone: its train rows hold most of chnsenticorp's test."""
    split = hash_split("chnsenticorp_htl_all", _labelled(data, "chnsenticorp_htl_all", "all"))
    return Benchmark(split.name, split.tests)


def airlines(data: Path) -> Benchmark:
    rows = _labelled(data, "twitter_us_airline_en", "all")
    return hash_split("twitter_us_airline_en", rows, classes=SENTIMENTS, language="en", metric="macro-F1")


def chnsenticorp(data: Path) -> Benchmark:
    train, dev, test = (_labelled(data, "chnsenticorp", file) for file in ("train", "dev", "test"))
    known = {fingerprint(text) for text, _ in train}
    clean, new = ([pair for pair in rows if fingerprint(pair[0]) not in known] for rows in (test, dev))
    return Benchmark("chnsenticorp", {"chnsenticorp": test, "chnsenticorp, clean": clean}, train, new)


def hash_split(name: str, rows: Pairs, **kinds) -> Benchmark:
    """Train and dev rows that repeat a test row, or half of its 8-grams, are left out."""
    parts: dict[str, Pairs] = {"train": [], "dev": [], "test": []}
    for pair in rows:
        parts[public_split(pair[0])].append(pair)
    leaks = LeakFilter([text for text, _ in parts["test"]])
    for split in ("train", "dev"):
        keep = leaks.check([text for text, _ in parts[split]]).keep
        parts[split] = [pair for pair, kept in zip(parts[split], keep, strict=True) if kept]
    return Benchmark(name, {f"{name}, hash split": parts["test"]}, parts["train"], parts["dev"], **kinds)


def _labelled(data: Path, name: str, file: str) -> Pairs:
    return [(row["text"], row["label"]) for row in read_set(data, name, file) if row["label"] in SENTIMENTS]
