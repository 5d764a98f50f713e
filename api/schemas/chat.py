"""A message in, a turn out; what a conversation shows of its history; a customer's thumbs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.base import Id, In, Out, Text, WrittenText
from api.schemas.reading import ReadingOut
from assistant.values import Conversation, ReplyKind, Turn

_CONVERSATION = "Yk3xq8Xr0mJm5cQnqE2v7w"


class ChatIn(In):
    conversation_id: Id = Field(
        description="made by the client. It is the key to the conversation's history: draw it from at least 128 random "
        "bits (22 characters of base64url)"
    )
    message_id: Id = Field(description="made by the client; sending it again returns the stored turn")
    text: WrittenText
    faq_id: Id | None = Field(None, description="the entry of the option that the customer pressed")
    customer_token: str | None = Field(None, max_length=2_000, description="who the customer is, signed by your shop")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"conversation_id": _CONVERSATION, "message_id": "1", "text": "怎么退货?"}]}
    )


class OptionOut(Out):
    title: str
    faq_id: str | None = None


class ReplyOut(Out):
    text: str
    kind: ReplyKind
    faq_id: str | None = None
    options: list[OptionOut] = []


class VersionsOut(Out):
    model: str
    index: str


class ChatOut(Out):
    turn_id: str
    sequence: int = Field(description="counts the turns of the conversation from 1")
    created_at: datetime
    reply: ReplyOut
    reading: ReadingOut
    versions: VersionsOut


class TurnOut(Out):
    turn_id: str
    sequence: int
    message_id: str
    text: str
    reply: ReplyOut
    created_at: datetime


class HistoryOut(Out):
    turns: list[TurnOut] = Field(description="oldest first")


class ConversationOut(Out):
    conversation_id: str = Field(
        description='its name here: an id that is a secret (22 characters or more) is not kept, but its SHA-256 and ":v"'
    )
    customer_id: str | None = None
    started_at: datetime
    last_turn_at: datetime | None = None
    n_turns: int


class ConversationsOut(Out):
    conversations: list[ConversationOut] = Field(description="those with the latest turns first")


class FeedbackIn(In):
    turn_id: Id
    conversation_id: Id
    vote: Literal["up", "down"]
    comment: Text = Field("", max_length=2_000)

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"turn_id": "5f0c...", "conversation_id": _CONVERSATION, "vote": "up"}]}
    )


class FeedbackOut(Out):
    feedback_id: str


def chat_out(turn: Turn) -> ChatOut:
    return ChatOut.model_validate(turn)


def turn_out(turn: Turn) -> TurnOut:
    return TurnOut(
        turn_id=turn.turn_id,
        sequence=turn.sequence,
        message_id=turn.message.message_id,
        text=turn.message.text,
        reply=ReplyOut.model_validate(turn.reply),
        created_at=turn.created_at,
    )


def conversation_out(conversation: Conversation) -> ConversationOut:
    return ConversationOut.model_validate(conversation)
