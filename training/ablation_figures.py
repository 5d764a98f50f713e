"""What an ablation is measured by: dev texts alone, so that no choice is made with a test figure in sight.

Retrieval and few-shot topics are of our dev topics, whose texts no run has read; mood is learned from train topics. CLINC's
train texts and labels were read in training, its dev texts were not: that figure says what a known trade gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.encoder import Encoder
from assistant.heads import IntentHead, SentimentHead
from assistant.values import SENTIMENTS
from training.baselines import vector_lr
from training.examples import Utterance, Written, read_written
from training.public import read_set
from training.rows import macro_f1
from training.suite_intent_public import SEEDS, clean, few

LANGUAGES = ("zh", "en")
ANSWER_WEIGHT = 0.4  # of an entry's answer beside its question
N_TOPIC_SHOTS = 4  # messages of a topic and language that are known, of eight
Pairs = list[tuple[str, str]]
Figures = dict[str, float]
Encode = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Dev:
    """`train` teaches the mood; `shots` holds one few-shot training set a seed, `intents` is what they are asked."""

    train: Written
    topics: Written
    shots: tuple[Pairs, ...]
    intents: Pairs

    @classmethod
    def read(cls, data: Path) -> Dev:
        written = read_written()
        train, dev = (
            [(row["text"], row["label"]) for row in read_set(data, "clinc150_oos", s)] for s in ("train", "dev")
        )
        train = clean(train, dev)
        return cls(written.of("train"), written.of("dev"), tuple(few(train, [], seed) for seed in SEEDS), dev)

    def texts(self) -> list[str]:
        """Each once."""
        moods = [utterance.text for utterance in self.train.utterances]
        asked = [text for pairs in (*self.shots, self.intents) for text, _ in pairs]
        return list(dict.fromkeys((*moods, *self.topics.texts(), *asked)))

    def said(self, language: str) -> list[Utterance]:
        return [utterance for utterance in self.topics.utterances if utterance.language == language]


def by_vector(dev: Dev, encode: Encode) -> Figures:
    """Every figure of an encoder's vector alone, in [0, 1]."""
    mood = LogisticRegression(C=30, max_iter=300).fit(
        encode([u.text for u in dev.train.utterances]), [u.sentiment for u in dev.train.utterances]
    )
    figures = {f"hit {name}": hit_at_1(dev, encode, name) for name in LANGUAGES}
    for name in LANGUAGES:
        said = dev.said(name)
        figures[f"mood {name}"] = mood_f1(said, mood.predict(encode([u.text for u in said])))
    figures |= {f"topics {name}": few_shot_topics(dev, encode, name) for name in LANGUAGES}
    right = []
    for shots in dev.shots:
        texts, labels = zip(*shots, strict=True)
        right.append(_share_right(vector_lr(encode(texts), labels).predict(encode([t for t, _ in dev.intents])), dev))
    return figures | {"clinc": float(np.mean(right))}


def hit_at_1(dev: Dev, encode: Encode, language: str) -> float:
    """Share of the messages whose topic's entry is nearest: cosine of the question + 0.4 of the answer's."""
    entries = [question for question in dev.topics.questions if question.language == language]
    topics = np.array([entry.topic for entry in entries])
    said = [u for u in dev.said(language) if u.topic in set(topics)]
    vectors = encode([entry.question for entry in entries]) + ANSWER_WEIGHT * encode(
        [entry.answer for entry in entries]
    )
    nearest = (encode([u.text for u in said]) @ vectors.T).argmax(axis=1)
    return float(np.mean(topics[nearest] == [u.topic for u in said]))


def few_shot_topics(dev: Dev, encode: Encode, language: str) -> float:
    """Share of the dev topics' messages given to their topic by a few others of it; topics are intents never met."""
    known = {question.topic for question in dev.topics.questions}
    said = [u for u in dev.said(language) if u.topic in known]
    vectors, topics = encode([u.text for u in said]), np.array([u.topic for u in said])
    right = []
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(len(said))
        shots = np.concatenate([order[topics[order] == topic][:N_TOPIC_SHOTS] for topic in sorted(known)])
        asked = np.setdiff1d(order, shots)
        right.append(np.mean(vector_lr(vectors[shots], topics[shots]).predict(vectors[asked]) == topics[asked]))
    return float(np.mean(right))


def by_head(dev: Dev, encoder: Encoder, part: str) -> Figures:
    """Mood and CLINC by the product's heads; part: `vector`, or `both` for n-grams beside it.

    A head weighs its parts on texts that are new to the encoder, so each half of the dev topics is judged by a head that
    weighed them on the other half.
    """
    known, dev_said = dev.train.utterances, dev.topics.utterances
    rows = [*known, *dev_said]
    vectors, texts = encoder.encode([u.text for u in rows]), [u.text for u in rows]
    half = np.unique([u.topic for u in dev_said], return_inverse=True)[1] % 2
    guess = np.empty(len(dev_said), object)
    for k in (0, 1):
        weighed = np.concatenate((np.zeros(len(known), bool), half != k))
        taken = np.concatenate((np.ones(len(known), bool), half != k))
        head = SentimentHead().fit(
            vectors[taken],
            [text for text, kept in zip(texts, taken, strict=True) if kept],
            [u.sentiment for u, kept in zip(rows, taken, strict=True) if kept],
            held_out=weighed[taken],
        )
        asked = np.flatnonzero(half == k)
        p = head.predict_parts(vectors[len(known) + asked], [dev_said[i].text for i in asked])[part]
        guess[asked] = np.array(SENTIMENTS, object)[p.argmax(axis=1)]
    figures = {}
    for name in LANGUAGES:
        here = [n for n, u in enumerate(dev_said) if u.language == name]
        figures[f"mood {name}"] = mood_f1([dev_said[n] for n in here], guess[here])
    asked_texts = [text for text, _ in dev.intents]
    asked_vectors, right = encoder.encode(asked_texts), []
    for seed, shots in enumerate(dev.shots):
        texts, labels = map(list, zip(*shots, strict=True))
        head = IntentHead(seed=seed).fit(encoder.encode(texts), texts, labels)
        right.append(_share_right(np.array(head.classes_)[head.predict_parts(asked_vectors, asked_texts)[part]], dev))
    return figures | {"clinc": float(np.mean(right))}


def mood_f1(said: Sequence[Utterance], guess: Sequence[str]) -> float:
    """Macro-F1 of the three moods."""
    truth, found = (
        np.array([SENTIMENTS.index(label) for label in labels]) for labels in ([u.sentiment for u in said], guess)
    )
    return macro_f1(truth, found, len(SENTIMENTS)).value


def _share_right(guess: np.ndarray, dev: Dev) -> float:
    return float(np.mean(guess == np.array([label for _, label in dev.intents])))
