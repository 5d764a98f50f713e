"""POST /v1/parse: what the assistant understands of texts, without answering or storing them."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter

from api.checks import short_enough
from api.deps import USES_MODEL, WithParts, refusals
from api.errors import Problem
from api.schemas.reading import MAX_EXPLAINED, ParseIn, ParseOut, parsed_out

router = APIRouter(tags=["understanding"])


@router.post(
    "/v1/parse",
    response_model=ParseOut,
    response_model_exclude_none=True,
    dependencies=USES_MODEL,
    responses=refusals(401),
)
def parse(body: ParseIn, parts: WithParts):
    """Read texts: language, mood, intents and entities, in one forward pass for all."""
    for n, text in enumerate(body.texts):
        short_enough(text, f"texts.{n}", parts.settings)
    if body.explain and len(body.texts) > MAX_EXPLAINED:
        said = f"{len(body.texts)} texts are too many to explain, at most {MAX_EXPLAINED} are; send fewer at a time"
        raise Problem(422, "too_long", said, "texts")
    from assistant.explain import explain  # the reader, which is not to be imported before it is built

    readings = parts.reader.read(body.texts, datetime.now(UTC))
    explanations = explain(parts.reader, readings) if body.explain else [None] * len(readings)
    return ParseOut(readings=list(map(parsed_out, readings, explanations)))
