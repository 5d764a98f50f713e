"""POST /v1/parse: what the assistant understands of texts, without answering or storing them."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter

from api.checks import short_enough
from api.deps import USES_MODEL, WithParts, refusals
from api.schemas.reading import ParseIn, ParseOut, reading_out

router = APIRouter(tags=["understanding"])


@router.post("/v1/parse", response_model=ParseOut, dependencies=USES_MODEL, responses=refusals(401))
def parse(body: ParseIn, parts: WithParts):
    """Read texts: language, mood, intents and entities, in one forward pass for all."""
    for n, text in enumerate(body.texts):
        short_enough(text, f"texts.{n}", parts.settings)
    return ParseOut(readings=[reading_out(r) for r in parts.reader.read(body.texts, datetime.now(UTC))])
