"""What a visitor sees of their own conversation: the words of all sides, never a reading, a note or a user name."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.base import In, Out, Text
from api.schemas.chat import ReplyOut
from assistant.values import Conversation, Entry, State, Turn


class AgentOut(Out):
    display_name: str


class VisitorEntryOut(Out):
    sequence: int = Field(description="grows, with gaps where something is none of the visitor's business")
    kind: Literal["turn", "agent", "event"]
    at: datetime
    text: str
    message_id: str | None = None
    turn_id: str | None = None
    reply: ReplyOut | None = Field(None, description="of a turn; kind silent says nothing")
    author: str | None = Field(None, description="how the agent is called")
    event: str | None = None


class VisitorEntriesOut(Out):
    state: State
    agent: AgentOut | None = None
    sequence: int = Field(description="the last entry's, shown or not")
    csat_asked: bool = False
    entries: list[VisitorEntryOut] = Field(description="oldest first")


class CsatIn(In):
    score: int = Field(ge=1, le=5)
    comment: Text = Field("", max_length=2_000)


def entries_out(conversation: Conversation, entries: tuple[Entry, ...]) -> VisitorEntriesOut:
    agent = AgentOut(display_name=conversation.card.agent_name) if conversation.state == "agent" else None
    return VisitorEntriesOut(
        state=conversation.state,
        agent=agent,
        sequence=conversation.n_turns,
        csat_asked=conversation.card.csat_asked,
        entries=[_entry(entry) for entry in entries],
    )


def _entry(entry: Entry) -> VisitorEntryOut:
    if isinstance(entry, Turn):
        message = entry.message
        return VisitorEntryOut(
            sequence=entry.sequence,
            kind="turn",
            at=entry.created_at,
            text=message.text,
            message_id=message.message_id,
            turn_id=entry.turn_id,
            reply=ReplyOut.model_validate(entry.reply),
        )
    return VisitorEntryOut(
        sequence=entry.sequence,
        kind="agent" if entry.role == "agent" else "event",
        at=entry.created_at,
        text=entry.text,
        author=entry.data.get("display_name"),
        event=entry.event or None,
    )
