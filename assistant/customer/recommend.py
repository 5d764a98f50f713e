"""What to offer a customer: EASE and the last weeks on what they bought, with what sells now and what they buy again.

    model = RecommendationModel().fit(log, as_of)
    model.best(customers, 10)                        new products alone
    model.best(customers, 10, repeats=True)          what they bought may come again
    model.popular(10)                                for somebody who has bought nothing yet

Two lists, because they answer two questions: with repeats what somebody will probably buy next, mostly what they buy
already; without, what to show them that they do not know. Each is measured by itself.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Self

import numpy as np

from assistant.customer.als import Als
from assistant.customer.lately import Lately
from assistant.customer.purchases import Purchases
from assistant.customer.rankers import MAX_PRODUCTS, OwnFrequency, Popularity, Ranker, faded

# the mix: chosen on two months of Online Retail II that ended before the tested one (training.customer_choice)
POPULAR_WEIGHT = 0.05  # beside new products alone
POPULAR_WEIGHT_REPEATS = 0.2
REPEAT_WEIGHT = 0.4
REPEAT_HALF_LIFE_DAYS = 365.0
BLOCK_CELLS = 1_000_000  # customers times products scored at once: 4 MB, which the processor holds near
NOBODY = -1  # the code of a product that is not there: fewer were left than asked for


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
        products = log.until(as_of).product
        self.ranker_ = (self.ranker or ranker_for(products)).fit(log, as_of)
        self.popular_ = Popularity().fit(log, as_of).popular_
        self.own_ = OwnFrequency(REPEAT_HALF_LIFE_DAYS).fit(log, as_of)
        self.on_sale_ = np.zeros(len(log.product_ids), bool)
        self.on_sale_[products] = True
        self.on_sale_ &= log.product_ids != ""  # order lines without a product count as purchases, but offer nothing
        self.refused_ = faded(log.sent_back(as_of), as_of, None)
        return self

    def scores(self, customers: np.ndarray, repeats: bool = False) -> np.ndarray:
        """float32 (m, n_products), -inf where a product is not to be offered."""
        own = self.own_.bought_[customers]
        at = np.repeat(np.arange(len(customers)), np.diff(own.indptr)), own.indices
        if repeats:
            known = self.ranker_.repeat_scores if isinstance(self.ranker_, Lately) else self.ranker_.scores
            scores = known(customers) + self.popular_weight_repeats * self.popular_
            scores[at] += self.repeat_weight * own.data
        else:
            scores = self.ranker_.scores(customers) + self.popular_weight * self.popular_
            scores[at] = -np.inf
        if self.refused_.nnz:  # what somebody sent back and has not bought again is not offered to them
            refused = self.refused_[customers].toarray() > 0
            refused[at] = False
            scores[refused] = -np.inf
        scores[:, ~self.on_sale_] = -np.inf
        return scores

    def best(self, customers: np.ndarray, n: int, repeats: bool = False) -> np.ndarray:
        """Product codes, int32 (m, n), best first, NOBODY where none is left."""
        found = np.empty((len(customers), n), np.int32)
        n_at_once = max(1, BLOCK_CELLS // max(1, len(self.on_sale_)))
        for first in range(0, len(customers), n_at_once):
            block = slice(first, first + n_at_once)
            found[block] = top(self.scores(customers[block], repeats), n)
        return found

    def popular(self, n: int) -> np.ndarray:
        """Product codes, int32 (n,), of what sells best now, NOBODY where none is left: for whom no purchase is known."""
        return top(np.where(self.on_sale_, self.popular_, -np.inf)[None], n)[0].astype(np.int32)


def ranker_for(products: np.ndarray) -> Ranker:
    """For the products of all lines: EASE with the last weeks while all pairs of products fit; beyond, ALS if `implicit` is there, else the best sellers."""
    too_many = len(np.unique(products)) > MAX_PRODUCTS
    return Als() if too_many and find_spec("implicit") else Lately()


def top(scores: np.ndarray, n: int) -> np.ndarray:
    """Codes (m, n) of the n best of each row, best first, ties to the smaller code; NOBODY for -inf and beyond the end."""
    n_products = scores.shape[1]
    kept = min(n, n_products)
    few = kept < 1 or n_products <= 4 * n
    order = np.argsort(-scores, axis=1, kind="stable")[:, :kept] if few else _top(scores, kept)
    best = np.take_along_axis(scores, order, axis=1)
    return np.pad(np.where(np.isfinite(best), order, NOBODY), ((0, 0), (0, n - kept)), constant_values=NOBODY)


def _top(scores: np.ndarray, n: int) -> np.ndarray:
    """As a stable sort would give, at the price of a partition: all that tie with the n-th are sorted too."""
    least = np.partition(scores, -n, axis=1)[:, -n, None]
    rows, columns = np.divmod(np.flatnonzero(scores >= least), scores.shape[1])
    order = np.lexsort((columns, -scores[rows, columns], rows))
    starts = np.searchsorted(rows, np.arange(len(scores)))
    return columns[order][starts[:, None] + np.arange(n)]
