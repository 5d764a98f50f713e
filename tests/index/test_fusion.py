"""Weights of the sides, chosen where the right entry is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.fusion import BM25_ALONE, DEFAULT_WEIGHTS, LeftOut, choose_weights, fuse, hit_rate
from index.query import Found


def examples(rng, n, strong):
    """Queries with four candidates each, of which side `strong` alone knows the right one."""
    made = []
    for i in range(n):
        scores = rng.uniform(0, 0.6, (4, 5))
        right = int(rng.integers(4))
        scores[:, strong] = 0.2
        scores[right, strong] = 0.9
        made.append(LeftOut(Found(np.arange(4), scores), right, f"entry-{i}"))
    return made


@pytest.mark.parametrize("strong", range(5))
def test_the_side_that_knows_gets_the_most_weight(strong):
    made = examples(np.random.default_rng(strong), 300, strong)
    weights = choose_weights(made)
    assert np.argmax(weights) == strong
    assert hit_rate(made, weights) > 0.95


def test_few_examples_stay_near_the_defaults_and_none_are_the_defaults():
    one = choose_weights(examples(np.random.default_rng(0), 1, 0))
    assert np.abs(np.array(one) - DEFAULT_WEIGHTS).max() < 0.05
    assert choose_weights([]) == DEFAULT_WEIGHTS
    assert sum(DEFAULT_WEIGHTS) == pytest.approx(1)


def test_texts_without_an_entry_do_not_bear_on_the_weights():
    made = examples(np.random.default_rng(5), 50, 1)
    nobody = [LeftOut(example.found, None, example.group) for example in examples(np.random.default_rng(6), 50, 2)]
    assert choose_weights(made + nobody) == choose_weights(made)


def test_when_words_alone_know_the_mix_is_no_worse_than_bm25():
    made = examples(np.random.default_rng(9), 5, 2)  # so few that the defaults, which miss some, would prevail
    assert hit_rate(made, choose_weights(made)) >= hit_rate(made, BM25_ALONE) == 1.0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 30))
def test_the_chosen_mix_is_convex_and_never_below_bm25_alone(seed, n):
    rng = np.random.default_rng(seed)
    made = [
        LeftOut(Found(np.arange(5), rng.choice([0, 0.1, 0.5, 0.9], (5, 5))), int(rng.integers(6)), str(i))
        for i in range(n)
    ]
    weights = choose_weights(made)
    assert sum(weights) == pytest.approx(1, abs=1e-3)
    assert min(weights) >= 0
    assert hit_rate(made, weights) >= hit_rate(made, BM25_ALONE)


def test_fused_scores_are_the_weighted_sum():
    assert fuse(np.array([[1.0, 0.0, 0.5, 0.0, 1.0]]), (0.3, 0.1, 0.4, 0.1, 0.1)).tolist() == [0.6]
