"""What was said: the history of one conversation for its widget, the list of them for agents."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from api.auth import caller_of
from api.deps import WithParts, refusals
from api.schemas.base import MAX_ID_CHARS
from api.schemas.chat import ConversationsOut, HistoryOut, conversation_out, turn_out
from assistant.errors import NotFound

N_SECRET_CHARS = 22  # 128 bits in base64url: shorter ids can be guessed, so they open nothing to strangers

router = APIRouter(tags=["conversation"])


async def may_read(
    request: Request, conversation_id: Annotated[str, Path(min_length=1, max_length=MAX_ID_CHARS)]
) -> str:
    """The id, when it is a secret or the caller is an agent. Raises NotFound: nobody learns which short ids exist."""
    is_secret = len(conversation_id) >= N_SECRET_CHARS and ":" not in conversation_id  # channels write name:sender
    if not is_secret and await caller_of(request) is None:
        raise NotFound("there is no such conversation; without a token its id must have 22 characters or more")
    return conversation_id


@router.get(
    "/v1/conversations/{conversation_id}/turns",
    response_model=HistoryOut,
    response_model_exclude_none=True,
    responses=refusals(404),
)
def turns(
    conversation_id: Annotated[str, Depends(may_read)],
    parts: WithParts,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="only turns that follow this sequence number")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
):
    """The turns of a conversation, oldest first; the conversation's id is the key to it."""
    parts.chat.conversation(conversation_id)
    return HistoryOut(turns=[turn_out(turn) for turn in parts.chat.history(conversation_id, after, limit)])


@router.get(
    "/v1/conversations",
    response_model=ConversationsOut,
    response_model_exclude_none=True,
    responses=refusals(401, 403),
)
def conversations(parts: WithParts, limit: Annotated[int, Query(ge=1, le=200)] = 50):
    """The conversations with the latest turns, for agents."""
    return ConversationsOut(conversations=[conversation_out(c) for c in parts.chat.conversations(limit)])
