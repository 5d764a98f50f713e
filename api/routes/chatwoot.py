"""POST /integrations/chatwoot: Huida as the AgentBot of a Chatwoot inbox.

It answers while a conversation is `pending`, hands over by opening it, and then helps the agents with private notes. It
answers within Chatwoot's five seconds or fails clearly: Chatwoot gives the conversation of a failed bot to its agents.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError

from api.deps import USES_MODEL, WithMetrics, WithParts, refusals
from api.errors import Problem
from api.schemas.chatwoot import (
    REQUEST_BODY,
    Event,
    HandledOut,
    as_lines,
    buttons,
    event_of,
    faq_id_of,
)
from assistant.chatwoot import Chatwoot, is_signed
from assistant.errors import ActionFailed, NotFound
from assistant.values import Message, Turn

if TYPE_CHECKING:
    from assistant.bootstrap import Parts

logger = logging.getLogger(__name__)

router = APIRouter(tags=["Chatwoot"])
WITH_BUTTONS = "Channel::WebWidget"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who Chatwoot's agents are to our own desk: it notes that they have a conversation, or gave it back."""

    name: str = "chatwoot"
    display_name: str = "Chatwoot"
    role: str = "supervisor"


async def signed_event(request: Request) -> Event:
    """The event, once its signature is checked. Raises Problem 404 when no Chatwoot is set up, 401, 422."""
    settings, body = request.app.state.parts.settings.chatwoot, await request.body()
    if not (settings.chatwoot_url and settings.chatwoot_token and settings.chatwoot_secret):
        raise Problem(404, "not_configured", "set chatwoot_url, chatwoot_token and chatwoot_secret to use this route")
    timestamp, given = (request.headers.get(f"x-chatwoot-{name}", "") for name in ("timestamp", "signature"))
    if not is_signed(settings.chatwoot_secret, timestamp, given, body, time.time()):
        raise Problem(401, "bad_signature", "X-Chatwoot-Signature does not fit chatwoot_secret, or the event is old")
    try:
        return event_of(body)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise Problem(422, "invalid", f"this is no event of Chatwoot: {where or 'the body'} is not usable") from error


@router.post(
    "/integrations/chatwoot",
    response_model=HandledOut,
    dependencies=USES_MODEL,
    responses=refusals(401, 404, 502, 507),
    openapi_extra=REQUEST_BODY,
)
def chatwoot(event: Annotated[Event, Depends(signed_event)], parts: WithParts, metrics: WithMetrics):
    """One event of a Chatwoot inbox. What is no message of a customer is ignored."""
    if not event.is_from_customer:
        return HandledOut(status="ignored")
    settings = parts.settings.chatwoot
    there = Chatwoot(settings.chatwoot_url, settings.chatwoot_token)
    try:
        if event.conversation.status == "pending":
            return HandledOut(status=_answer(event, parts, metrics, there))
        return HandledOut(status=_help(event, parts, there))
    except ActionFailed as error:
        logger.error("chatwoot failed: %s", error)
        raise Problem(
            502, "chatwoot_failed", "Chatwoot did not take the answer; the operator finds why in the log"
        ) from error


def _answer(event: Event, parts: Parts, metrics: WithMetrics, there: Chatwoot) -> str:
    account, conversation = event.account.id, event.conversation.id
    if not _text(event):  # a picture or a voice message: nothing that the bot could read
        there.hand_over(account, conversation)
        return "handed_over"
    _ours(parts, event, has_agent=False)
    turn, is_new = _said(event, parts)
    if not is_new:
        return "ignored"
    metrics.turn(turn)
    reply = turn.reply
    if event.conversation.channel == WITH_BUTTONS:
        there.say(account, conversation, reply.text, options=buttons(reply))
    else:
        there.say(account, conversation, as_lines(reply))
    if reply.kind != "handoff":
        return "answered"
    there.hand_over(account, conversation)
    _suggest(event, parts, there)
    return "handed_over"


def _help(event: Event, parts: Parts, there: Chatwoot) -> str:
    """An agent has the conversation: the bot says nothing to the customer, and may say something to the agent."""
    if not _text(event) or not _ours(parts, event, has_agent=True):
        return "ignored"
    _, is_new = _said(event, parts)
    return "suggested" if is_new and _suggest(event, parts, there) else "ignored"


def _said(event: Event, parts: Parts) -> tuple[Turn, bool]:
    """The turn of the customer's message, and whether it is the first delivery of it."""
    now, pressed = datetime.now(UTC), event.pressed
    sure = event.conversation.contact_inbox and event.conversation.contact_inbox.hmac_verified
    customer_id = event.sender.identifier if sure and event.sender else None
    message_id = f"{event.id}:{pressed.value}"[:100] if pressed else str(event.id)
    faq_id = faq_id_of(pressed.value) if pressed else None
    turn = parts.chat.chat(Message(_name(event), message_id, _text(event), now, customer_id, faq_id))
    return turn, turn.message.received_at == now


def _suggest(event: Event, parts: Parts, there: Chatwoot) -> bool:
    """Note our suggested replies for the agents; False when there are none."""
    suggestions = parts.suggestions.suggest(_name(event)) if parts.settings.chatwoot.chatwoot_suggestions else []
    if suggestions:
        text = "\n\n".join(f"{one.rank}. {one.text}" for one in suggestions)
        there.say(event.account.id, event.conversation.id, text, private=True)
    return bool(suggestions)


def _ours(parts: Parts, event: Event, *, has_agent: bool) -> bool:
    """Bring our state of the conversation in step with Chatwoot's; False when we do not know it yet."""
    try:
        state = parts.chat.conversation(_name(event)).state
        if has_agent and state != "agent":
            parts.desk.take(_name(event), Desk())
        elif not has_agent and state in ("waiting", "agent"):
            parts.desk.release(_name(event), Desk())  # resolved there, and opened again by the customer
    except NotFound:
        return False
    return True


def _name(event: Event) -> str:
    return f"chatwoot:{event.account.id}:{event.conversation.id}"


def _text(event: Event) -> str:
    return (event.pressed.title if event.pressed else event.content or "").strip()
