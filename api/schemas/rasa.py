"""Rasa's two wire formats: the NLU server's parse result and the REST channel's messages.

Source: RasaHQ/rasa 3.x, rasa/core/channels/rest.py and docs "HTTP API", "Your Own Website".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.schemas.base import Id, In, WrittenText
from assistant.values import OUT_OF_SCOPE, Hit, IntentScore, Option, Reading, Turn

_PAYLOAD = re.compile(r"/faq(\{.*\})", re.DOTALL)  # Rasa writes /intent{"entity": "value"}


class ModelParseIn(In):
    text: WrittenText
    message_id: Id | None = None

    model_config = ConfigDict(
        extra="ignore", json_schema_extra={"examples": [{"text": "怎么退货", "message_id": "m1"}]}
    )


class WebhookIn(In):
    sender: Id = Field("default", max_length=100)
    message: WrittenText
    input_channel: str | None = None
    metadata: dict[str, Any] | None = None

    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [{"sender": "u1", "message": "查订单"}]})


class Button(BaseModel):
    title: str
    payload: str


class WebhookOut(BaseModel):
    recipient_id: str
    text: str
    buttons: list[Button] | None = None


class Pressed(In):
    """What a pressed button sends back."""

    faq_id: Id
    title: WrittenText = Field(max_length=2_000)


def pressed(message: str) -> Pressed | None:
    """Return what a button's payload says, or None for a message that a person typed."""
    found = _PAYLOAD.fullmatch(message.strip())
    try:
        return Pressed.model_validate_json(found[1]) if found else None
    except ValidationError:
        return None


def parsed(reading: Reading, hits: Sequence[Hit], message_id: str | None) -> dict[str, Any]:
    """Return the answer of Rasa's /model/parse."""
    ranking = sorted([*reading.intent_ranking, IntentScore(OUT_OF_SCOPE, reading.p_out_of_scope)], key=lambda i: -i.p)
    responses = [{"intent_response_key": f"faq/{hit.faq_id}", "confidence": hit.p_correct} for hit in hits]
    best = {
        "responses": [{"text": hit.answer} for hit in hits[:1]],
        "confidence": hits[0].p_correct if hits else 0.0,
        "intent_response_key": responses[0]["intent_response_key"] if hits else None,
        "utter_action": f"utter_faq/{hits[0].faq_id}" if hits else None,
    }
    return {
        "text": reading.text,
        "message_id": message_id or uuid4().hex,
        "intent": {"name": reading.intent.name, "confidence": reading.intent.p},
        "entities": [
            {
                "entity": e.type,
                "value": e.value,
                "start": e.start,
                "end": e.end,
                "confidence": 1.0,
                "extractor": "Huida",
            }
            for e in reading.entities
        ],
        "intent_ranking": [{"name": intent.name, "confidence": intent.p} for intent in ranking],
        "response_selector": {"all_retrieval_intents": ["faq"], "faq": {"response": best, "ranking": responses}},
    }


def uttered(turn: Turn, recipient_id: str) -> WebhookOut:
    """Return the bot's message of a turn; an option's payload brings the chosen entry back."""
    buttons = [Button(title=option.title, payload=_payload(option)) for option in turn.reply.options]
    return WebhookOut(recipient_id=recipient_id, text=turn.reply.text, buttons=buttons or None)


def _payload(option: Option) -> str:
    if option.faq_id is None:
        return option.title
    return "/faq" + json.dumps({"faq_id": option.faq_id, "title": option.title}, ensure_ascii=False)
