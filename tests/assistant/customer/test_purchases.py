"""The purchase log, its views on a day, and recency, frequency and spend counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.customer.purchases import purchases, rfm
from assistant.errors import InputError

# Li buys on 1, 5 (twice) and 9 March; Wang on 5 March alone; Zhao on 20 March
LINES = [
    ("li", "2026-03-09", "cup", 1, 30.0),
    ("li", "2026-03-01", "tea", 2, 40.0),
    ("wang", "2026-03-05", "tea", 1, 20.0),
    ("li", "2026-03-05", "tea", 1, 20.0),
    ("li", "2026-03-05", "cup", 1, 30.0),
    ("zhao", "2026-03-20", "pot", 1, 90.0),
]


@pytest.fixture
def log():
    return purchases(*zip(*LINES, strict=True))


def of(log, table, name):
    """The row of one customer in a table."""
    return int(np.flatnonzero(log.customer_ids[table.customer] == name)[0])


def test_lines_stand_in_the_order_of_their_days_with_codes_for_names(log):
    assert log.day.astype(str).tolist() == sorted(line[1] for line in LINES)
    assert log.customer_ids[log.customer].tolist() == ["li", "wang", "li", "li", "li", "zhao"]
    assert log.product_ids[log.product].tolist() == ["tea", "tea", "tea", "cup", "cup", "pot"]


def test_what_a_customer_buys_on_one_day_is_one_order_where_no_number_says_otherwise(log):
    assert len(set(log.order.tolist())) == 5


def test_the_past_ends_with_the_as_of_day_and_the_future_begins_after_it(log):
    assert len(log.until("2026-03-05")) == 4
    assert len(log.until("2026-03-04")) == 1
    assert log.between("2026-03-05", "2026-03-20").day.astype(str).tolist() == ["2026-03-09", "2026-03-20"]


def test_a_view_copies_nothing(log):
    assert np.shares_memory(log.until("2026-03-05").amount_cny, log.amount_cny)


def test_lines_of_one_customer_on_one_day_are_summed(log):
    days = log.by_day()
    assert len(days) == 5
    row = np.flatnonzero((days.day == np.datetime64("2026-03-05")) & (log.customer_ids[days.customer] == "li"))[0]
    assert (days.amount_cny[row], days.n_lines[row]) == (50.0, 2)


def test_of_some_customers_every_day_is_there_and_of_the_others_none(log):
    days = log.by_day()
    assert days.of_some(len(log.customer_ids)) is days
    whole = [days.day[days.customer == code].tolist() for code in range(len(log.customer_ids))]
    for at_most in range(1, len(log.customer_ids)):
        some = days.of_some(at_most)
        assert 1 <= len(np.unique(some.customer)) <= at_most
        assert all(some.day[some.customer == code].tolist() == whole[code] for code in np.unique(some.customer))


def test_recency_frequency_and_spend_of_a_repeat_buyer(log):
    table = rfm(log.by_day(), "2026-03-11")
    li = of(log, table, "li")
    assert (table.recency_days[li], table.frequency[li], table.age_days[li]) == (2, 2, 10)
    assert table.last_days[li] == 8
    assert (table.spend_cny[li], table.monetary_cny[li]) == (120.0, 40.0)  # (50 + 30) / 2 repeat days


def test_a_one_time_buyer_has_no_repeat_day_and_no_mean_of_one(log):
    table = rfm(log.by_day(), "2026-03-11")
    wang = of(log, table, "wang")
    assert (table.frequency[wang], table.monetary_cny[wang], table.recency_days[wang]) == (0, 0.0, 6)
    assert table.age_days[wang] == 6


def test_a_customer_of_the_future_is_not_in_the_table_of_the_past(log):
    assert "zhao" not in log.customer_ids[rfm(log.by_day(), "2026-03-11").customer]


def test_an_empty_past_is_an_empty_table(log):
    assert len(rfm(log.by_day(), "2020-01-01")) == 0
    assert len(log.until("2020-01-01").by_day()) == 0


def test_columns_of_different_length_are_refused():
    with pytest.raises(InputError, match="the same number"):
        purchases(["a", "b"], ["2026-01-01"], ["x"], [1], [1.0])


def test_a_purchase_without_a_day_or_amount_is_refused():
    with pytest.raises(InputError, match="no day"):
        purchases(["a"], ["NaT"], ["x"], [1], [1.0])
    with pytest.raises(InputError, match="no finite number"):
        purchases(["a"], ["2026-01-01"], ["x"], [1], [float("inf")])


lines = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40), st.integers(1, 9)), min_size=1, max_size=30)


@given(lines, st.integers(0, 50))
def test_the_table_agrees_with_counting_by_hand(rows, as_of):
    start = np.datetime64("2026-01-01")
    names, offsets, amounts = zip(*rows, strict=True)
    log = purchases(names, start + np.array(offsets), ["x"] * len(rows), [1] * len(rows), amounts)
    table = rfm(log.by_day(), start + as_of)
    known = {name for name, offset, _ in rows if offset <= as_of}
    assert set(log.customer_ids[table.customer]) == known
    for name in known:
        days = sorted({offset for other, offset, _ in rows if other == name and offset <= as_of})
        i = of(log, table, name)
        assert table.frequency[i] == len(days) - 1
        assert (table.age_days[i], table.recency_days[i]) == (as_of - days[0], as_of - days[-1])
        assert table.spend_cny[i] == sum(amount for other, offset, amount in rows if other == name and offset <= as_of)
