"""POST /v1/chat: one message of a customer in, one turn out."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from fastapi import APIRouter

from api.deps import USES_MODEL, WithMetrics, WithParts, refusals
from api.identity import customer_of
from api.schemas.base import answer
from api.schemas.chat import ChatIn, ChatOut, chat_out
from assistant.values import Message
from assistant.visitors import known_as

router = APIRouter(tags=["conversation"])


@router.post(
    "/v1/chat",
    response_model=ChatOut,
    response_model_exclude_none=True,
    dependencies=USES_MODEL,
    responses=refusals(403, 404, 507),
)
def chat(body: ChatIn, parts: WithParts, metrics: WithMetrics):
    """Say something to the assistant.

    Sending the same `message_id` again returns the stored turn, so a client may retry until it has an answer.
    """
    customer_id = None
    if body.customer_token is not None:
        customer_id = customer_of(body.customer_token, parts.settings.server.customer_key, time.time())
    conversation_id, now = known_as(body.conversation_id), datetime.now(UTC)
    message = Message(conversation_id, body.message_id, body.text, now, customer_id, body.faq_id)
    turn = parts.chat.chat(message)
    metrics.turn(turn)
    return answer(chat_out(turn))
