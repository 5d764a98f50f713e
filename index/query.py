"""What goes into a search and what comes out of it, before anything is weighed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

SIDES = ("question", "answer", "words", "sounds")  # see index.sides; the columns of `Found.scores`

Encode = Callable[[Sequence[str]], np.ndarray]  # texts -> float32 (n, d), rows of length 1
Tokenise = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Tools:
    """What the caller lends: the encoder, the two ways to cut text into tokens, and a name for a text's language."""

    encode: Encode
    tokenise: Tokenise
    pinyin: Tokenise
    language: Callable[[str], str]

    def query(self, text: str, vector: np.ndarray) -> Query:
        return Query(vector, self.tokenise(text), self.pinyin(text), self.language(text))


@dataclass(frozen=True, slots=True)
class Query:
    vector: np.ndarray
    words: list[str]
    sounds: list[str]
    language: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """Wordings of one entry that count as absent: `rows` are their places in `Entry.wordings`."""

    slot: int
    rows: tuple[int, ...]
    words: list[str]
    sounds: list[str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One entry, encoded (wordings and answer, float32 (n, d)) and cut into tokens."""

    questions: np.ndarray
    answer: np.ndarray
    words: list[str]
    sounds: list[str]
    language: str


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of one query: slots (m,) ascending and their scores (m, 4), columns as in SIDES."""

    slots: np.ndarray
    scores: np.ndarray
