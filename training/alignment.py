"""Teaches alignment by words (`index.alignment`) which words count, and in which directions their vectors agree.

score(message, entry) = sum over the message's words w of idf(w) * weight(w) * max(0, best cosine of turn w with turn v)

`weight` (one number a word) and `turn` (one matrix) are learned with the word vectors held fast: InfoNCE over the entries
of one batch, on our own topics and matters. It is ColBERT's loss (Khattab & Zaharia 2020, arXiv:2004.12832) without its
context, so that an entry still costs two bytes a word, and it takes a minute of one core.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from assistant.encoder import ALIGNMENT, N_SPECIAL, word_table
from index.alignment import FLOOR_IDF
from training.progress import Progress
from training.texts import Tokenised, Topic

logger = logging.getLogger(__name__)

STEPS, N_PAIRS = 700, 80
RATE, WEIGHT_RATE = 1e-3, 2e-2
FALLS_FROM = 0.5  # share of the steps after which the rates fall to nothing
FEW_TRADES = 0.6  # share of the batches whose entries come from few trades, where they are hard to tell apart
OTHER_LANGUAGE = 0.15  # share of the messages whose entry is in the other language
QUESTION_ALONE, MESSAGE = 0.25, 0.15  # share of the entries without their answer, and of other messages in their place
MAX_WORDS = 60


@dataclass(frozen=True, slots=True)
class LearnedAlignment:
    """turn: float32 (d, d), word vectors are multiplied by it; weight: float32 (n_words,), about 1."""

    turn: np.ndarray
    weight: np.ndarray

    def save(self, folder: Path) -> None:
        save_file({"turn": self.turn.astype(np.float16), "weight": self.weight.astype(np.float16)}, folder / ALIGNMENT)


class Scorer(nn.Module):
    """Scores of messages against entries. table: (n_words, d), held fast; idf: (n_words,)."""

    def __init__(self, table: np.ndarray, idf: np.ndarray):
        super().__init__()
        self.table, self.idf = torch.from_numpy(table), torch.from_numpy(idf)
        self.turn = nn.Parameter(torch.eye(table.shape[1]))
        self.log_weight = nn.Parameter(torch.zeros(len(table)))
        self.log_scale = nn.Parameter(torch.tensor(20.0).log())

    def forward(self, messages: Sequence[np.ndarray], entries: Sequence[np.ndarray]) -> Tensor:
        """Logits (len(messages), len(entries)) of texts given as their words' numbers, none empty."""
        asked, place = np.unique(np.concatenate(messages), return_inverse=True)
        stored = nn.utils.rnn.pad_sequence([torch.from_numpy(entry) for entry in entries], True, -1)
        known, column = torch.unique(stored.clamp_min(0), return_inverse=True)
        asked = torch.from_numpy(asked)
        cosines = self._turned(asked) @ self._turned(known).T
        nearest = cosines[:, column].masked_fill(stored < 0, 0.0).amax(-1).clamp_min(0.0)  # (n asked, n entries)
        weight = (self.idf * self.log_weight.exp())[asked]
        place = torch.from_numpy(place)
        row = torch.from_numpy(np.repeat(np.arange(len(messages)), list(map(len, messages))))
        met = torch.zeros(len(messages), len(entries)).index_add(0, row, (weight[:, None] * nearest)[place])
        return met / torch.zeros(len(messages)).index_add(0, row, weight[place])[:, None] * self.log_scale.exp()

    def _turned(self, numbers: Tensor) -> Tensor:
        return F.normalize(self.table[numbers] @ self.turn, dim=-1)


class Batches:
    """Messages, and for each the words of an entry that answers it."""

    def __init__(self, topics: Sequence[Topic], tokens: Tokenised, seed: int):
        self._tokens, self._rng = tokens, np.random.default_rng(seed)
        self._topics = [topic for topic in topics if any(self._languages(topic))]
        self._by_trade: defaultdict[str, list[Topic]] = defaultdict(list)
        for topic in self._topics:
            self._by_trade[topic.source].append(topic)

    def entries(self) -> list[np.ndarray]:
        return [self._entry(topic, name) for topic in self._topics for name in self._languages(topic)]

    def take(self, n: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        pool = self._topics
        if self._rng.random() < FEW_TRADES:
            pool = []
            for trade in self._rng.permutation(sorted(self._by_trade)):
                if len(pool) >= n:
                    break
                pool = pool + self._by_trade[trade]
        chosen = (self._pair(pool[i]) for i in self._rng.permutation(len(pool))[:n])
        pairs = [(message, entry) for message, entry in chosen if len(message) and len(entry)]
        messages, entries = zip(*pairs, strict=True)
        return list(messages), list(entries)

    def _pair(self, topic: Topic) -> tuple[np.ndarray, np.ndarray]:
        names = self._languages(topic)
        own = str(self._rng.choice(names))
        other = str(self._rng.choice(names)) if self._rng.random() < 2 * OTHER_LANGUAGE else own
        number = int(self._rng.choice(topic.messages[own]))
        kind = self._rng.random()
        if kind < QUESTION_ALONE:
            entry = self._words(topic.questions[other])
        elif kind < QUESTION_ALONE + MESSAGE and (others := [n for n in topic.messages[other] if n != number]):
            entry = self._words(int(self._rng.choice(others)))
        else:
            entry = self._entry(topic, other)
        return self._words(number), np.unique(entry)

    def _entry(self, topic: Topic, name: str) -> np.ndarray:
        parts = [side[name] for side in (topic.questions, topic.answers) if name in side]
        return np.unique(np.concatenate([self._words(part) for part in parts]))[:MAX_WORDS]

    def _words(self, number: int) -> np.ndarray:
        ids = self._tokens[number].astype(np.int64)
        return ids[ids >= N_SPECIAL]

    @staticmethod
    def _languages(topic: Topic) -> list[str]:
        """In which the topic has both a question and messages."""
        return [name for name in topic.questions if topic.messages.get(name)]


def learn_alignment(
    weights: Path, topics: Sequence[Topic], tokens: Tokenised, steps: int = STEPS, seed: int = 7
) -> LearnedAlignment:
    """weights: the encoder's model.safetensors. The same input gives the same result."""
    table = word_table(weights)
    batches = Batches(topics, tokens, seed)
    stored = batches.entries()
    df = np.bincount(np.concatenate(stored), minlength=len(table))
    scorer = Scorer(table, (np.log1p((len(stored) - df + 0.5) / (df + 0.5)) + FLOOR_IDF).astype(np.float32))
    rates = (RATE, WEIGHT_RATE, WEIGHT_RATE)
    parts = (scorer.turn, scorer.log_weight, scorer.log_scale)
    optimiser = torch.optim.Adam([{"params": [part]} for part in parts], betas=(0.9, 0.98))
    progress, losses = Progress("alignment", steps), []
    for step in range(steps):
        logits = scorer(*batches.take(N_PAIRS))
        target = torch.arange(len(logits))
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
        optimiser.zero_grad()
        loss.backward()
        fall = min(1.0, (1 - step / steps) / (1 - FALLS_FROM))
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * fall
        optimiser.step()
        losses.append(float(loss.detach()))
        progress.advance(1)
    logger.info("alignment: loss %.2f, then %.2f", np.mean(losses[:50]), np.mean(losses[-50:]))
    return LearnedAlignment(scorer.turn.detach().numpy(), scorer.log_weight.detach().exp().numpy())
