"""Texts as token ids, each distinct text once, and the material of every training task as arrays of text numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from assistant.text import Segmenter
from training.progress import Progress

MAX_TOKENS = 64  # a support message has 12; reviews are cut here
RAW_SHARE = 16  # one text in so many is tokenised without jieba, as a bare tokenizer.json would


class TextTable:
    """Numbers for distinct texts; `add` returns a text's number, `tokenise` then gives each its ids."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def texts(self) -> list[str]:
        return list(self._numbers)

    def add(self, text: str) -> int:
        return self._numbers.setdefault(text.strip(), len(self._numbers))

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> np.ndarray:
        """int64 (n, 2) numbers of the pairs whose sides are neither blank nor equal."""
        rows = [(self.add(a), self.add(b)) for a, b in pairs if a.strip() and b.strip() and a.strip() != b.strip()]
        return np.array(rows, dtype=np.int64).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Tokenised:
    """Ragged token ids: text i is `ids[starts[i]:starts[i + 1]]`, uint16, at most MAX_TOKENS with the leading [CLS]."""

    ids: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> np.ndarray:
        return self.ids[self.starts[number] : self.starts[number + 1]]

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.starts)


def segment(texts: Sequence[str], segmenter: Segmenter) -> list[list[str]]:
    progress = Progress("words", len(texts))
    words = []
    for start in range(0, len(texts), 2000):
        words += [segmenter.words(text[:400]) for text in texts[start : start + 2000]]
        progress.advance(min(2000, len(texts) - start))
    return words


def tokenise(texts: Sequence[str], words: Sequence[list[str]], tokenizer: Tokenizer) -> Tokenised:
    tokenizer.enable_truncation(MAX_TOKENS)
    parts: list[np.ndarray] = []
    for start in range(0, len(texts), 10_000):
        stop = start + 10_000
        encoded = tokenizer.encode_batch(list(words[start:stop]), is_pretokenized=True)
        for text, encoding in zip(texts[start:stop], encoded, strict=True):
            if hashlib.sha1(text.encode()).digest()[0] % RAW_SHARE == 0:
                encoding = tokenizer.encode(text[:200])
            parts.append(np.array(encoding.ids, dtype=np.uint16))
    starts = np.concatenate(([0], np.cumsum([len(part) for part in parts])))
    return Tokenised(np.concatenate(parts), starts)


class TokenCache:
    """Token ids of texts met in earlier runs, by text: segmenting a million texts takes minutes."""

    def __init__(self, path: Path):
        self._path = path
        self._known: dict[str, int] = {}
        if path.exists():
            saved = np.load(path, allow_pickle=False)
            self._tokens = Tokenised(saved["ids"], saved["starts"])
            self._known = {text: n for n, text in enumerate(saved["texts"].tobytes().decode().split("\0"))}

    def tokenise(self, texts: Sequence[str], segmenter: Segmenter, tokenizer: Tokenizer) -> Tokenised:
        """Token ids of the texts in their order; those met for the first time are segmented and kept."""
        new = [text for text in texts if text not in self._known]
        if new or not self._known:
            fresh = tokenise(new, segment(new, segmenter), tokenizer)
            numbers = {text: n for n, text in enumerate(new)}
        parts = [self._tokens[self._known[t]] if t in self._known else fresh[numbers[t]] for t in texts]
        tokens = Tokenised(np.concatenate(parts), np.concatenate(([0], np.cumsum([len(part) for part in parts]))))
        if new:
            np.savez(
                self._path,
                ids=tokens.ids,
                starts=tokens.starts,
                texts=np.frombuffer("\0".join(texts).encode(), np.uint8),
            )
        return tokens


@dataclass(slots=True)
class Topic:
    """Text numbers of one written topic by language; a loose bank (moods, none) is no topic."""

    questions: dict[str, int]
    answers: dict[str, int]
    messages: dict[str, list[int]]
    source: str


@dataclass(slots=True)
class Material:
    """What the tasks draw from; every number is a row of the text table, and none is held out."""

    parallel: np.ndarray  # (n, 2): zh, en
    glosses: np.ndarray  # (n, 2): zh word, en word
    answers: np.ndarray  # (n, 2): question, answer
    neighbours: np.ndarray  # (n, 2): turn, next turn
    topics: list[Topic]
    intents: dict[str, np.ndarray]  # set -> (n, 2): text, class
    reviews: np.ndarray  # (n, 2): text, class of SENTIMENTS
    moods: np.ndarray  # (n, 2): our own messages
    plain: np.ndarray  # (n,)
    english: np.ndarray  # (n,): texts that the teacher has read
    n_classes: dict[str, int] = field(default_factory=dict)
