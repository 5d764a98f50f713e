"""What goes together: "who has this in a basket has that too", for products in orders and for intents in conversations.

mlxtend finds the frequent sets; it brings pandas and matplotlib with it, so both are imported by the call alone and
come with the extra `customers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix

from assistant.customer.purchases import Purchases
from assistant.errors import InputError

TOLERANCE = 1e-9  # a confidence of one half is one half, however the division rounds it


@dataclass(frozen=True, slots=True)
class Rule:
    """P(then | given) is `confidence`; `lift` is how many times likelier that is than `then` alone (1: no news).

    support: the share of the baskets that hold all of it. given and then are sorted and share nothing.
    """

    given: tuple[str, ...]
    then: tuple[str, ...]
    support: float
    confidence: float
    lift: float
    n_baskets: int


def mine_rules(
    baskets: Iterable[Iterable[str]],
    min_support: float,
    min_confidence: float,
    max_size: int | None = None,
    method: Literal["fpgrowth", "apriori"] = "fpgrowth",
) -> list[Rule]:
    """All rules at or above both bounds, to 1e-9; greatest lift first, then confidence, support and names.

    max_size: of given and then together. FP-growth: Han et al. 2000; Apriori: Agrawal & Srikant 1994; the rules are
    the same. Raises InputError for bounds outside (0, 1] or when mlxtend is not installed.
    """
    rows, names = _numbered(baskets)
    return _mined(rows, names, min_support, min_confidence, max_size, method)


def product_rules(log: Purchases, min_support: float, min_confidence: float, max_size: int | None = 3) -> list[Rule]:
    """Rules between the products of an order."""
    _, order = np.unique(log.order, return_inverse=True)
    x = csr_matrix((np.ones(len(log), bool), (order, log.product)), shape=(_count(order), len(log.product_ids)))
    return _mined(x, [str(name) for name in log.product_ids], min_support, min_confidence, max_size, "fpgrowth")


def _mined(x: csr_matrix, names: Sequence[str], min_support, min_confidence, max_size, method) -> list[Rule]:
    for name, value in (("min_support", min_support), ("min_confidence", min_confidence)):
        if not 0 < value <= 1:
            raise InputError(f"{name} is {value}; expected a share above 0 and at most 1")
    frequent = _frequent(x, names, min_support - TOLERANCE, max_size, method)
    if not len(frequent):
        return []
    from mlxtend.frequent_patterns import association_rules

    shown = ["support", "confidence", "lift"]
    bound = min_confidence - TOLERANCE
    table = association_rules(frequent, metric="confidence", min_threshold=bound, return_metrics=shown)
    columns = ("antecedents", "consequents", *shown)
    rules = [
        Rule(tuple(sorted(given)), tuple(sorted(then)), float(s), float(c), float(lift), round(float(s) * x.shape[0]))
        for given, then, s, c, lift in zip(*(table[name] for name in columns), strict=True)
    ]
    return sorted(rules, key=lambda rule: (-rule.lift, -rule.confidence, -rule.support, rule.given, rule.then))


def _frequent(x: csr_matrix, names: Sequence[str], min_support: float, max_size: int | None, method: str):
    """mlxtend's table of frequent sets; products too rare to be in one are left out first."""
    try:
        import pandas as pd
        from mlxtend.frequent_patterns import apriori, fpgrowth
    except ImportError as error:
        raise InputError("rules need the package mlxtend: pip install 'huida[customers]'") from error
    if not x.shape[0]:
        return ()
    kept = np.flatnonzero(np.asarray(x.sum(axis=0)).ravel() >= min_support * x.shape[0])
    if not len(kept):
        return ()
    frame = pd.DataFrame(x[:, kept].toarray(), columns=[names[i] for i in kept])
    find = {"fpgrowth": fpgrowth, "apriori": apriori}[method]
    return find(frame, min_support=max(min_support, 1e-12), use_colnames=True, max_len=max_size)


def _numbered(baskets: Iterable[Iterable[str]]) -> tuple[csr_matrix, list[str]]:
    sets = [frozenset(basket) for basket in baskets]
    names = sorted(frozenset().union(*sets))
    column = {name: i for i, name in enumerate(names)}
    rows = np.repeat(np.arange(len(sets)), [len(basket) for basket in sets])
    columns = np.array([column[name] for basket in sets for name in sorted(basket)], dtype=np.int64)
    return csr_matrix((np.ones(len(rows), bool), (rows, columns)), shape=(len(sets), len(names))), names


def _count(numbers: np.ndarray) -> int:
    return int(numbers.max()) + 1 if len(numbers) else 0
