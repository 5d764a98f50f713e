"""From what the sides found to candidates in order, with the features that tell how far to trust each.

| feature   | of one candidate                                                          |
|-----------|---------------------------------------------------------------------------|
| one       | 1, for the intercept                                                      |
| fused     | its fused score                                                           |
| margin    | its fused score minus the best other's; negative below the first rank     |
| dense     | its score on the question side                                            |
| aligned   | its score on the alignment side                                           |
| covered   | share of the query's idf weight whose tokens stand in the entry           |
| agreement | half a point each for being the best of the question and of the words     |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.fusion import fuse
from index.query import SIDES, Found, Hidden, Query
from index.sides import Sides

N_RANKED = 10  # candidates between which the probability of being right is shared out
FEATURES = ("one", "fused", "margin", "dense", "aligned", "covered", "agreement")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A query's candidates, best first: slots (m,), fused scores (m,) and features (m, 7) as in FEATURES."""

    slots: np.ndarray
    fused: np.ndarray
    features: np.ndarray


def rank(
    found: Found,
    sides: Sides,
    query: Query,
    weights: Sequence[float],
    ids: Sequence[str],
    k: int,
    hidden: Hidden | None = None,
) -> Ranked:
    """The k best candidates; equal fused scores go to the smaller of `ids` (by slot)."""
    fused = fuse(found.scores, weights)
    falling = [(-score, ids[slot]) for score, slot in zip(fused.tolist(), found.slots.tolist(), strict=True)]
    order = np.array(sorted(range(len(fused)), key=falling.__getitem__), dtype=np.int64)
    top = order[:k]
    slots = found.slots[top]
    features = (
        np.stack(
            [
                np.ones(len(top)),
                fused[top],
                _margins(fused[order])[: len(top)],
                found.scores[top, SIDES.index("question")],
                found.scores[top, SIDES.index("alignment")],
                sides.words.covered(query.words, slots.tolist(), {hidden.slot: hidden.words} if hidden else {}),
                _agreement(found.scores)[top],
            ],
            axis=1,
        )
        if len(top)
        else np.empty((0, len(FEATURES)))
    )
    return Ranked(slots, fused[top], features)


def _margins(fused: np.ndarray) -> np.ndarray:
    """Scores in falling order to each one's distance from the best of the others; alone, to 0."""
    if not len(fused):
        return fused
    second = fused[1] if len(fused) > 1 else 0.0
    return np.append(fused[0] - second, fused[1:] - fused[0])


def _agreement(scores: np.ndarray) -> np.ndarray:
    sides = scores[:, [SIDES.index("question"), SIDES.index("words")]]
    return 0.5 * ((sides == sides.max(axis=0, initial=0.0)) & (sides > 0)).sum(axis=1)
