"""What was said: the history of one conversation for its widget, the list of them for agents."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Path, Query, Request

from api.auth import caller_of
from api.deps import WithParts, refusals
from api.schemas.base import MAX_ID_CHARS
from api.schemas.chat import ConversationsOut, HistoryOut, conversation_out, turn_out
from assistant.errors import NotFound
from assistant.visitors import N_SECRET_CHARS, is_secret, known_as

router = APIRouter(tags=["conversation"])


async def may_read(
    request: Request, conversation_id: Annotated[str, Path(min_length=1, max_length=MAX_ID_CHARS)]
) -> str:
    """The conversation's name, for who has its secret or works here. Raises NotFound: nobody learns which names exist."""
    if is_secret(conversation_id):
        return known_as(conversation_id)
    request.state.caller = await caller_of(request)
    if request.state.caller is None:
        raise NotFound(
            f"there is no such conversation; without a token its id must have {N_SECRET_CHARS} characters or more"
        )
    return conversation_id


async def may_look(request: Request, parts: WithParts, conversation_id: Annotated[str, Depends(may_read)]) -> str:
    """As may_read; the audit notes who works here and looked."""
    if caller := getattr(request.state, "caller", None):
        await run_sync(parts.desk.note_reading, conversation_id, caller)
    return conversation_id


@router.get(
    "/v1/conversations/{conversation_id}/turns",
    response_model=HistoryOut,
    response_model_exclude_none=True,
    responses=refusals(404),
)
def turns(
    conversation_id: Annotated[str, Depends(may_look)],
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
