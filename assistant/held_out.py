"""Which texts a model understood without having learned from them, so that two models are compared on those both know.

Both figures come from held-out texts, hence neither model is asked what it was taught; and only texts that both were
asked count, hence an owner who adds a hard intent is not told that the model got worse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

WORSE = 0.05  # a chance smaller than this is no chance any more


@dataclass(frozen=True, slots=True)
class HeldOut:
    """keys: uint64 (n,) of the texts, ascending, each once; right: bool (n,)."""

    keys: np.ndarray
    right: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str], right: np.ndarray) -> HeldOut:
        """A text that stands there twice counts once, as it was understood the first time."""
        digests = (hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()[:8] for text in texts)
        keys, first = np.unique(np.array([int.from_bytes(d, "little") for d in digests], np.uint64), return_index=True)
        return cls(keys, np.asarray(right, bool)[first])

    @classmethod
    def restore(cls, keys: np.ndarray | None, right: np.ndarray | None) -> HeldOut:
        """What was saved; a model that kept nothing has been asked nothing."""
        if keys is None or right is None:
            return cls(np.zeros(0, np.uint64), np.zeros(0, bool))
        return cls(keys, right)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of `n` texts that both were asked, those that only the new one understood and those that only the old one did."""

    n: int
    n_new: int
    n_old: int
    n_only_new: int
    n_only_old: int

    @property
    def p_no_worse(self) -> float:
        """The chance of so many losses among the texts where they differ if both were as good (sign test, one-sided)."""
        n = self.n_only_new + self.n_only_old
        return sum(comb(n, k) for k in range(self.n_only_old, n + 1)) / 2**n

    @property
    def is_worse(self) -> bool:
        return self.p_no_worse < WORSE


def compare(new: HeldOut, old: HeldOut) -> Comparison:
    """Count on the texts that both models were asked; none when they share none."""
    _, i, j = np.intersect1d(new.keys, old.keys, assume_unique=True, return_indices=True)
    a, b = new.right[i], old.right[j]
    return Comparison(len(a), *(int(x.sum()) for x in (a, b, a & ~b, b & ~a)))
