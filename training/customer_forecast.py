"""Daily revenue of Online Retail II, 30 days ahead from six origins 30 days apart: MASE of each model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.customer.forecast import backtest, daily_sums
from training.customer_figures import Figure, daily_revenue

DATA = "Online Retail II"
HORIZON_DAYS = 30
FLOORS = {"seasonal_naive": (1.143, 1.158), "arima": (1.089, 0.962), "ets": (0.890, 0.921)}
BEST = (0.890, 0.921)  # MASE at the last origin, mean of six


def figures(folder: Path) -> Iterator[Figure]:
    errors = backtest(daily_sums(*daily_revenue(folder)), HORIZON_DAYS)
    chosen = min(errors, key=lambda name: float(np.mean(errors[name])))
    for name, mases in errors.items():
        floors = BEST if name == chosen else FLOORS.get(name, (None, None))
        better = "lower" if name == chosen else None
        system = f"{name} (chosen)" if name == chosen else name
        values = (mases[-1], float(np.mean(mases)))
        for metric, value, floor in zip(("MASE, last origin", "MASE, mean of six"), values, floors, strict=True):
            yield Figure("forecast", DATA, system, metric, value, HORIZON_DAYS, floor, better)
