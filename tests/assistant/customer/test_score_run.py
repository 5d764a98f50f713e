"""One scoring in steps: published whole, taken up where it was cut short, and sound for the smallest shops."""

import numpy as np
import pytest

from assistant.customer import score_run, scores
from assistant.customer.forgetting import forget
from assistant.customer.purchases import purchases
from assistant.customer.score_history import last_change
from assistant.customer.similar import SimilarCustomers
from assistant.customer.talks import talks_of
from assistant.errors import InputError
from index import folder as sealed
from tests.assistant.customer.shoppers import START, shoppers
from tests.assistant.turns import START as NOW

DAY = str(START + 300)


@pytest.fixture(scope="module")
def log():
    return shoppers(400, 340, seed=3)


@pytest.fixture(scope="module")
def scored(log, tmp_path_factory):
    root = tmp_path_factory.mktemp("scores")
    score_run.run(root, log, DAY, 60, "purchases-1")
    return root


def test_every_customer_gets_a_segment_and_offers_that_were_on_sale(log, scored):
    done = scores.latest(scored)
    one = done[0]
    assert one.segment in {segment.key for segment in done.segments} and one.segment_zh
    assert set(one.offers) <= set(log.product_ids) and len(set(one.offers)) == len(one.offers) > 0
    assert set(done.products(done.popular)) == set(log.product_ids)
    assert done.revenue.shape == (3, score_run.FORECAST_DAYS) and (done.revenue[1] <= done.revenue[2]).all()
    low, high = done.column("spend_low_cny"), done.column("spend_high_cny")
    assert (low <= done.column("expected_spend_cny")).all() and (done.column("expected_spend_cny") <= high).all()


def test_what_is_new_to_a_customer_they_never_bought_and_what_they_will_buy_they_often_did(log, scored):
    done, past = scores.latest(scored), log.until(DAY)
    had = {who: set() for who in done.customer_ids}
    for who, product in zip(past.customer_ids[past.customer], past.product_ids[past.product], strict=True):
        had[who].add(product)
    assert all(had[one.customer_id].isdisjoint(one.new_offers) for one in done)
    assert all(len(one.new_offers) == 7 - len(had[one.customer_id]) for one in done)
    assert np.mean([one.offers[0] in had[one.customer_id] for one in done]) > 0.5


def test_customers_like_one_are_read_from_the_scoring(scored):
    done = scores.latest(scored)
    similar = SimilarCustomers.load(sealed.current(scored) / "similar")
    assert done.customer_ids[0] not in {found.customer_id for found in similar.like(done.customer_ids[0], 3)}


def test_a_run_that_was_cut_short_goes_on_where_it_stood(log, tmp_path):
    class PowerCut(Exception):
        pass

    def cut(step):
        if step == score_run.STEPS[2]:
            raise PowerCut

    with pytest.raises(PowerCut):
        score_run.run(tmp_path, log, DAY, 60, "purchases-1", tell=cut)
    (kept,) = tmp_path.glob(".run-*/risk/weights.safetensors")
    written, seen = kept.stat().st_mtime_ns, []

    def watch(step):
        seen.append((step, kept.stat().st_mtime_ns == written))

    score_run.run(tmp_path, log, DAY, 60, "purchases-1", tell=watch)
    assert seen == [(step, True) for step in score_run.STEPS]
    assert not list(tmp_path.glob(".run-*")) and len(scores.latest(tmp_path)) > 0


def test_who_is_erased_while_a_scoring_runs_is_not_scored_by_it(log, tmp_path):
    def erase(step):
        if step == "offers":
            forget(tmp_path, "c0")

    with pytest.raises(InputError, match="erased while this scoring ran"):
        score_run.run(tmp_path / "scores", log, DAY, 60, "purchases-1", tell=erase)
    assert not sealed.versions(tmp_path / "scores")


def test_segments_keep_their_names_while_customers_spread_alike(log, scored, tmp_path):
    first = score_run.run(tmp_path, log, DAY, 60, "purchases-1")
    before = scores.latest(tmp_path)
    second = score_run.run(tmp_path, log, str(START + 307), 60, "purchases-1")
    after = scores.latest(tmp_path)
    assert first != second and after.segments == before.segments and before.drift == 0 < after.drift < 0.25


def test_a_day_can_be_scored_again_and_the_change_since_the_day_before_stays(tmp_path):
    log = shoppers(60, 340, seed=3)
    score_run.run(tmp_path, log, DAY, 60, "purchases-1")
    assert last_change(tmp_path) is None
    before, day = scores.latest(tmp_path).segment_of(), str(START + 330)
    score_run.run(tmp_path, log, day, 60, "purchases-1")
    now, change = scores.latest(tmp_path).segment_of(), last_change(tmp_path)
    assert change.since == DAY and change.drift.n_both == len(before)
    assert sum(shift.share_now for shift in change.drift.shifts) == pytest.approx(1)
    assert sum(change.drift.moves.values()) == sum(now[who] != key for who, key in before.items()) > 0
    assert {key for move in change.drift.moves for key in move} <= change.names.keys()
    score_run.run(tmp_path, log, day, 60, "purchases-1")
    assert scores.latest(tmp_path).drift == 0  # it is compared with itself, which is another build
    assert last_change(tmp_path).drift == change.drift


def test_a_shop_with_one_customer_and_one_purchase_is_scored(tmp_path):
    log = purchases(["li"], ["2026-03-01"], ["tea"], [1], [9.0])
    score_run.run(tmp_path, log, "2026-03-02", 90, "purchases-1")
    (one,) = scores.latest(tmp_path)
    assert (one.segment, one.offers, one.spend_low_cny) == ("everybody", ("tea",), None)


def test_customers_who_are_all_alike_are_one_segment(tmp_path):
    who = [f"c{i}" for i in range(30)]
    log = purchases(who, ["2026-03-01"] * 30, ["tea"] * 30, [1] * 30, [9.0] * 30)
    score_run.run(tmp_path, log, "2026-04-01", 90, "purchases-1")
    done = scores.latest(tmp_path)
    assert {one.segment for one in done} == {"everybody"} and len({one.p_churn for one in done}) == 1


def test_before_the_first_purchase_nothing_is_published(log, tmp_path):
    with pytest.raises(InputError, match="no purchase by"):
        score_run.run(tmp_path, log, "2020-01-01", 60, "purchases-1")
    assert not (tmp_path / "CURRENT").exists()


def test_what_was_said_counts_up_to_the_day_and_for_whoever_bought():
    rows = [("ann", NOW, -0.6, "handoff"), ("ann", NOW, 0.2, "answer"), ("guest", NOW, 0.9, "answer")]
    talks = talks_of(rows, ["bob", "ann"])
    today = np.datetime64(NOW.date())
    found = talks.features(np.array([0, 1]), today)
    assert found["talk_turns"] == pytest.approx([0, np.log(3)])
    assert found["talk_mood"] == pytest.approx([0, -0.2])
    assert found["talk_worst"] == pytest.approx([0, -0.6])
    assert found["talk_unsettled"] == pytest.approx([0, np.log(2)])
    assert not talks.features(np.array([0, 1]), today - 1)["talk_turns"].any()
    assert not talks.features(np.array([0, 1]), today + 90)["talk_turns"].any()
