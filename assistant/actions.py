"""What the assistant looks up for a customer: the state of their order, from the store or from the shop's own system.

An order is shown to its own customer alone. To anybody else it does not exist: "not yours" and "no such order" are the
same answer, so order numbers cannot be tried out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from assistant.errors import ActionFailed, NotFound, StoreError
from assistant.values import Order, Reading
from assistant.webhook import Webhook

logger = logging.getLogger(__name__)

MAX_FIELD_CHARS = 200
MAX_ITEMS = 20


@dataclass(frozen=True, slots=True)
class OrderState:
    """What a customer is told of their order. `status` is a word of [order_status] in the replies, or any text."""

    order_no: str
    status: str
    items: tuple[str, ...] = ()
    carrier: str = ""
    tracking_no: str = ""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """`order` is None when the customer has no such order; `failed` when nobody could say."""

    order_no: str
    order: OrderState | None = None
    failed: bool = False

    @property
    def reason(self) -> Literal["order_found", "order_missing", "lookup_failed"]:
        return "lookup_failed" if self.failed else "order_found" if self.order else "order_missing"


class Orders(Protocol):
    def find(self, customer_id: str, order_no: str) -> OrderState | None:
        """The customer's own order, or None. Raises ActionFailed or StoreError when it cannot be looked up now."""
        ...


def look_up(orders: Orders, customer_id: str, reading: Reading) -> LookedUp:
    """Look up the first order number of a message for a customer whose identity is signed. Fails softly."""
    order_no = next(entity.value for entity in reading.entities if entity.type == "order_no")
    try:
        return LookedUp(order_no, orders.find(customer_id, order_no))
    except (ActionFailed, StoreError) as error:
        logger.warning("order look-up failed", extra={"reason": str(error)})
        return LookedUp(order_no, failed=True)


class Reads(Protocol):
    """What is needed of a store; assistant.store.Store is one."""

    def read(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class StoredOrders:
    """The built-in table."""

    store: Reads

    def find(self, customer_id: str, order_no: str) -> OrderState | None:
        try:
            with self.store.read() as uow:
                order: Order = uow.orders.get(order_no)
        except NotFound:
            return None
        if order.customer_id != customer_id:
            return None
        return OrderState(order.order_no, order.status, order.items, order.carrier, order.tracking_no)


@dataclass(frozen=True, slots=True)
class WebhookOrders:
    """The shop's own system, asked by a signed request: {"type": "order.status", "data": {order_no, customer_id}}.

    It answers 200 with {"status", "items"?, "carrier"?, "tracking_no"?, "customer_id"?}, or 404. A `customer_id` in the
    answer must be the one that was asked for.
    """

    webhook: Webhook

    def find(self, customer_id: str, order_no: str) -> OrderState | None:
        found = self.webhook.ask("order.status", {"order_no": order_no, "customer_id": customer_id})
        if found is None or found.get("customer_id", customer_id) != customer_id:
            return None
        return _state(order_no, found)


def _state(order_no: str, found: Mapping[str, Any]) -> OrderState:
    words = {name: found.get(name, "") for name in ("status", "carrier", "tracking_no")}
    items = found.get("items", [])
    texts = [*words.values(), *items] if isinstance(items, list) else [None]
    if not all(isinstance(text, str) for text in texts) or not words["status"].strip():
        raise ActionFailed("the order webhook answered without a status in words; see WebhookOrders for the shape")
    return OrderState(order_no, items=tuple(map(_line, items[:MAX_ITEMS])), **{n: _line(w) for n, w in words.items()})


def _line(text: str) -> str:
    return " ".join(text.split())[:MAX_FIELD_CHARS]
