"""Who bought what, when, for how much: the purchases in memory as columns, and what was known of them on a day.

    log = purchases(customer_ids, days, product_ids, quantities, amounts_cny)
    past, future = log.until(as_of), log.between(as_of, as_of + 90)      views; copies only where something came back
    table = rfm(past.by_day(), as_of)

A day belongs to the past of an as-of day when it is that day or earlier; the future begins the day after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.errors import InputError

DAY = "datetime64[D]"


@dataclass(frozen=True, slots=True)
class Purchases:
    """One row per line of an order, in the order of days. Codes point into `customer_ids` and `product_ids`.

    customer, product, order: int32 (n,). day: datetime64[D] (n,), in the shop's time zone. quantity, amount_cny:
    float64 (n,), the amount being that of the whole line. Every view shares the ids, so codes mean the same in all.
    back: datetime64[D] (n,), the day on which the line was sent back, NaT for what was kept; None where all was.
    """

    customer: np.ndarray
    day: np.ndarray
    product: np.ndarray
    order: np.ndarray
    quantity: np.ndarray
    amount_cny: np.ndarray
    customer_ids: np.ndarray  # str objects
    product_ids: np.ndarray
    back: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.customer)

    def until(self, as_of: np.datetime64 | str) -> Purchases:
        """What was known at the end of the day `as_of`; what had come back by then counts no more."""
        return self._rows(slice(0, self._position(as_of)))._kept(as_of)

    def between(self, after: np.datetime64 | str, last: np.datetime64 | str) -> Purchases:
        """What came after the day `after`, up to and with the day `last`, and was not sent back by then."""
        return self._rows(slice(self._position(after), self._position(last)))._kept(last)

    def sent_back(self, as_of: np.datetime64 | str) -> Purchases:
        """What was bought and had come back by the day `as_of`."""
        gone = np.zeros(len(self), bool) if self.back is None else self.back <= np.datetime64(as_of, "D")
        return self.where(gone)

    def where(self, mask: np.ndarray) -> Purchases:
        """The rows under a mask, as a copy."""
        return self._rows(np.asarray(mask, bool))

    def by_day(self) -> PurchaseDays:
        """Lines of one customer on one day summed; the day, not the order, is what the purchase models count."""
        if not len(self):
            empty = np.empty(0, np.int32)
            return PurchaseDays(empty, self.day, np.empty(0), empty)
        first = self.day[0].astype(np.int64)
        key = (self.customer.astype(np.int64) << 24) | (self.day.astype(np.int64) - first)
        order = np.argsort(key, kind="stable")
        key = key[order]
        starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
        days = (key[starts] & 0xFFFFFF) + first
        n_lines = np.diff(np.r_[starts, len(key)]).astype(np.int32)
        amounts = np.add.reduceat(self.amount_cny[order], starts)
        return PurchaseDays((key[starts] >> 24).astype(np.int32), days.astype(DAY), amounts, n_lines)

    def _kept(self, as_of: np.datetime64 | str) -> Purchases:
        if self.back is None:
            return self
        return self.where(~(self.back <= np.datetime64(as_of, "D")))  # NaT is never below

    def _position(self, day: np.datetime64 | str) -> int:
        return int(np.searchsorted(self.day, np.datetime64(day, "D"), side="right"))

    def _rows(self, rows: slice | np.ndarray) -> Purchases:
        names = ("customer", "day", "product", "order", "quantity", "amount_cny")
        back = None if self.back is None else self.back[rows]
        return replace(self, **{name: getattr(self, name)[rows] for name in names}, back=back)


@dataclass(frozen=True, slots=True)
class PurchaseDays:
    """One row per customer and day with a purchase, by customer code, then day."""

    customer: np.ndarray  # int32 (m,)
    day: np.ndarray  # datetime64[D] (m,)
    amount_cny: np.ndarray  # float64 (m,)
    n_lines: np.ndarray  # int32 (m,)

    def __len__(self) -> int:
        return len(self.customer)

    def until(self, as_of: np.datetime64 | str) -> PurchaseDays:
        return self._rows(self.day <= np.datetime64(as_of, "D"))

    def between(self, after: np.datetime64 | str, last: np.datetime64 | str) -> PurchaseDays:
        return self._rows((self.day > np.datetime64(after, "D")) & (self.day <= np.datetime64(last, "D")))

    def of_some(self, at_most: int) -> PurchaseDays:
        """The days of every customer, or of every so many that no more than `at_most` customers are left."""
        begins = np.r_[True, self.customer[1:] != self.customer[:-1]] if len(self) else np.empty(0, bool)
        step = -(-int(begins.sum()) // at_most)
        return self if step <= 1 else self._rows((np.cumsum(begins) - 1) % step == 0)

    def _rows(self, mask: np.ndarray) -> PurchaseDays:
        return PurchaseDays(self.customer[mask], self.day[mask], self.amount_cny[mask], self.n_lines[mask])


@dataclass(frozen=True, slots=True)
class Rfm:
    """What each customer with a purchase by the day `as_of` had done then; rows by ascending customer code."""

    as_of: np.datetime64
    customer: np.ndarray  # int32 (c,)
    recency_days: np.ndarray  # days since the last purchase, 0 = on the day itself
    frequency: np.ndarray  # repeat days: days with a purchase, less the first
    age_days: np.ndarray  # T: days since the first purchase
    spend_cny: np.ndarray  # all of it
    monetary_cny: np.ndarray  # mean of a repeat day, 0 without one: what Gamma-Gamma is fitted on

    def __len__(self) -> int:
        return len(self.customer)

    def rows(self, some: slice) -> Rfm:
        names = ("customer", "recency_days", "frequency", "age_days", "spend_cny", "monetary_cny")
        return Rfm(self.as_of, *(getattr(self, name)[some] for name in names))

    @property
    def last_days(self) -> np.ndarray:
        """t_x of the purchase models: from the first purchase to the last, in days."""
        return self.age_days - self.recency_days


def rfm(days: PurchaseDays, as_of: np.datetime64 | str) -> Rfm:
    """Recency, frequency, age and spend of every customer who bought by the day `as_of`."""
    as_of = np.datetime64(as_of, "D")
    days = days.until(as_of)
    if not len(days):
        nothing = np.empty(0)
        return Rfm(as_of, days.customer, nothing, nothing, nothing, nothing, nothing)
    starts = np.flatnonzero(np.r_[True, days.customer[1:] != days.customer[:-1]])
    ends = np.r_[starts[1:], len(days)]
    age, recency = (_days(as_of - days.day[rows]) for rows in (starts, ends - 1))
    frequency = (ends - starts - 1).astype(float)
    spend = np.add.reduceat(days.amount_cny, starts)
    repeats = np.divide(spend - days.amount_cny[starts], frequency, out=np.zeros(len(starts)), where=frequency > 0)
    return Rfm(as_of, days.customer[starts], recency, frequency, age, spend, repeats)


def purchases(
    customer_ids: Sequence[str],
    days: np.ndarray | Sequence,
    product_ids: Sequence[str],
    quantities: np.ndarray | Sequence[float],
    amounts_cny: np.ndarray | Sequence[float],
    order_nos: Sequence[str] | None = None,
) -> Purchases:
    """The log of these lines, in any order; without order numbers, what a customer buys on a day is one order.

    `days`: datetime64, or text that numpy reads as a date. Raises InputError when the columns differ in length or an
    amount is no number.
    """
    day = np.asarray(days, DAY)
    quantity, amount = np.asarray(quantities, float), np.asarray(amounts_cny, float)
    lengths = {len(column) for column in (customer_ids, day, product_ids, quantity, amount)}
    if len(lengths) != 1:
        raise InputError(f"the columns of the purchases have {sorted(lengths)} rows; expected the same number in each")
    if np.isnat(day).any() or not (np.isfinite(quantity).all() and np.isfinite(amount).all()):
        raise InputError("a purchase has no day, or a quantity or amount that is no finite number; leave it out")
    customer, customers = codes(customer_ids)
    product, products = codes(product_ids)
    if order_nos is None:
        key = (customer.astype(np.int64) << 32) | (day.astype(np.int64) & 0xFFFFFFFF)
        order = np.unique(key, return_inverse=True)[1].astype(np.int32)
    else:
        order, _ = codes(order_nos)
    by_day = np.argsort(day, kind="stable")
    columns = (column[by_day] for column in (customer, day, product, order, quantity, amount))
    return Purchases(*columns, customers, products)


def codes(names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Number the names by first appearance: int32 (n,), and the names themselves."""
    known: dict[str, int] = {}
    coded = np.fromiter((known.setdefault(name, len(known)) for name in names), np.int32, len(names))
    unique = np.empty(len(known), object)
    unique[:] = list(known)
    return coded, unique


def _days(durations: np.ndarray) -> np.ndarray:
    return durations.astype("timedelta64[D]").astype(float)
