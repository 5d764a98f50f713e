"""Our own hand-written support text: canonical questions with answers, messages with a mood, service dialogues.

`training/written/*.tsv` holds two kinds of lines (real tabs, UTF-8):

    Q  topic  lang  question  answer            one per topic and language; zh and en mean the same
    U  topic  lang  kind  sentiment  text       kind: plain, paraphrase, oblique, noisy; sentiment: the customer's mood

Messages of one topic resemble each other, so whole topics are held out, never lines of a topic.

`training/written/pairs_*.tsv` holds matters, one a line, all for training: many of them, each said in few ways.

    P  topic  zh question  zh message  zh message  en question  en message  zh answer
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from assistant.errors import InputError
from assistant.values import SENTIMENTS, SentimentLabel

WRITTEN = Path(__file__).parent / "written"
Split = Literal["train", "dev", "test"]
KINDS = ("plain", "paraphrase", "oblique", "noisy")
PAIRS = "pairs_"
BESIDE = (PAIRS, "dialogue")  # files of other shapes: matters, and what belongs to dialogues.jsonl
BLUNT = "moods_blunt"  # files of opinions in few words, measured apart from the topics
BANKS = (
    "mood",
    "none-chitchat",
    "none-nearmiss",
    "none-other",
)  # loose collections: their messages are split one by one


@dataclass(frozen=True, slots=True)
class Question:
    """The canonical question of a topic in one language, with its answer."""

    topic: str
    language: str
    question: str
    answer: str
    source: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """One customer message about a topic, with the mood of its writer."""

    topic: str
    language: str
    kind: str
    sentiment: SentimentLabel
    text: str
    source: str

    @property
    def split(self) -> Split:
        return split(self.topic, self.text)


@dataclass(frozen=True)
class Written:
    questions: tuple[Question, ...]
    utterances: tuple[Utterance, ...]

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """Topics that have a canonical question, in file order."""
        return tuple(dict.fromkeys(question.topic for question in self.questions))

    def of(self, *splits: Split) -> Written:
        """The part whose topics fall into these splits."""
        return Written(
            tuple(question for question in self.questions if split(question.topic) in splits),
            tuple(utterance for utterance in self.utterances if utterance.split in splits),
        )

    def texts(self) -> list[str]:
        """Every text of it: questions, answers and messages."""
        answered = [text for question in self.questions for text in (question.question, question.answer)]
        return answered + [utterance.text for utterance in self.utterances]


@dataclass(frozen=True, slots=True)
class Matter:
    """A question in both languages, what customers say who mean it, and its answer in Chinese."""

    topic: str
    questions: dict[str, str]
    messages: dict[str, tuple[str, ...]]
    answer: str
    source: str

    def texts(self) -> list[str]:
        return [*self.questions.values(), *(text for said in self.messages.values() for text in said), self.answer]


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a service dialogue; mood and intent are those of the customer and None for the agent."""

    role: Literal["customer", "agent"]
    text: str
    sentiment: SentimentLabel | None
    intent: str | None


@dataclass(frozen=True, slots=True)
class Dialogue:
    dialogue_id: str
    language: str
    domain: str
    resolved: bool
    turns: tuple[Said, ...]

    @property
    def split(self) -> Split:
        return split(self.dialogue_id)


def fold(name: str) -> int:
    """0 to 9, from the name of a topic or a conversation alone: every machine and every year holds out the same."""
    return int(hashlib.sha1(name.encode()).hexdigest(), 16) % 10


def split(topic: str, text: str = "") -> Split:
    """Folds 0 and 1 (a fifth of the topics) are test, 2 is dev. Messages of a bank are split one by one."""
    key = f"{topic}/{text}" if topic in BANKS else topic
    return {0: "test", 1: "test", 2: "dev"}.get(fold(key), "train")


def read_written(folder: Path = WRITTEN) -> Written:
    """Read every TSV of topics; a broken line raises InputError with file, line and what was expected."""
    paths = sorted(path for path in Path(folder).glob("*.tsv") if not path.name.startswith(BESIDE))
    if not paths:
        raise InputError(f"{folder} holds no .tsv file; point at a folder like training/written")
    rows = [row for path in paths for row in _rows(path)]
    return Written(
        tuple(row for row in rows if isinstance(row, Question)),
        tuple(row for row in rows if isinstance(row, Utterance)),
    )


def read_matters(folder: Path = WRITTEN) -> list[Matter]:
    """Read every pairs_*.tsv, which may be none; a broken line raises InputError with file and line."""
    return [matter for path in sorted(Path(folder).glob(f"{PAIRS}*.tsv")) for matter in _matters(path)]


def read_dialogues(path: Path = WRITTEN / "dialogues.jsonl") -> list[Dialogue]:
    dialogues = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        turns = tuple(Said(t["role"], t["text"], t.get("sentiment"), t.get("intent")) for t in row["turns"])
        dialogues.append(Dialogue(row["id"], row["lang"], row["domain"], row["resolved"], turns))
    return dialogues


def _rows(path: Path) -> Iterator[Question | Utterance]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match line.split("\t"):
            case ["Q", topic, "zh" | "en" as language, question, answer] if question and answer:
                yield Question(topic, language, question, answer, path.name)
            case ["U", topic, "zh" | "en" as language, kind, mood, text] if (
                kind in KINDS and mood in SENTIMENTS and text.strip()
            ):
                yield Utterance(topic, language, kind, mood, text, path.name)
            case _:
                raise InputError(
                    f"{path.name}, line {number}: {line[:60]!r} is neither 'Q topic zh|en question answer' "
                    f"nor 'U topic zh|en {'|'.join(KINDS)} {'|'.join(SENTIMENTS)} text' with tabs between"
                )


def _matters(path: Path) -> Iterator[Matter]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t")
        if len(fields) != 8 or fields[0] != "P" or not all(field.strip() for field in fields):
            raise InputError(
                f"{path.name}, line {number}: {line[:60]!r} is not 'P topic zh-question zh-message zh-message "
                "en-question en-message zh-answer' with tabs between and no field empty"
            )
        _, topic, zh_question, first, second, en_question, english, answer = fields
        yield Matter(
            topic, {"zh": zh_question, "en": en_question}, {"zh": (first, second), "en": (english,)}, answer, path.name
        )
