"""Which conversation an agent should open first: a sum of named reasons, each between 0 and 1 and weighed below.

    urgency = sum over reasons of weight(reason) * value(reason)

| reason           | value                                                                                     |
|------------------|-------------------------------------------------------------------------------------------|
| asked_for_human  | 1 while it waits for a person because the customer asked for one                           |
| waiting          | 0.25 + 0.75 * min(1, time in the queue / patience), 0 outside the queue                    |
| unanswered       | min(1, time since the first unanswered message / patience)                                 |
| negative_mood    | how far p_negative of the last message lies above 1/2, from 0 at 1/2 to 1 at 1              |
| churn_risk       | how far the customer's p_churn lies above 1/2, from 0 to 1                                 |
| repeated_failure | min(1, messages in a row that nothing answered / 2)                                        |

A conversation with the bot that goes well has urgency 0, an angry customer who asked for a person and waited out our
patience the most. A closed one is never urgent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assistant.values import Conversation

_FIRST_SECOND = 0.25  # who just joined the queue stands before an equal who did not
_MAX_FAILURES = 2  # assistant.policy hands over then


@dataclass(frozen=True, slots=True)
class Weights:
    """Waiting counts most, because it is the one reason that only an agent can end."""

    asked_for_human: float = 2.0
    waiting: float = 3.0
    unanswered: float = 1.0
    negative_mood: float = 2.0
    churn_risk: float = 1.0
    repeated_failure: float = 1.0
    patience_s: float = 300.0  # after so long a wait, waiting longer adds nothing: the others decide


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    value: float  # in [0, 1]


def urgency(
    conversation: Conversation, at: datetime, p_churn: float | None, weights: Weights
) -> tuple[float, tuple[Reason, ...]]:
    """Return the urgency and its reasons, the heaviest first; a reason of value 0 is left out."""
    if conversation.state == "closed":
        return 0.0, ()
    card = conversation.card
    waited, unanswered = (_share(since, at, weights) for since in (conversation.waiting_since, card.unanswered_since))
    values = {
        "asked_for_human": float(conversation.state == "waiting" and card.handoff == "asked_for_human"),
        "waiting": _FIRST_SECOND + (1 - _FIRST_SECOND) * waited if conversation.state == "waiting" else 0.0,
        "unanswered": unanswered,
        "negative_mood": max(0.0, 2 * card.p_negative - 1),
        "churn_risk": max(0.0, 2 * (p_churn or 0.0) - 1),
        "repeated_failure": min(1.0, card.n_failures / _MAX_FAILURES),
    }
    parts = sorted(((getattr(weights, code) * value, code) for code, value in values.items() if value), reverse=True)
    return sum(part for part, _ in parts), tuple(Reason(code, values[code]) for _, code in parts)


def waiting_s(conversation: Conversation, at: datetime) -> float:
    """How long somebody has waited for a person: in the queue, or for the owner's next word."""
    since = conversation.waiting_since or (conversation.card.unanswered_since if conversation.owner else None)
    return max(0.0, (at - since).total_seconds()) if since else 0.0


def _share(since: datetime | None, at: datetime, weights: Weights) -> float:
    return min(1.0, max(0.0, (at - since).total_seconds()) / weights.patience_s) if since else 0.0
