"""Who might buy what next: rankers behind one interface, from popularity to EASE.

ranker.fit(log, as_of).scores(customers)      float32 (m, n_products), higher is likelier; codes are those of the log
"""

from __future__ import annotations

from typing import Protocol, Self

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_matrix, diags

from assistant.customer.purchases import Purchases
from assistant.errors import InputError

N_KEPT = 200  # weights kept of each product: the others move no product into the first ten, and a row costs 200 sums
MAX_PRODUCTS = 10_000  # EASE inverts a matrix of all pairs: 400 MB at this size
MAX_SPREAD = 6_000  # products up to which weights are served as a full matrix: ten times as fast, 140 MB at this size


class Ranker(Protocol):
    def fit(self, log: Purchases, as_of: np.datetime64 | str) -> Self: ...

    def scores(self, customers: np.ndarray) -> np.ndarray: ...


class Popularity:
    """What most customers bought of late: each counts once a product, by their newest purchase of it.

    With `half_life_days` a purchase fades; with `window_days` it counts whole for so long and then not at all.
    """

    def __init__(self, half_life_days: float | None = 10.0, window_days: float | None = None):
        self.half_life_days, self.window_days = half_life_days, window_days

    def fit(self, log: Purchases, as_of: np.datetime64 | str) -> Self:
        as_of = np.datetime64(as_of, "D")
        first = (
            as_of - np.timedelta64(int(self.window_days), "D") if self.window_days else log.day.min(initial=as_of) - 1
        )
        bought = faded(log.between(first, as_of), as_of, self.half_life_days)
        self.popular_ = np.asarray(bought.sum(axis=0), np.float32).ravel()
        self.popular_ /= max(float(self.popular_.max(initial=0)), np.finfo(np.float32).tiny)
        return self

    def scores(self, customers: np.ndarray) -> np.ndarray:
        return np.tile(self.popular_, (len(customers), 1))


class OwnFrequency:
    """What the customer buys most often themselves; a purchase fades by half in `half_life_days`."""

    def __init__(self, half_life_days: float | None = None):
        self.half_life_days = half_life_days

    def fit(self, log: Purchases, as_of: np.datetime64 | str) -> Self:
        self.bought_ = faded(log.until(as_of), as_of, self.half_life_days, every_order=True)
        return self

    def scores(self, customers: np.ndarray) -> np.ndarray:
        return self.bought_[customers].toarray()


class ItemKnn:
    """Products whose buyers are those of the customer's products: cosine, the `n_neighbours` nearest of each."""

    def __init__(self, n_neighbours: int = 50):
        self.n_neighbours = n_neighbours

    def fit(self, log: Purchases, as_of: np.datetime64 | str) -> Self:
        self.bought_ = faded(log.until(as_of), as_of, None)
        n_buyers = np.asarray(self.bought_.sum(axis=0)).ravel()
        unit = self.bought_ @ diags(1 / np.sqrt(np.maximum(n_buyers, 1))).tocsr()
        cosines = (unit.T @ unit).tocsc()
        self.weights_ = strongest(cosines - diags(cosines.diagonal()).tocsc(), self.n_neighbours)
        return self

    def scores(self, customers: np.ndarray) -> np.ndarray:
        return (self.bought_[customers] @ self.weights_).toarray()


class Ease:
    """Every product from all the others by one ridge regression (Steck 2019, arXiv:1905.03375).

    X (customers, products), P = (X'X + regularisation I)^-1, weight of product i for j = -P_ij / P_jj, none for itself.
    X holds what a purchase is still worth today: half after `half_life_days`. Beyond MAX_PRODUCTS the best sellers
    alone take part, and the others score 0. Learned: bought_, X; weights_ (`spread`).
    """

    def __init__(
        self, half_life_days: float | None = 180.0, regularisation: float = 100.0, n_kept: int | None = N_KEPT
    ):
        self.half_life_days, self.regularisation, self.n_kept = half_life_days, regularisation, n_kept

    def fit(self, log: Purchases, as_of: np.datetime64 | str) -> Self:
        """Raises InputError for a regularisation of 0 or less: the matrix to invert would be singular."""
        if self.regularisation <= 0:
            raise InputError(f"EASE needs a regularisation above 0, met {self.regularisation}; 100 is a good start")
        self.bought_ = faded(log.until(as_of), as_of, self.half_life_days)
        columns, n_products = best_sellers(self.bought_), self.bought_.shape[1]
        if not len(columns):
            self.weights_ = csr_matrix((n_products, n_products), dtype=np.float32)
            return self
        weights = strongest(self._weights(self.bought_[:, columns]), self.n_kept).tocoo()
        places = (columns[weights.row], columns[weights.col])
        self.weights_ = spread(csr_matrix((weights.data, places), shape=(n_products, n_products)))
        return self

    def scores(self, customers: np.ndarray) -> np.ndarray:
        return weighed(self.bought_[customers], self.weights_)

    def _weights(self, x: csr_matrix) -> np.ndarray:
        gram = np.asfortranarray((x.T @ x).toarray(), dtype=np.float32)
        gram[np.diag_indices_from(gram)] += self.regularisation
        factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1)  # in place: one matrix of all pairs is enough
        if failed:
            raise InputError(f"a regularisation of {self.regularisation} is too small for these purchases; raise it")
        inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
        for i in range(len(inverse)):  # LAPACK fills the lower half alone
            inverse[i, i + 1 :] = inverse[i + 1 :, i]
        inverse /= -np.diag(inverse).copy()
        inverse[np.diag_indices_from(inverse)] = 0
        return inverse


