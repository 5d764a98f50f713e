"""Alternating least squares by `implicit` (Hu, Koren & Volinsky 2008), for catalogues too large for EASE."""

from __future__ import annotations

from typing import Self

import numpy as np

from assistant.customer.purchases import Purchases
from assistant.customer.rankers import faded
from assistant.errors import InputError


class Als:
    """`confidence` weighs a purchase against the rest of the row, which counts 1."""

    def __init__(
        self,
        n_factors: int = 64,
        regularisation: float = 0.05,
        confidence: float = 10.0,
        n_rounds: int = 15,
        half_life_days: float | None = None,
        seed: int = 0,
    ):
        self.n_factors, self.regularisation, self.confidence = n_factors, regularisation, confidence
        self.n_rounds, self.half_life_days, self.seed = n_rounds, half_life_days, seed

    def fit(self, log: Purchases, as_of: np.datetime64 | str) -> Self:
        """Raises InputError when `implicit` is not installed."""
        try:
            from implicit.cpu.als import AlternatingLeastSquares
        except ImportError as error:
            raise InputError("ALS needs the package implicit: pip install 'huida[customers]'") from error
        bought = faded(log.until(as_of), as_of, self.half_life_days)
        model = AlternatingLeastSquares(
            factors=self.n_factors,
            regularization=self.regularisation,
            alpha=self.confidence,
            iterations=self.n_rounds,
            num_threads=1,  # sums in one order: the same factors on every run
            random_state=self.seed,
        )
        model.fit(bought, show_progress=False)  # since 0.5 rows are customers
        self.customers_, self.products_ = np.asarray(model.user_factors), np.asarray(model.item_factors)
        return self

    def scores(self, customers: np.ndarray) -> np.ndarray:
        return self.customers_[customers] @ self.products_.T
