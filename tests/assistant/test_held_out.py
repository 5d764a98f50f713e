"""Two models on the texts that both were asked: figures worked out by hand."""

import numpy as np
import pytest

from assistant.held_out import HeldOut, compare


def asked(first: int, *right: int) -> HeldOut:
    """Texts numbered from `first` on."""
    return HeldOut.of([f"text {first + i}" for i in range(len(right))], np.array(right, bool))


def test_only_texts_that_both_were_asked_count():
    compared = compare(asked(0, 1, 1, 1, 0, 0), asked(2, 0, 1, 1, 1))
    assert (compared.n, compared.n_new, compared.n_old) == (3, 1, 2)
    assert (compared.n_only_new, compared.n_only_old) == (1, 2)


def test_a_model_that_kept_nothing_is_compared_on_nothing():
    compared = compare(asked(0, 1, 1), HeldOut.restore(None, None))
    assert (compared.n, compared.is_worse) == (0, False)


def test_a_text_said_twice_counts_once():
    assert compare(HeldOut.of(["a", "a"], np.array([True, False])), HeldOut.of(["a"], np.array([True]))).n == 1


@pytest.mark.parametrize(("losses", "wins", "p"), [(4, 0, 1 / 16), (5, 0, 1 / 32), (2, 2, 11 / 16), (0, 3, 1.0)])
def test_the_sign_test_is_the_binomial_tail(losses, wins, p):
    compared = compare(asked(0, *[0] * losses, *[1] * wins), asked(0, *[1] * losses, *[0] * wins))
    assert compared.p_no_worse == pytest.approx(p)
    assert compared.is_worse == (p < 0.05)
