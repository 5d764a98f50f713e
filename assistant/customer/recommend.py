"""What to offer a customer: EASE and the last weeks on what they bought, with what sells now and what they buy again.

model = RecommendationModel().fit(log, as_of)
model.recommend("ann", 10)                       new products alone; popular ones for somebody unknown
model.recommend("ann", 10, repeats=True)         what they bought may come again
for codes, products, scores in model.best(customers, 10): ...     all customers, in blocks
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, Self

import numpy as np

from assistant.customer.als import Als
from assistant.customer.lately import Lately
from assistant.customer.purchases import Purchases
from assistant.customer.rankers import MAX_PRODUCTS, Ease, ItemKnn, OwnFrequency, Popularity, Ranker

# the mix: chosen on two months of Online Retail II that ended before the tested one (training.customer_choice)
POPULAR_WEIGHT = 0.05  # beside new products alone
POPULAR_WEIGHT_REPEATS = 0.1
REPEAT_WEIGHT = 0.4
REPEAT_HALF_LIFE_DAYS = 365.0
BLOCK = 1_000  # customers scored at once: 40 MB at 10,000 products
NOBODY = -1  # the code of a product that is not there: fewer were left than asked for

Reason = Literal["bought_before", "goes_with", "popular"]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`because` is the product in the customer's history that speaks most for this one; None for popular ones."""

    product_id: str
    score: float
    reason: Reason
    because: str | None = None


class RecommendationModel:
    """score = ranker + popular_weight * popularity, and with repeats + repeat_weight * the customer's own frequency.

    Each part is in units of one purchase today. The ranker is any of `rankers`; ALS where the catalogue is too large.
    """

    def __init__(
        self,
        ranker: Ranker | None = None,
        popular_weight: float = POPULAR_WEIGHT,
        repeat_weight: float = REPEAT_WEIGHT,
        popular_weight_repeats: float = POPULAR_WEIGHT_REPEATS,
    ):
        self.ranker, self.popular_weight, self.repeat_weight = ranker, popular_weight, repeat_weight
        self.popular_weight_repeats = popular_weight_repeats

    def fit(self, log: Purchases, as_of: np.datetime64 | str) -> Self:
        self.log_ = log.until(as_of)
        self.code_of_ = {customer_id: code for code, customer_id in enumerate(log.customer_ids)}
        self.ranker_ = (self.ranker or ranker_for(self.log_)).fit(log, as_of)
        self.popular_ = Popularity().fit(log, as_of).popular_
        self.own_ = OwnFrequency(REPEAT_HALF_LIFE_DAYS).fit(log, as_of)
        self.on_sale_ = np.zeros(len(log.product_ids), bool)
        self.on_sale_[self.log_.product] = True
        self.on_sale_ &= log.product_ids != ""  # order lines without a product count as purchases, but offer nothing
        return self

    def scores(self, customers: np.ndarray, repeats: bool = False) -> np.ndarray:
        """float32 (m, n_products), -inf where a product is not to be offered."""
        own = self.own_.scores(customers)
        if repeats:
            known = self.ranker_.repeat_scores if isinstance(self.ranker_, Lately) else self.ranker_.scores
            scores = known(customers) + self.popular_weight_repeats * self.popular_ + self.repeat_weight * own
        else:
            scores = self.ranker_.scores(customers) + self.popular_weight * self.popular_
            scores = np.where(own > 0, -np.inf, scores)
        return np.where(self.on_sale_, scores, -np.inf)

    def best(
        self, customers: np.ndarray, n: int, repeats: bool = False
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield customer codes (b,), product codes (b, n) best first, NOBODY where none is left, and scores (b, n)."""
        for first in range(0, len(customers), BLOCK):
            block = np.asarray(customers[first : first + BLOCK])
            yield block, *top(self.scores(block, repeats), n)

    def recommend(self, customer_id: str, n: int, repeats: bool = False) -> list[Recommendation]:
        """Best first, at most n; somebody who is unknown or never bought gets what is popular."""
        code = self.code_of_.get(customer_id)
        if code is None:
            best = top(np.where(self.on_sale_, self.popular_weight * self.popular_, -np.inf)[None], n)
        else:
            best = top(self.scores(np.array([code]), repeats), n)
        pairs = [(int(p), float(score)) for p, score in zip(best[0][0], best[1][0], strict=True) if p != NOBODY]
        weight = self.popular_weight_repeats if repeats else self.popular_weight
        return [self._explained(code, product, score, weight) for product, score in pairs]

    def _explained(self, code: int | None, product: int, score: float, popular_weight: float) -> Recommendation:
        ids = self.log_.product_ids
        product_id = str(ids[product])
        if code is None or isinstance(self.ranker_, Popularity):
            return Recommendation(product_id, score, "popular")
        if self.own_.bought_[code, product] > 0:
            return Recommendation(product_id, score, "bought_before", product_id)
        popular = popular_weight * float(self.popular_[product])
        if score - popular <= popular:
            return Recommendation(product_id, score, "popular")
        return Recommendation(product_id, score, "goes_with", self._speaks_for(code, product))

    def _speaks_for(self, code: int, product: int) -> str | None:
        """The product bought that adds most to the score; ALS has no such parts."""
        if not isinstance(self.ranker_, Ease | ItemKnn):
            return None
        parts = self.ranker_.bought_[code].multiply(self.ranker_.weights_[:, product].T).tocsr()
        return str(self.log_.product_ids[parts.indices[parts.data.argmax()]]) if parts.nnz else None


def ranker_for(log: Purchases) -> Ranker:
    """EASE with the last weeks while all pairs of products fit; beyond, ALS if `implicit` is there, else the best sellers."""
    too_many = len(np.unique(log.product)) > MAX_PRODUCTS
    return Als() if too_many and find_spec("implicit") else Lately()


def top(scores: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes (m, n) and scores of the n best of each row, best first, ties to the smaller code; padded with NOBODY."""
    n_products = scores.shape[1]
    kept = min(n, n_products)
    few = kept < 1 or n_products <= 4 * n
    order = np.argsort(-scores, axis=1, kind="stable")[:, :kept] if few else _top(scores, kept)
    best = np.take_along_axis(scores, order, axis=1)
    order = np.where(np.isfinite(best), order, NOBODY)
    padding = ((0, 0), (0, n - kept))
    return np.pad(order, padding, constant_values=NOBODY), np.pad(best, padding, constant_values=-np.inf)


def _top(scores: np.ndarray, n: int) -> np.ndarray:
    """As a stable sort would give, at the price of a partition: all that tie with the n-th are sorted too."""
    least = -np.partition(-scores, n - 1, axis=1)[:, n - 1]
    order = np.empty((len(scores), n), np.int64)
    for row, (values, bound) in enumerate(zip(scores, least, strict=True)):
        candidates = np.flatnonzero(values >= bound)
        order[row] = candidates[np.argsort(-values[candidates], kind="stable")[:n]]
    return order
