"""Sentiment: our own held-out topics in three moods, and public reviews (training.suite_sentiment_public)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder
from assistant.heads import SentimentHead
from assistant.values import SENTIMENTS
from training import suite_sentiment_public
from training.baselines import CHAR_TFIDF, HASHED_WORDS, N_SNOWNLP, char_tfidf, hashed_words, snownlp_positive
from training.examples import BLUNT, read_written
from training.rows import Row, calibration_error, macro_f1
from training.sentiment import own_messages
from training.suite_sentiment_public import PARTS

SUITE = "sentiment"


def suite(encoder: Encoder, head: SentimentHead, data: Path | None) -> Iterator[Row]:
    yield from _own(encoder, head)
    if data:
        yield from suite_sentiment_public.suite(encoder, head, data)


def _own(encoder: Encoder, head: SentimentHead) -> Iterator[Row]:
    written = read_written()
    train = own_messages(written)
    test = written.of("test").utterances
    texts = [utterance.text for utterance in test]
    truth = np.array([SENTIMENTS.index(utterance.sentiment) for utterance in test])
    languages = np.array([utterance.language for utterance in test])
    blunt = np.array([utterance.source.startswith(BLUNT) for utterance in test])
    parts = head.predict_parts(encoder.encode(texts), texts)
    predicted = {PARTS[part]: p.argmax(axis=1) for part, p in parts.items()}
    for system, fit in ((CHAR_TFIDF, char_tfidf), (HASHED_WORDS, hashed_words)):
        guess = fit(train.texts, train.labels).predict(texts)
        predicted[system] = np.array([SENTIMENTS.index(label) for label in guess])
    for name, of_name in (("own held-out topics", ~blunt), ("short and blunt messages, held out", blunt)):
        for language in ("zh", "en"):
            here = of_name & (languages == language)
            for system in predicted:
                f1 = macro_f1(truth[here], predicted[system][here], len(SENTIMENTS))
                yield f1.row(SUITE, name, language, system)
            yield calibration_error(parts["both"][here], truth[here]).row(SUITE, name, language, PARTS["both"])
    sample = np.flatnonzero(~blunt & (languages == "zh"))[:N_SNOWNLP]
    # its score is how positive; the middle third of it stands for neutral, which it does not know
    thirds = np.digitize(snownlp_positive([texts[i] for i in sample]), [1 / 3, 2 / 3])
    yield macro_f1(truth[sample], thirds, len(SENTIMENTS)).row(SUITE, "own held-out topics", "zh", "SnowNLP")
