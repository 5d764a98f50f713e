"""Intents: the owner's examples by cross-validation, and public benchmarks (training.suite_intent_public)."""

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
from training import suite_intent_public
from training.baselines import CHAR_TFIDF, HASHED_WORDS, MINILM, char_tfidf, hashed_words, minilm, vector_lr
from training.rows import Measured, Row, auroc, averaged, share
from training.suite_intent_public import PARTS, SEEDS

SUITE = "intent"
BASELINES = (CHAR_TFIDF, HASHED_WORDS)
N_FOLDS = 5
NAME = f"own intents, {N_FOLDS}-fold, mean of {len(SEEDS)} seeds"


def suite(encoder: Encoder, examples: IntentExamples, data: Path | None) -> Iterator[Row]:
    yield from _own(encoder, examples)
    if data:
        yield from _minilm(examples)
        yield from suite_intent_public.suite(encoder, data)


def _own(encoder: Encoder, examples: IntentExamples) -> Iterator[Row]:
    vectors = encoder.encode(examples.texts)
    runs: defaultdict[tuple[str, str, str], list[Measured]] = defaultdict(list)
    for seed in SEEDS:
        for spoken, system, measured in _crossed(vectors, examples, seed):
            runs[spoken, system, measured.metric].append(measured)
    for (spoken, system, _), run in runs.items():
        yield averaged(run).row(SUITE, NAME, spoken, system)


def _crossed(vectors: np.ndarray, examples: IntentExamples, seed: int) -> Iterator[tuple[str, str, Measured]]:
    """(language, system, figure) of one cross-validation."""
    texts, labels = np.array(examples.texts, object), np.array(examples.labels)
    languages = np.array([language(text) for text in texts])
    known = labels != OUT_OF_SCOPE
    fold = _fold_of(labels, seed)
    predicted = {system: np.empty(len(texts), object) for system in (*PARTS.values(), *BASELINES)}
    p_out = np.zeros(len(texts))
    for k in range(N_FOLDS):
        out = fold == k
        head = IntentHead(seed=seed).fit(vectors[~out], texts[~out].tolist(), labels[~out])
        for part, places in head.predict_parts(vectors[out], texts[out].tolist()).items():
            predicted[PARTS[part]][out] = np.array(head.classes_, object)[places]
        p_out[out] = head.predict_proba(vectors[out], texts[out].tolist())[:, -1]
        train = ~out & known
        predicted[CHAR_TFIDF][out] = char_tfidf(texts[train], labels[train]).predict(texts[out])
        predicted[HASHED_WORDS][out] = hashed_words(texts[train], labels[train]).predict(texts[out])
    for name in ("zh", "en"):
        inside, outside = (languages == name) & known, (languages == name) & ~known
        for system, guess in predicted.items():
            yield name, system, share(guess[inside] == labels[inside])
        yield name, "huida", auroc(p_out[inside], p_out[outside])


def _minilm(examples: IntentExamples) -> Iterator[Row]:
    """On the English examples alone, which are all that it reads."""
    pairs = zip(examples.texts, examples.labels, strict=True)
    english = [(text, label) for text, label in pairs if label != OUT_OF_SCOPE and language(text) == "en"]
    labels, vectors, runs = np.array([label for _, label in english]), minilm([text for text, _ in english]), []
    for seed in SEEDS:
        fold, right = _fold_of(labels, seed), np.zeros(len(labels), bool)
        for k in np.unique(fold):
            out = fold == k
            right[out] = vector_lr(vectors[~out], labels[~out]).predict(vectors[out]) == labels[out]
        runs.append(share(right))
    yield averaged(runs).row(SUITE, NAME, "en", MINILM)


def _fold_of(labels: Sequence[str], seed: int) -> np.ndarray:
    order = np.random.default_rng(seed).permutation(len(labels))
    fold = np.zeros(len(labels), int)
    for label in np.unique(labels):
        members = order[np.asarray(labels)[order] == label]
        fold[members] = np.arange(len(members)) % N_FOLDS
    return fold
