"""Daily revenue of Online Retail II, 30 days ahead from six origins 30 days apart, and monthly retail, a year ahead.

Of the days MASE of each model, and how many lay within the interval that should hold nine in ten. Of monthly turnover
(Australian Bureau of Statistics) the last twelve months of 30 series, learned on the fifteen years before, in square
roots as days are. Which 30 of the 152 the figures to beat were measured on was not written down, so these stand
beside ours and decide nothing: ours lie evenly over all that are long enough, by id.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.customer.forecast import COVERAGE, daily_sums, look_back, mase
from assistant.customer.forecasters import Arima, Ets, SeasonalNaive
from training.customer_figures import Figure, daily_revenue, monthly_retail

DATA, MONTHLY = "Online Retail II", "ABS monthly retail, 30 series"
HORIZON_DAYS = 30
FLOORS = {"seasonal_naive": (1.143, 1.158), "arima": (1.089, 0.962), "ets": (0.890, 0.921)}
BEST = (0.890, 0.921)  # MASE at the last origin, mean of six
YEAR, N_MONTHS, N_SERIES = 12, 15 * 12, 30
MONTHLY_FLOORS = {"ets": 0.706, "arima": 0.696}


def figures(folder: Path) -> Iterator[Figure]:
    errors: dict[str, list[float]] = {}
    inside: dict[str, list[np.ndarray]] = {}
    for past, truth, ahead in look_back(daily_sums(*daily_revenue(folder)), HORIZON_DAYS):
        for name, path in ahead.items():
            errors.setdefault(name, []).append(mase(past, truth, path.mean))
            inside.setdefault(name, []).append((path.low <= truth) & (truth <= path.high))
    chosen = min(errors, key=lambda name: float(np.mean(errors[name])))
    for name, mases in errors.items():
        floors = BEST if name == chosen else FLOORS.get(name, (None, None))
        better = "lower" if name == chosen else None
        system = f"{name} (chosen)" if name == chosen else name
        values = (mases[-1], float(np.mean(mases)))
        for metric, value, floor in zip(("MASE, last origin", "MASE, mean of six"), values, floors, strict=True):
            yield Figure("forecast", DATA, system, metric, value, HORIZON_DAYS, floor, better)
        held = np.concatenate(inside[name])
        yield Figure("forecast", DATA, system, "share within the interval", float(held.mean()), len(held), COVERAGE)
    yield from _months(folder)


def _months(folder: Path) -> Iterator[Figure]:
    long = [turnover for turnover in monthly_retail(folder).values() if len(turnover) >= YEAR + N_MONTHS]
    series = long[:: len(long) // N_SERIES][:N_SERIES]
    for name, model in {"seasonal_naive": SeasonalNaive, "ets": Ets, "arima": Arima}.items():
        found = []
        for turnover in series:
            past, truth = turnover[-YEAR - N_MONTHS : -YEAR], turnover[-YEAR:]
            path = model().fit(np.sqrt(past), YEAR).predict(YEAR, COVERAGE)
            found.append(mase(past, truth, np.square(path.mean), YEAR))
        yield Figure("forecast", MONTHLY, name, "MASE", float(np.mean(found)), len(found), MONTHLY_FLOORS.get(name))
