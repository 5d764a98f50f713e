"""Names in words for groups of customers, read off where their centres lie among all customers of the shop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class SegmentName:
    """`key` is the same in every language and run; `zh` and `en` are what people read."""

    key: str
    zh: str
    en: str


# what each name means: standard deviations above the shop's mean in freshness (the opposite of recency), number of
# orders and spend, all on the log scale. "Small orders" and "big orders" differ from their neighbours in spend alone.
_MEANINGS: tuple[tuple[SegmentName, tuple[float, float, float]], ...] = (
    (SegmentName("best", "核心客户", "best customers"), (1.4, 2.2, 2.0)),
    (SegmentName("loyal", "忠诚客户", "loyal"), (0.9, 1.1, 1.0)),
    (SegmentName("promising", "潜力客户", "promising"), (0.6, 0.2, 0.3)),
    (SegmentName("new", "新客户", "new"), (0.9, -0.6, -0.5)),
    (SegmentName("big_orders", "大单客户", "few but big orders"), (0.0, -0.5, 1.0)),
    (SegmentName("small_orders", "小额客户", "many small orders"), (0.2, 0.4, -0.8)),
    (SegmentName("at_risk", "流失风险客户", "at risk"), (-0.5, 0.4, 0.5)),
    (SegmentName("cooling", "渐冷客户", "cooling"), (-0.2, -0.3, -0.3)),
    (SegmentName("asleep", "沉睡客户", "asleep"), (-0.8, -0.8, -0.8)),
    (SegmentName("lost", "流失客户", "lost"), (-1.3, -1.2, -1.4)),
)
EVERYBODY = SegmentName("everybody", "全部客户", "everybody")
UNUSUAL = SegmentName("unusual", "特殊客户", "unusual")


def names_of(centres: np.ndarray) -> list[SegmentName]:
    """One name per centre, none twice: the assignment whose names lie nearest to the centres in all.

    centres: float (k, 3), standardised recency, orders and spend on the log scale; recency counts against a customer.
    Beyond ten centres a name is numbered: "loyal 2".
    """
    if len(centres) == 1:
        return [EVERYBODY]
    from scipy.optimize import linear_sum_assignment  # a server that only shows names loads no scipy

    meanings = np.array([where for _, where in _MEANINGS])
    places = np.asarray(centres, float) * (-1, 1, 1)
    rounds = -(-len(places) // len(meanings))
    distance = np.tile(np.square(places[:, None] - meanings).sum(axis=2), rounds)
    distance += (
        np.repeat(np.arange(rounds), len(meanings)) * 1e3
    )  # a numbered name only when the plain ones are used up
    _, column = linear_sum_assignment(distance)
    return [_numbered(_MEANINGS[c % len(meanings)][0], c // len(meanings)) for c in column]


def _numbered(name: SegmentName, earlier: int) -> SegmentName:
    if not earlier:
        return name
    n = earlier + 1
    return SegmentName(f"{name.key}_{n}", f"{name.zh}{n}", f"{name.en} {n}")
