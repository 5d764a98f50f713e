"""Intents: the owner's examples by cross-validation; Banking77 and CLINC from ten examples each; MASSIVE in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder
from assistant.heads import IntentHead
from assistant.intents import IntentExamples
from assistant.text import language
from assistant.values import OUT_OF_SCOPE
from training.baselines import char_tfidf
from training.leaks import LeakFilter
from training.public import read_set
from training.rows import Row, auroc, share

SUITE = "intent"
PARTS = {"both": "huida", "vector": "vector alone", "ngrams": "n-grams alone", "nearest": "nearest examples alone"}
N_FOLDS = 5
SHOTS = 10
Pairs = list[tuple[str, str]]


def suite(encoder: Encoder, examples: IntentExamples, data: Path | None, seed: int = 0) -> Iterator[Row]:
    yield from _own(encoder, examples, seed)
    if data:
        test = _pairs(data, "banking77", "test")
        yield from _public(
            encoder, f"banking77, {SHOTS}-shot", "en", few(_pairs(data, "banking77", "train"), test, seed), test
        )
        test = _pairs(data, "clinc150_oos", "test")
        train = few(_pairs(data, "clinc150_oos", "train"), test, seed)
        train += [(text, OUT_OF_SCOPE) for text, _ in _pairs(data, "clinc150_oos", "oos_train")]
        test += [(text, OUT_OF_SCOPE) for text, _ in _pairs(data, "clinc150_oos", "oos_test")]
        yield from _public(encoder, f"clinc150, {SHOTS}-shot", "en", train, test)
        test = _pairs(data, "massive_zh_cn", "dev")
        train = _clean(_pairs(data, "massive_zh_cn", "train"), test)
        yield from _public(encoder, "massive zh-CN, all examples, dev", "zh", train, test, n_folds=2)


def _own(encoder: Encoder, examples: IntentExamples, seed: int) -> Iterator[Row]:
    texts, labels = np.array(examples.texts, object), np.array(examples.labels)
    vectors = encoder.encode(examples.texts)
    fold = _fold_of(labels, seed)
    predicted = {system: np.empty(len(texts), object) for system in (*PARTS.values(), "char tf-idf + LR")}
    p_out = np.zeros(len(texts))
    for k in range(N_FOLDS):
        out = fold == k
        head = IntentHead(seed=seed).fit(vectors[~out], texts[~out].tolist(), labels[~out])
        for part, places in head.predict_parts(vectors[out], texts[out].tolist()).items():
            predicted[PARTS[part]][out] = np.array(head.classes_, object)[places]
        p_out[out] = head.predict_proba(vectors[out], texts[out].tolist())[:, -1]
        known = ~out & (labels != OUT_OF_SCOPE)
        predicted["char tf-idf + LR"][out] = char_tfidf(texts[known], labels[known]).predict(texts[out])
    languages = np.array([language(text) for text in texts])
    for name in ("zh", "en"):
        inside, outside = (languages == name) & (labels != OUT_OF_SCOPE), (languages == name) & (labels == OUT_OF_SCOPE)
        for system, guess in predicted.items():
            yield share(guess[inside] == labels[inside]).row(SUITE, f"own intents, {N_FOLDS}-fold", name, system)
        yield auroc(p_out[inside], p_out[outside]).row(SUITE, f"own intents, {N_FOLDS}-fold", name, "huida")


def _public(
    encoder: Encoder, name: str, spoken: str, train: Pairs, test: Pairs, n_folds: int = N_FOLDS
) -> Iterator[Row]:
    texts, labels = map(list, zip(*train, strict=True))
    head = IntentHead(n_folds=n_folds).fit(encoder.encode(texts), texts, labels)
    asked, truth = [text for text, _ in test], np.array([label for _, label in test])
    vectors = encoder.encode(asked)
    inside = truth != OUT_OF_SCOPE
    for part, places in head.predict_parts(vectors, asked).items():
        right = np.array(head.classes_)[places] == truth
        yield share(right[inside]).row(SUITE, name, spoken, PARTS[part])
    known = [(text, label) for text, label in train if label != OUT_OF_SCOPE]
    words = char_tfidf([text for text, _ in known], [label for _, label in known]).predict(asked)
    yield share((words == truth)[inside]).row(SUITE, name, spoken, "char tf-idf + LR")
    if not inside.all():
        p_out = head.predict_proba(vectors, asked)[:, -1]
        yield auroc(p_out[inside], p_out[~inside]).row(SUITE, name, spoken, "huida")
        yield share(p_out[~inside] >= 0.5, "oos recall").row(SUITE, name, spoken, "huida")


def few(train: Pairs, test: Pairs, seed: int) -> Pairs:
    """SHOTS examples of each intent, by chance, none of which is in the test rows."""
    by_label: defaultdict[str, list[str]] = defaultdict(list)
    for text, label in _clean(train, test):
        by_label[label].append(text)
    rng = np.random.default_rng(seed)
    return [(texts[i], label) for label, texts in sorted(by_label.items()) for i in rng.permutation(len(texts))[:SHOTS]]


def _clean(train: Pairs, test: Pairs) -> Pairs:
    keep = LeakFilter([text for text, _ in test]).check([text for text, _ in train]).keep
    return [pair for pair, kept in zip(train, keep, strict=True) if kept]


def _fold_of(labels: Sequence[str], seed: int) -> np.ndarray:
    order = np.random.default_rng(seed).permutation(len(labels))
    fold = np.zeros(len(labels), int)
    for label in np.unique(labels):
        members = order[np.asarray(labels)[order] == label]
        fold[members] = np.arange(len(members)) % N_FOLDS
    return fold


def _pairs(data: Path, name: str, file: str) -> Pairs:
    return [(row["text"], row["label"]) for row in read_set(data, name, file)]
