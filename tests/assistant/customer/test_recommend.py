import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

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


def code(log, customer_id):
    return log.customer_ids.tolist().index(customer_id)


@pytest.mark.parametrize("ranker", [ItemKnn(), Ease(regularisation=1.0), Als(n_factors=3)])
def test_a_tea_drinker_is_offered_the_pot_and_a_painter_the_canvas(shop, ranker):
    model = RecommendationModel(ranker).fit(shop, TODAY)
    assert model.recommend("tina", 1)[0].product_id == "pot"
    assert model.recommend("paul", 1)[0].product_id == "canvas"


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
    weights = Ease(half_life_days=None, regularisation=2.0).fit(log, TODAY).weights_.toarray()
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
    always = RecommendationModel(Ease(**chosen)).fit(autumn, TODAY).recommend("dora", 2)
    lately = RecommendationModel(Lately(**chosen, lately_regularisation=1.0)).fit(autumn, TODAY).recommend("dora", 2)
    assert [offer.product_id for offer in always] == ["hat", "scarf"]
    assert [offer.product_id for offer in lately] == ["scarf", "hat"]
    assert lately[0].because == "tea"


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
    assert [r.product_id for r in RecommendationModel().fit(log, TODAY).recommend("stranger", 2)] == ["scarf", "toy"]
    names = log.product_ids[np.argsort(-Popularity(window_days=30).fit(log, TODAY).popular_)]
    assert names.tolist() == ["scarf", "toy", "sun hat"]


def test_somebody_unknown_gets_what_is_popular_and_is_told_so(shop):
    model = RecommendationModel(Ease(regularisation=1.0)).fit(shop, TODAY)
    offers = model.recommend("stranger", 3)
    assert len(offers) == 3 and {offer.reason for offer in offers} == {"popular"}
    assert model.recommend("olga", 3)[0].reason == "popular"  # nobody else has what she has


def test_an_offer_says_which_purchase_speaks_for_it(shop):
    model = RecommendationModel(Ease(regularisation=1.0)).fit(shop, TODAY)
    offer = model.recommend("tina", 1)[0]
    assert offer.reason == "goes_with" and offer.because in ("tea", "cup")


def test_what_somebody_has_comes_again_only_when_repeats_are_wanted(shop):
    model = RecommendationModel(Ease(regularisation=1.0)).fit(shop, TODAY)
    assert {"tea", "cup"}.isdisjoint(offer.product_id for offer in model.recommend("tina", 10))
    again = {offer.product_id: offer.reason for offer in model.recommend("tina", 3, repeats=True)}
    assert again == {"tea": "bought_before", "cup": "bought_before", "pot": "goes_with"}


def test_what_was_not_yet_on_sale_that_day_is_not_offered():
    log = bought([("ann", "2026-11-01", "tea"), ("bob", "2026-11-01", "cup"), ("bob", "2026-12-24", "candle")])
    assert [r.product_id for r in RecommendationModel().fit(log, TODAY).recommend("ann", 10)] == ["cup"]


def test_lines_without_a_product_are_purchases_that_offer_nothing():
    log = bought([("ann", "2026-11-01", ""), ("bob", "2026-11-01", "")])
    ((_, products, _),) = RecommendationModel().fit(log, TODAY).best(np.array([0, 1]), 3, repeats=True)
    assert (products == NOBODY).all()


def test_blocks_of_customers_get_what_each_gets_alone(shop):
    model = RecommendationModel(Ease(regularisation=1.0)).fit(shop, TODAY)
    ((customers, products, _),) = model.best(np.array([code(shop, "tina"), code(shop, "paul")]), 9)
    assert products.shape == (2, 9) and (products == NOBODY).sum() == 2 * 4  # 7 products, two of them bought
    for customer, row in zip(customers, products, strict=True):
        alone = [offer.product_id for offer in model.recommend(shop.customer_ids[customer], 9)]
        assert [shop.product_ids[p] for p in row if p != NOBODY] == alone


@settings(deadline=None)
@given(
    arrays(
        np.float32, st.tuples(st.integers(1, 4), st.integers(1, 40)), elements=st.sampled_from([-np.inf, 0, 1, 2, 3])
    ),
    st.integers(1, 12),
)
def test_the_best_are_those_of_a_stable_sort(scores, n):
    products, best = top(scores, n)
    for row, found, values in zip(scores, products, best, strict=True):
        expected = [i for i in np.argsort(-row, kind="stable")[:n] if np.isfinite(row[i])]
        assert (
            found[found != NOBODY].tolist() == expected and values[: len(expected)].tolist() == row[expected].tolist()
        )


def test_a_regularisation_of_nothing_is_refused_with_its_value():
    log = bought([("ann", "2026-11-01", "tea"), ("ann", "2026-11-01", "cup")])
    with pytest.raises(InputError, match="above 0, met 0"):
        Ease(regularisation=0.0).fit(log, TODAY)


def test_a_large_catalogue_goes_to_als_and_a_small_one_to_ease(shop):
    many = purchases(
        ["ann"] * 10_001, ["2026-11-01"] * 10_001, [f"p{i}" for i in range(10_001)], [1] * 10_001, [1] * 10_001
    )
    assert isinstance(ranker_for(many), Als) and isinstance(ranker_for(shop), Ease)


def test_customers_like_this_one_bought_and_asked_alike(shop):
    similar = fit_similar(shop, TODAY, {"t00": {"refund": 3}, "tina": {"refund": 1}, "newcomer": {"refund": 2}})
    likes = similar.like("tina", 31)
    assert {n.customer_id for n in likes} == {f"t{i:02d}" for i in range(30)} | {"newcomer"}
    first = likes[0]
    assert first.customer_id == "t00" and first.intents == ("refund",) and set(first.products) == {"tea", "cup"}
    assert [n.cosine for n in likes] == sorted((n.cosine for n in likes), reverse=True)
    assert similar.like("newcomer", 1)[0].intents == ("refund",)


def test_who_is_forgotten_is_nobodys_neighbour_any_more(shop):
    similar = fit_similar(shop, TODAY)
    similar.forget("t03")
    similar.forget("stranger")
    assert "t03" not in {n.customer_id for n in similar.like("tina", 40)}
    with pytest.raises(NotFound, match="t03"):
        similar.like("t03", 3)
    with pytest.raises(NotFound):
        similar.like("stranger", 3)
