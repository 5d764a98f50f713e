import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assistant.customer import rankers, similar
from assistant.customer.als import Als
from assistant.customer.lately import Lately
from assistant.customer.purchases import purchases
from assistant.customer.rankers import Ease, ItemKnn, OwnFrequency, Popularity, faded
from assistant.customer.recommend import NOBODY, RecommendationModel, ranker_for, top
from assistant.customer.similar import fit_similar
from assistant.errors import InputError, NotFound

TODAY = "2026-11-22"
RANKERS = [
    Popularity(),
    OwnFrequency(),
    ItemKnn(),
    Ease(regularisation=1.0),
    Lately(regularisation=1.0),
    Als(n_factors=3),
]


@pytest.fixture(scope="module")
def shop():
    """Thirty tea drinkers and thirty painters; `tina` has tea and cup, `paul` brush and paint; all but they have all."""
    rows = [(f"t{i:02d}", product) for i in range(30) for product in ("tea", "cup", "pot")]
    rows += [(f"p{i:02d}", product) for i in range(30) for product in ("brush", "paint", "canvas")]
    rows += [("tina", "tea"), ("tina", "cup"), ("paul", "brush"), ("paul", "paint"), ("olga", "bag")]
    return bought([(who, "2026-11-01", product) for who, product in rows])


def bought(rows):
    who, days, products = zip(*rows, strict=True)
    return purchases(who, days, products, [1] * len(rows), [10] * len(rows))


def offered(model, log, customer_id, n, repeats=False):
    """The product ids that one customer is offered, best first."""
    code = log.customer_ids.tolist().index(customer_id)
    return named(log, model.best(np.array([code]), n, repeats)[0])


def named(log, products):
    return [str(log.product_ids[p]) for p in products if p != NOBODY]


@pytest.mark.parametrize("ranker", [ItemKnn(), Ease(regularisation=1.0), Als(n_factors=3)])
def test_a_tea_drinker_is_offered_the_pot_and_a_painter_the_canvas(shop, ranker):
    model = RecommendationModel(ranker).fit(shop, TODAY)
    assert offered(model, shop, "tina", 1) == ["pot"]
    assert offered(model, shop, "paul", 1) == ["canvas"]


@pytest.mark.parametrize("ranker", RANKERS, ids=lambda ranker: type(ranker).__name__)
def test_every_ranker_keeps_the_same_contract(shop, ranker):
    assert ranker.fit(shop, TODAY) is ranker
    everybody = np.arange(len(shop.customer_ids))
    scores = ranker.scores(everybody)
    assert scores.shape == (63, 7) and np.isfinite(scores).all()
    assert np.allclose(np.concatenate([ranker.scores(np.array([i])) for i in everybody]), scores, atol=1e-5)
    assert np.array_equal(type(ranker)(**vars_of(ranker)).fit(shop, TODAY).scores(everybody), scores)
    unseen = ranker.fit(shop, "2026-10-01").scores(everybody)  # nothing was bought by then
    assert np.isfinite(unseen).all()


def vars_of(estimator):
    return {name: value for name, value in vars(estimator).items() if not name.endswith("_")}


def test_the_weights_of_ease_are_the_published_formula():
    log = bought([(f"c{i}", "2026-11-01", p) for i, basket in enumerate(["ab", "abc", "bc", "c"]) for p in basket])
    x = faded(log, TODAY, None).toarray().astype(float)
    inverse = np.linalg.inv(x.T @ x + 2.0 * np.eye(3))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    weights = Ease(half_life_days=None, regularisation=2.0).fit(log, TODAY).weights_
    assert np.allclose(weights, expected, atol=1e-5)


@pytest.fixture(scope="module")
def autumn():
    """All spring tea and hat went together; of late, who had tea has bought a scarf. `dora` has tea alone."""
    spring = [(f"c{i}", "2026-05-01", product) for i in range(20) for product in ("tea", "hat")]
    other = [(f"d{i}", "2026-05-01", "pen") for i in range(20)] + [(f"d{i}", "2026-11-10", "ink") for i in range(20)]
    return bought(
        [*spring, *other, *((f"c{i}", "2026-11-10", "scarf") for i in range(15)), ("dora", "2026-05-01", "tea")]
    )


