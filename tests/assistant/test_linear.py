import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from assistant.linear import SoftmaxRegression, probabilities, temperature


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 40)
    x = (np.eye(3)[y] @ rng.standard_normal((3, 6)) + rng.standard_normal((120, 6))).astype(np.float32)
    return x, y


def test_it_agrees_with_scikit_learn(rows):
    x, y = rows
    ours = probabilities(SoftmaxRegression(c=1.0, max_iter=500).fit(x, y, 3).logits(x), 1.0)
    theirs = LogisticRegression(C=1.0, max_iter=500, tol=1e-8).fit(x, y).predict_proba(x)
    assert np.abs(ours - theirs).max() < 0.01


def test_few_rows_and_many_columns_have_the_same_solution(rows):
    x, y = rows
    wide = csr_matrix(np.hstack([x, np.zeros((120, 200), np.float32)]))  # more columns than rows: fitted rotated
    ours = SoftmaxRegression(max_iter=500).fit(wide, y, 3)
    assert np.abs(ours.logits(wide) - SoftmaxRegression(max_iter=500).fit(x, y, 3).logits(x)).max() < 0.05
    assert ours.coef_.shape == (206, 3)


def test_rows_that_could_not_have_a_class_say_nothing_about_it(rows):
    x, y = rows
    polar = np.array([[True, False, True]]).repeat(120, axis=0)
    possible = np.vstack([np.ones((120, 3), bool), polar])
    labels = np.concatenate([y, np.zeros(120, int)])
    both = SoftmaxRegression(c=100.0).fit(np.vstack([x, x + 5]), labels, 3, possible)
    neutral_share = probabilities(both.logits(x), 1.0)[:, 1].mean()
    assert neutral_share == pytest.approx(1 / 3, abs=0.06)  # as in the rows that could have been neutral


def test_temperature_finds_the_factor_by_which_logits_are_too_sure():
    rng = np.random.default_rng(0)
    honest = rng.standard_normal((20_000, 3)) * 1.5
    p = probabilities(honest, 1.0)
    labels = (p.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    assert temperature(honest * 2.5, labels) == pytest.approx(2.5, rel=0.05)
