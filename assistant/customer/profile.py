"""What we know of a customer from their conversations: a fold over their turns, so it can be rebuilt from the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from assistant.values import Language, SentimentLabel, Turn

MOOD_WEIGHT = 0.3  # of the newest turn in `mood`: after five turns, five sixths of the mood are theirs
USUAL_WEIGHT = 0.05  # of the newest turn in `usual_mood`: the mood of the last twenty turns or so
TREND_STEP = 0.2  # how far mood and usual mood lie apart, of 2, before we call it a change
N_OPEN_ISSUES = 20  # the latest that a profile keeps, so that it stays one small row

IMPORTED = "imported"  # the deciding reason of a turn that was not said here, but brought in from a file

Trend = Literal["improving", "steady", "declining"]


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """Something that a customer asked and that the assistant could not settle."""

    conversation_id: str
    turn_id: str
    intent: str
    kind: Literal["unknown", "handoff"]
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """The conversation part of a customer's profile.

    `mood` and `usual_mood` lie in [-1, 1]: exponentially weighted means of p_positive - p_negative, quick and slow;
    the counts are of turns, by label.
    """

    customer_id: str
    n_turns: int = 0
    first_contact_at: datetime | None = None
    last_contact_at: datetime | None = None
    n_languages: Mapping[Language, int] = field(default_factory=dict)
    n_sentiments: Mapping[SentimentLabel, int] = field(default_factory=dict)
    n_intents: Mapping[str, int] = field(default_factory=dict)
    mood: float = 0.0
    usual_mood: float = 0.0
    open_issues: tuple[OpenIssue, ...] = ()

    @property
    def language(self) -> Language:
        """The language they write in most; ties go to the name that sorts first, "other" only when there is none."""
        known = {name: n for name, n in self.n_languages.items() if name != "other"}
        return min(known, key=lambda name: (-known[name], name), default="other")

    @property
    def sentiment_trend(self) -> Trend:
        change = self.mood - self.usual_mood
        return "improving" if change > TREND_STEP else "declining" if change < -TREND_STEP else "steady"


def fold(profile: Profile, turn: Turn) -> Profile:
    """Return the profile after one more turn of the same customer; turns come in the order of the log."""
    reading, at = turn.reading, turn.message.received_at
    feeling = reading.sentiment.p.get("positive", 0.0) - reading.sentiment.p.get("negative", 0.0)
    first = profile.n_turns == 0
    return replace(
        profile,
        n_turns=profile.n_turns + 1,
        first_contact_at=at if first else min(profile.first_contact_at, at),
        last_contact_at=at if first else max(profile.last_contact_at, at),
        n_languages=_counted(profile.n_languages, reading.language),
        n_sentiments=_counted(profile.n_sentiments, reading.sentiment.label),
        n_intents=_counted(profile.n_intents, reading.intent.name),
        mood=feeling if first else _moved(profile.mood, feeling, MOOD_WEIGHT),
        usual_mood=feeling if first else _moved(profile.usual_mood, feeling, USUAL_WEIGHT),
        open_issues=_issues(profile.open_issues, turn),
    )


def rebuild(customer_id: str, turns: Iterable[Turn]) -> Profile:
    """Fold a customer's whole log, in its order; what was imported of the time before comes first, by its own time."""
    profile = Profile(customer_id)
    log = list(turns)
    past = sorted((turn for turn in log if _is_past(turn)), key=lambda turn: turn.message.received_at)
    for turn in (*past, *(turn for turn in log if not _is_past(turn))):
        profile = fold(profile, turn)
    return profile


def _is_past(turn: Turn) -> bool:
    return turn.decision.reasons[:1] == (IMPORTED,)


def _counted(counts: Mapping, label: str) -> dict:
    return {**counts, label: counts.get(label, 0) + 1}


def _moved(mean: float, value: float, weight: float) -> float:
    return (1 - weight) * mean + weight * value


def _issues(issues: tuple[OpenIssue, ...], turn: Turn) -> tuple[OpenIssue, ...]:
    """What is left open: in the conversation of its issue, an answer settles what was unknown, and joy settles all."""
    here, outcome = turn.message.conversation_id, turn.decision.outcome
    if outcome in ("unknown", "handoff"):
        issue = OpenIssue(here, turn.turn_id, turn.reading.intent.name, outcome, turn.message.received_at)
        return (*issues, issue)[-N_OPEN_ISSUES:]
    glad = turn.reading.sentiment.label == "positive"
    settled = {"unknown", "handoff"} if glad else {"unknown"} if outcome in ("answer", "action") else set()
    return tuple(i for i in issues if i.conversation_id != here or i.kind not in settled)
