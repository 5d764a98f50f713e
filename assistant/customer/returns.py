"""What came back, held against what was bought: a purchase that was sent back counts until that day and no longer.

    kept = parts(lines, sold)        sold: the rows of `lines` that are sales

A return is held against the latest purchase of the same product by the same customer that is still theirs, one of the
same order first; a return that names no product, against its order in proportion. A line that is sent back in part is
cut in two; one whose goods are all back is no purchase any more, whatever fee the shop kept. What matches nothing
(bought before the log begins, a discount booked as a return) takes nothing away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from assistant.customer.import_cells import State
from assistant.customer.purchases import DAY

NEVER = np.datetime64("NaT", "D")
_LEFT = 1e-9  # of a quantity or an amount that counts as none


class Parts(NamedTuple):
    """Rows of the log, one after the other, a divided line twice; back: datetime64[D], NaT for what was kept."""

    row: np.ndarray
    quantity: np.ndarray
    amount_cny: np.ndarray
    back: np.ndarray


class _Taken(NamedTuple):
    row: int  # of the sale
    quantity: float
    amount_cny: float
    day: int


def parts(lines, sold: np.ndarray) -> Parts | None:
    """The sales divided into what was kept and what came back when; None where nothing did.

    lines: purchase_log.Lines. sold: int (n,), ascending, its rows with a quantity and an amount above 0.
    """
    taken = [*_by_product(lines, sold), *_by_order(lines, sold)]
    if not taken:
        return None
    row, quantity, amount, day = (np.array(column) for column in zip(*taken, strict=True))
    touched, which = np.unique(row, return_inverse=True)
    left, kept, last = lines.quantity[touched], lines.amount_cny[touched], np.zeros(len(touched), np.int64)
    np.subtract.at(left, which, quantity)
    np.subtract.at(kept, which, amount)
    np.maximum.at(last, which, day)
    gone = (left <= _LEFT) | (kept <= _LEFT)  # nothing of it, or no money, is left
    quantities, amounts, back = lines.quantity[sold], lines.amount_cny[sold], np.full(len(sold), NEVER)
    at = np.searchsorted(sold, touched)
    back[at[gone]] = last[gone].astype(DAY)  # until that day it was bought as it stands
    quantities[at[~gone]], amounts[at[~gone]] = left[~gone], kept[~gone]
    cut = ~gone[which]
    return Parts(
        np.concatenate([sold, row[cut]]),
        np.concatenate([quantities, quantity[cut]]),
        np.concatenate([amounts, amount[cut]]),
        np.concatenate([back, day[cut].astype(DAY)]),
    )


def _by_product(lines, sold: np.ndarray) -> Iterator[_Taken]:
    """Later purchases first: who sends something back has mostly just bought it."""
    came = _returns(lines, lines.product != _code_of_none(lines.product_ids))
    sends_back = np.zeros(len(lines.customer_ids), bool)
    sends_back[lines.customer[came]] = True
    some = sold[sends_back[lines.customer[sold]]]  # few of all: keys are made of these alone
    rows = np.concatenate([some[np.isin(_pair(lines, some), _pair(lines, came))], came])
    key, is_return = _pair(lines, rows), lines.quantity[rows] < 0
    theirs, left, before = [], {}, None
    for at in np.lexsort((is_return, lines.day[rows], key)):
        row = int(rows[at])
        if key[at] != before:
            theirs, left, before = [], {}, key[at]
        if not is_return[at]:
            theirs.append(row)
            left[row] = float(lines.quantity[row])
        else:
            yield from _matched(lines, row, theirs, left)


def _matched(lines, row: int, theirs: list[int], left: dict[int, float]) -> Iterator[_Taken]:
    """Purchases that this return undoes; `theirs`, oldest first, and what is `left` of them are brought up to date."""
    n, a_unit = -float(lines.quantity[row]), float(lines.amount_cny[row] / lines.quantity[row])
    same = [sale for sale in reversed(theirs) if lines.order[sale] == lines.order[row]]
    others = [] if lines.state[row] == State.SENT_BACK else [sale for sale in reversed(theirs) if sale not in same]
    for sale in (*same, *others):
        if n <= _LEFT:
            return
        part = min(n, left[sale])
        price = float(lines.amount_cny[sale] / lines.quantity[sale])
        yield _Taken(sale, part, part * min(a_unit, price), int(lines.day[row]))
        n, left[sale] = n - part, left[sale] - part
        if left[sale] <= _LEFT:
            theirs.remove(sale)


def _by_order(lines, sold: np.ndarray) -> Iterator[_Taken]:
    """Money back for an order as a whole: each of its lines gives its share; all of the money takes the goods too."""
    came = _returns(lines, lines.product == _code_of_none(lines.product_ids))
    if not len(came):
        return
    candidates = sold[np.isin(lines.order[sold], lines.order[came])]
    candidates = candidates[np.argsort(lines.order[candidates], kind="stable")]
    order = lines.order[candidates]
    for row in came:
        low, high = np.searchsorted(order, lines.order[row], "left"), np.searchsorted(order, lines.order[row], "right")
        theirs = [s for s in candidates[low:high] if lines.customer[s] == lines.customer[row]]
        total = float(lines.amount_cny[theirs].sum()) if theirs else 0.0
        share = min(1.0, -float(lines.amount_cny[row]) / total) if total > 0 else 0.0
        for sale in theirs if share > 0 else ():
            quantity = float(lines.quantity[sale]) if share == 1 else 0.0
            yield _Taken(int(sale), quantity, share * float(lines.amount_cny[sale]), int(lines.day[row]))


def _pair(lines, rows: np.ndarray) -> np.ndarray:
    return (lines.customer[rows].astype(np.int64) << 32) | lines.product[rows]


def _returns(lines, which: np.ndarray) -> np.ndarray:
    known = lines.customer != _code_of_none(lines.customer_ids)
    came = (lines.state == State.RETURN) | (lines.state == State.SENT_BACK)
    return np.flatnonzero(came & known & which & (lines.quantity < 0) & (lines.amount_cny < 0))


def _code_of_none(ids: tuple[str, ...]) -> int:
    return ids.index("") if "" in ids else -1
