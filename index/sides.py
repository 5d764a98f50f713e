"""The sides that look for an entry, and what each of them found for one query.

| side      | reads                                   | score                                        |
|-----------|-----------------------------------------|----------------------------------------------|
| question  | vectors of the question and variants    | best cosine, (cos - floor) / (1 - floor)     |
| answer    | the vector of the answer                | the same with a floor of its own             |
| words     | tokens of question, variants and answer | BM25 share of its ceiling                    |
| sounds    | pinyin of question and variants         | BM25 share of its ceiling                    |
| alignment | each word of the query                  | mean cosine to the nearest word of the entry |

All lie in [0, 1] and mean the same for every query, so a side that knows little of a query weighs little in the sum.
The floor is the mean cosine of texts that do not belong together: encoders differ in it (0.05 to 0.8).
The first four put candidates forward; `alignment` reads the N_ALIGNED that are best so far.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.alignment import Alignment
from index.dense import Dense, row_id, slots_of
from index.entry import Entry
from index.lexical import Lexical
from index.query import Encode, Found, Hidden, Query, Tokenise, Tools, WordVectors

UNDECIDED = ("", "mixed", "other")  # languages of which a text or entry may meet any other
OTHER_LANGUAGE = 0.6  # factor on all scores of an entry in another language than the query's
N_CANDIDATES = 32  # rows or entries that each side puts forward
N_ALIGNED = 16  # candidates whose words are looked at: more of them change hit@1 by nothing
PRESELECTION = (0.35, 0.3, 0.2, 0.15)  # how the first four sides choose these
_BATCH = 512  # texts encoded at once while building


class Sides:
    """The vectors and tokens of all entries, under slots."""

    def __init__(
        self,
        question: Dense,
        answer: Dense,
        words: Lexical,
        sounds: Lexical,
        alignment: Alignment,
        floors: tuple[float, float],
        languages: dict[int, str],
    ):
        """floors: of question and answer; languages: of the entry in each slot."""
        self.question, self.answer, self.words, self.sounds = question, answer, words, sounds
        self.alignment = alignment
        self.floors, self._languages = floors, languages

    @classmethod
    def build(cls, entries: Sequence[Entry], tools: Tools) -> Sides:
        """Entry i gets slot i."""
        wordings = [(slot, text) for slot, entry in enumerate(entries) for text in entry.wordings]
        questions = encoded([text for _, text in wordings], tools.encode)
        answers = encoded([entry.answer for entry in entries], tools.encode)
        alignment = Alignment(tools.words)
        for slot, entry in enumerate(entries):
            alignment.add(slot, alignment.prepare(entry.wordings, entry.answer))
        return cls(
            Dense.build(questions, [slot for slot, _ in wordings]),
            Dense.build(answers, range(len(entries))),
            Lexical((slot, _words(entry, tools.tokenise)) for slot, entry in enumerate(entries)),
            Lexical((slot, _sounds(entry, tools.pinyin)) for slot, entry in enumerate(entries)),
            alignment,
            _floors(questions, answers, np.array([slot for slot, _ in wordings], dtype=np.int64)),
            {slot: entry.language for slot, entry in enumerate(entries)},
        )

    def prepared(self, entry: Entry, tools: Tools) -> Callable[[int], None]:
        """Do everything that takes time or may fail, and return what adds the entry under a new slot."""
        questions, answer = encoded(entry.wordings, tools.encode), encoded([entry.answer], tools.encode)
        words, sounds = _words(entry, tools.tokenise), _sounds(entry, tools.pinyin)
        document = self.alignment.prepare(entry.wordings, entry.answer)

        def add(slot: int) -> None:
            self._languages[slot] = entry.language
            self.question.add(slot, questions)
            self.answer.add(slot, answer)
            self.words.add(slot, words)
            self.sounds.add(slot, sounds)
            self.alignment.add(slot, document)

        return add

    def remove(self, slot: int) -> None:
        self._languages.pop(slot, None)
        for side in (self.question, self.answer, self.words, self.sounds, self.alignment):
            side.remove(slot)

    def knows(self, word: str, tools: Tools) -> bool:
        """Whether a word stands in an entry, one in Han characters in a question or variant; False for the, of and so on."""
        tokens = tools.tokenise(word)
        asked = word.isascii() or all(map(self.sounds.knows, tools.pinyin(word)))
        return bool(tokens) and asked and all(map(self.words.knows, tokens))

    def look(self, query: Query, hidden: Hidden | None = None) -> Found:
        """Gather what the sides put forward and let all of them score it; without what is `hidden`."""
        rows = frozenset(row_id(hidden.slot, row) for row in hidden.rows) if hidden else frozenset()
        words, sounds = self.words.scores(query.words), self.sounds.scores(query.sounds)
        if hidden:
            words[hidden.slot] = self.words.score_without(query.words, hidden.slot, hidden.words)
            sounds[hidden.slot] = self.sounds.score_without(query.sounds, hidden.slot, hidden.sounds)
        vectors = query.vector[None, :]
        (questions,), (answers,) = (
            self.question.nearest(vectors, N_CANDIDATES),
            self.answer.nearest(vectors, N_CANDIDATES),
        )
        visible = questions[~np.isin(questions, list(rows))] if rows else questions
        slots = np.unique(np.concatenate([slots_of(visible), slots_of(answers), _best(words), _best(sounds)]))
        cosines = (self.question.cosines(query.vector, slots, rows), self.answer.cosines(query.vector, slots))
        dense = [
            np.clip((cos - floor) / (1 - floor), 0.0, 1.0) for cos, floor in zip(cosines, self.floors, strict=True)
        ]
        first = np.stack([*dense, words[slots], sounds[slots]], axis=1).astype(np.float64)
        best = np.argsort(-(first @ PRESELECTION), kind="stable")[:N_ALIGNED]
        aligned = np.zeros(len(slots))
        aligned[best] = self.alignment.scores(query.numbers, slots[best], {hidden.slot: hidden.rows} if hidden else {})
        scores = np.column_stack([first, aligned])
        return Found(slots, scores * self._language_factors(query.language, slots, words)[:, None])

    def _language_factors(self, language: str, slots: np.ndarray, words: np.ndarray) -> np.ndarray:
        """OTHER_LANGUAGE for entries in another language than the query's, else 1: float64 (len(slots),).

        An encoder of two languages finds the English twin of a Chinese entry as near as itself; the customer wants the
        one in their language. When no entry of that language shares a word with the query, its language was perhaps
        guessed wrong (tuihuo looks English, means 退货) and nothing is held against the others.
        """
        of_slots = [self._languages[slot] for slot in slots.tolist()]
        same = np.array([other == language for other in of_slots], dtype=bool)
        if language in UNDECIDED or not words[slots[same]].any():
            return np.ones(len(slots))
        may_meet = (language, *UNDECIDED)
        return np.array([1.0 if other in may_meet else OTHER_LANGUAGE for other in of_slots])

    def save(self, folder: Path) -> None:
        self.question.save(folder / "question.faiss")
        self.answer.save(folder / "answer.faiss")
        self.words.save(folder / "words")
        self.sounds.save(folder / "sounds")
        self.alignment.save(folder / "alignment.npz")

    @classmethod
    def load(
        cls,
        folder: Path,
        dimension: int,
        words: WordVectors | None,
        floors: tuple[float, float],
        languages: dict[int, str],
    ) -> Sides:
        return cls(
            Dense.load(folder / "question.faiss", dimension),
            Dense.load(folder / "answer.faiss", dimension),
            Lexical.load(folder / "words"),
            Lexical.load(folder / "sounds"),
            Alignment.load(folder / "alignment.npz", words),
            floors,
            languages,
        )


def encoded(texts: Sequence[str], encode: Encode) -> np.ndarray:
    """float32 (len(texts), d); encoding nothing at all still tells d."""
    parts = [encode(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    return np.concatenate(parts).astype(np.float32, copy=False) if parts else encode([""])[:0]


def _words(entry: Entry, tokenise: Tokenise) -> list[str]:
    return [token for text in (*entry.wordings, entry.answer) for token in tokenise(text)]


def _sounds(entry: Entry, pinyin: Tokenise) -> list[str]:
    return [token for text in entry.wordings for token in pinyin(text)]


def _best(scores: np.ndarray) -> np.ndarray:
    """Slots of the N_CANDIDATES greatest scores above 0, in no order."""
    matched = np.flatnonzero(scores > 0)
    if len(matched) <= N_CANDIDATES:
        return matched
    return matched[np.argpartition(-scores[matched], N_CANDIDATES)[:N_CANDIDATES]]


def _floors(questions: np.ndarray, answers: np.ndarray, slots: np.ndarray) -> tuple[float, float]:
    """Mean cosine between wordings, and between wordings and answers, of different entries; 0 when there is one entry.

    From sums of vectors, because the mean over all pairs (i, j) of q_i . a_j is the product of the two mean vectors.
    """
    if len(answers) < 2:
        return 0.0, 0.0
    of_entry = np.zeros(answers.shape, dtype=np.float64)
    np.add.at(of_entry, slots, questions)
    sizes = np.bincount(slots, minlength=len(answers)).astype(np.float64)
    everything = of_entry.sum(axis=0)
    among = (everything @ everything - (of_entry * of_entry).sum()) / (sizes.sum() ** 2 - (sizes**2).sum())
    across = (everything @ answers.sum(axis=0) - (of_entry * answers).sum()) / (sizes.sum() * (len(answers) - 1))
    return float(np.clip(among, 0.0, 0.95)), float(np.clip(across, 0.0, 0.95))
