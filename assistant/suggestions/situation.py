"""What an agent faces: the customer's last words, the conversation before them, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from assistant.values import Language, Reading

N_PENDING = 3  # messages since the last reply that count as the question; older ones belong to the bot's part
_ASKS = re.compile(
    r"[?？吗呢么]|怎么|多久|多少|什么|啥|哪|几|\b(?:how|what|when|where|who|why|which|can|could|do|does|is|are|will)\b",
    re.I,
)
_PICTURE = re.compile(
    r"\[(?:图片|照片|视频|photo|image|picture|video)\]|图片|照片|拍了|发你|\bphoto\b|\bpicture\b", re.I
)
_REFERENCE = re.compile(r"[A-Za-z]{1,4}-?\d{4,}|\d{6,}")
_TALK = ("greet", "thanks", "goodbye", "affirm", "deny", "human_agent")  # intents that steer what is said next
N_STATE = 6 + len(_TALK)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing said in a conversation. `reading`: of the customer's words; agents' replies go without."""

    sender: Literal["customer", "agent"]
    text: str
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """The moment before a reply. Vectors are float32 (d,), of length 1 or all zero where nothing was said yet.

    `message`: what the customer wrote since the last reply; `so_far`: all that the customer wrote; `previous`: the last
    reply; `state`: float32 (N_STATE,), see `_state`; `first_intents`: what the conversation began with.
    """

    conversation_id: str
    text: str
    language: Language
    intents: Mapping[str, float]
    first_intents: Mapping[str, float]
    message: np.ndarray = field(repr=False)
    so_far: np.ndarray = field(repr=False)
    previous: np.ndarray = field(repr=False)
    state: np.ndarray = field(repr=False)


def situation_of(conversation_id: str, entries: Sequence[Entry], encode) -> Situation | None:
    """Return the situation after the last entry, or None when that is a reply already or nobody wrote anything.

    entries: oldest first. encode: texts -> float32 (n, d); called once.
    """
    place = len(entries)
    while place and entries[place - 1].sender == "customer":
        place -= 1
    pending = [entry for entry in entries[place:] if entry.reading][-N_PENDING:]
    if not pending:
        return None
    asked = [e for e in entries if e.sender == "customer" and e.reading]
    replies = [e.text for e in entries if e.sender == "agent"]
    text = " ".join(entry.text for entry in pending)
    earlier = [e.text for e in asked[: len(asked) - len(pending)]]
    vectors = encode([text, *earlier, *replies[-1:]])
    message, before = vectors[0], vectors[1 : 1 + len(earlier)]
    last = pending[-1].reading
    return Situation(
        conversation_id=conversation_id,
        text=text,
        language=next(
            ("en" if e.reading.language == "en" else "zh" for e in reversed(asked) if e.reading.language != "other"),
            "zh",
        ),
        intents=_intents(last),
        first_intents=_intents(asked[0].reading),
        message=message,
        so_far=_unit(message + before.sum(axis=0)),
        previous=vectors[-1] if replies else np.zeros_like(message),
        state=_state(text, last, earlier, len(replies)),
    )


def _state(text: str, reading: Reading, earlier: Sequence[str], n_replies: int) -> np.ndarray:
    """Where the conversation stands. The factors are how much each matters beside the others, set on learning halves."""
    intents = _intents(reading)
    facts = (
        2.0 * bool(_REFERENCE.search(text)),
        1.0 * any(_REFERENCE.search(said) for said in earlier),
        2.0 * bool(_PICTURE.search(text)),
        1.0 * bool(_ASKS.search(text)),
        1.0 * (n_replies == 0) + 0.5 * min(n_replies, 3),
        reading.sentiment.p["negative"],
    )
    return np.array([*facts, *(1.5 * intents.get(name, 0.0) for name in _TALK)], dtype=np.float32)


def _intents(reading: Reading) -> dict[str, float]:
    return {intent.name: intent.p for intent in reading.intent_ranking}


def _unit(vector: np.ndarray) -> np.ndarray:
    return (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)
