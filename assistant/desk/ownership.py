"""Who speaks to the customer: bot -> waiting -> agent -> closed. Pure functions from a conversation to what follows it.

| from             | by                          | to      | said or noted                              |
|------------------|-----------------------------|---------|--------------------------------------------|
| bot              | a turn that hands over      | waiting | waiting                                    |
| bot, waiting     | take                        | agent   | joined                                     |
| waiting, agent   | release                     | bot     | handed_back                                |
| agent, waiting   | transfer to a person / none | agent / waiting | transferred                        |
| all but closed   | close                       | closed  | closed, csat_asked                         |
| closed           | a message / take            | bot / agent | reopened / joined                      |

The caller locks the conversation, calls one of these, and writes the `Outcome` in the same transaction: so a reply
that the bot computed while an agent took over is stored silent, and of many who take one wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from assistant.errors import InputError, OwnedByOther
from assistant.values import Change, Conversation, Decision, Post, PostRole, Reply, State, Turn

if TYPE_CHECKING:
    from assistant.pipeline import Draft
    from assistant.values import Message

N_LAST_CHARS = 160  # of the last text on a card: two lines of the queue
ANSWERS = ("answer", "clarify", "action", "smalltalk")


class Person(Protocol):
    """An agent, a supervisor or an administrator, as assistant.store.users.User is."""

    name: str
    display_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A conversation after something happened, and what to append, in the order of its sequence."""

    conversation: Conversation
    entries: tuple[Turn | Post, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def turn(self) -> Turn:
        return next(entry for entry in self.entries if isinstance(entry, Turn))


def receive(conversation: Conversation, message: Message, draft: Draft, at: datetime, closed_text: str = "") -> Outcome:
    """A customer's message with what the bot would say to it.

    closed_text: what to say instead of "a colleague will come" when nobody works now; empty within opening hours.
    """
    happened = _Happened(conversation, at)
    if conversation.state == "closed":
        happened.move("bot")
        happened.event("reopened", "")
    decision, reply = _heard(happened.conversation, draft, closed_text)
    told = reply.kind == "handoff" and bool(closed_text)
    turn = Turn(uuid4().hex, happened.next, message, draft.reading, decision, reply, draft.versions, at)
    happened.append(turn, "turn")
    happened.card(**_of_turn(happened.conversation, turn, told), **_last("bot" if reply.text else "customer", turn, at))
    if happened.conversation.state == "bot" and decision.outcome == "handoff":
        reason = draft.decision.reasons[0]
        happened.move("waiting", waiting_since=at)
        happened.card(handoff=reason, told_closed=told)
        happened.event("waiting", "", reason=reason)
    return happened.outcome(last_turn_at=at)


def take(conversation: Conversation, person: Person, at: datetime) -> Outcome:
    """Raises OwnedByOther when somebody else has it. Taking one's own changes nothing."""
    if conversation.owner == person.name:
        return Outcome(conversation)
    if conversation.owner is not None:
        raise _owned(conversation)
    happened = _Happened(conversation, at)
    happened.move("agent", owner=person.name)
    happened.card(agent_name=person.display_name, n_unread=0)
    happened.event("joined", person.name, display_name=person.display_name)
    return happened.outcome()


def release(conversation: Conversation, person: Person, at: datetime) -> Outcome:
    """Hand the conversation back to the bot."""
    if conversation.state not in ("agent", "waiting"):
        return Outcome(conversation)
    _may_move(conversation, person)
    happened = _Happened(conversation, at)
    happened.move("bot")
    happened.event("handed_back", person.name)
    return happened.outcome()


def transfer(conversation: Conversation, person: Person, to: Person | None, at: datetime) -> Outcome:
    """Give the conversation to a colleague, or back to the queue."""
    if conversation.state == "closed":
        raise InputError("the conversation is closed; take it first, then transfer it")
    _may_move(conversation, person)
    happened = _Happened(conversation, at)
    if to is None:
        happened.move("waiting", waiting_since=at)
        happened.card(handoff="transferred")
    else:
        happened.move("agent", owner=to.name)
        happened.card(agent_name=to.display_name)
    names = {"to": to.name, "display_name": to.display_name} if to else {"to": None}
    happened.event("transferred", person.name, **names)
    return happened.outcome()


def close(conversation: Conversation, person: Person, at: datetime, ask_csat: bool = True) -> Outcome:
    if conversation.state == "closed":
        return Outcome(conversation)
    _may_move(conversation, person)
    happened = _Happened(conversation, at)
    happened.move("closed")
    happened.card(n_unread=0, unanswered_since=None, csat_asked=ask_csat)
    happened.event("closed", person.name)
    if ask_csat:
        happened.event("csat_asked", person.name)
    return happened.outcome()


def reply(conversation: Conversation, person: Person, text: str, message_id: str, at: datetime, **data: Any) -> Outcome:
    """An agent's words to the customer. Raises OwnedByOther for all but the owner."""
    if conversation.owner != person.name:
        raise _owned(conversation)
    happened = _Happened(conversation, at)
    happened.post("agent", person.name, text, message_id, {"display_name": person.display_name, **data})
    happened.card(n_unread=0, n_failures=0, unanswered_since=None)
    happened.card(last_sender="agent", last_text=text[:N_LAST_CHARS], last_at=at)
    return happened.outcome()


def note(conversation: Conversation, person: Person, text: str, message_id: str, at: datetime) -> Outcome:
    """A note that agents alone read; anybody at the desk may leave one."""
    happened = _Happened(conversation, at)
    happened.post("note", person.name, text, message_id, {"display_name": person.display_name})
    return happened.outcome()


def label(conversation: Conversation, labels: tuple[str, ...], at: datetime) -> Outcome:
    happened = _Happened(conversation, at)
    happened.card(labels=tuple(dict.fromkeys(labels)))
    happened.touched()
    return happened.outcome()


def rate(conversation: Conversation, score: int, comment: str, at: datetime) -> Outcome:
    """The customer's answer to the question asked at the close; a second one corrects the first."""
    if not conversation.card.csat_asked:
        raise InputError("nobody asked for a rating of this conversation; it is asked for when an agent closes it")
    happened = _Happened(conversation, at)
    happened.event("csat_given", "", text=comment, score=score)
    return happened.outcome()


def _heard(conversation: Conversation, draft: Draft, closed_text: str) -> tuple[Decision, Reply]:
    """What the bot really does: nothing when a person owns the conversation, one notice outside opening hours."""
    meant = draft.decision
    if conversation.state == "agent":
        return Decision("silent", ("agent_owns", *meant.reasons), meant.hits), Reply("", "silent")
    waits = conversation.state == "waiting"
    if closed_text and not conversation.card.told_closed and (waits or meant.outcome == "handoff"):
        return Decision("handoff", ("out_of_hours", *meant.reasons), meant.hits), Reply(closed_text, "handoff")
    if waits:
        return Decision("silent", ("waiting", *meant.reasons), meant.hits), Reply("", "silent")
    return meant, draft.reply


def _of_turn(conversation: Conversation, turn: Turn, told: bool) -> dict[str, Any]:
    """What a message changes on the card."""
    card, reading, outcome = conversation.card, turn.reading, turn.decision.outcome
    answered = outcome in ANSWERS
    return {
        "language": reading.language if reading.language != "other" else card.language,
        "mood": reading.sentiment.label,
        "p_negative": reading.sentiment.p["negative"],
        "n_failures": 0 if answered else card.n_failures + (outcome == "unknown"),
        "n_unread": card.n_unread + 1,
        "unanswered_since": None if answered else card.unanswered_since or turn.message.received_at,
        "told_closed": card.told_closed or told,
    }


def _last(sender: str, turn: Turn, at: datetime) -> dict[str, Any]:
    text = turn.message.text if sender == "customer" else turn.reply.text
    return {"last_sender": sender, "last_text": text[:N_LAST_CHARS], "last_at": at}


def _may_move(conversation: Conversation, person: Person) -> None:
    """The owner may, a supervisor may, and anybody when nobody owns it."""
    if conversation.owner not in (None, person.name) and person.role == "agent":
        raise _owned(conversation)


def _owned(conversation: Conversation) -> OwnedByOther:
    if conversation.owner is None:
        return OwnedByOther("nobody has taken the conversation; take it first")
    return OwnedByOther(f"the conversation is with {conversation.card.agent_name} ({conversation.owner})")


class _Happened:
    """Counts entries up and gathers what they change, for one call of the functions above."""

    def __init__(self, conversation: Conversation, at: datetime):
        self.conversation, self._at = conversation, at
        self._entries: list[Turn | Post] = []
        self._changes: list[Change] = []

    @property
    def next(self) -> int:
        return self.conversation.n_turns + 1

    def move(self, state: State, owner: str | None = None, waiting_since: datetime | None = None) -> None:
        self.conversation = replace(self.conversation, state=state, owner=owner, waiting_since=waiting_since)
        self.card(agent_name="", told_closed=False, csat_asked=False)

    def card(self, **fields: Any) -> None:
        self.conversation = replace(self.conversation, card=replace(self.conversation.card, **fields))

    def event(self, event: str, author: str, text: str = "", **data: Any) -> None:
        self.post("system", author, text, None, data, event)

    def post(
        self,
        role: PostRole,
        author: str,
        text: str,
        message_id: str | None,
        data: Mapping[str, Any],
        event: str = "",
    ) -> None:
        post = Post(
            post_id=uuid4().hex,
            conversation_id=self.conversation.conversation_id,
            sequence=self.next,
            role=role,
            author=author,
            text=text,
            created_at=self._at,
            message_id=message_id,
            event=event,
            data=data,
        )
        self.append(post, {"agent": "post", "note": "note", "system": "state"}[role])

    def append(self, entry: Turn | Post, kind: str) -> None:
        self._entries.append(entry)
        self.conversation = replace(self.conversation, n_turns=entry.sequence)
        self._changes.append(Change(self.conversation.conversation_id, kind, entry.sequence, self._at))

    def touched(self) -> None:
        """Tell the live channels of a change that is no entry."""
        self._changes.append(Change(self.conversation.conversation_id, "state", self.conversation.n_turns, self._at))

    def outcome(self, **fields: Any) -> Outcome:
        return Outcome(replace(self.conversation, **fields), tuple(self._entries), tuple(self._changes))
