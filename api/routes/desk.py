"""The desk: the queue, one conversation, and what agents do with it. api/routes/live.py has its live updates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from api.auth import Who
from api.deps import WithLive, WithParts, refusals
from api.schemas.base import MAX_ID_CHARS
from api.schemas.desk import (
    CloseIn,
    DeskEntriesOut,
    ItemOut,
    LabelsIn,
    NoteIn,
    PanelOut,
    PostedOut,
    QueueOut,
    ReplyIn,
    TransferIn,
    ViewOut,
    entry_out,
    hours_out,
    item_out,
    panel_out,
    view_out,
)
from assistant.desk.service import Queue
from assistant.errors import OwnedByOther

router = APIRouter(tags=["desk"], prefix="/v1/desk")
Id = Annotated[str, Path(alias="conversation_id", min_length=1, max_length=MAX_ID_CHARS)]
CustomerId = Annotated[str, Path(alias="customer_id", min_length=1, max_length=MAX_ID_CHARS)]
_CHANGES = refusals(401, 403, 404, 409, 507)


@router.get("/queue", response_model=QueueOut, responses=refusals(401, 403))
async def queue(request: Request, parts: WithParts, who: Who, state: Annotated[Queue, Query()] = "open"):
    """The conversations that want somebody, the most urgent first, each with its reasons."""

    def compute() -> bytes:
        items = [item_out(item) for item in parts.desk.queue(state, who)]
        hours = hours_out(parts.desk.hours, datetime.now(UTC))
        return QueueOut(conversations=items, open_hours=hours).model_dump_json().encode()

    # one's own list is one's own; the other two are the same for every desk
    found = await (run_sync(compute) if state == "mine" else request.app.state.queues[state].get(compute))
    return Response(found, media_type="application/json")


@router.get("/conversations/{conversation_id}", response_model=ViewOut, responses=refusals(401, 403, 404))
def view(conversation_id: Id, parts: WithParts, who: Who):
    """A conversation with its customer and its hand-over note; it counts as read, and the audit notes by whom."""
    return view_out(parts.desk.view(conversation_id, who))


@router.get(
    "/conversations/{conversation_id}/entries", response_model=DeskEntriesOut, responses=refusals(401, 403, 404)
)
def entries(conversation_id: Id, parts: WithParts, who: Who, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0):
    """What follows a sequence number: at most 200 entries, oldest first."""
    item, found = parts.desk.entries(conversation_id, after, who)
    return DeskEntriesOut(conversation=item_out(item), entries=[entry_out(entry) for entry in found])


@router.get("/customers/{customer_id}", response_model=PanelOut, responses=refusals(401, 403, 404))
def customer(customer_id: CustomerId, parts: WithParts, who: Who):
    """The customer's panel without a conversation: mood, orders, what is unsettled, risk. The audit notes by whom."""
    return panel_out(parts.desk.customer(customer_id, who))


@router.post("/conversations/{conversation_id}/take", response_model=ItemOut, responses=_CHANGES)
def take(conversation_id: Id, parts: WithParts, who: Who):
    """Take a conversation; from now on the bot is silent in it. Of several who take it at once, one gets it."""
    return item_out(parts.desk.take(conversation_id, who))


@router.post("/conversations/{conversation_id}/release", response_model=ItemOut, responses=_CHANGES)
def release(conversation_id: Id, parts: WithParts, who: Who):
    """Hand the conversation back to the bot."""
    return item_out(parts.desk.release(conversation_id, who))


@router.post("/conversations/{conversation_id}/close", response_model=ItemOut, responses=_CHANGES)
def close(conversation_id: Id, body: CloseIn, parts: WithParts, who: Who):
    """Close the conversation and ask the customer for a rating; a later message opens it again, with the bot."""
    return item_out(parts.desk.close(conversation_id, who, body.ask_csat))


@router.post("/conversations/{conversation_id}/transfer", response_model=ItemOut, responses=_CHANGES)
def transfer(conversation_id: Id, body: TransferIn, parts: WithParts, who: Who):
    """Give the conversation to a colleague, or back to the queue."""
    return item_out(parts.desk.transfer(conversation_id, who, body.to))


@router.post("/conversations/{conversation_id}/labels", response_model=ItemOut, responses=_CHANGES)
def labels(conversation_id: Id, body: LabelsIn, parts: WithParts):
    """Set the labels of a conversation."""
    return item_out(parts.desk.label(conversation_id, body.labels))


@router.post("/conversations/{conversation_id}/reply", response_model=PostedOut, responses=_CHANGES)
def reply(conversation_id: Id, body: ReplyIn, parts: WithParts, who: Who):
    """Answer the customer. Sending the same `message_id` again returns the stored post."""
    post = parts.desk.reply(conversation_id, who, body.text, body.message_id, body.suggestion_id)
    return PostedOut(post=entry_out(post))


@router.post("/conversations/{conversation_id}/notes", response_model=PostedOut, responses=_CHANGES)
def note(conversation_id: Id, body: NoteIn, parts: WithParts, who: Who):
    """Leave a note that agents alone read."""
    return PostedOut(post=entry_out(parts.desk.note(conversation_id, who, body.text, body.message_id)))


@router.post("/conversations/{conversation_id}/typing", status_code=204, responses=_CHANGES)
def typing(conversation_id: Id, request: Request, parts: WithParts, who: Who, live: WithLive):
    """Tell the customer that an answer is being written."""
    item = parts.desk.one(conversation_id)
    if item.conversation.owner != who.name:
        raise OwnedByOther("take the conversation first")
    live.soon(live.typing_of_agent, conversation_id)
