"""What Huida holds of one customer: seen, handed over, erased; and conversations that outlived their time.

The three look at the same rows (store/belongings) and files (customer/forgetting), so what an export shows of an id is
what an erasure removes of it. An erasure goes on to the person's other ids, which the export names and leaves to exports
of their own. A receipt is an entry of the audit: it proves that an erasure took place and names nobody.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.customer import identities, purchase_log
from assistant.customer.alone import alone
from assistant.customer.profile import Profile, rebuild
from assistant.customer.score_book import ScoreBook
from assistant.errors import NotFound
from assistant.person import OtherId, orders_of, others, profile_of
from assistant.store import Store, belongings
from assistant.values import Order

if TYPE_CHECKING:
    from assistant.customer.scores import Score

logger = logging.getLogger(__name__)

N_ORDERS = 20  # the latest that an agent looks at


@dataclass(frozen=True, slots=True)
class Known:
    """`score` is None until the customer was scored; then `popular` is what sells best, to offer them in its place."""

    profile: Profile
    orders: tuple[Order, ...]
    score: Score | None
    popular: tuple[str, ...] = ()
    also: tuple[OtherId, ...] = ()  # other ids of the same person; profile, orders and score are of all of them


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased: rows by table, lines and scores by file. `receipt_id` is the hash of its entry in the audit."""

    receipt_id: str
    erased_at: datetime
    actor: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Dossiers:
    """`folder` is the data folder's customers/.

    scores: those that a server keeps read; without them who is who, and every score, is read anew for each customer.
    """

    store: Store
    folder: Path
    scores: ScoreBook | None = None

    def known(self, customer_id: str) -> Known:
        """What is held under this id and the person's others. Raises NotFound for a customer of whom nothing is held."""
        book = self._book()
        also = book.people.also(customer_id)
        ids = [customer_id, *(one.customer_id for one in also)]
        with self.store.read() as uow:
            profile, orders = profile_of(uow, ids), orders_of(uow, ids, N_ORDERS)
            named = others(uow, also)
        score = book.of(customer_id)
        held = profile.n_turns or orders or score or book.people.knows(customer_id) or self._purchases(customer_id)
        if not held:
            raise _unknown(customer_id)
        return Known(profile, orders, score, () if score else book.popular(), named)

    def export(self, customer_id: str, at: datetime, mask: Callable[[str], str] | None = None) -> dict[str, Any]:
        """Return everything that is held of the customer, ready for JSON. Raises NotFound when it is nothing.

        mask: applied to every text, for a copy that goes to somebody else than the customer.
        """
        with self.store.read() as uow:
            tables = dict(belongings.rows(uow.connection, belongings.of_customer(customer_id)))
        purchases, score, identity = (
            self._purchases(customer_id), self._book().of(customer_id), self._identity(customer_id)
        )  # fmt: skip
        if not (tables or purchases or score or identity):
            raise _unknown(customer_id)
        held = {"customer_id": customer_id, "exported_at": at, "tables": tables, "purchases": purchases}
        return _plain(held | {"score": score and score._asdict(), "identity": identity}, mask or str)

    def erase(self, customer_id: str, actor: str, role: str, at: datetime) -> Receipt:
        """Remove everything that is held of the customer, under all ids of theirs. Raises NotFound when it is nothing.

        The files go first and who is the same person last: if the store then fails, the erasure has no receipt yet and
        is simply repeated. Orders stay in the shop's books without the customer's id.
        """
        with alone(self.folder):
            receipt = self._erase(customer_id, actor, role, at)
        self.store.scrub()
        logger.info("customer erased", extra={"receipt_id": receipt.receipt_id})
        return receipt

    def _erase(self, customer_id: str, actor: str, role: str, at: datetime) -> Receipt:
        from assistant.customer.forgetting import forget  # scikit-learn and scipy: a server starts without them

        people = self.folder / "identities"
        ids, marks = identities.ids_of_person(people, customer_id), identities.load(people).marks
        counts = Counter({"identities": sum(one in marks for one in ids)})
        for one in ids:
            counts.update(forget(self.folder, one))
        with self.store.begin() as uow:
            for one in ids:
                counts.update(belongings.count(uow.connection, belongings.of_customer(one)))
            if not (counts := +counts):
                raise _unknown(customer_id)
            receipt_id = uow.audit.add(actor, role, "erased", "customer", customer_id, at, counts)
            for one in ids:
                belongings.erase(uow.connection, belongings.of_customer(one))  # the name on that very entry too
        for one in ids:
            identities.forget(people, one)
        return Receipt(receipt_id, at, actor, dict(counts))

    def prune(self, before: datetime) -> dict[str, int]:
        """Erase the conversations in which nothing was said since `before`, and return how many rows that were.

        The profiles of their customers are folded again from what remains; one with nothing left goes too.
        """
        old = belongings.of_conversations_before(before)
        with self.store.begin() as uow:
            customers = belongings.customers(uow.connection, old)
            counts = belongings.count(uow.connection, old)
            belongings.erase(uow.connection, old)
            for customer_id in customers:
                uow.profiles.open(customer_id)  # a turn of theirs that is being written waits, and is folded onto this
                uow.profiles.replace(rebuild(customer_id, uow.turns.of_customer(customer_id)))
        self.store.scrub()
        return counts

    def _book(self) -> ScoreBook:
        return self.scores or ScoreBook(self.folder / "scores")

    def _identity(self, customer_id: str) -> dict[str, Any] | None:
        """What an import of people left: marks of a phone and an e-mail, salted hashes, and the ids that share them."""
        met = identities.load(self.folder / "identities")
        if customer_id not in met.marks:
            return None
        marks = [{"kind": met.kinds.get(mark, ""), "hash": mark} for mark in sorted(met.marks[customer_id])]
        also = identities.also_known(met).get(customer_id, ())
        return {"marks": marks, "also": [asdict(one) for one in also]}

    def _purchases(self, customer_id: str) -> list[dict[str, Any]]:
        lines = purchase_log.load(self.folder / "purchases")
        if customer_id not in lines.customer_ids:
            return []
        theirs = lines.where(lines.customer == lines.customer_ids.index(customer_id))
        columns = zip(theirs.day, theirs.product, theirs.quantity, theirs.amount_cny, strict=True)
        return [
            {
                "day": str(day.astype("datetime64[D]")),
                "product": lines.product_ids[product],
                "quantity": float(quantity),
                "amount_cny": float(amount),
            }
            for day, product, quantity, amount in columns
        ]


def _unknown(customer_id: str) -> NotFound:
    return NotFound(f"nothing is held of a customer {customer_id[:80]!r}")


def _plain(value: Any, mask: Callable[[str], str]) -> Any:
    """The value as JSON has it, each text through `mask`."""
    match value:
        case dict():
            return {name: _plain(part, mask) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part, mask) for part in value]
        case datetime():
            return value.isoformat()
        case str():
            return mask(value)
    return value
