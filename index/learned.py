"""What an index learned from its own left-out variants: the weights of the sides, the calibration, its hit rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from index.calibration import Calibration, calibrate
from index.entry import Entry
from index.fusion import BM25_ALONE, DEFAULT_WEIGHTS, choose_weights, hit_rate
from index.heldout import left_out, spread
from index.query import Tools
from index.ranking import N_RANKED, rank
from index.sides import Sides

NONE_SHARE = 0.25  # of the messages that no entry answers, for which probabilities and thresholds hold
N_ENOUGH = 200  # answerable examples, with which a small bank of none texts is not matched any further


@dataclass(frozen=True, slots=True)
class Learned:
    """`hit_at_1`, `bm25_hit_at_1`: share of the left-out variants whose entry came first, by the mix and by BM25 alone.

    None when no entry has a variant to leave out.
    """

    weights: tuple[float, ...] = DEFAULT_WEIGHTS
    calibration: Calibration = Calibration()
    hit_at_1: float | None = None
    bm25_hit_at_1: float | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Learned:
        calibration = Calibration(**{name: tuple(values) for name, values in fields["calibration"].items()})
        return cls(tuple(fields["weights"]), calibration, fields["hit_at_1"], fields["bm25_hit_at_1"])


def learn(entries: Sequence[Entry], sides: Sides, tools: Tools, none_texts: Sequence[str]) -> Learned:
    """Leave out every variant once, choose the weights on these queries, then calibrate on them and on `none_texts`.

    Entry i has slot i. The same entries and texts always give the same result.
    """
    if not entries:
        return Learned()  # nothing is ever found, which teaches nothing
    queries = left_out(entries, sides, tools, none_texts)
    examples = [example for example, _, _ in queries]
    weights = choose_weights(examples)
    ids = [entry.faq_id for entry in entries]
    sample = _as_customers_write(queries)
    ranked = [rank(example.found, sides, query, weights, ids, N_RANKED, hidden) for example, query, hidden in sample]
    measured = any(example.right is not None for example in examples)
    return Learned(
        weights,
        calibrate(ranked, [example for example, _, _ in sample]),
        round(hit_rate(examples, weights), 4) if measured else None,
        round(hit_rate(examples, BM25_ALONE), 4) if measured else None,
    )


def _as_customers_write(queries: Sequence[tuple]) -> list[tuple]:
    """The texts that no entry answers, and so many left-out variants, evenly chosen, that the former are NONE_SHARE.

    An FAQ with thousands of variants would otherwise learn that nearly everything has an answer.
    """
    nones = [query for query in queries if query[0].right is None]
    answerable = [query for query in queries if query[0].right is not None]
    n_kept = max(N_ENOUGH, round(len(nones) * (1 - NONE_SHARE) / NONE_SHARE)) if nones else len(answerable)
    return spread(answerable, n_kept) + nones
