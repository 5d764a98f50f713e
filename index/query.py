"""What goes into a search and what comes out of it, before anything is weighed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

SIDES = ("question", "answer", "words", "sounds", "alignment")  # see index.sides; the columns of `Found.scores`

Encode = Callable[[Sequence[str]], np.ndarray]  # texts -> float32 (n, d), rows of length 1
Tokenise = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class WordVectors:
    """An encoder's vectors of single words, without context.

    table: float32 (n_words, d), rows of length 1; numbers: a text -> the rows of its words, in order.
    weight: float32 (n_words,), how much each counts beside the others of its text, about 1.
    """

    table: np.ndarray
    numbers: Callable[[str], np.ndarray]
    weight: np.ndarray


def _as_it_stands(text: str, known: Callable[[str], bool]) -> str:
    """The spelling of a text where nobody can put it right."""
    return text


def _undecided(text: str) -> str:
    """The language of a text where nobody can name it."""
    return ""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the caller lends: the encoder, two ways to cut text into tokens, a name for a text's language, word vectors.

    language: names a text's language as `Entry.language` does; entries in the query's own are preferred.
    respell: writes a query typed by its sound in characters, given what tells whether a word stands in the entries.
    """

    encode: Encode
    tokenise: Tokenise
    pinyin: Tokenise
    language: Callable[[str], str] = _undecided
    words: WordVectors | None = None
    respell: Callable[[str, Callable[[str], bool]], str] = _as_it_stands

    def query(self, text: str, vector: np.ndarray) -> Query:
        numbers = self.words.numbers(text) if self.words else np.empty(0, dtype=np.uint16)
        return Query(vector, self.tokenise(text), self.pinyin(text), self.language(text), numbers)


@dataclass(frozen=True, slots=True)
class Query:
    vector: np.ndarray
    words: list[str]
    sounds: list[str]
    language: str
    numbers: np.ndarray  # of its words in Tools.words


@dataclass(frozen=True, slots=True)
class Hidden:
    """Wordings of one entry that count as absent: `rows` are their places in `Entry.wordings`."""

    slot: int
    rows: tuple[int, ...]
    words: list[str]
    sounds: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of one query: slots (m,) ascending and their scores (m, 5), columns as in SIDES."""

    slots: np.ndarray
    scores: np.ndarray
