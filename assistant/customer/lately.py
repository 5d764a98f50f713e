"""EASE, and beside it what the last weeks brought to customers with such a history: the season's own pairs.

    Lately().fit(log, as_of).scores(customers)

EASE asks what is bought together at any time. The second regression looks forward: from what customers had two months
ago, X, to what they bought for the first time since, Y. Its weights are (X'X + lately_regularisation I)^-1 X'Y, a ridge
regression as EASE is one (Steck 2019, arXiv:1905.03375), and they say what follows a purchase now, in this season.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_matrix

from assistant.customer.purchases import Purchases
from assistant.customer.rankers import N_KEPT, Ease, best_sellers, faded, spread, strongest, weighed

# chosen on two months of Online Retail II that ended before the tested one (training.customer_choice)
LATELY_WEIGHT = 2.0  # of the weights that look forward, EASE's counting 1
LATELY_DAYS = 62
LATELY_REGULARISATION = 300.0


class Lately(Ease):
    """Learned: weights_ of both regressions in one matrix, for the same bought_, and always_, those of EASE alone."""

    def __init__(
        self,
        half_life_days: float | None = 180.0,
        regularisation: float = 100.0,
        n_kept: int | None = N_KEPT,
        lately_weight: float = LATELY_WEIGHT,
        lately_days: int = LATELY_DAYS,
        lately_regularisation: float = LATELY_REGULARISATION,
    ):
        super().__init__(half_life_days, regularisation, n_kept)
        self.lately_weight, self.lately_days = lately_weight, lately_days
        self.lately_regularisation = lately_regularisation

    def fit(self, log: Purchases, as_of: np.datetime64 | str) -> Self:
        """Raises InputError as EASE does. Where nobody bought anything before the last weeks, it is EASE alone."""
        super().fit(log, as_of)
        self.always_ = self.weights_
        self.weights_ = spread(csr_matrix(self.always_) + self.lately_weight * self._forward(log, as_of))
        return self

    def repeat_scores(self, customers: np.ndarray) -> np.ndarray:
        """EASE alone: the forward regression learned first purchases, so of what somebody has it knows nothing."""
        return weighed(self.bought_[customers], self.always_)

    def _forward(self, log: Purchases, as_of: np.datetime64 | str) -> csr_matrix:
        """float32 (n_products, n_products): row i, column j is what having i says for a first purchase of j now."""
        as_of = np.datetime64(as_of, "D")
        had = faded(log.until(as_of - self.lately_days), as_of - self.lately_days, self.half_life_days)
        bought = faded(log.between(as_of - self.lately_days, as_of), as_of, None)
        new = (bought - bought.multiply(had > 0)).tocsr()
        rows, columns = best_sellers(had), best_sellers(new)
        weights = csr_matrix((had.shape[1],) * 2, dtype=np.float32)
        if not (len(rows) and len(columns)):
            return weights
        x = had[:, rows]
        gram = np.asfortranarray((x.T @ x).toarray(), dtype=np.float32)
        gram[np.diag_indices_from(gram)] += self.lately_regularisation
        towards = np.asfortranarray((x.T @ new[:, columns]).toarray(), dtype=np.float32)
        _, solved, _ = lapack.sposv(gram, towards, overwrite_a=1, overwrite_b=1)
        kept = strongest(solved, self.n_kept).tocoo()
        return csr_matrix((kept.data, (rows[kept.row], columns[kept.col])), shape=weights.shape)
