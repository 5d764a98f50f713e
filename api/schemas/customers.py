"""One customer as supervisors see them, everything that is held of them, and the receipt of an erasure; the audit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field

from api.schemas.base import Out
from api.schemas.desk import ALSO, OrderOut, OtherIdOut, ProfileOut, ScoreOut, score_out
from assistant.dossier import Known

if TYPE_CHECKING:
    from assistant.customer.next_action import NextAction
    from assistant.customer.scores import Scores


class CustomerOut(Out):
    customer_id: str
    also: list[OtherIdOut] = Field(description=ALSO)
    profile: ProfileOut
    orders: list[OrderOut] = Field(description="the latest 20, the latest first")
    score: ScoreOut | None = Field(description="what the purchases say, with reasons; null until customers are scored")
    popular: list[str] = Field(description="without a score: products that sell best now, to offer in place of theirs")


class ExportOut(Out):
    customer_id: str
    exported_at: datetime
    tables: dict[str, list[dict[str, Any]]] = Field(description="every row of the store that is this customer's")
    purchases: list[dict[str, Any]] = Field(description="the lines of imported orders")
    score: dict[str, Any] | None
    identity: dict[str, Any] | None = Field(
        description="of an imported customer: salted hashes of their phone and e-mail, and the other ids that share them"
    )


class ReceiptOut(Out):
    receipt_id: str = Field(description="the hash of its entry in the audit, which names nobody")
    erased_at: datetime
    actor: str
    counts: dict[str, int] = Field(description="rows erased by table; of orders, how many were unlinked")


class AuditEntryOut(Out):
    position: int
    at: datetime
    actor: str = Field(description='a user\'s name, or "token NAME"')
    role: str
    action: str
    subject: str = Field(description="stands for what was read; the same thing has the same fingerprint")
    kind: str | None = Field(description="customer, conversation, user, ...; null once erased")
    subject_id: str | None = Field(description="null once erased")
    detail: dict[str, Any]
    hash: str


class AuditOut(Out):
    entries: list[AuditEntryOut] = Field(description="oldest first; ask again with the last position")


class WhyOut(Out):
    cause: str = Field(description="complaint, question, mood or risk")
    p_loss: float = Field(description="how likely this alone loses the customer")
    zh: str
    en: str
    about: list[str] = Field(description="intents that the words name by their code")


class ToContactOut(Out):
    customer_id: str
    step: str = Field(description="settle_complaint, answer_question, call or win_back")
    at_stake_cny: float = Field(description="p_loss times value: what the list is sorted by")
    p_loss: float
    value_cny: float = Field(description="what they are expected to spend in the horizon of the scores")
    value_is_known: bool = Field(description="false where it is the shop's usual value, for want of purchases")
    reasons: list[WhyOut] = Field(description="the gravest first, never empty")


class NextOut(Out):
    scored_as_of: str | None = Field(description="the day of the scores; null until customers are scored")
    customers: list[ToContactOut]


def next_out(actions: list[NextAction], scores: Scores | None) -> NextOut:
    return NextOut(
        scored_as_of=scores.as_of if scores else None,
        customers=[ToContactOut.model_validate(action) for action in actions],
    )


def customer_out(customer_id: str, known: Known) -> CustomerOut:
    return CustomerOut(
        customer_id=customer_id,
        also=[OtherIdOut.model_validate(one) for one in known.also],
        profile=ProfileOut.model_validate(known.profile),
        orders=[OrderOut.model_validate(order) for order in known.orders],
        score=known.score and score_out(known.score),
        popular=list(known.popular),
    )
