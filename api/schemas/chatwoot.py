"""What Chatwoot sends to a bot, as far as we read it; the rest of its long events is skipped.

Source: chatwoot/chatwoot, app/presenters/messages and docs "Webhook events".
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.schemas.base import Id, Out, Text
from assistant.values import Reply

MAX_NUMBER = 2**53  # of an id: what JSON's numbers hold everywhere
Number = Annotated[int, Field(ge=0, le=MAX_NUMBER)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Numbered(_Read):
    id: Number


class Sender(_Read):
    type: str | None = None
    identifier: Id | None = None


class ContactInbox(_Read):
    hmac_verified: bool = False


class Conversation(_Read):
    id: Number
    status: str = ""
    channel: str | None = None
    contact_inbox: ContactInbox | None = None


class Submitted(_Read):
    title: Text = ""
    value: Text = ""


class Attributes(_Read):
    submitted_values: list[Submitted] | None = None


class Event(_Read):
    """message_created, or message_updated when a customer pressed one of our buttons."""

    event: str
    id: Number | None = None
    content: Text | None = None
    message_type: str | int | None = None
    private: bool | None = None
    account: Numbered | None = None
    sender: Sender | None = None
    conversation: Conversation | None = None
    content_attributes: Attributes | None = None

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "event": "message_created",
                    "id": 118,
                    "content": "怎么退货",
                    "message_type": "incoming",
                    "private": False,
                    "account": {"id": 1},
                    "conversation": {"id": 10, "status": "pending", "channel": "Channel::WebWidget"},
                }
            ]
        },
    )

    @property
    def pressed(self) -> Submitted | None:
        """The button that the customer pressed."""
        values = self.content_attributes and self.content_attributes.submitted_values
        return values[0] if self.event == "message_updated" and values else None

    @property
    def is_from_customer(self) -> bool:
        written = self.event == "message_created" and self.message_type in ("incoming", 0) and not self.private
        return bool(self.account and self.conversation and self.id is not None and (written or self.pressed))


class HandledOut(Out):
    status: Literal["answered", "handed_over", "suggested", "ignored"]


def faq_id_of(value: str) -> str | None:
    """What a pressed button's value says, or None for one that only repeats its title."""
    try:
        return Pressed.model_validate_json(value).faq_id
    except ValidationError:
        return None


class Pressed(_Read):
    faq_id: Id


def buttons(reply: Reply) -> list[tuple[str, str]]:
    """Title and value of each option; the value of an entry brings that entry back."""
    return [
        (option.title, json.dumps({"faq_id": option.faq_id}) if option.faq_id else option.title)
        for option in reply.options
    ]


def as_lines(reply: Reply) -> str:
    """The reply for channels without buttons: its options below it, one a line."""
    return "\n".join([reply.text, *(f"- {option.title}" for option in reply.options)])


def event_of(body: bytes) -> Event:
    return Event.model_validate_json(body)


REQUEST_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
}
