"""Conversations of agents whose replies were judged: which canned replies and FAQ entries could have stood in their place.

`configs/demo/conversations.jsonl` are conversations of the demo shop, written by us; `fits` names, at every reply, each
canned reply (by its Chinese shortcut) and FAQ entry that an agent could have sent at that point. They were judged twice.
First narrowly, by what the written reply itself does: hit@3 was then about 0.65 in Chinese. That counted good suggestions
as misses, so they were judged again broadly, by what would have served the customer: before any single suggestion was
looked at, but knowing the totals of the narrow judgment. The figures of the demo are those of the broad one.

The 107 dialogues of `training/written` were written earlier, for other shops, banks, travel, telecom and software, whose
facts no canned reply holds; `dialogue_replies.jsonl` judges them narrowly. Both were judged by hand from the
conversation alone, by those who built the suggestions.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.errors import InputError
from assistant.reader import Reader
from assistant.suggestions import Entry, Item, Situation, situation_of
from assistant.suggestions.items import of_hit
from assistant.values import Hit
from index.faq_index import FaqIndex
from training.examples import WRITTEN, fold, read_dialogues

DEMO, TRADES = "demo shop", "five other trades"
READ_AT = datetime(2026, 11, 22, 4, tzinfo=UTC)  # dates in the texts do not matter here


@dataclass(frozen=True, slots=True)
class Spoken:
    sender: str
    text: str
    fits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Conversation:
    conversation_id: str
    data: str
    language: str
    turns: tuple[Spoken, ...]

    @property
    def is_test(self) -> bool:
        """Half of the conversations, by their name alone."""
        return fold(self.conversation_id) % 2 == 1


@dataclass(frozen=True, slots=True)
class Answered:
    """One reply of a record: the situation before it, what the FAQ found, what was sent and what else would have fitted."""

    data: str
    language: str
    situation: Situation
    items: tuple[Item, ...]
    reply: str
    fits: frozenset[str]


def read_conversations(demo: Path) -> list[Conversation]:
    """Raises InputError when the judgments and the dialogues do not belong together."""
    found = [_of_demo(json.loads(line)) for line in (demo / "conversations.jsonl").read_text("utf-8").splitlines()]
    lines = (WRITTEN / "dialogue_replies.jsonl").read_text("utf-8").splitlines()
    judged = {row["id"]: row["fits"] for row in map(json.loads, lines)}
    for dialogue in read_dialogues():
        fits = iter(judged[dialogue.dialogue_id])
        try:
            turns = tuple(
                Spoken(t.role, t.text, _fits(next(fits) if t.role == "agent" else ())) for t in dialogue.turns
            )
        except StopIteration as error:
            raise InputError(f"dialogue_replies.jsonl judges too few replies of {dialogue.dialogue_id}") from error
        found.append(Conversation(dialogue.dialogue_id, TRADES, dialogue.language, turns))
    return found


def read_canned(demo: Path) -> list[Item]:
    """The demo's canned replies; the labels of the file name intents."""
    with (demo / "canned.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Item("canned", r["shortcut"], r["title"], r["text"], tuple(r["labels"].split("|"))) for r in rows]


def answered(
    conversations: Sequence[Conversation], reader: Reader, index: FaqIndex, canned: Sequence[Item]
) -> Iterator[Answered]:
    """Every reply with the situation before it, in the order of the conversations."""
    for conversation in conversations:
        own = tuple(item for item in canned if item.source_id.endswith("-en") == (conversation.language == "en"))
        entries: list[Entry] = []
        for turn in conversation.turns:
            if turn.sender == "customer":
                entries.append(Entry("customer", turn.text, reader.read([turn.text], READ_AT)[0]))
                continue
            situation = situation_of(conversation.conversation_id, entries, reader.encoder.encode)
            if situation is not None:
                hits = index.search(situation.message[None], [situation.text], 5)[0]
                found = [of_hit(Hit(h.faq_id, h.question, h.answer, h.score, h.p_correct)) for h in hits]
                yield Answered(
                    conversation.data, conversation.language, situation, (*found, *own), turn.text, turn.fits
                )
            entries.append(Entry("agent", turn.text))


def name_of(item: Item) -> str:
    """What `fits` calls an item: shortcuts without their language."""
    return item.source_id.removesuffix("-en") if item.source == "canned" else item.source_id


def _of_demo(row: dict) -> Conversation:
    turns = tuple(Spoken(t["role"], t["text"], _fits(t.get("fits", ()))) for t in row["turns"])
    return Conversation(row["id"], DEMO, row["language"], turns)


def _fits(names: Sequence[str]) -> frozenset[str]:
    return frozenset(names)
