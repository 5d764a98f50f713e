"""What changed since the segments were fitted: shares of the groups, and who moved from which to which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

STEADY, SHIFTED = 0.1, 0.25  # the usual reading of the index: below, nothing happened; above, fit again
FLOOR = 1e-4  # an empty group counts as this share: a logarithm needs one


@dataclass(frozen=True, slots=True)
class Shift:
    """One group's share of the customers, before and now."""

    key: str
    share_before: float
    share_now: float


@dataclass(frozen=True, slots=True)
class Drift:
    """`psi` is the population stability index, sum of (now - before) ln(now / before) over the groups; 0 is unchanged.

    `moves` counts the customers of both runs by (before, now), most first; those who stayed are left out.
    """

    psi: float
    shifts: tuple[Shift, ...]
    moves: Mapping[tuple[str, str], int]
    n_both: int

    @property
    def verdict(self) -> Literal["steady", "moving", "fit again"]:
        return "steady" if self.psi < STEADY else "moving" if self.psi < SHIFTED else "fit again"


def drift(before: Mapping[str, str], now: Mapping[str, str]) -> Drift:
    """Compare two runs, each a segment's key by customer id. Two empty runs are alike."""
    keys = sorted({*before.values(), *now.values()})
    shares = [_shares(list(run.values()), keys) for run in (before, now)]
    then, today = (np.maximum(share, FLOOR) for share in shares)
    psi = float(np.sum((today - then) * np.log(today / then))) if before and now else 0.0
    both = before.keys() & now.keys()
    counts = Counter((before[who], now[who]) for who in both if before[who] != now[who])
    shifts = tuple(Shift(key, float(a), float(b)) for key, a, b in zip(keys, *shares, strict=True))
    return Drift(psi, shifts, dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))), len(both))


def _shares(labels: Sequence[str], keys: Sequence[str]) -> np.ndarray:
    return np.array([labels.count(key) for key in keys]) / max(1, len(labels))
