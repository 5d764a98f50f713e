"""Churn: drawn customers whose leaving is known, labels counted by hand, and scores that take themselves apart."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from assistant.customer import churn
from assistant.customer.churn import ChurnModel, past_snapshots, training_days
from assistant.customer.churn_classifiers import CLASSIFIERS, Logistic
from assistant.customer.churn_features import snapshot
from assistant.customer.purchases import purchases
from assistant.customer.reasons import FEATURES, REASONS
from assistant.errors import ArtifactError, InputError
from tests.assistant.customer.shoppers import START, shoppers

HORIZON = 60


@pytest.fixture(scope="module")
def days():
    """Two and a half years of 1,500 customers, of whom some leave."""
    return shoppers(1_500, 900, seed=1).by_day()


def fitted(days, as_of):
    """The model as a scoring of that day fits it."""
    return ChurnModel(horizon_days=HORIZON).fit(past_snapshots(days, as_of, HORIZON), as_of)


@pytest.fixture(scope="module")
def model(days):
    return fitted(days, START + 800)


@pytest.fixture(scope="module")
def today(days):
    return snapshot(days, START + 800, HORIZON)


def test_gone_is_who_buys_nothing_between_the_day_after_and_the_end_of_the_horizon():
    log = purchases(
        ["back", "late", "same day", "back", "late", "same day", "back"],
        ["2026-01-01"] * 3 + ["2026-03-01", "2026-03-02", "2026-02-01", "2026-01-15"],
        ["x"] * 7, [1] * 7, [9.0] * 7,
    )  # fmt: skip
    past = snapshot(log.by_day(), "2026-02-01", 28)  # to 1 March
    churned = dict(zip(log.customer_ids[past.table.customer], past.churned.tolist(), strict=True))
    assert churned == {"back": False, "late": True, "same day": True}


def test_nobody_is_called_gone_before_the_horizon_is_over(days):
    last = days.day.max()
    assert snapshot(days, last - 20, 21).churned is None
    assert snapshot(days, last - 21, 21).churned is not None
    assert snapshot(days, last - 20, 21, known_until=last + 1).churned is not None


def test_the_features_of_a_day_do_not_know_what_came_after_it(days):
    whole, cut = snapshot(days, START + 500, HORIZON), snapshot(days.until(START + 500), START + 500, HORIZON)
    assert np.array_equal(whole.x, cut.x)
    assert np.isfinite(whole.x).all() and whole.x.shape == (len(whole), len(FEATURES))


def test_training_days_are_quarters_back_whose_horizon_was_over(days):
    assert [str(day) for day in training_days(days, "2027-03-01", 90)] == [
        "2026-11-30", "2026-08-31", "2026-06-01", "2026-03-02",
    ]  # fmt: skip
    assert training_days(days, "2027-03-01", 120)[0] == np.datetime64("2026-08-31")


def test_of_very_many_customers_some_teach_for_all(days, model, today, monkeypatch):
    monkeypatch.setattr(churn, "MAX_LEARNED", 500)
    past = past_snapshots(days, START + 800, HORIZON)
    assert max(map(len, past)) <= 500 < len(today)
    few = ChurnModel(horizon_days=HORIZON).fit(past, START + 800)
    apart = np.abs(few.p_churn(today) - model.p_churn(today))
    assert apart.mean() < 0.05


def test_who_leaves_is_told_from_who_stays(model, today):
    assert roc_auc_score(today.churned, model.p_churn(today)) > 0.75
    assert model.p_churn(today).mean() == pytest.approx(today.churned.mean(), abs=0.05)


def test_reasons_add_up_to_the_score(model, today):
    reasons = model.reasons(today)
    assert reasons.shape == (len(today), len(REASONS))
    assert model.base_ + reasons.sum(axis=1) == pytest.approx(model.log_odds(today), abs=1e-9)


def test_a_customer_alone_scores_as_among_all_others(model, today):
    table = replace(today.table, **{n: getattr(today.table, n)[:1] for n in today.table.__slots__ if n != "as_of"})
    alone = replace(today, table=table, x=today.x[:1], purchase_log_odds=today.purchase_log_odds[:1])
    assert model.p_churn(alone)[0] == pytest.approx(model.p_churn(today)[0], abs=1e-9)


def test_of_two_one_time_buyers_the_older_is_likelier_gone(model, today):
    once = np.flatnonzero(today.table.frequency == 0)
    recency = today.table.recency_days[once]
    p = model.p_churn(today)[once]
    assert p[np.argmax(recency)] > p[np.argmin(recency)]
    assert np.corrcoef(recency, p)[0, 1] > 0.3


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_ranks_customers_behind_the_same_interface(name, days, today):
    past = snapshot(days, START + 700, HORIZON)
    p = ChurnModel(name, horizon_days=HORIZON).fit([past], START + 800).p_churn(today)
    assert ((p >= 0) & (p <= 1)).all()
    assert roc_auc_score(today.churned, p) > 0.7


def test_churn_is_calibrated_on_the_same_season_a_year_before(days):
    """Everybody comes back from spring to summer; a year before, nobody did from autumn to winter."""
    quarters = [snapshot(days, START + 800 - 91 * k, HORIZON) for k in (1, 2, 3, 4)]
    season = quarters[3]
    quarters[3] = replace(season, churned=season.churned | (np.arange(len(season)) % 10 > 0))
    model = ChurnModel(horizon_days=HORIZON).fit(quarters, START + 800)
    assert model.seasonal_
    assert model.p_churn(season).mean() == pytest.approx(quarters[3].churned.mean(), abs=0.02)
    assert model.p_churn(season).mean() > quarters[0].churned.mean()


def test_without_a_year_of_history_there_is_no_season(days):
    past = snapshot(days, START + 700, HORIZON)
    assert not ChurnModel(horizon_days=HORIZON).fit([past], START + 800).seasonal_


def test_a_saved_model_scores_and_explains_as_the_fitted_one(model, today, tmp_path):
    version = model.save(tmp_path / "churn")
    loaded = ChurnModel.load(tmp_path / "churn")
    assert version.startswith("churn-")
    assert loaded.p_churn(today).tolist() == model.p_churn(today).tolist()
    assert loaded.reasons(today).tolist() == model.reasons(today).tolist()
    assert loaded.horizon_days == HORIZON


def test_an_edited_model_is_refused(model, tmp_path):
    model.save(tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"horizon_days": 60', '"horizon_days": 90'))
    with pytest.raises(ArtifactError, match="edited"):
        ChurnModel.load(tmp_path)


def test_a_forest_cannot_be_saved_and_says_so(days, tmp_path):
    past = snapshot(days, START + 700, HORIZON)
    with pytest.raises(InputError, match="take logistic"):
        ChurnModel("forest", horizon_days=HORIZON).fit([past], START + 800).save(tmp_path)


def test_a_snapshot_that_looks_into_the_future_is_refused(days):
    past = snapshot(days, START + 700, HORIZON)
    with pytest.raises(InputError, match="was not known"):
        ChurnModel(horizon_days=HORIZON).fit([past], START + 759)


def test_too_short_a_history_is_refused_in_one_line(days):
    with pytest.raises(InputError, match="import more"):
        fitted(days, START + 100)


def test_a_handful_of_customers_teaches_nothing():
    few = shoppers(30, 900, seed=2).by_day()
    past = snapshot(few, START + 700, HORIZON)
    with pytest.raises(InputError, match="50 customers .* met"):
        ChurnModel(horizon_days=HORIZON).fit([past], START + 800)


def test_when_everybody_left_there_is_nothing_to_tell_apart(days):
    past = snapshot(days, START + 700, HORIZON)
    with pytest.raises(InputError, match="all .* left"):
        ChurnModel(horizon_days=HORIZON).fit([replace(past, churned=np.ones(len(past), bool))], START + 800)


def test_a_constant_feature_weighs_nothing():
    x = np.c_[np.linspace(-1, 1, 40), np.full(40, 7.0)]
    model = Logistic().fit(x, x[:, 0] > 0.1)
    assert model.coef_[1] == 0
    assert model.log_odds(x).argmax() == 39
