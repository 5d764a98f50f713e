"""What a supervisor looks at: how long customers waited, who answered them, and how they liked it.

| figure      | over                                                                                                    |
|-------------|---------------------------------------------------------------------------------------------------------|
| waiting     | from the moment a conversation went into the queue until an agent joined; still waiting is left out       |
| first_reply | from the same moment (or from joining, where nobody waited) until the agent's first words                 |
| answered    | customer messages: by the bot; by an agent who wrote later in that conversation; by nobody                |
| csat        | the last rating of each conversation                                                                     |
| thumbs      | the last vote of the customer on each turn                                                               |
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np

from assistant.desk.ownership import ANSWERS
from assistant.values import Feedback, Outcome, Post


@dataclass(frozen=True, slots=True)
class Asked:
    """One customer message and what the bot did about it."""

    conversation_id: str
    sequence: int
    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that half of the cases, and nine in ten, stayed within; None without a case."""

    n: int
    p50_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class Answered:
    bot: int
    agent: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Csat:
    n: int
    mean: float | None
    scores: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Thumbs:
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    waiting: Times
    answered: Answered


@dataclass(frozen=True, slots=True)
class OfAgent:
    name: str
    display_name: str
    n_conversations: int
    n_replies: int
    first_reply: Times
    csat: Csat


@dataclass(frozen=True, slots=True)
class Figures:
    days: int
    waiting: Times
    first_reply: Times
    answered: Answered
    csat: Csat
    thumbs: Thumbs
    by_day: tuple[Day, ...]
    by_agent: tuple[OfAgent, ...]


@dataclass(slots=True)
class _Agent:
    display_name: str = ""
    conversations: set[str] = field(default_factory=set)
    n_replies: int = 0
    first_replies: list[float] = field(default_factory=list)
    scores: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Met:
    """What one pass over the posts gathers."""

    waits: list[tuple[datetime, float]] = field(default_factory=list)  # when it began, how many seconds it took
    first_replies: list[float] = field(default_factory=list)
    scores: list[int] = field(default_factory=list)
    last_reply: dict[str, int] = field(default_factory=dict)  # sequence of an agent's last words, by conversation
    agents: dict[str, _Agent] = field(default_factory=lambda: defaultdict(_Agent))


def figures(
    asked: Sequence[Asked], posts: Iterable[Post], votes: Iterable[Feedback], days: int, now: datetime, zone: ZoneInfo
) -> Figures:
    """posts: of the time looked at, by conversation and sequence. The last of the days is today in the shop's zone."""
    met = _Met()
    for conversation_id, group in groupby(posts, key=lambda post: post.conversation_id):
        _follow(met, conversation_id, list(group))
    today = now.astimezone(zone).date()
    calendar = [today - timedelta(days=back) for back in reversed(range(days))]
    asked_on, waits_on = defaultdict(list), defaultdict(list)
    for message in asked:
        asked_on[message.at.astimezone(zone).date()].append(message)
    for began, seconds in met.waits:
        waits_on[began.astimezone(zone).date()].append(seconds)
    return Figures(
        days=days,
        waiting=_times([seconds for _, seconds in met.waits]),
        first_reply=_times(met.first_replies),
        answered=_answered(asked, met),
        csat=_csat(met.scores),
        thumbs=_thumbs(votes),
        by_day=tuple(Day(day, _times(waits_on[day]), _answered(asked_on[day], met)) for day in calendar),
        by_agent=tuple(_of_agent(name, agent) for name, agent in sorted(met.agents.items())),
    )


def _follow(met: _Met, conversation_id: str, posts: Sequence[Post]) -> None:
    """Walk through the posts of one conversation, oldest first."""
    waiting_since = unheard_since = None
    closed_by, score = "", None
    for post in posts:
        to_queue = post.event == "waiting" or (post.event == "transferred" and post.data.get("to") is None)
        joined = post.event == "joined" or (post.event == "transferred" and not to_queue)
        if to_queue:
            waiting_since = unheard_since = post.created_at
        elif joined:
            if waiting_since is not None:
                met.waits.append((waiting_since, (post.created_at - waiting_since).total_seconds()))
            unheard_since, waiting_since = unheard_since or post.created_at, None
        elif post.role == "agent":
            _reply(met, conversation_id, post, unheard_since)
            unheard_since = None
        elif post.event in ("handed_back", "closed"):
            waiting_since = unheard_since = None
            closed_by = post.author if post.event == "closed" else closed_by
        elif post.event == "csat_given":
            score = (int(post.data["score"]), closed_by)
    if score is not None:
        met.scores.append(score[0])
        if score[1]:
            met.agents[score[1]].scores.append(score[0])


def _reply(met: _Met, conversation_id: str, post: Post, unheard_since: datetime | None) -> None:
    agent = met.agents[post.author]
    agent.display_name = post.data.get("display_name") or agent.display_name
    agent.conversations.add(conversation_id)
    agent.n_replies += 1
    met.last_reply[conversation_id] = post.sequence
    if unheard_since is not None:
        seconds = (post.created_at - unheard_since).total_seconds()
        met.first_replies.append(seconds)
        agent.first_replies.append(seconds)


def _answered(asked: Iterable[Asked], met: _Met) -> Answered:
    n = Counter(
        "bot"
        if message.outcome in ANSWERS
        else "agent"
        if met.last_reply.get(message.conversation_id, 0) > message.sequence
        else "unanswered"
        for message in asked
    )
    return Answered(n["bot"], n["agent"], n["unanswered"])


def _times(seconds: Sequence[float]) -> Times:
    if not seconds:
        return Times(0, None, None)
    p50, p90 = np.quantile(seconds, [0.5, 0.9])
    return Times(len(seconds), float(p50), float(p90))


def _csat(scores: Sequence[int]) -> Csat:
    counts = Counter(scores)
    mean = sum(scores) / len(scores) if scores else None
    return Csat(len(scores), mean, {str(score): counts[score] for score in range(1, 6)})


def _thumbs(votes: Iterable[Feedback]) -> Thumbs:
    last = {vote.turn_id: vote.verdict for vote in votes if vote.author == "customer"}
    n = Counter(last.values())
    return Thumbs(n["up"], n["down"])


def _of_agent(name: str, agent: _Agent) -> OfAgent:
    return OfAgent(
        name=name,
        display_name=agent.display_name or name,
        n_conversations=len(agent.conversations),
        n_replies=agent.n_replies,
        first_reply=_times(agent.first_replies),
        csat=_csat(agent.scores),
    )