def test_what_followed_a_purchase_in_the_last_weeks_is_offered_before_what_always_went_with_it(autumn):
    chosen = dict(half_life_days=None, regularisation=10.0)
    always = RecommendationModel(Ease(**chosen)).fit(autumn, TODAY)
    lately = RecommendationModel(Lately(**chosen, lately_regularisation=1.0)).fit(autumn, TODAY)
    assert offered(always, autumn, "dora", 2) == ["hat", "scarf"]
    assert offered(lately, autumn, "dora", 2) == ["scarf", "hat"]


def test_without_anything_new_of_late_it_is_ease(shop):
    everybody = np.arange(len(shop.customer_ids))
    lately, ease = Lately(lately_days=400).fit(shop, TODAY), Ease().fit(shop, TODAY)
    assert np.array_equal(lately.scores(everybody), ease.scores(everybody))
    assert np.array_equal(lately.repeat_scores(everybody), ease.scores(everybody))


def test_a_purchase_is_worth_half_after_its_half_life_and_the_newest_counts():
    log = bought([("ann", "2026-11-12", "tea"), ("ann", "2026-11-02", "tea"), ("ann", "2026-11-02", "cup")])
    tea, cup = log.product_ids.tolist().index("tea"), log.product_ids.tolist().index("cup")
    newest = faded(log, TODAY, 10.0).toarray()[0]
    assert (newest[tea], newest[cup]) == (0.5, 0.25)
    every = faded(log, TODAY, 10.0, every_order=True).toarray()[0]
    assert (every[tea], every[cup]) == (0.75, 0.25)


def test_popularity_counts_customers_and_what_sells_now():
    rows = [(f"c{i}", "2026-06-01", "sun hat") for i in range(20)] + [
        (f"c{i}", "2026-11-20", "scarf") for i in range(5)
    ]
    log = bought([*rows, *[("c0", "2026-11-20", "toy")] * 9])
    assert named(log, RecommendationModel().fit(log, TODAY).popular(2)) == ["scarf", "toy"]
    names = log.product_ids[np.argsort(-Popularity(window_days=30).fit(log, TODAY).popular_)]
    assert names.tolist() == ["scarf", "toy", "sun hat"]


def test_somebody_whose_purchases_say_nothing_gets_what_is_popular(shop):
    model = RecommendationModel(Ease(regularisation=1.0)).fit(shop, TODAY)
    popular = named(shop, model.popular(10))
    assert len(popular) == 7 and set(popular[:4]) == {"tea", "cup", "brush", "paint"}  # 31 buyers each
    assert offered(model, shop, "olga", 6) == [name for name in popular if name != "bag"]  # nobody else has her bag


def test_what_somebody_has_comes_again_only_when_repeats_are_wanted(shop):
    model = RecommendationModel(Ease(regularisation=1.0)).fit(shop, TODAY)
    assert {"tea", "cup"}.isdisjoint(offered(model, shop, "tina", 10))
    assert set(offered(model, shop, "tina", 3, repeats=True)) == {"tea", "cup", "pot"}


def test_what_was_not_yet_on_sale_that_day_is_not_offered():
    log = bought([("ann", "2026-11-01", "tea"), ("bob", "2026-11-01", "cup"), ("bob", "2026-12-24", "candle")])
    assert offered(RecommendationModel().fit(log, TODAY), log, "ann", 10) == ["cup"]


def test_lines_without_a_product_are_purchases_that_offer_nothing():
    log = bought([("ann", "2026-11-01", ""), ("bob", "2026-11-01", "")])
    model = RecommendationModel().fit(log, TODAY)
    assert (model.best(np.array([0, 1]), 3, repeats=True) == NOBODY).all() and (model.popular(3) == NOBODY).all()


