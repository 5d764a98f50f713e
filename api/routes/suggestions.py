"""Suggested replies for agents, their verdicts, wrong answers, drafts of FAQ entries, and what the FAQ lacks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.auth import Who
from api.deps import USES_MODEL, WithParts, refusals
from api.schemas.base import MAX_ID_CHARS
from api.schemas.chat import FeedbackOut
from api.schemas.suggestions import (
    DraftIn,
    DraftOut,
    DraftsOut,
    GapsOut,
    SuggestionsOut,
    VerdictIn,
    VerdictOut,
    WrongIn,
)
from assistant.values import DraftState

router = APIRouter(tags=["desk"])
Name = Annotated[str, Path(min_length=1, max_length=MAX_ID_CHARS)]


@router.get(
    "/v1/conversations/{conversation_id}/suggestions",
    response_model=SuggestionsOut,
    dependencies=USES_MODEL,
    responses=refusals(401, 403, 404, 507),
)
def suggestions(conversation_id: Name, parts: WithParts, who: Who):
    """At most three replies to the customer's last words; none after an agent's reply."""
    parts.desk.note_reading(conversation_id, who)
    found = parts.suggestions.suggest(conversation_id)
    return {"suggestions": found, "turn_id": found[0].turn_id if found else None}


@router.post(
    "/v1/desk/suggestions/{suggestion_id}/verdict",
    status_code=201,
    response_model=VerdictOut,
    responses=refusals(401, 403, 404, 507),
)
def verdict(suggestion_id: Name, body: VerdictIn, parts: WithParts, who: Who):
    """Say what became of a suggestion; the next ones are ranked by it."""
    return parts.suggestions.judge(suggestion_id, body.verdict, who.name, body.sent_text)


@router.post(
    "/v1/desk/turns/{turn_id}/wrong",
    status_code=201,
    response_model=FeedbackOut,
    responses=refusals(401, 403, 404, 507),
)
def wrong(turn_id: Name, body: WrongIn, parts: WithParts, who: Who):
    """Say that the assistant's answer was wrong; it is kept with the turn's reading and versions."""
    return parts.chat.feedback(turn_id, "down", author=who.name, comment=body.comment)


@router.post("/v1/desk/faq-drafts", status_code=201, response_model=DraftOut, responses=refusals(401, 403, 404, 507))
def draft(body: DraftIn, parts: WithParts, who: Who):
    """Make an agent's answer a draft of an FAQ entry, personal data blanked."""
    return parts.drafts.draft(body.conversation_id, body.sequence, who.name, body.question, body.answer)


@router.get("/v1/desk/faq-drafts", response_model=DraftsOut, responses=refusals(401, 403))
def drafts(parts: WithParts, state: Annotated[DraftState, Query()] = "open"):
    """The drafts in a state, oldest first."""
    return {"drafts": parts.drafts.all(state)}


@router.post(
    "/v1/desk/faq-drafts/{draft_id}/publish", response_model=DraftOut, responses=refusals(401, 403, 404, 409, 507)
)
def publish(draft_id: Name, parts: WithParts, who: Who):
    """Put a draft into the FAQ; the assistant answers from it at once."""
    return parts.drafts.publish(draft_id, who.name)


@router.post(
    "/v1/desk/faq-drafts/{draft_id}/discard", response_model=DraftOut, responses=refusals(401, 403, 404, 409, 507)
)
def discard(draft_id: Name, parts: WithParts, who: Who):
    """Put a draft aside; it stays on record."""
    return parts.drafts.discard(draft_id, who.name)


@router.get("/v1/gaps", response_model=GapsOut, dependencies=USES_MODEL, responses=refusals(401, 403))
def gaps(
    parts: WithParts,
    who: Who,
    days: Annotated[float, Query(gt=0, le=3_660, description="how far back to look")] = 30,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
):
    """What customers asked and the FAQ did not answer, clustered, the most conversations first."""
    found = parts.drafts.gaps(days)[:limit]
    with parts.store.begin() as uow:
        uow.audit.add(who.name, who.role, "read", "desk", "gaps", datetime.now(UTC), {"n_gaps": len(found)})
    return {"gaps": found}
