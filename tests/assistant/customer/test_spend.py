"""Spend of the next days: an interval that holds what it says, sound where nothing varies."""

import numpy as np
import pytest

from assistant.customer.churn_features import snapshot
from assistant.customer.purchases import purchases
from assistant.customer.spend import ACTIVITY, SpendModel, activity, past_of
from assistant.errors import InputError
from tests.assistant.customer.shoppers import START, shoppers

HORIZON = 60
TODAY = START + 700
PAST = (START + 470, START + 550, START + 630)


@pytest.fixture(scope="module")
def days():
    return shoppers(1_500, 800, seed=5).by_day()


@pytest.fixture(scope="module")
def pasts(days):
    """Days that were over by TODAY, among them one of its season, and TODAY itself with what then came."""
    return [past_of(days, snapshot(days, day, HORIZON), HORIZON) for day in (TODAY - 364, *PAST, TODAY)]


def inside(found, past):
    return (past.then_cny >= found.low_cny) & (past.then_cny <= found.high_cny)


def test_nine_customers_in_ten_lie_within_the_interval_in_every_group_of_activity(pasts):
    *known, tested = pasts
    found = SpendModel().fit(known, TODAY).predict(tested.snapshot)
    held, groups = inside(found, tested), activity(tested.snapshot)
    assert 0.86 <= held.mean() <= 0.97
    assert all(held[groups == g].mean() > 0.8 for g in range(len(ACTIVITY)) if (groups == g).sum() >= 50)
    assert (found.low_cny >= 0).all() and (found.low_cny <= found.high_cny).all()


def test_the_season_a_year_before_says_how_wide_the_interval_is(pasts):
    """Before Christmas everybody spends forty times as much; without a Christmas to learn from nobody could know."""
    (season, *rest), christmas = pasts[:-1], pasts[-1]._replace(then_cny=40 * pasts[-1].then_cny)
    last_year = season._replace(then_cny=40 * season.then_cny)
    who_spends = christmas.then_cny > 0
    knows, knows_not = (
        SpendModel().fit(known, TODAY).predict(christmas.snapshot) for known in ([last_year, *rest], rest)
    )
    assert inside(knows, christmas).mean() >= 0.86
    assert inside(knows_not, christmas)[who_spends].mean() < 0.5 < inside(knows, christmas)[who_spends].mean()


def test_groups_of_activity_are_named_by_whether_they_came_back_and_how_long_they_are_silent():
    log = purchases(["ann", "bob", "bob", "cat", "cat"], ["2026-01-01", "2025-01-01", "2025-02-01", "2024-01-01",
                    "2026-03-30"], ["x"] * 5, [1] * 5, [9.0] * 5)  # fmt: skip
    past = snapshot(log.by_day(), "2026-03-31", HORIZON)
    groups = dict(zip(log.customer_ids[past.table.customer], activity(past), strict=True))
    assert {who: ACTIVITY[group] for who, group in groups.items()} == {
        "ann": "bought once, last 90 days", "bob": "bought again, over a year ago", "cat": "bought again, last 90 days",
    }  # fmt: skip


def test_the_mean_of_all_is_what_all_then_spend(pasts):
    *known, tested = pasts
    found = SpendModel().fit(known, TODAY).predict(tested.snapshot)
    assert found.mean_cny.sum() == pytest.approx(tested.then_cny.sum(), rel=0.35)


def test_more_coverage_is_a_wider_interval(pasts):
    *known, tested = pasts
    half, most = (SpendModel(coverage=c).fit(known, TODAY).predict(tested.snapshot) for c in (0.5, 0.95))
    assert (half.high_cny - half.low_cny).mean() < (most.high_cny - most.low_cny).mean()


def test_too_little_past_is_said(pasts):
    for known in ([], pasts[:1]):
        with pytest.raises(InputError, match=f"two past days and 200 customers, met {len(known)}"):
            SpendModel().fit(known, TODAY)


def test_what_customers_then_spent_is_summed_to_each(days, pasts):
    past = pasts[0]
    then = days.between(TODAY - 364, TODAY - 364 + HORIZON)
    theirs = np.isin(then.customer, past.snapshot.table.customer)
    assert past.then_cny.sum() == pytest.approx(then.amount_cny[theirs].sum())
