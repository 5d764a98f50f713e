"""Spend of the next days: an interval that holds what it says, sound where nothing varies."""

import numpy as np
import pytest

from assistant.customer.churn_features import snapshot
from assistant.customer.spend import SpendModel, past_of
from assistant.errors import InputError
from tests.assistant.customer.shoppers import START, shoppers

HORIZON = 60


@pytest.fixture(scope="module")
def pasts():
    days = shoppers(1_500, 700, seed=5).by_day()
    return [past_of(days, snapshot(days, START + at, HORIZON), HORIZON) for at in (400, 480, 560, 630)]


def test_nine_customers_in_ten_lie_within_the_interval(pasts):
    *earlier, latest, tested = pasts
    found = SpendModel().fit(earlier, latest).predict(tested.snapshot)
    inside = (tested.then_cny >= found.low_cny) & (tested.then_cny <= found.high_cny)
    assert 0.86 <= inside.mean() <= 0.97
    assert (found.low_cny >= 0).all() and (found.low_cny <= found.high_cny).all()


def test_the_mean_of_all_is_what_all_then_spend(pasts):
    *earlier, latest, tested = pasts
    found = SpendModel().fit(earlier, latest).predict(tested.snapshot)
    assert found.mean_cny.sum() == pytest.approx(tested.then_cny.sum(), rel=0.35)


def test_more_coverage_is_a_wider_interval(pasts):
    *earlier, latest, tested = pasts
    half, most = (SpendModel(coverage=c).fit(earlier, latest).predict(tested.snapshot) for c in (0.5, 0.95))
    assert (half.high_cny - half.low_cny).mean() < (most.high_cny - most.low_cny).mean()


def test_too_little_past_is_said(pasts):
    with pytest.raises(InputError, match="two past days and 200 customers"):
        SpendModel().fit([], pasts[0])


def test_what_customers_then_spent_is_summed_to_each(pasts):
    past = pasts[0]
    days = shoppers(1_500, 700, seed=5).by_day().between(START + 400, START + 460)
    assert past.then_cny.sum() == pytest.approx(
        days.amount_cny[np.isin(days.customer, past.snapshot.table.customer)].sum()
    )
