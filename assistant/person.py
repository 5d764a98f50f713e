"""One person under several ids (assistant.customer.identities): what is held under each of them, read as one.

also = others(uow, people.also("C-1042"))          the ids, why they are theirs, and how much came with each
profile, orders = profile_of(uow, ids), orders_of(uow, ids, 10)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.customer.identities import Alias
from assistant.customer.profile import Profile, rebuild
from assistant.store import UnitOfWork
from assistant.values import Order, Turn

MAX_ORDERS = 100  # of one id that are counted; more are told as so many


@dataclass(frozen=True, slots=True)
class OtherId:
    """Another id of the person, "phone" or "email" for what it shares with theirs, and what is held under it alone."""

    customer_id: str
    because: str
    n_turns: int
    n_orders: int  # at most MAX_ORDERS


def others(uow: UnitOfWork, also: Iterable[Alias]) -> tuple[OtherId, ...]:
    return tuple(
        OtherId(one.customer_id, one.because, uow.profiles.get(one.customer_id).n_turns,
                len(uow.orders.of_customer(one.customer_id, MAX_ORDERS)))
        for one in also
    )  # fmt: skip


def profile_of(uow: UnitOfWork, ids: Sequence[str]) -> Profile:
    """The profile under the first of the ids, of what was said under all of them."""
    if len(ids) == 1:
        return uow.profiles.get(ids[0])
    turns = (turn for one in ids for turn in uow.turns.of_customer(one))
    return rebuild(ids[0], sorted(turns, key=lambda turn: turn.message.received_at))


def orders_of(uow: UnitOfWork, ids: Sequence[str], n: int) -> tuple[Order, ...]:
    """The latest n, the latest first."""
    found = (order for one in ids for order in uow.orders.of_customer(one, n))
    return tuple(sorted(found, key=lambda order: order.ordered_at, reverse=True)[:n])


def last_turns(uow: UnitOfWork, ids: Sequence[str], n: int) -> tuple[Turn, ...]:
    """The last n over all conversations, oldest first."""
    found = [turn for one in ids for turn in uow.turns.last_of_customer(one, n)]
    return tuple(found if len(ids) == 1 else sorted(found, key=lambda turn: turn.message.received_at)[-n:])
