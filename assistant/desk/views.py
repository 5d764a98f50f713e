"""What agents see: one line of the queue, one conversation with all beside it, and what a visitor may see of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from assistant.customer.profile import Profile
from assistant.desk.urgency import Reason
from assistant.person import OtherId
from assistant.summaries import Summary
from assistant.values import Conversation, Entry, Order, Post, Turn

if TYPE_CHECKING:
    from assistant.customer.scores import Score

# what a visitor learns of the desk's doings; labels, notes and the queue are the shop's own business
PUBLIC_EVENTS = ("joined", "handed_back", "transferred", "closed", "csat_asked", "csat_given")


@dataclass(frozen=True, slots=True)
class Item:
    """One conversation of the queue. `waiting_s` counts since the customer waits for a person."""

    conversation: Conversation
    urgency: float
    reasons: tuple[Reason, ...]
    waiting_s: float


@dataclass(frozen=True, slots=True)
class MoodPoint:
    """How one message felt: p_positive - p_negative, in [-1, 1]."""

    at: datetime
    mood: float
    conversation_id: str


@dataclass(frozen=True, slots=True)
class CustomerPanel:
    """`moods` are of the latest messages, oldest first; `score` is None until the customer was scored.

    also: other ids of the same person; all that is shown is of all of them.
    """

    profile: Profile
    orders: tuple[Order, ...]
    moods: tuple[MoodPoint, ...]
    score: Score | None
    also: tuple[OtherId, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A conversation as an agent opens it. `customer` is None for a guest, `summary` while nothing was said yet."""

    item: Item
    entries: tuple[Entry, ...]
    customer: CustomerPanel | None
    summary: Summary | None


def merged(turns: tuple[Turn, ...], posts: tuple[Post, ...], limit: int) -> tuple[Entry, ...]:
    """Both kinds of entries by sequence; each list holds its first `limit`, so the first `limit` of both are complete."""
    return tuple(sorted((*turns, *posts), key=lambda entry: entry.sequence)[:limit])


def is_public(entry: Entry) -> bool:
    """Whether the visitor sees it."""
    return isinstance(entry, Turn) or entry.role == "agent" or entry.event in PUBLIC_EVENTS


def mood_of(turn: Turn) -> MoodPoint:
    p = turn.reading.sentiment.p
    feeling = p.get("positive", 0.0) - p.get("negative", 0.0)
    return MoodPoint(turn.message.received_at, feeling, turn.message.conversation_id)
