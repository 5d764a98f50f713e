"""The frozen values to JSON and back. A reading goes without its vector: the encoder can make it again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from assistant.customer.profile import Profile
from assistant.values import Card, Decision, Entity, IntentScore, Reading, Reply, Sentiment

_DECISION, _REPLY, _PROFILE, _CARD = (
    TypeAdapter(Decision),
    TypeAdapter(Reply),
    TypeAdapter(Profile),
    TypeAdapter(Card),
)
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_NO_VECTOR = np.empty(0, dtype=np.float32)
_NO_VECTOR.flags.writeable = False


def dumps(value: Any) -> str:
    """JSON that keeps Chinese readable in the database; NaN is refused because PostgreSQL's json cannot hold it."""
    return _JSON.encode(value)


def reading_to_json(reading: Reading) -> dict[str, Any]:
    return {
        "text": reading.text,
        "language": reading.language,
        "sentiment": {"label": reading.sentiment.label, "p": dict(reading.sentiment.p)},
        "intent_ranking": [{"name": intent.name, "p": intent.p} for intent in reading.intent_ranking],
        "p_out_of_scope": reading.p_out_of_scope,
        "entities": [{"type": e.type, "value": e.value, "start": e.start, "end": e.end} for e in reading.entities],
    }


def reading_from_json(data: dict[str, Any]) -> Reading:
    return Reading(
        text=data["text"],
        language=data["language"],
        sentiment=Sentiment(**data["sentiment"]),
        intent_ranking=tuple(IntentScore(**intent) for intent in data["intent_ranking"]),
        p_out_of_scope=data["p_out_of_scope"],
        entities=tuple(Entity(**entity) for entity in data["entities"]),
        vector=_NO_VECTOR,
    )


def decision_to_json(decision: Decision) -> dict[str, Any]:
    return _DECISION.dump_python(decision, mode="json")


def decision_from_json(data: dict[str, Any]) -> Decision:
    return _DECISION.validate_python(data)


def reply_to_json(reply: Reply) -> dict[str, Any]:
    return _REPLY.dump_python(reply, mode="json")


def reply_from_json(data: dict[str, Any]) -> Reply:
    return _REPLY.validate_python(data)


def profile_to_json(profile: Profile) -> dict[str, Any]:
    return _PROFILE.dump_python(profile, mode="json")


def profile_from_json(data: dict[str, Any]) -> Profile:
    return _PROFILE.validate_python(data)


def card_to_json(card: Card) -> dict[str, Any]:
    return _CARD.dump_python(card, mode="json", exclude_defaults=True)


def card_from_json(data: dict[str, Any]) -> Card:
    return _CARD.validate_python(data)
