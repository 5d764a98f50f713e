"""POST /v1/feedback: a customer's thumb up or down for one turn of their conversation."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import WithParts, refusals
from api.schemas.chat import FeedbackIn, FeedbackOut
from assistant.errors import NotFound
from assistant.visitors import known_as

router = APIRouter(tags=["conversation"])


@router.post("/v1/feedback", status_code=201, response_model=FeedbackOut, responses=refusals(404, 507))
def feedback(body: FeedbackIn, parts: WithParts):
    """Say whether a reply helped; the latest vote on a turn counts, and all are kept."""
    with parts.store.read() as uow:
        turn = uow.turns.get(body.turn_id)
    if turn.message.conversation_id != known_as(body.conversation_id):
        raise NotFound(f"there is no turn {body.turn_id!r} in this conversation")
    given = parts.chat.feedback(body.turn_id, body.vote, comment=body.comment)
    return FeedbackOut(feedback_id=given.feedback_id)