def faded(
    log: Purchases, as_of: np.datetime64 | str, half_life_days: float | None, every_order: bool = False
) -> csr_matrix:
    """What purchases are worth on the day `as_of`: float32 (n_customers, n_products), 0.5 ** (age / half-life).

    Of several purchases of a product the newest counts; with `every_order` the orders are added up.
    """
    shape = (len(log.customer_ids), len(log.product_ids))
    if not len(log):
        return csr_matrix(shape, dtype=np.float32)
    rows = _newest(log, shape[1], every_order)
    ages = (np.datetime64(as_of, "D") - log.day[[0, -1]]).astype(int)  # the oldest and the newest line's
    of_age = np.arange(ages[1], ages[0] + 1)
    worth = (0.5 ** (of_age / half_life_days) if half_life_days else np.ones(len(of_age))).astype(np.float32)
    place = (log.day[-1] - log.day[rows]).astype(np.int32)  # few days, many lines: a power for each day is enough
    matrix = csr_matrix((worth[place], (log.customer[rows], log.product[rows])), shape=shape)
    matrix.sum_duplicates()
    return matrix


def _newest(log: Purchases, n_products: int, every_order: bool) -> np.ndarray:
    """The last line of each customer and product (and order), as rows are in the order of days."""
    pair = log.customer.astype(np.int64) * n_products + log.product
    keys = (log.order, pair) if every_order else (pair,)
    order = np.lexsort(keys)
    last = np.zeros(len(log), bool)
    last[-1] = True
    for key in keys:
        in_order = key[order]
        last[:-1] |= in_order[1:] != in_order[:-1]
    return order[last]


def spread(weights: csr_matrix) -> csr_matrix | np.ndarray:
    """The weights as a full matrix while that is of a bearable size: the best sellers' rows are nearly full anyway."""
    return weights.toarray() if weights.shape[0] <= MAX_SPREAD else weights


def weighed(bought: csr_matrix, weights: csr_matrix | np.ndarray) -> np.ndarray:
    """float32 (m, n_products): what the purchases of each row say together."""
    scores = bought @ weights
    return scores if isinstance(scores, np.ndarray) else scores.toarray()


def best_sellers(bought: csr_matrix) -> np.ndarray:
    """The products that sold at all, ascending; of more than MAX_PRODUCTS those that sold most."""
    worth = np.asarray(bought.sum(axis=0)).ravel()
    return np.sort(np.argsort(-worth, kind="stable")[: min(MAX_PRODUCTS, np.count_nonzero(worth))])


def strongest(weights: np.ndarray | csr_matrix, n: int | None) -> csr_matrix:
    """The n weights of greatest size in each column."""
    if n is None or n >= weights.shape[0]:
        return csr_matrix(weights)
    columns, rows, values = [], [], []
    for first in range(0, weights.shape[1], 512):
        block = weights[:, first : first + 512]
        block = block.toarray() if not isinstance(block, np.ndarray) else block
        kept = np.argpartition(-np.abs(block), n - 1, axis=0)[:n]
        rows.append(kept.ravel())
        columns.append(np.broadcast_to(np.arange(block.shape[1]) + first, kept.shape).ravel())
        values.append(np.take_along_axis(block, kept, axis=0).ravel())
    places = (np.concatenate(rows), np.concatenate(columns))
    matrix = csr_matrix((np.concatenate(values).astype(np.float32), places), shape=weights.shape)
    matrix.eliminate_zeros()
    return matrix
