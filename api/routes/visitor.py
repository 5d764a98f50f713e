"""What a visitor's page asks beside the chat itself: what was said since, who is there, typing, and the rating."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.deps import WithLive, WithParts, refusals
from api.routes.conversations import may_look, may_read
from api.schemas.visitor import CsatIn, VisitorEntriesOut, entries_out

router = APIRouter(tags=["conversation"], prefix="/v1/conversations/{conversation_id}")
Secret = Annotated[str, Depends(may_read)]


@router.get("/entries", response_model=VisitorEntriesOut, response_model_exclude_none=True, responses=refusals(404))
def entries(
    conversation_id: Annotated[str, Depends(may_look)],
    parts: WithParts,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
):
    """What was said by all sides after a sequence number, oldest first; the conversation's id is the key to it."""
    return entries_out(*parts.desk.public_entries(conversation_id, after))


@router.post("/typing", status_code=204, responses=refusals(404))
def typing(conversation_id: Secret, parts: WithParts, live: WithLive):
    """Tell the agent who has the conversation that the visitor is writing."""
    if owner := parts.chat.conversation(conversation_id).owner:
        live.soon(live.typing_of_customer, conversation_id, owner)


@router.post("/csat", status_code=204, responses=refusals(404, 507))
def csat(conversation_id: Secret, body: CsatIn, parts: WithParts):
    """Rate the conversation after an agent closed it; the last rating counts."""
    parts.desk.rate(conversation_id, body.score, body.comment)
