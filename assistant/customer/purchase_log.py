"""The purchases on disk: one sealed folder, replaced whole, into which files are merged without doubling a line.

    log = load(root)                              empty before the first import
    publish(root, merged(log, lines).lines)
    sales(log)                                    the Purchases that the models read

Every line has a key made of its order and its own number in it or, without one, of what it says and how often the file
had said so before. So a file imported again changes nothing, and two overlapping exports meet line by line.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from assistant.customer import returns
from assistant.customer.import_cells import State
from assistant.customer.purchases import DAY, Purchases
from assistant.errors import ArtifactError
from assistant.head_files import WEIGHTS, save_head
from index import folder as sealed
from index.errors import CorruptFolder

KIND = "purchases"
COLUMNS = ("customer", "product", "day", "quantity", "amount_cny", "order", "key", "state")
_NOWHERE = -1  # beside the states of import_cells.State
_STRETCH = 1 << 20  # keys looked up at a time
_OCCURRENCE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that every occurrence moves the key elsewhere


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines as columns: codes int32 into the ids ("" is nobody), day int32 since 1970, money in CNY, below 0 what
    came back; order and key uint64, state int8 (import_cells.State)."""

    customer: np.ndarray
    product: np.ndarray
    day: np.ndarray
    quantity: np.ndarray
    amount_cny: np.ndarray
    order: np.ndarray
    key: np.ndarray
    state: np.ndarray
    customer_ids: tuple[str, ...]
    product_ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.key)

    def where(self, rows: np.ndarray) -> Lines:
        """The lines under a mask; the very same ones where it leaves none out."""
        if rows.all():
            return self
        return Lines(*(getattr(self, name)[rows] for name in COLUMNS), self.customer_ids, self.product_ids)


class Merged(NamedTuple):
    lines: Lines
    n_added: int
    n_known: int  # they stood there already
    n_withdrawn: int  # they stood there and were cancelled since


def numbered(read: tuple[Lines, np.ndarray], keep_duplicates: bool) -> tuple[Lines, int]:
    """Tell equal lines of one file apart by how often they came before, or drop them; returns how many were dropped.

    Lines with a line number of their own are never equal by chance: the last of them counts.
    """
    lines, has_number = read
    order = np.argsort(lines.key, kind="stable")
    key = lines.key[order]
    starts = np.r_[True, key[1:] != key[:-1]] if len(key) else np.empty(0, bool)
    if starts.all():
        return lines, 0
    place = np.arange(len(key))
    earlier = place - np.maximum.accumulate(np.where(starts, place, 0))
    ends = np.r_[starts[1:], True]
    numbered_here = has_number[order]
    kept = np.where(numbered_here, ends, starts | keep_duplicates)
    turn = np.where(numbered_here, 0, earlier).astype(np.uint64)
    keys, mask = np.empty_like(key), np.empty(len(key), bool)
    with np.errstate(over="ignore"):
        keys[order] = key ^ (turn * _OCCURRENCE)
    mask[order] = kept
    unlike = replace(lines, key=keys)
    return (unlike, 0) if mask.all() else (unlike.where(mask), int((~mask).sum()))


def merged(old: Lines, new: Lines) -> Merged:
    """The lines of both; of two with one key the new one counts, and a cancelled one takes both away."""
    state = _state_of(old.key, new)
    n_withdrawn = int((state == State.CANCELLED).sum())
    n_known = int((state != _NOWHERE).sum()) - n_withdrawn
    taken, kept = (lines.where(rows) for lines, rows in ((new, new.state != State.CANCELLED), (old, state == _NOWHERE)))
    customer_ids, customers = _joined(old.customer_ids, taken.customer_ids)
    product_ids, products = _joined(old.product_ids, taken.product_ids)
    taken = replace(taken, customer=customers[taken.customer], product=products[taken.product])
    columns = (_both(getattr(kept, name), getattr(taken, name)) for name in COLUMNS)
    return Merged(Lines(*columns, customer_ids, product_ids), len(taken) - n_known, n_known, n_withdrawn)


def _state_of(keys: np.ndarray, new: Lines) -> np.ndarray:
    """The state that each key has among the new lines, _NOWHERE where it is not among them; a stretch at a time."""
    found = np.full(len(keys), _NOWHERE, np.int8)
    order = np.argsort(new.key) if len(keys) else np.empty(0, int)
    if not len(order):
        return found
    ascending = new.key[order]
    for first in range(0, len(keys), _STRETCH):
        some = keys[first : first + _STRETCH]
        place = np.minimum(np.searchsorted(ascending, some), len(order) - 1)
        found[first : first + _STRETCH] = np.where(ascending[place] == some, new.state[order[place]], _NOWHERE)
    return found


