"""Rasa's NLU server and REST channel, so that what talks to Rasa today can talk to Huida tomorrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.checks import short_enough
from api.deps import USES_MODEL, WithMetrics, WithParts, refusals
from api.schemas import rasa
from assistant.values import Message

router = APIRouter(tags=["Rasa"])


@router.post("/model/parse", dependencies=USES_MODEL, responses=refusals(401))
def model_parse(body: rasa.ModelParseIn, parts: WithParts):
    """Intent, entities and the best FAQ answers of one text, in the shape of Rasa's NLU server."""
    short_enough(body.text, "text", parts.settings)
    [reading] = parts.reader.read([body.text], datetime.now(UTC))
    [hits] = parts.faq.search(reading.vector[None], [body.text], parts.settings.faq.n_hits)
    return rasa.parsed(reading, hits, body.message_id)


@router.get("/webhooks/rest/", responses=refusals(401))
async def channel_health():
    """Rasa's own check that the channel is there."""
    return {"status": "ok"}


@router.post(
    "/webhooks/rest/webhook",
    response_model=list[rasa.WebhookOut],
    response_model_exclude_none=True,
    dependencies=USES_MODEL,
    responses=refusals(401, 507),
)
def webhook(
    body: rasa.WebhookIn,
    parts: WithParts,
    metrics: WithMetrics,
    stream: Annotated[bool, Query(description="one JSON object a line instead of a list")] = False,
):
    """One message of a sender in, the bot's messages out, in the shape of Rasa's REST channel."""
    button = rasa.pressed(body.message)
    message = Message(
        conversation_id=f"rest:{body.sender}",
        message_id=uuid4().hex,  # the channel has none: every call is a new message
        text=button.title if button else body.message,
        received_at=datetime.now(UTC),
        faq_id=button.faq_id if button else None,
    )
    turn = parts.chat.chat(message)
    metrics.turn(turn)
    said = [rasa.uttered(turn, body.sender)]
    if stream:
        return StreamingResponse(_lines(said), media_type="text/event-stream")  # Rasa calls its JSON lines so
    return said


def _lines(messages: list[rasa.WebhookOut]) -> Iterator[str]:
    for message in messages:
        yield message.model_dump_json(exclude_none=True) + "\n"
