"""Intervals against published examples."""

import pytest

from assistant.reports.counting import difference, is_clear, share


def test_wilsons_interval_is_that_of_newcombes_example():
    found = share(81, 263)  # Newcombe 1998, Statistics in Medicine 17, 857-872, table I: .2553 to .3662
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))


def test_the_interval_of_a_difference_is_that_of_newcombes_example():
    found = difference("", "", share(48, 80), share(56, 70))  # method 10: .0524 to .3339
    assert (found.change, found.low, found.high) == (
        pytest.approx(0.2),
        pytest.approx(0.0524, abs=1e-4),
        pytest.approx(0.3339, abs=1e-4),
    )
    assert is_clear(found) and not is_clear(difference("", "", share(4, 8), share(5, 7)))


def test_no_messages_may_have_any_share():
    assert (share(0, 0).low, share(0, 0).high) == (0, 1)
