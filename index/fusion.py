"""How much each side counts: a convex mix chosen on the entries' own left-out variants.

fused(entry) = sum over the sides of weight * score, weights >= 0 that sum to 1 (Bruch et al. 2022, arXiv:2210.11934,
who find a convex mix of scores above reciprocal ranks, and few labelled queries enough to choose it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from index.query import SIDES, Found

# of the mixes that the dev topics of our written text find equally good, zh and en, the one that trusts words most
DEFAULT_WEIGHTS = (0.2, 0.2, 0.2, 0.1, 0.3)
BM25_ALONE = (0.0, 0.0, 1.0, 0.0, 0.0)
N_PRIOR = 60  # the defaults weigh like this many left-out variants
_STEPS = 10  # the grid's resolution: 1,001 mixes of five sides
_WITHIN = 0.5  # standard errors below the best mix: these differ by chance, and their mean is steadier than the winner


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One wording that searched for its own entry while hidden, or a text that no entry answers (`right` is None).

    `group` keeps wordings of one entry together when data are split.
    """

    found: Found
    right: int | None
    group: str


def fuse(scores: np.ndarray, weights: Sequence[float]) -> np.ndarray:
    """Scores (m, 5) to fused scores (m,), rounded so that a query scores the same alone and in a batch."""
    return np.round(scores @ np.asarray(weights), 6)


def choose_weights(examples: Sequence[LeftOut]) -> tuple[float, ...]:
    """The middle of the mixes of greatest mean reciprocal rank, drawn towards DEFAULT_WEIGHTS when examples are few.

    Never below BM25 alone in hit@1 on these examples: where the mix would be, it is moved towards BM25 until it is not.
    """
    answerable = [example for example in examples if example.right is not None]
    if not answerable:
        return DEFAULT_WEIGHTS
    grid = np.array([mix for mix in product(range(_STEPS + 1), repeat=len(SIDES)) if sum(mix) == _STEPS]) / _STEPS
    ranks = np.array([_reciprocal_ranks(example, grid) for example in answerable])
    quality = ranks.mean(axis=0)
    error = ranks[:, quality.argmax()].std() / np.sqrt(len(ranks))
    best = grid[quality >= quality.max() - _WITHIN * error].mean(axis=0)
    share = len(answerable) / (len(answerable) + N_PRIOR)
    drawn = share * best + (1 - share) * np.array(DEFAULT_WEIGHTS)
    return _not_below_bm25(answerable, drawn)


def hit_rate(examples: Sequence[LeftOut], weights: Sequence[float]) -> float:
    """Share of the answerable examples whose own entry stands alone at the top: hit@1, ties count as misses."""
    mix = np.array([weights])
    return float(
        np.mean([_reciprocal_ranks(example, mix)[0] == 1.0 for example in examples if example.right is not None])
    )


def _reciprocal_ranks(example: LeftOut, grid: np.ndarray) -> np.ndarray:
    """1 / rank of the right entry under every mix, ties ranked last; 0 where no side found it."""
    at = np.flatnonzero(example.found.slots == example.right)
    if not len(at):
        return np.zeros(len(grid))
    fused = np.round(example.found.scores @ grid.T, 6)
    return 1.0 / (fused >= fused[at[0]]).sum(axis=0)


def _not_below_bm25(examples: Sequence[LeftOut], weights: np.ndarray) -> tuple[float, ...]:
    alone = np.array(BM25_ALONE)
    least = hit_rate(examples, BM25_ALONE)
    for share in np.linspace(0.0, 1.0, _STEPS + 1):
        mix = np.round((1 - share) * weights + share * alone, 4)
        if hit_rate(examples, mix) >= least:
            return tuple(mix.tolist())
    return BM25_ALONE
