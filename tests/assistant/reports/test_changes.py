"""Change points: a known one is found near its day, and steady series show hardly any."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.reports.changes import MIN_DAYS, change_days


def series(shares, per_day, seed):
    random = np.random.default_rng(seed)
    n = random.poisson(per_day, len(shares))
    return n, random.binomial(n, shares)


def test_a_rise_from_18_to_27_percent_is_found_within_days_of_it():
    found = [change_days(*series(np.where(np.arange(70) < 45, 0.18, 0.27), 60, seed)) for seed in range(20)]
    assert sum(any(abs(day - 45) <= 7 for day in days) for days in found) >= 18
    assert sum(len(days) > 1 for days in found) <= 2


def test_a_rise_and_a_fall_are_two_changes():
    share = np.where((np.arange(90) >= 30) & (np.arange(90) < 60), 0.4, 0.15)
    [first, second] = change_days(*series(share, 60, 1))
    assert abs(first - 30) <= 3 and abs(second - 60) <= 3


def test_steady_shares_show_no_change_in_19_of_20_series():
    assert sum(bool(change_days(*series(np.full(70, 0.2), 40, seed))) for seed in range(100)) <= 5


def test_days_that_vary_more_than_chance_do_not_count_as_changes():
    def bursty(seed):
        random = np.random.default_rng(seed)
        return series(random.beta(4, 16, 70), 40, seed)

    assert sum(bool(change_days(*bursty(seed))) for seed in range(40)) <= 4


def test_a_handful_of_messages_never_changes():
    assert change_days(np.array([3] * 14), np.array([0] * 7 + [3] * 7)) == []
    assert change_days(np.array([], int), np.array([], int)) == []


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=60))
def test_stretches_are_as_long_as_promised_whatever_was_counted(counts):
    n = np.array([max(pair) for pair in counts], int)
    days = [0, *change_days(n, np.array([min(pair) for pair in counts], int)), len(n)]
    assert len(days) == 2 or min(np.diff(days)) >= MIN_DAYS
