"""Recommendations, full ranking without sampled negatives: Online Retail II from 2011-11-09 on, MovieLens' last films.

Counted are the customers with a past who afterwards bought something that was on sale before; without repeats,
something that they did not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from assistant.customer.als import Als
from assistant.customer.purchases import Purchases
from assistant.customer.rankers import Ease, ItemKnn, OwnFrequency, Popularity, Ranker, faded
from assistant.customer.recommend import RecommendationModel
from training.customer_figures import Figure, movielens, online_retail

RETAIL, MOVIES = "Online Retail II", "MovieLens 100K"
PAST_ENDS = "2011-11-08"
N_SHOWN = 10
DISCOUNT = 1 / np.log2(np.arange(2, N_SHOWN + 2))
NEW_ONLY = {"popularity": (0.436, 0.083), "item_knn": (0.286, 0.055), "als": (0.384, 0.077), "ease": (0.399, 0.079)}
MIX, MIX_REPEATS, OWN_REPEATS = (0.528, 0.121), (0.825, 0.350), (0.813, 0.315)
LAST_FILM = {"als": (0.091, 0.041), "ease": (0.088, 0.041)}


def figures(folder: Path) -> Iterator[Figure]:
    log = online_retail(folder)
    rankers: dict[str, Ranker] = {
        "popularity": Popularity(None, window_days=30),
        "item_knn": ItemKnn(),
        "als": Als(),
        "ease": Ease(half_life_days=None),
    }
    for name, ranker in rankers.items():
        model = alone(ranker).fit(log, PAST_ENDS)
        yield from compared(RETAIL, f"{name}, new only", model, log, PAST_ENDS, NEW_ONLY[name], better=None)
    mix = RecommendationModel().fit(log, PAST_ENDS)
    yield from compared(RETAIL, "mix, new only", mix, log, PAST_ENDS, MIX)
    own = alone(OwnFrequency()).fit(log, PAST_ENDS)
    yield from compared(RETAIL, "own frequency, repeats", own, log, PAST_ENDS, OWN_REPEATS, better=None, repeats=True)
    yield from compared(RETAIL, "mix, repeats", mix, log, PAST_ENDS, MIX_REPEATS, repeats=True)
    films = movielens(folder)
    before = films.day[-1] - 1
    for name, ranker in {"als": Als(n_factors=32), "ease": Ease(None, regularisation=500.0, n_kept=None)}.items():
        yield from compared(MOVIES, name, alone(ranker).fit(films, before), films, before, LAST_FILM[name])


def alone(ranker: Ranker) -> RecommendationModel:
    return RecommendationModel(ranker, 0.0, 0.0, 0.0)


def compared(data, system, model, log, past_ends, floors, better="higher", repeats=False) -> Iterator[Figure]:
    for metric, value, n in measured(model, log, past_ends, repeats):
        yield Figure("recommendation", data, system, metric, value, n, floors[metric != "HR@10"], better)


def measured(
    model: RecommendationModel, log: Purchases, past_ends: np.datetime64 | str, repeats: bool = False
) -> Iterator[tuple[str, float, int]]:
    """Hit rate and NDCG of the first ten, as (metric, value, customers)."""
    wanted, customers = bought_after(log, past_ends, repeats)
    hits, gains = hits_and_gains(wanted, customers, model.best(customers, N_SHOWN, repeats))
    yield "HR@10", float(np.mean(hits)), len(customers)
    yield "NDCG@10", float(np.mean(gains)), len(customers)


def bought_after(log: Purchases, past_ends: np.datetime64 | str, repeats: bool) -> tuple[csr_matrix, np.ndarray]:
    """What each customer bought after that day of what was on sale by it, and who of those with a past did so."""
    before = faded(log.until(past_ends), past_ends, None)
    after = faded(log.between(past_ends, log.day[-1]), log.day[-1], None)
    wanted = csr_matrix(after.multiply(before.sum(axis=0) > 0))
    wanted = csr_matrix(wanted if repeats else wanted - wanted.multiply(before))
    wanted.eliminate_zeros()
    return wanted, np.flatnonzero((np.diff(before.indptr) > 0) & (np.diff(wanted.indptr) > 0))


def hits_and_gains(wanted: csr_matrix, customers: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per customer whether any product shown was wanted, and NDCG (Jarvelin & Kekalainen 2002). shown: (m, N_SHOWN)."""
    found = np.stack([
        np.isin(products, wanted.indices[wanted.indptr[who] : wanted.indptr[who + 1]])
        for who, products in zip(customers, shown, strict=True)
    ])  # fmt: skip
    n_wanted = np.minimum(np.diff(wanted.indptr)[customers], N_SHOWN)
    return found.any(axis=1), (found * DISCOUNT).sum(axis=1) / np.cumsum(DISCOUNT)[n_wanted - 1]
