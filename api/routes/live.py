"""Server-sent events: what changes, the moment it does, for the desk and for a visitor's page.

An event says that something is new and where, never what: whoever reads it asks the routes that check who may see what.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from api.auth import POLICY, ROLES, Who, caller_of
from api.deps import WithLive, WithParts, refusals
from api.routes.visitor import Secret

router = APIRouter(tags=["live"])
_HEADERS = {"X-Accel-Buffering": "no"}  # nginx would hold events back until a buffer is full
_EVENTS = {200: {"content": {"text/event-stream": {}}, "description": "server-sent events"}}


@router.get("/v1/desk/events", response_class=StreamingResponse, responses=_EVENTS | refusals(401, 403))
async def desk(
    request: Request,
    parts: WithParts,
    live: WithLive,
    who: Who,
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="a journal position")] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**63 - 1)] = None,
):
    """Every change of every conversation: id is its journal position; with `Last-Event-ID` what was missed comes first.

    `ready` follows what was missed: read the queue then. A heartbeat comes every 15 s; the stream ends with the session.
    """

    async def may_stay() -> bool:
        caller = await caller_of(request)
        return caller is not None and caller.role in ROLES[POLICY["GET", "/v1/desk/events"]]

    place = last_event_id if last_event_id is not None else after
    return await _opened(live.desk(parts.store, who.name, place, may_stay))


@router.get("/v1/conversations/{conversation_id}/events", response_class=StreamingResponse, responses=_EVENTS)
async def visitor(conversation_id: Secret, parts: WithParts, live: WithLive):
    """That something is new in one's conversation, up to which sequence: `state` first of all, then as it happens."""
    return await _opened(live.visitor(parts.store, conversation_id))


async def _opened(events: AsyncIterator[bytes]) -> StreamingResponse:
    """The first event is waited for here, so that a refusal still has its status."""
    first = await anext(events)

    async def body() -> AsyncIterator[bytes]:
        yield first
        async for chunk in events:
            yield chunk

    return StreamingResponse(body(), media_type="text/event-stream", headers=_HEADERS)
