import numpy as np
import pytest

from assistant.customer.purchases import purchases
from assistant.customer.rankers import Popularity
from training.customer_recommend import alone, measured

SPLIT = "2026-10-31"
# customers before the split: tea 3, cup 2, pot, bag and dish 1; the lamp comes to the shop only afterwards
PAST = [("ann", "bag"), ("bob", "tea"), ("bob", "cup"), ("cat", "tea"), ("cat", "cup"), ("cat", "pot"), ("dan", "tea"),
        ("zoe", "dish")]  # fmt: skip
FUTURE = [("ann", "cup"), ("ann", "pot"), ("bob", "lamp"), ("cat", "tea"), ("dan", "dish"), ("eve", "tea")]


@pytest.fixture
def log():
    rows = [(who, "2026-10-01", what) for who, what in PAST] + [(who, "2026-11-01", what) for who, what in FUTURE]
    who, days, products = zip(*rows, strict=True)
    return purchases(who, days, products, [1] * len(rows), [1] * len(rows))


def figures(log, repeats):
    model = alone(Popularity(None)).fit(log, SPLIT)
    return {metric: (value, n) for metric, value, n in measured(model, log, SPLIT, repeats)}


def test_hit_rate_and_gain_worked_by_hand(log):
    found = figures(log, repeats=False)
    # bob's lamp was not on sale, cat has her tea, eve has no past: ann and dan are left
    assert found["HR@10"] == (1.0, 2)
    # ann is shown tea, cup, pot, dish and wants the second and third; dan cup, bag, pot, dish and wants the fourth
    ann = (1 / np.log2(3) + 1 / np.log2(4)) / (1 + 1 / np.log2(3))
    assert found["NDCG@10"] == (pytest.approx((ann + 1 / np.log2(5)) / 2), 2)


def test_with_repeats_what_is_bought_again_counts(log):
    assert figures(log, repeats=True)["HR@10"] == (1.0, 3)