def test_blocks_of_customers_get_what_each_gets_alone(shop, monkeypatch):
    model = RecommendationModel(Ease(regularisation=1.0)).fit(shop, TODAY)
    monkeypatch.setattr("assistant.customer.recommend.BLOCK_CELLS", 30)  # four customers of 7 products at once
    everybody = np.arange(len(shop.customer_ids))
    products = model.best(everybody, 9)
    assert products.shape == (63, 9) and set((products == NOBODY).sum(axis=1)) == {2 + 1, 2 + 2, 2 + 3}  # bought 1 to 3
    assert [named(shop, row) for row in products] == [offered(model, shop, who, 9) for who in shop.customer_ids]


@settings(deadline=None)
@given(
    arrays(
        np.float32, st.tuples(st.integers(1, 4), st.integers(1, 40)), elements=st.sampled_from([-np.inf, 0, 1, 2, 3])
    ),
    st.integers(1, 12),
)
def test_the_best_are_those_of_a_stable_sort(scores, n):
    for row, found in zip(scores, top(scores, n), strict=True):
        expected = [i for i in np.argsort(-row, kind="stable")[:n] if np.isfinite(row[i])]
        assert found.tolist() == expected + [NOBODY] * (n - len(expected))


def test_weights_too_many_for_a_full_matrix_offer_the_same(shop, monkeypatch):
    everybody = np.arange(len(shop.customer_ids))
    full = RecommendationModel(Lately()).fit(shop, TODAY)
    monkeypatch.setattr(rankers, "MAX_SPREAD", 2)
    sparse = RecommendationModel(Lately()).fit(shop, TODAY)
    for repeats in (True, False):
        assert np.array_equal(full.scores(everybody, repeats), sparse.scores(everybody, repeats))


def test_a_regularisation_of_nothing_is_refused_with_its_value():
    log = bought([("ann", "2026-11-01", "tea"), ("ann", "2026-11-01", "cup")])
    with pytest.raises(InputError, match="above 0, met 0"):
        Ease(regularisation=0.0).fit(log, TODAY)


def test_a_large_catalogue_goes_to_als_and_a_small_one_to_ease(shop):
    many = purchases(
        ["ann"] * 10_001, ["2026-11-01"] * 10_001, [f"p{i}" for i in range(10_001)], [1] * 10_001, [1] * 10_001
    )
    assert isinstance(ranker_for(many.product), Als) and isinstance(ranker_for(shop.product), Ease)


def test_customers_like_this_one_bought_and_asked_alike(shop):
    alike = fit_similar(shop, TODAY, {"t00": {"refund": 3}, "tina": {"refund": 1}, "newcomer": {"refund": 2}})
    likes = alike.like("tina", 31)
    assert {n.customer_id for n in likes} == {f"t{i:02d}" for i in range(30)} | {"newcomer"}
    first = likes[0]
    assert first.customer_id == "t00" and first.intents == ("refund",) and set(first.products) == {"tea", "cup"}
    assert [n.cosine for n in likes] == sorted((n.cosine for n in likes), reverse=True)
    assert alike.like("newcomer", 1)[0].intents == ("refund",)
    assert first.other_products == ("pot",) and first.other_intents == ()  # t00 has the pot, tina has none
    paul = alike.like("paul", 1)[0]
    assert set(paul.products) == {"brush", "paint"} and paul.other_products == ("canvas",)


def test_who_is_alike_is_found_among_customers_who_taught_nothing(shop, monkeypatch):
    monkeypatch.setattr(similar, "MAX_LEARNED", 31)  # every other customer
    monkeypatch.setattr(similar, "BLOCK_ROWS", 10)
    likes = fit_similar(shop, TODAY).like("tina", 30)
    assert {n.customer_id for n in likes} == {f"t{i:02d}" for i in range(30)}


def test_who_is_forgotten_is_nobodys_neighbour_any_more(shop):
    alike = fit_similar(shop, TODAY)
    alike.forget("t03")
    alike.forget("stranger")
    assert "t03" not in {n.customer_id for n in alike.like("tina", 40)}
    with pytest.raises(NotFound, match="t03"):
        alike.like("t03", 3)
    with pytest.raises(NotFound):
        alike.like("stranger", 3)
