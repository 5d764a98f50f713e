import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.customer.forecast import (
    MEAN,
    MODELS,
    Daily,
    backtest,
    closed_weekdays,
    daily_by,
    daily_sums,
    forecast,
    mase,
)
from assistant.customer.forecasters import SeasonalNaive
from assistant.errors import InputError

MONDAY = np.datetime64("2026-01-05")
WEEK = np.array([100.0, 80, 60, 90, 120, 0, 40])  # shut on Saturdays


@pytest.fixture(scope="module")
def shop():
    """Twenty weeks that repeat, with noise, growing by 2 a day; shut on Saturdays."""
    n = 20 * 7
    values = np.tile(WEEK, 20) + 2.0 * np.arange(n) + np.random.default_rng(0).normal(0, 3, n)
    return Daily(MONDAY, np.where(np.tile(WEEK, 20) == 0, 0, values))


@pytest.fixture(scope="module")
def coming(shop):
    return forecast(shop, 14, n_origins=2)


def test_where_most_days_are_quiet_no_weekday_is_held_for_closed():
    sold = np.zeros(43)
    sold[[0, 4, 8, 9, 42]] = 50.0  # never on a Wednesday, Friday or Saturday, and hardly on any other day
    assert closed_weekdays(Daily(np.datetime64("2026-03-01"), sold)) == ()


def test_the_closed_weekday_is_found_and_stays_closed(shop, coming):
    assert closed_weekdays(shop) == coming.closed_weekdays == (5,)
    saturdays = [5, 12]
    assert coming.mean[saturdays].tolist() == coming.high[saturdays].tolist() == [0, 0]
    assert (np.delete(coming.mean, saturdays) > 0).all()


def test_growth_is_followed_by_the_chosen_model_and_not_by_the_seasonal_naive(coming):
    truth = np.tile(WEEK, 2) + 2.0 * np.arange(140, 154)
    truth[[5, 12]] = 0
    assert coming.model != "seasonal_naive" and coming.mase[coming.model] < 0.5 < coming.mase["seasonal_naive"]
    assert np.abs(coming.mean - truth).max() < 15
    assert ((coming.low <= truth) & (truth <= coming.high)).mean() >= 0.8


def test_the_model_of_the_least_error_comes_first(coming):
    assert list(coming.mase) == sorted(coming.mase, key=coming.mase.get) and next(iter(coming.mase)) == coming.model
    assert coming.mase.keys() == {*MODELS, MEAN}
    assert coming.days[0] == MONDAY + 140 and len(coming.days) == 14


def test_mase_worked_by_hand():
    past = np.array([1.0, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3])
    assert mase(past, np.array([3.0, 5.0]), np.array([4.0, 2.0])) == 2.0 / 2.0
    assert mase(np.ones(20), np.ones(3), np.ones(3)) == 0 and mase(np.ones(20), np.ones(3), np.zeros(3)) == np.inf


def test_the_seasonal_naive_repeats_the_last_week_and_grows_less_sure_by_the_week():
    path = SeasonalNaive().fit(np.r_[np.tile(WEEK, 3), WEEK + 10], 7).predict(14, 0.9)
    assert path.mean.tolist() == [*(WEEK + 10), *(WEEK + 10)]
    spread = np.sqrt(100 / 3)  # the weeks before changed by 0, 0 and 10
    assert path.high[0] - path.mean[0] == pytest.approx(1.6449 * spread, rel=1e-4)
    assert path.high[7] - path.mean[7] == pytest.approx(1.6449 * spread * np.sqrt(2), rel=1e-4)


def test_the_backtest_looks_only_at_what_came_before(shop):
    seen = backtest(shop, 14, ["seasonal_naive"])
    spoilt = Daily(shop.first, np.r_[shop.values[:-14], np.full(14, 1e6)])
    assert backtest(spoilt, 14, ["seasonal_naive"])["seasonal_naive"][:-1] == seen["seasonal_naive"][:-1]
    assert len(seen["seasonal_naive"]) == 6


def test_too_short_a_history_is_repeated_as_it_is():
    for values in ([5.0], [5.0, 7.0], [1.0, 2, 3, 4, 5, 6, 7, 8]):
        found = forecast(Daily(MONDAY, np.array(values)), 9)
        assert found.model == "seasonal_naive" and not found.mase and set(found.mean) <= set(values)
    with pytest.raises(InputError, match="0 days of history"):
        forecast(Daily(MONDAY, np.empty(0)), 9)


def test_a_shop_without_any_sale_is_expected_to_sell_nothing():
    found = forecast(Daily(MONDAY, np.zeros(100)), 10, n_origins=1)
    assert found.mean.tolist() == found.high.tolist() == [0] * 10 and found.closed_weekdays == ()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=80))
def test_no_day_is_lost_when_rows_are_summed(offsets):
    days = MONDAY + np.array(offsets)
    daily = daily_sums(days, np.ones(len(days)))
    assert daily.values.sum() == len(days) and daily.first == days.min() and daily.days[-1] == days.max()
    assert daily.values.tolist() == daily_sums(days).values.tolist()


def test_message_volume_is_counted_by_intent_over_the_same_days():
    days = MONDAY + np.array([0, 0, 2, 2, 3])
    counted = daily_by(days, ["refund", "order_status", "refund", "refund", "order_status"])
    assert list(counted) == ["refund", "order_status"]
    assert counted["refund"].values.tolist() == [1, 0, 2, 0] and counted["order_status"].values.tolist() == [1, 0, 0, 1]
    volume = forecast(Daily(MONDAY, np.tile([5.0, 4, 3, 4, 6, 1, 1], 12)), 7, n_origins=1)
    assert volume.mean.tolist() == pytest.approx([5, 4, 3, 4, 6, 1, 1], abs=0.01)
