"""The values that flow down the line: Message -> Reading -> [Hit] -> Decision -> Turn.

All are frozen. Text is what the customer typed; spans index into it. Instants are aware UTC. Names that begin with
`p_` are probabilities in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np

Language = Literal["zh", "en", "mixed", "other"]
SentimentLabel = Literal["negative", "neutral", "positive"]
# silent: a person has the conversation, or will have it, and the bot says nothing
ReplyKind = Literal["answer", "clarify", "action", "handoff", "smalltalk", "silent"]
Outcome = Literal["answer", "clarify", "action", "handoff", "smalltalk", "unknown", "silent"]
State = Literal["bot", "waiting", "agent", "closed"]  # who speaks next to the customer
Sender = Literal["customer", "bot", "agent", "system"]
PostRole = Literal["agent", "note", "system"]
ChangeKind = Literal["turn", "post", "note", "state"]
SuggestionSource = Literal["faq", "canned", "agent"]
VerdictKind = Literal["accepted", "edited", "rejected"]
DraftState = Literal["open", "published", "discarded"]

SENTIMENTS: tuple[SentimentLabel, ...] = ("negative", "neutral", "positive")
OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Message:
    """One customer message as it arrived. `message_id` is the sender's: sending it again is a retry, not a new message."""

    conversation_id: str
    message_id: str
    text: str
    received_at: datetime
    customer_id: str | None = None
    faq_id: str | None = None  # the entry that the customer chose from a clarifying reply's options


@dataclass(frozen=True, slots=True)
class Entity:
    """A span `text[start:end]` of the original text; `value` is its normalised form (ISO date, digits only, ...)."""

    type: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentiment:
    label: SentimentLabel
    p: Mapping[SentimentLabel, float]


@dataclass(frozen=True, slots=True)
class IntentScore:
    name: str
    p: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one forward pass understood of one text.

    `intent_ranking` is best first and sums, together with `p_out_of_scope`, to 1; it is empty when the text is blank.
    `vector` is float32 (d,), of length 1.
    """

    text: str
    language: Language
    sentiment: Sentiment
    intent_ranking: tuple[IntentScore, ...]
    p_out_of_scope: float
    entities: tuple[Entity, ...]
    vector: np.ndarray = field(repr=False, compare=False)

    @property
    def intent(self) -> IntentScore:
        """The likeliest intent, or `out_of_scope` when no intent is likelier than that."""
        best = self.intent_ranking[0] if self.intent_ranking else IntentScore(OUT_OF_SCOPE, 1.0)
        return best if best.p >= self.p_out_of_scope else IntentScore(OUT_OF_SCOPE, self.p_out_of_scope)


@dataclass(frozen=True, slots=True)
class Hit:
    """One FAQ entry found for a query, best first. `score` is the fused score, `p_correct` the calibrated probability."""

    faq_id: str
    question: str
    answer: str
    score: float
    p_correct: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do and why: `reasons` are names of the rules that fired, the deciding one first."""

    outcome: Outcome
    reasons: tuple[str, ...]
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """A button of a clarifying reply: pressing it sends `title` as text with `faq_id`."""

    title: str
    faq_id: str | None = None
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    kind: ReplyKind
    faq_id: str | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """What produced a turn, so that it can be explained and rebuilt later."""

    model: str
    index: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange, append-only once stored. `sequence` counts a conversation's turns and posts together, from 1."""

    turn_id: str
    sequence: int
    message: Message
    reading: Reading
    decision: Decision
    reply: Reply
    versions: Versions
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """What the queue shows of a conversation without reading its entries: kept in its row, written with every change."""

    handoff: str = ""  # the deciding reason of the hand-over that it waits for, or waited for
    told_closed: bool = False  # the customer knows that nobody is there at this hour: it is said once
    agent_name: str = ""  # the owner's name as the customer reads it
    language: Language = "other"
    mood: SentimentLabel = "neutral"  # of the customer's last message
    p_negative: float = 0.0  # of the same message
    n_failures: int = 0  # latest messages in a row that nothing answered
    n_unread: int = 0  # customer messages since an agent looked
    unanswered_since: datetime | None = None  # the first message in a row that nobody answered yet
    last_sender: Sender = "customer"
    last_text: str = ""
    last_at: datetime | None = None
    csat_asked: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """`customer_id` is the first identified customer who wrote in it.

    `n_turns` counts entries, turns and posts alike, and so is also the last entry's sequence. `owner` is the user name
    of the agent who has it, in state "agent" alone; `waiting_since` is set in state "waiting" alone.
    """

    conversation_id: str
    customer_id: str | None
    started_at: datetime
    last_turn_at: datetime | None
    n_turns: int
    state: State = "bot"
    owner: str | None = None
    waiting_since: datetime | None = None
    card: Card = Card()


@dataclass(frozen=True, slots=True)
class Post:
    """What is said or happens beside the turns, append-only: an agent's reply, a note among agents, or an event.

    `message_id` is the sender's, as a message's is: sending it again is a retry. `event` is empty unless role is system.
    """

    post_id: str
    conversation_id: str
    sequence: int
    role: PostRole
    author: str  # a user name; "" when the assistant or the customer made the event
    text: str
    created_at: datetime
    message_id: str | None = None
    event: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


Entry = Turn | Post


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal: something about a conversation is new up to `sequence`."""

    conversation_id: str
    kind: ChangeKind
    sequence: int
    at: datetime
    position: int = 0  # given by the database, in the order of the commits


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A reply that agents keep ready. Its text may hold {customer_name}, {order_no} and {agent_name}."""

    shortcut: str
    title: str
    text: str
    language: Language = "zh"
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thought of a turn. Append-only: the latest by the same `author` counts."""

    feedback_id: str
    turn_id: str
    verdict: Literal["up", "down"]
    author: str  # "customer", or the name of an agent
    comment: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One question of the shop's FAQ as its owner wrote it. `variants` are other wordings of `question`."""

    faq_id: str
    question: str
    answer: str
    variants: tuple[str, ...] = ()
    category: str = ""
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the shop, as the order-status look-up shows it."""

    order_no: str
    customer_id: str | None
    status: str
    items: tuple[str, ...]
    amount_cny: float
    ordered_at: datetime
    carrier: str = ""
    tracking_no: str = ""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A key to the administrative routes. The secret itself is shown once and never stored."""

    token_id: str
    name: str
    role: Literal["admin", "agent"]
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A reply as it was suggested to an agent for a turn, append-only; `features` let a verdict teach the ranker."""

    suggestion_id: str
    conversation_id: str
    turn_id: str
    rank: int  # from 1
    source: SuggestionSource
    source_id: str
    title: str
    text: str
    p: float
    features: tuple[float, ...]
    versions: Versions
    learned_version: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an agent made of a suggestion, append-only. `edit_distance`: characters between it and what was sent."""

    verdict_id: str
    suggestion_id: str
    verdict: VerdictKind
    edit_distance: int
    sent_text: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FaqDraft:
    """An agent's answer on its way into the FAQ; `faq_id` is the entry that it became."""

    draft_id: str
    conversation_id: str
    sequence: int  # of the agent's reply
    question: str
    answer: str
    language: Language
    state: DraftState
    author: str
    created_at: datetime
    faq_id: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
