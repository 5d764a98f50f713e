import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from training.rows import Measured, auroc, averaged, calibration_error, macro_f1, resampled, share


def test_wilson_gives_the_published_interval():
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263
    measured = share([True] * 81 + [False] * 182)
    assert (measured.low, measured.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_none_right_still_leaves_a_chance():
    assert share([False] * 10).high == pytest.approx(0.2775, abs=1e-3)
    assert (share([]).low, share([]).high) == (0, 1)


def test_macro_f1_is_scikit_learns_and_lies_in_its_interval():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 500)
    guess = np.where(rng.random(500) < 0.7, truth, rng.integers(0, 3, 500))
    measured = macro_f1(truth, guess, 3)
    assert measured.value == pytest.approx(f1_score(truth, guess, average="macro"))
    assert measured.low < measured.value < measured.high < measured.low + 0.12


def test_probabilities_that_hold_have_next_to_no_calibration_error():
    rng = np.random.default_rng(0)
    p = rng.dirichlet((1, 1, 1), 20_000)
    truth = (rng.random((len(p), 1)) > p.cumsum(axis=1)).sum(axis=1)
    assert calibration_error(p, truth).value < 0.01


def test_the_calibration_error_is_how_much_too_sure_they_are():
    p = np.tile([0.9, 0.1], (1_000, 1))
    measured = calibration_error(p, (np.arange(1_000) % 10 >= 7).astype(int))  # 7 of 10 are of the first class
    assert measured.value == pytest.approx(0.2) and measured.low < 0.2 < measured.high < 0.24


def test_auroc_is_scikit_learns():
    rng = np.random.default_rng(0)
    inside, outside = rng.normal(0, 1, 300), rng.normal(1, 1, 100)
    expected = roc_auc_score([0] * 300 + [1] * 100, np.concatenate([inside, outside]))
    assert auroc(inside, outside).value == pytest.approx(expected)


def test_the_interval_of_a_statistic_shrinks_with_more_examples():
    rng = np.random.default_rng(0)

    def width(n):
        measured = resampled(rng.integers(0, 2, (n, 1)), lambda counts: counts[0] / n, "rate")
        return measured.high - measured.low

    assert width(2_000) < width(100) / 3


def test_several_seeds_give_the_mean_with_the_interval_of_one_test_set():
    runs = [share(np.arange(100) < right) for right in (70, 76, 73)]
    assert averaged(runs) == Measured(
        "accuracy",
        pytest.approx(0.73),
        pytest.approx(np.mean([run.low for run in runs])),
        pytest.approx(np.mean([run.high for run in runs])),
        100,
    )
    one = share(np.arange(100) < 73)
    assert averaged(runs).high - averaged(runs).low == pytest.approx(one.high - one.low, rel=0.01)
