"""Intents on public benchmarks, from ten examples of each and from all of them; out of scope where a set has such rows.

A figure is the mean over SEEDS, each with its own folds, and its own examples where they are few; its interval is that of
one test set of n rows. The encoder has read the train rows of these sets, their labels too (training.corpus.INTENTS), and
none of the test rows: such a figure says what few examples of a known trade give, not what they give in a trade never met.

From all examples, memory is bounded: n-grams keep their N_COLUMNS most frequent columns, character tf-idf is fitted one
class at a time, and MiniLM is left out, which would read 15,000 texts for minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder
from assistant.heads import IntentHead
from assistant.values import OUT_OF_SCOPE
from training.baselines import CHAR_TFIDF, HASHED_WORDS, MINILM, char_tfidf, hashed_words, minilm, vector_lr
from training.leaks import LeakFilter
from training.public import public_split, read_set
from training.rows import Measured, Row, auroc, averaged, share

SUITE = "intent"
PARTS = {"both": "huida", "vector": "vector alone", "ngrams": "n-grams alone", "nearest": "nearest examples alone"}
SEEDS = (0, 1, 2)
SHOTS = 10
N_FOLDS_FULL = 2  # from thousands of examples, two folds say how far each part can be trusted
N_COLUMNS = 8_000
Pairs = list[tuple[str, str]]
Scores = Iterator[tuple[str, Measured]]


@dataclass(frozen=True)
class Benchmark:
    """`bank`: texts of no intent to learn from; `outside`: others to be known as such."""

    name: str
    language: str
    train: Pairs
    test: Pairs
    bank: Sequence[str] = ()
    outside: Sequence[str] = ()


@dataclass(frozen=True)
class Asked:
    """The test rows as every system meets them; the last `n_outside` belong to no intent."""

    texts: list[str]
    truth: np.ndarray
    n_outside: int

    @classmethod
    def of(cls, benchmark: Benchmark) -> Asked:
        texts = [text for text, _ in benchmark.test]
        return cls(
            [*texts, *benchmark.outside], np.array([label for _, label in benchmark.test]), len(benchmark.outside)
        )

    def score(self, guess: Sequence[str], strange: np.ndarray) -> Iterator[Measured]:
        """guess, strange (higher: less of an intent): of every text."""
        n = len(self.truth)
        yield share(np.asarray(guess)[:n] == self.truth)
        if self.n_outside:
            yield auroc(strange[:n], strange[n:])


def suite(encoder: Encoder, data: Path) -> Iterator[Row]:
    for benchmark in (banking77(data), clinc150(data)):
        yield from few_shot(encoder, benchmark)
        yield from in_full(encoder, benchmark)
    for benchmark in (massive_zh(data), massive_en(data)):
        yield from in_full(encoder, benchmark)


def few_shot(encoder: Encoder, benchmark: Benchmark) -> Iterator[Row]:
    asked = Asked.of(benchmark)
    readers: dict[str, Callable] = {"": encoder.encode} | ({MINILM: minilm} if benchmark.language == "en" else {})
    vectors = {name: read(asked.texts) for name, read in readers.items()}
    runs: defaultdict[tuple[str, str], list[Measured]] = defaultdict(list)
    for seed in SEEDS:
        train = few(benchmark.train, benchmark.test, seed)
        texts, labels = map(list, zip(*train, strict=True))
        examples = _with_bank(train, benchmark)
        known = encoder.encode([text for text, _ in examples])
        found = list(_huida(IntentHead(seed=seed), examples, known, asked, vectors[""]))
        found += _linear(CHAR_TFIDF, char_tfidf(texts, labels), asked.texts, asked)
        found += _linear(HASHED_WORDS, hashed_words(texts, labels), asked.texts, asked)
        if MINILM in vectors:
            found += _linear(MINILM, vector_lr(minilm(texts), labels), vectors[MINILM], asked)
        for system, measured in found:
            runs[system, measured.metric].append(measured)
    yield from _means(runs, f"{benchmark.name}, {SHOTS}-shot", benchmark.language)


def in_full(encoder: Encoder, benchmark: Benchmark) -> Iterator[Row]:
    asked, train = Asked.of(benchmark), clean(benchmark.train, benchmark.test)
    texts, labels = map(list, zip(*train, strict=True))
    examples, found = _with_bank(train, benchmark), []
    vectors, known = encoder.encode(asked.texts), encoder.encode([text for text, _ in examples])
    for seed in SEEDS:
        head = IntentHead(n_folds=N_FOLDS_FULL, max_columns=N_COLUMNS, seed=seed)
        found += _huida(head, examples, known, asked, vectors)
    # these know no chance: one run is all of theirs
    found += _linear(CHAR_TFIDF, char_tfidf(texts, labels, min_df=2, by_class=True), asked.texts, asked)
    found += _linear(HASHED_WORDS, hashed_words(texts, labels), asked.texts, asked)
    runs: defaultdict[tuple[str, str], list[Measured]] = defaultdict(list)
    for system, measured in found:
        runs[system, measured.metric].append(measured)
    yield from _means(runs, f"{benchmark.name}, all examples", benchmark.language)


def _means(runs: Mapping[tuple[str, str], Sequence[Measured]], name: str, language: str) -> Iterator[Row]:
    """runs: those of each system and metric."""
    for (system, _), run in runs.items():
        yield averaged(run).row(SUITE, f"{name}, mean of {len(SEEDS)} seeds", language, system)


def few(train: Pairs, test: Pairs, seed: int) -> Pairs:
    """SHOTS examples of each intent, by chance, none of which is in the test rows."""
    by_label: defaultdict[str, list[str]] = defaultdict(list)
    for text, label in clean(train, test):
        by_label[label].append(text)
    rng = np.random.default_rng(seed)
    return [(texts[i], label) for label, texts in sorted(by_label.items()) for i in rng.permutation(len(texts))[:SHOTS]]


def clean(train: Pairs, test: Pairs) -> Pairs:
    """The train rows without those whose text, or half of its 8-grams, stands among the test rows."""
    keep = LeakFilter([text for text, _ in test]).check([text for text, _ in train]).keep
    return [pair for pair, kept in zip(train, keep, strict=True) if kept]


def _with_bank(train: Pairs, benchmark: Benchmark) -> Pairs:
    return [*train, *((text, OUT_OF_SCOPE) for text in benchmark.bank)]


def _huida(head: IntentHead, examples: Pairs, known: np.ndarray, asked: Asked, vectors: np.ndarray) -> Scores:
    """known: vectors of the examples; vectors: those of the texts asked."""
    texts, labels = map(list, zip(*examples, strict=True))
    head.fit(known, texts, labels)
    places, n = head.predict_parts(vectors, asked.texts), len(asked.truth)
    for part, system in PARTS.items():
        yield system, share(np.array(head.classes_)[places[part]][:n] == asked.truth)
    if asked.n_outside:
        p_out = head.predict_proba(vectors, asked.texts)[:, -1]
        yield "huida", auroc(p_out[:n], p_out[n:])
        yield "huida", share(p_out[n:] >= 0.5, "oos recall")


def _linear(system: str, model, inputs, asked: Asked) -> Scores:
    """A baseline knows no `out of scope`: what it gives to its best class tells it apart."""
    given = (model.predict_proba if hasattr(model, "predict_proba") else model.decision_function)(inputs)
    best = given.max(axis=1) if given.ndim == 2 else np.abs(given)  # of two classes a margin has one column
    for measured in asked.score(model.predict(inputs), -best):
        yield system, measured


def banking77(data: Path) -> Benchmark:
    return Benchmark("banking77", "en", _pairs(data, "banking77", "train"), _pairs(data, "banking77", "test"))


def clinc150(data: Path) -> Benchmark:
    train, test = (_pairs(data, "clinc150_oos", file) for file in ("train", "test"))
    bank, outside = ([text for text, _ in _pairs(data, "clinc150_oos", file)] for file in ("oos_train", "oos_test"))
    return Benchmark("clinc150", "en", train, test, bank, outside)


def massive_zh(data: Path) -> Benchmark:
    train, dev = (_pairs(data, "massive_zh_cn", file) for file in ("train", "dev"))
    return Benchmark("massive zh-CN, dev", "zh", train, dev)


def massive_en(data: Path) -> Benchmark:
    """Only its train rows are at hand: a tenth of them by hash, which the encoder has not read, is the test."""
    rows = _pairs(data, "massive_en_us", "train")
    return Benchmark("massive en-US, hash split", "en", *_split(rows))


def _split(rows: Iterable[tuple[str, str]]) -> tuple[Pairs, Pairs]:
    """(train and dev, test)."""
    parts: dict[bool, Pairs] = {False: [], True: []}
    for text, label in rows:
        parts[public_split(text) == "test"].append((text, label))
    return parts[False], parts[True]


def _pairs(data: Path, name: str, file: str) -> Pairs:
    return [(row["text"], row["label"]) for row in read_set(data, name, file)]
