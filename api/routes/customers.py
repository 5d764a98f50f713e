"""Customers: who to contact; one of them seen, handed over, erased; each is noted in the audit, which can be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth import Caller, Who
from api.deps import WithParts, refusals
from api.schemas.base import MAX_ID_CHARS
from api.schemas.customers import (
    AuditEntryOut,
    AuditOut,
    CustomerOut,
    ExportOut,
    NextOut,
    ReceiptOut,
    customer_out,
    next_out,
)
from assistant.bootstrap import Parts
from assistant.dossier import Dossiers
from assistant.outreach import as_csv, who_to_contact

router = APIRouter(tags=["privacy"], prefix="/v1")
Id = Annotated[str, Path(alias="customer_id", min_length=1, max_length=MAX_ID_CHARS)]
N = Annotated[int, Query(ge=1, le=200, description="how many customers")]
_REFUSALS = refusals(401, 403, 404, 507)


def _dossiers(parts: WithParts) -> Dossiers:
    return Dossiers(parts.store, parts.settings.store.data_dir / "customers", parts.desk.scores)


WithDossiers = Annotated[Dossiers, Depends(_dossiers)]


@router.get("/customers/next", response_model=NextOut, responses=refusals(401, 403))
def next_to_contact(parts: WithParts, who: Who, n: N = 20):
    """Who to contact today and why, most at stake first; whom an agent has or who waits for one is left out."""
    now, scores = datetime.now(UTC), parts.desk.scores
    found, latest = who_to_contact(parts.store, scores, now, n), scores.latest()
    _note_list(parts, who, "read", now, len(found))
    return next_out(found, latest)


@router.get(
    "/customers/next.csv",
    response_class=Response,
    responses=refusals(401, 403) | {200: {"content": {"text/csv": {}}, "description": "the file"}},
)
def next_as_csv(parts: WithParts, who: Who, n: N = 200):
    """The same list as a file for a spreadsheet."""
    now = datetime.now(UTC)
    found = who_to_contact(parts.store, parts.desk.scores, now, n)
    _note_list(parts, who, "exported", now, len(found))
    headers = {"Content-Disposition": f'attachment; filename="contact-{now:%Y-%m-%d}.csv"'}
    return Response(as_csv(found), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/customers/{customer_id}", response_model=CustomerOut, responses=_REFUSALS)
def show(customer_id: Id, dossiers: WithDossiers, who: Who):
    """What is known of a customer: conversations, orders, and what the purchases say of them."""
    known = dossiers.known(customer_id)
    _note(dossiers, who, "read", customer_id)
    return customer_out(customer_id, known)


@router.get("/customers/{customer_id}/export", response_model=ExportOut, responses=_REFUSALS)
def export(customer_id: Id, dossiers: WithDossiers, who: Who):
    """Everything that is held of a customer, to be handed over to them."""
    held = dossiers.export(customer_id, datetime.now(UTC))
    _note(dossiers, who, "exported", customer_id)
    return ExportOut(**held)


@router.delete("/customers/{customer_id}", response_model=ReceiptOut, responses=_REFUSALS)
def erase(customer_id: Id, parts: WithParts, dossiers: WithDossiers, who: Who):
    """Erase everything that is held of a customer, for good; orders stay without the customer's id."""
    receipt = dossiers.erase(customer_id, who.name, who.role, datetime.now(UTC))
    parts.suggestions.forget()  # what was learned in conversations that are gone
    return receipt


@router.get("/audit", response_model=AuditOut, responses=refusals(401, 403))
def audit(
    parts: WithParts,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="only entries that follow this position")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
):
    """Who read which customer or conversation, exported or erased a customer, or changed a user."""
    with parts.store.read() as uow:
        return AuditOut(entries=[AuditEntryOut.model_validate(entry) for entry in uow.audit.after(after, limit)])


def _note_list(parts: Parts, who: Caller, action: str, at: datetime, n: int) -> None:
    with parts.store.begin() as uow:
        uow.audit.add(who.name, who.role, action, "list", "customers to contact", at, {"n": n})


def _note(dossiers: Dossiers, who: Caller, action: str, customer_id: str) -> None:
    with dossiers.store.begin() as uow:
        uow.audit.add(who.name, who.role, action, "customer", customer_id, datetime.now(UTC))