def _both(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.concatenate([first, second]) if len(first) else second  # the first import of a large shop: no copy


def without_customer(lines: Lines, customer_id: str) -> tuple[Lines, int]:
    """The lines without this customer's, their id gone too, and how many lines were theirs."""
    if customer_id not in lines.customer_ids or not customer_id:
        return lines, 0
    code = lines.customer_ids.index(customer_id)
    kept = lines.where(lines.customer != code)
    ids = tuple(name for name in lines.customer_ids if name != customer_id)
    customer = kept.customer - (kept.customer > code).astype(np.int32)
    columns = [customer if name == "customer" else getattr(kept, name) for name in COLUMNS]
    return Lines(*columns, ids, lines.product_ids), len(lines) - len(kept)


def sales(lines: Lines, with_unknown: bool = False) -> Purchases:
    """What was bought for money, each line with the day on which it came back: no gifts, nothing cancelled.

    Sales to nobody known only when asked (as customer ""). See `returns` for what a return is held against.
    """
    mask = (lines.state == State.SALE) & (lines.amount_cny > 0) & (lines.quantity > 0)
    if not with_unknown:
        mask &= lines.customer != _nobody(lines)
    row = np.flatnonzero(mask)
    quantity, amount, back = lines.quantity, lines.amount_cny, None
    if divided := returns.parts(lines, row):
        row, quantity, amount, back = divided
    by_day = np.argsort(lines.day[row], kind="stable")
    row, place = row[by_day], by_day if divided else row[by_day]  # where the parts, or else the lines, have them
    order = _numbers(lines.order[row])
    ids = (_objects(names) for names in _ids(lines))
    return Purchases(
        lines.customer[row], lines.day[row].astype(DAY), lines.product[row], order, quantity[place], amount[place], *ids,
        None if back is None else back[place],
    )  # fmt: skip


def _numbers(keys: np.ndarray) -> np.ndarray:
    """int32 (n,): the place of each key among the different ones, as np.unique's inverse at half its memory."""
    by_key = np.argsort(keys)
    keys = keys[by_key]
    starts = np.r_[False, keys[1:] != keys[:-1]]
    numbers = np.empty(len(keys), np.int32)
    numbers[by_key] = np.cumsum(starts, dtype=np.int32)
    return numbers


def empty() -> Lines:
    kinds = (np.int32, np.int32, np.int32, np.float64, np.float64, np.uint64, np.uint64, np.int8)
    return Lines(*(np.empty(0, kind) for kind in kinds), ("",), ("",))


def load(root: Path) -> Lines:
    """The live log; empty when nothing was imported yet. Raises ArtifactError when it was edited or cut off."""
    if not (root / sealed.CURRENT).exists():
        return empty()
    try:
        folder = sealed.current(root)
        sealed.verify(folder, KIND)
        arrays = load_file(folder / WEIGHTS)
    except (CorruptFolder, SafetensorError) as error:
        raise ArtifactError(f"{error} (or import your order files again into an empty data folder)") from error
    names = (tuple(arrays[name].tobytes().decode().split("\n")) for name in ("customer_ids", "product_ids"))
    return Lines(*(arrays[name] for name in COLUMNS), *names)


def publish(root: Path, lines: Lines) -> str:
    """Make these lines the live log and return its version; the versions before it are removed."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming = root / f".incoming-{os.getpid()}"
    shutil.rmtree(incoming, ignore_errors=True)
    arrays = {name: getattr(lines, name) for name in COLUMNS}
    arrays |= {name: np.frombuffer("\n".join(getattr(lines, name)).encode(), np.uint8) for name in _ID_COLUMNS}
    version = save_head(incoming, KIND, arrays, {"n_lines": len(lines)})
    sealed.publish(root, incoming, version)
    for folder in sealed.versions(root):
        if folder.name != version:
            shutil.rmtree(folder, ignore_errors=True)
    return version


_ID_COLUMNS = ("customer_ids", "product_ids")


def _ids(lines: Lines) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return lines.customer_ids, lines.product_ids


def _nobody(lines: Lines) -> int:
    return lines.customer_ids.index("") if "" in lines.customer_ids else -1


def _joined(old: Sequence[str], new: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """The names of both, and the code that each of the new ones has among them."""
    known = {name: code for code, name in enumerate(old)}
    codes = np.fromiter((known.setdefault(name, len(known)) for name in new), np.int32, len(new))
    return tuple(known), codes


def _objects(names: Sequence[str]) -> np.ndarray:
    array = np.empty(len(names), object)
    array[:] = names
    return array
