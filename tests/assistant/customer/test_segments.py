import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.customer.clustering import NOISE, DbscanClustering, KMeansClustering, WardClustering
from assistant.customer.purchases import purchases, rfm
from assistant.customer.segment_choice import choose
from assistant.customer.segment_drift import drift
from assistant.customer.segment_names import names_of
from assistant.customer.segments import METHODS, Segments, features, fit_segments
from assistant.errors import ArtifactError, InputError

# days since the last purchase, purchases, spend: the middle of four groups that a shop knows
LOYAL, NEW, AT_RISK, LOST = (6, 30, 8_000), (8, 1.5, 150), (200, 12, 3_000), (500, 1.5, 120)


@pytest.fixture(scope="module")
def shop():
    """100 customers around each of the four; who belongs to which is known."""
    rng = np.random.default_rng(3)
    middle = np.repeat(np.log([LOYAL, NEW, AT_RISK, LOST]), 100, axis=0)
    return np.exp(middle + rng.normal(0, 0.15, middle.shape))


@pytest.fixture(scope="module")
def fitted(shop):
    return fit_segments(shop, candidates=range(2, 7))


def test_four_groups_made_for_it_are_found_counted_and_named(shop, fitted):
    assert [(s.name.key, s.n) for s in fitted.segments] == [
        ("loyal", 100),
        ("at_risk", 100),
        ("new", 100),
        ("lost", 100),
    ]
    assert [name.zh for name in fitted.names(np.array([LOYAL, NEW, AT_RISK, LOST]))] == [
        "忠诚客户",
        "新客户",
        "流失风险客户",
        "流失客户",
    ]
    loyal = fitted.segments[0]
    assert (loyal.recency_days, loyal.n_purchases, loyal.spend_cny) == pytest.approx(np.median(shop[:100], axis=0))


def test_the_number_of_groups_comes_with_its_evidence(fitted):
    chosen = [candidate for candidate in fitted.candidates if candidate.chosen]
    assert [candidate.n_clusters for candidate in chosen] == [4]
    assert chosen[0].stability > 0.99 and chosen[0].smallest_share == 0.25
    assert chosen[0].silhouette == max(candidate.silhouette for candidate in fitted.candidates)


def test_a_tight_group_of_three_people_does_not_decide_the_number():
    rng = np.random.default_rng(0)
    crowds = np.concatenate([rng.normal(at, 0.3, (100, 2)) for at in ((0, 0), (3, 0))])
    far_away = np.array([[300.0, 300.0], [300.1, 300.0], [300.0, 300.1]])
    tried = choose(np.concatenate([crowds, far_away]), KMeansClustering, (2, 3))
    assert max(tried, key=lambda c: c.silhouette).n_clusters == 2  # the three against the rest: tight, and of no use
    assert not any(c.is_sound for c in tried)


@pytest.mark.parametrize("clustering", [KMeansClustering(3), WardClustering(3), DbscanClustering()])
def test_every_clustering_keeps_the_same_contract(clustering):
    rng = np.random.default_rng(1)
    truth = np.repeat([0, 1, 2], 60)
    x = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])[truth] + rng.uniform(-1, 1, (180, 2))
    assert clustering.fit(x) is clustering
    inside = clustering.labels_ != NOISE
    assert inside.mean() > 0.8
    assert len({(a, b) for a, b in zip(truth[inside], clustering.labels_[inside], strict=True)}) == 3
    once = clustering.predict(x)
    assert [int(clustering.predict(row[None])[0]) for row in x] == once.tolist()
    restored = type(clustering)().restore(clustering.state_)
    assert restored.predict(x).tolist() == once.tolist()
    assert type(clustering)(**vars_of(clustering)).fit(x).labels_.tolist() == clustering.labels_.tolist()


def vars_of(clustering):
    return {name: value for name, value in vars(clustering).items() if not name.endswith("_")}


def test_dbscan_leaves_out_who_lies_apart():
    x = np.concatenate([np.random.default_rng(1).uniform(0, 1, (100, 2)), [[50.0, 50.0]]])
    model = DbscanClustering().fit(x)
    assert model.labels_[-1] == NOISE and model.predict(np.array([[-40.0, 0.0]])).tolist() == [NOISE]


@pytest.mark.parametrize("method", METHODS)
def test_segments_come_back_from_their_folder_as_they_were(shop, method, tmp_path):
    made = fit_segments(shop, method, n_clusters=None if method == "dbscan" else 4)
    version = made.save(tmp_path)
    loaded = Segments.load(tmp_path)
    assert version.startswith("segments-") and loaded.segments == made.segments
    assert loaded.predict(shop).tolist() == made.predict(shop).tolist()
    assert np.array_equal(loaded.map(shop), made.map(shop))
    (tmp_path / "weights.safetensors").write_bytes(b"something else")
    with pytest.raises(ArtifactError):
        Segments.load(tmp_path)


def test_the_map_keeps_most_of_the_variance_and_loyal_customers_on_the_right(shop, fitted):
    points = fitted.map(shop)
    assert points.shape == (400, 2) and sum(fitted.explained) > 0.95
    assert points[:100, 0].mean() == max(points[k : k + 100, 0].mean() for k in range(0, 400, 100))


@pytest.mark.parametrize("x", [[[5, 1, 80]], [[5, 1, 80]] * 50, [[5, 1, 80], [5, 2, 80]]])
def test_a_single_customer_and_constant_features_make_one_sound_result(x):
    made = fit_segments(np.array(x, float))
    assert sum(segment.n for segment in made.segments) == len(x)
    assert made.segments[0].name.key == "everybody" and np.isfinite(made.map(np.array(x, float))).all()


def test_without_customers_the_message_says_what_to_do():
    with pytest.raises(InputError, match="import orders first"):
        fit_segments(np.empty((0, 3)))
    with pytest.raises(InputError, match="kmeans, ward, dbscan"):
        fit_segments(np.ones((3, 3)), "spectral")


def test_features_count_from_one_and_returns_count_as_nothing_spent():
    log = purchases(["ann", "ann", "bob"], ["2026-01-01", "2026-01-05", "2026-01-05"], "aab", [1, 1, -1], [10, 20, -5])
    assert features(rfm(log.by_day(), "2026-01-06")).tolist() == [[2, 2, 30], [2, 1, 0]]


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.floats(-3, 3)] * 3), min_size=2, max_size=23))
def test_no_two_groups_share_a_name(centres):
    names = names_of(np.array(centres))
    assert len({name.key for name in names}) == len({name.en for name in names}) == len(centres)


def test_drift_worked_by_hand():
    before = {"ann": "loyal", "bob": "loyal", "cat": "new", "dan": "new"}
    now = {"ann": "loyal", "bob": "at_risk", "cat": "loyal", "dan": "loyal", "eve": "new"}
    found = drift(before, now)
    # shares: at_risk 0 (floor 1e-4) -> .2, loyal .5 -> .6, new .5 -> .2
    expected = (0.2 - 1e-4) * np.log(0.2 / 1e-4) + 0.1 * np.log(0.6 / 0.5) + -0.3 * np.log(0.2 / 0.5)
    assert found.psi == pytest.approx(expected) and found.verdict == "fit again"
    assert found.moves == {("new", "loyal"): 2, ("loyal", "at_risk"): 1} and found.n_both == 4
    assert drift(before, before).psi == 0 and drift(before, before).verdict == "steady" and drift({}, {}).psi == 0
