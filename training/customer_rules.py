"""Rules on Groceries at support .001 and confidence .5: the count with a one-item right side is published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assistant.customer.rules import mine_rules
from training.customer_figures import Figure, groceries

SUPPORT, CONFIDENCE = 0.001, 0.5
N_RULES, N_ONE_RIGHT = 5_829, 5_668


def figures(folder: Path) -> Iterator[Figure]:
    baskets = groceries(folder)
    rules = mine_rules(baskets, SUPPORT, CONFIDENCE)
    n_one_right = sum(len(rule.then) == 1 for rule in rules)
    yield Figure("rules", "Groceries", "fpgrowth", "rules", len(rules), len(baskets), N_RULES, "same", 0)
    yield Figure("rules", "Groceries", "fpgrowth", "one right", n_one_right, len(baskets), N_ONE_RIGHT, "same", 0)
