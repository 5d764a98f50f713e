"""What agents keep at hand: search over all conversations, canned replies, and the supervisor's figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.auth import Who
from api.deps import WithParts, refusals
from api.schemas.desk import CannedIn, CannedListOut, CannedOut, DeskSearchOut, FiguresOut, SearchHitOut
from assistant.values import CannedReply

router = APIRouter(tags=["desk"], prefix="/v1/desk")
Shortcut = Annotated[str, Path(min_length=1, max_length=200)]
MAX_DAYS = 366


@router.get("/search", response_model=DeskSearchOut, responses=refusals(401, 403))
def search(
    parts: WithParts,
    who: Who,
    q: Annotated[str, Query(min_length=1, max_length=200, description="words; an entry holds half of them at least")],
):
    """Find what was said, in any conversation; the audit notes who searched."""
    hits = parts.desk.search.find(q)
    with parts.store.begin() as uow:
        uow.audit.add(who.name, who.role, "searched", "desk", "conversations", datetime.now(UTC), {"n_hits": len(hits)})
    return DeskSearchOut(hits=[SearchHitOut.model_validate(hit) for hit in hits])


@router.get("/canned", response_model=CannedListOut, responses=refusals(401, 403))
def canned(parts: WithParts):
    """The canned replies, by shortcut."""
    return CannedListOut(replies=[CannedOut.model_validate(reply) for reply in parts.desk.canned()])


@router.put("/canned/{shortcut}", response_model=CannedOut, responses=refusals(401, 403, 507))
def put_canned(shortcut: Shortcut, body: CannedIn, parts: WithParts):
    """Keep a canned reply; its text may hold {customer_name}, {order_no} and {agent_name}."""
    reply = CannedReply(shortcut, body.title, body.text, body.language, tuple(body.labels))
    return CannedOut.model_validate(parts.desk.put_canned(reply))


@router.delete("/canned/{shortcut}", status_code=204, responses=refusals(401, 403, 404))
def delete_canned(shortcut: Shortcut, parts: WithParts):
    """Throw a canned reply away."""
    parts.desk.delete_canned(shortcut)


@router.get("/figures", response_model=FiguresOut, responses=refusals(401, 403))
def figures(parts: WithParts, days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 7):
    """How long customers waited, who answered them and how they liked it, over the last days."""
    return FiguresOut.model_validate(parts.desk.figures(days))
