"""Probabilities that mean what they say, and thresholds that keep what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.calibration import Calibration, calibrate, p_at_most, upper_bound
from index.fusion import LeftOut
from index.query import Found
from index.ranking import FEATURES, Ranked

NOTHING = Found(np.empty(0, dtype=int), np.empty((0, 4)))


def world(rng, n):
    """Queries with one candidate whose chance of being right rises with its fused score, as 1 / (1 + exp(4 - 8 x))."""
    ranked, made, chances = [], [], []
    for i in range(n):
        fused = rng.uniform()
        chance = 1 / (1 + np.exp(4 - 8 * fused))
        features = np.zeros((1, len(FEATURES)))
        features[0, FEATURES.index("one")] = 1
        features[0, FEATURES.index("fused")] = fused
        right = 0 if rng.uniform() < chance else None
        ranked.append(Ranked(np.array([0]), np.array([fused]), features))
        made.append(LeftOut(NOTHING, right, f"entry-{i}"))
        chances.append(chance)
    return ranked, made, np.array(chances)


def sample(rng, n, p_wrong):
    """A calibration in which the surest answers are right and the rest wrong with `p_wrong(p)`."""
    p = np.sort(rng.uniform(0, 1, n))[::-1]
    right = rng.uniform(size=n) >= p_wrong(p)
    return Calibration(p=tuple(p), right=tuple(right.tolist()), answerable=(True,) * n)


def test_fitted_probabilities_come_near_the_true_ones():
    ranked, made, chances = world(np.random.default_rng(2), 3000)
    calibration = calibrate(ranked, made)
    fitted = np.array([calibration.p_correct(one)[0] for one in ranked])
    assert np.abs(fitted - chances).max() < 0.06
    assert np.abs(np.array(calibration.p) - chances).max() < 0.09


def test_cross_fitting_keeps_an_entrys_queries_together_and_is_repeatable():
    ranked, made, _ = world(np.random.default_rng(4), 200)
    assert calibrate(ranked, made) == calibrate(ranked, made)
    together = [LeftOut(example.found, example.right, "one group") for example in made]
    alone = calibrate(ranked, together)  # every fit that scores them is without them all: the shipped defaults remain
    assert alone.p == tuple(np.round([Calibration().p_correct(one)[0] for one in ranked], 6))


def test_without_examples_the_defaults_remain():
    assert calibrate([], []) == Calibration()


@pytest.mark.parametrize(
    ("n_wrong", "n", "bound"),
    [(0, 45, 0.0499), (0, 1, 0.9), (5, 100, 0.0908), (3, 3, 1.0), (0, 0, 1.0)],
)  # 1 - 0.1 ** (1 / 45); 5 of 100: Clopper-Pearson 90 % one-sided
def test_the_bound_is_clopper_pearson(n_wrong, n, bound):
    assert upper_bound(n_wrong, n, 0.9) == pytest.approx(bound, abs=5e-4)


@given(st.integers(1, 3_000), st.floats(0, 1), st.sampled_from((0.01, 0.05, 0.3, 0.7)), st.floats(0.6, 0.99))
def test_the_bound_is_beyond_the_rate_where_so_few_mistakes_are_likely_enough(n, share, rate, confidence):
    """Two ways to the same answer: the bound, and the binomial distribution that it inverts."""
    n_wrong = int(share * n)
    distance = p_at_most(n_wrong, n, rate) - (1 - confidence)
    assert abs(distance) < 1e-9 or (distance > 0) == (upper_bound(n_wrong, n, confidence) > rate)


def test_a_threshold_keeps_its_promise_in_nine_of_ten_samples():
    rng = np.random.default_rng(11)
    broken = 0
    for _ in range(200):
        found = sample(rng, 600, lambda p: 1 - p).threshold_for(0.1)
        true_rate = (1 - found.threshold) / 2  # mean of 1 - p above the threshold, p uniform
        broken += found.certified and true_rate > 0.1
    assert broken <= 20


def test_more_allowed_errors_mean_more_answers():
    calibration = sample(np.random.default_rng(1), 2000, lambda p: 1 - p)
    found = [calibration.threshold_for(rate) for rate in (0.02, 0.05, 0.1, 0.2, 0.4)]
    assert [one.coverage for one in found] == sorted(one.coverage for one in found)
    assert all(one.certified and one.bound <= rate for one, rate in zip(found[2:], (0.1, 0.2, 0.4), strict=True))


def test_perfect_answers_are_all_given_once_there_are_enough_of_them():
    found = sample(np.random.default_rng(0), 400, lambda p: 0 * p).threshold_for(0.05)
    assert found.certified and found.n_wrong == 0
    assert found.coverage > 0.9


def test_too_few_examples_certify_nothing_and_trust_the_probability():
    found = sample(np.random.default_rng(0), 30, lambda p: 0 * p).threshold_for(0.05)
    assert not found.certified
    assert found.threshold == 0.95


@pytest.mark.parametrize(("rate", "threshold"), [(0.0, 1.0), (1.0, None)])
def test_no_error_allowed_answers_nothing_and_any_error_allowed_answers_all(rate, threshold):
    calibration = sample(np.random.default_rng(0), 500, lambda p: 1 - p)
    found = calibration.threshold_for(rate)
    assert found.threshold == (threshold if threshold is not None else min(calibration.p))


def test_an_empty_calibration_has_a_threshold_too():
    found = Calibration().threshold_for(0.05)
    assert (found.threshold, found.coverage, found.bound, found.certified) == (0.95, 0.0, 1.0, False)
