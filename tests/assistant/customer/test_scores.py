"""Scores of one day: sound from a single purchase to a long history, dated, and read back as they were."""

import numpy as np
import pytest

from assistant.customer import scores, scoring
from assistant.customer.churn import ChurnModel
from assistant.customer.purchases import purchases
from assistant.errors import ArtifactError, InputError, NotFound
from tests.assistant.customer.shoppers import START, shoppers


@pytest.fixture(scope="module")
def log():
    return shoppers(800, 700, seed=2)


@pytest.fixture(scope="module")
def scored(log):
    return scoring.score(log, START + 600, 60)


def test_everybody_who_had_bought_is_scored_and_nobody_else(log, scored):
    known = set(log.customer_ids[np.unique(log.until(START + 600).customer)])
    assert set(scored.customer_ids) == known
    assert scored.method == "churn model"


def test_the_numbers_of_a_customer_add_up(scored):
    one = scored.of(scored.customer_ids[3])
    odds = one.base + sum(added for _, added in one.reasons)
    assert one.p_churn == pytest.approx(1 / (1 + np.exp(-odds)))
    assert 0 <= one.p_churn <= 1 and 0 <= one.p_alive <= 1
    sizes = [abs(added) for _, added in one.reasons]
    assert sizes == sorted(sizes, reverse=True)


def test_customers_scored_in_blocks_get_what_they_get_together(log, scored, monkeypatch):
    monkeypatch.setattr(scoring, "BLOCK_ROWS", 7)
    blocks = scoring.score(log, START + 600, 60)
    np.testing.assert_allclose(blocks.numbers, scored.numbers, rtol=1e-9)
    np.testing.assert_allclose(blocks.reasons, scored.reasons, rtol=1e-9, atol=1e-12)


def test_spend_to_expect_of_all_is_what_all_then_spend(log, scored):
    spent = log.between(START + 600, START + 660).amount_cny.sum()
    assert scored.column("expected_spend_cny").sum() == pytest.approx(spent, rel=0.3)


def test_a_score_does_not_know_the_future(log, scored):
    cut = scoring.score(log.until(START + 600), START + 600, 60)
    assert np.array_equal(cut.numbers, scored.numbers)


def test_a_customer_without_a_purchase_is_not_found(scored):
    with pytest.raises(NotFound, match="had no purchase by"):
        scored.of("nobody")


def test_a_short_history_is_scored_by_the_purchase_model_alone(log):
    assert scoring.score(log, START + 80, 60).method == "purchase model"


def test_a_single_purchase_gets_a_sound_result():
    one = next(iter(scoring.score(purchases(["li"], ["2026-03-01"], ["tea"], [1], [9.0]), "2026-03-01")))
    assert (one.n_days, one.spend_cny, one.p_alive) == (1, 9.0, None)
    assert one.p_churn == pytest.approx(np.exp(-0.5))
    assert one.expected_spend_cny == pytest.approx(4.5)


def test_a_handful_of_customers_is_told_apart_by_nothing_but_their_own_spend():
    who, days = ["li", "li", "han", "a", "a", "c"], ["03-01", "03-05", "04-13", "03-01", "03-03", "03-03"]
    log = purchases(who, [f"2026-{day}" for day in days], ["tea"] * 6, [1] * 6, [2_598.0, 181.0, 88.0, 5.0, 5.0, 7.0])
    scored = scoring.score(log, "2026-04-20")
    assert scored.method == "rate of all" and np.ptp(scored.column("p_churn")) == 0
    # two came back in 155 days; the likeliest Gamma-Gamma would promise CNY 73,606 for each day with a purchase
    assert scored.column("expected_days")[0] == pytest.approx(90 * 2.5 / (50 + 7 + 50 + 48 + 90))
    assert scored.column("expected_spend_cny").max() < 2_598


def test_before_the_first_purchase_there_is_nothing_to_score(log):
    with pytest.raises(InputError, match="no purchase by 2020-01-01"):
        scoring.score(log, "2020-01-01")


def test_published_scores_come_back_as_they_were(scored, tmp_path):
    with pytest.raises(NotFound, match="huida customers score"):
        scores.latest(tmp_path)
    name = scores.publish(tmp_path, scored, "purchases-1")
    loaded = scores.latest(tmp_path)
    assert name.startswith(scored.as_of)
    assert np.array_equal(loaded.numbers, scored.numbers)
    assert (loaded.customer_ids, loaded.base, loaded.method) == (scored.customer_ids, scored.base, scored.method)
    assert ChurnModel.load(tmp_path / name / "churn").base_ == scored.base
    assert scores.publish(tmp_path, scored, "purchases-1") == name  # the same scoring twice is one version


def test_edited_scores_are_refused(scored, tmp_path):
    name = scores.publish(tmp_path, scored, "purchases-1")
    weights = tmp_path / name / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x07")
    with pytest.raises(ArtifactError, match="huida customers score"):
        scores.latest(tmp_path)
