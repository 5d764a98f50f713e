"""Sentiment: our own held-out topics in three moods; public reviews, negative against positive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder
from assistant.heads import SentimentHead
from assistant.values import SENTIMENTS
from training.baselines import N_SNOWNLP, char_tfidf, snownlp_positive
from training.examples import read_written
from training.leaks import LeakFilter, fingerprint
from training.public import public_split, read_set
from training.rows import Row, macro_f1, share
from training.sentiment import own_messages

SUITE = "sentiment"
PARTS = {"both": "huida", "vector": "vector alone", "ngrams": "n-grams alone"}
FITTED = ("online_shopping_10_cats", "waimai_10k")  # hash split; also fitted on their own train rows


def suite(encoder: Encoder, head: SentimentHead, data: Path | None) -> Iterator[Row]:
    yield from _own(encoder, head)
    if data:
        for name in FITTED:
            yield from _fitted(encoder, head, data, name)
        yield from _as_shipped(
            encoder, head, "chnsenticorp_htl_all, hash split", _rows(data, "chnsenticorp_htl_all", "test")
        )
        tests = _labelled(read_set(data, "chnsenticorp", "test"))
        train = {fingerprint(row["text"]) for row in read_set(data, "chnsenticorp", "train")}
        yield from _as_shipped(encoder, head, "chnsenticorp", tests)
        clean = [pair for pair in tests if fingerprint(pair[0]) not in train]
        yield from _as_shipped(encoder, head, "chnsenticorp, clean", clean)


def _own(encoder: Encoder, head: SentimentHead) -> Iterator[Row]:
    written = read_written()
    train = own_messages(written)
    test = written.of("test").utterances
    texts = [utterance.text for utterance in test]
    truth = np.array([SENTIMENTS.index(utterance.sentiment) for utterance in test])
    languages = np.array([utterance.language for utterance in test])
    predicted = {PARTS[part]: p.argmax(axis=1) for part, p in head.predict_parts(encoder.encode(texts), texts).items()}
    words = char_tfidf(train.texts, train.labels).predict(texts)
    predicted["char tf-idf + LR"] = np.array([SENTIMENTS.index(label) for label in words])
    for language in ("zh", "en"):
        here = languages == language
        for system in ("huida", "vector alone", "n-grams alone", "char tf-idf + LR"):
            f1 = macro_f1(truth[here], predicted[system][here], len(SENTIMENTS))
            yield f1.row(SUITE, "own held-out topics", language, system)
    sample = np.flatnonzero(languages == "zh")[:N_SNOWNLP]
    # its score is how positive; the middle third of it stands for neutral, which it does not know
    thirds = np.digitize(snownlp_positive([texts[i] for i in sample]), [1 / 3, 2 / 3])
    yield macro_f1(truth[sample], thirds, len(SENTIMENTS)).row(SUITE, "own held-out topics", "zh", "SnowNLP")


def _fitted(encoder: Encoder, head: SentimentHead, data: Path, name: str) -> Iterator[Row]:
    """The shipped head as it is, and the same head fitted on the set's own train rows beside tf-idf fitted on them."""
    test = _rows(data, name, "test")
    yield from _as_shipped(encoder, head, f"{name}, hash split", test)
    rows = _rows(data, name, "train") + (dev := _rows(data, name, "dev"))
    keep = LeakFilter([text for text, _ in test]).check([text for text, _ in rows]).keep
    held_out = (np.arange(len(rows)) >= len(rows) - len(dev))[keep]
    texts, labels = zip(*(row for row, kept in zip(rows, keep, strict=True) if kept), strict=True)
    polar = np.ones(len(texts), bool)
    own = SentimentHead(c_ngrams=16.0, max_columns=2**18).fit(
        encoder.encode(texts), texts, labels, held_out=held_out, polar=polar
    )
    truth = np.array([label == "positive" for _, label in test])
    parts = own.predict_parts(encoder.encode([text for text, _ in test]), [text for text, _ in test])
    for part, system in PARTS.items():
        right = _positive(parts[part]) == truth
        yield share(right).row(SUITE, f"{name}, fitted on its train", "zh", system)
    words = char_tfidf(texts, labels, min_df=2).predict([text for text, _ in test]) == "positive"
    yield share(words == truth).row(SUITE, f"{name}, fitted on its train", "zh", "char tf-idf + LR")


def _as_shipped(encoder: Encoder, head: SentimentHead, name: str, test: Sequence[tuple[str, str]]) -> Iterator[Row]:
    texts = [text for text, _ in test]
    truth = np.array([label == "positive" for _, label in test])
    p = head.predict_proba(encoder.encode(texts), texts)
    yield share(_positive(p) == truth).row(SUITE, name, "zh", "huida as shipped")
    sample = np.random.default_rng(0).permutation(len(texts))[:N_SNOWNLP]
    right = (snownlp_positive([texts[i] for i in sample]) > 0.5) == truth[sample]
    yield share(right).row(SUITE, name, "zh", "SnowNLP")


def _positive(p: np.ndarray) -> np.ndarray:
    return p[:, SENTIMENTS.index("positive")] > p[:, SENTIMENTS.index("negative")]


def _rows(data: Path, name: str, split: str) -> list[tuple[str, str]]:
    return [pair for pair in _labelled(read_set(data, name, "all")) if public_split(pair[0]) == split]


def _labelled(rows) -> list[tuple[str, str]]:
    return [(row["text"], row["label"]) for row in rows]
