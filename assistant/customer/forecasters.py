"""Seasonal naive, ETS and ARIMA behind one interface: fit(y, season), then predict(horizon) with intervals.

y: float (n,) of equally spaced days that are open; season: days to a week of them. statsmodels comes with the extra
`customers` and brings pandas, so it is imported by the call alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from scipy.stats import norm

from assistant.errors import InputError


@dataclass(frozen=True, slots=True)
class Path:
    """What comes: mean and the interval that holds `coverage` of the outcomes, float (horizon,) each."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Forecaster(Protocol):
    def fit(self, y: np.ndarray, season: int) -> Self: ...

    def predict(self, horizon: int, coverage: float) -> Path: ...


class SeasonalNaive:
    """As the same day a week ago; the spread grows with the weeks (Hyndman & Athanasopoulos 2021, section 5.5)."""

    def fit(self, y: np.ndarray, season: int) -> Self:
        self.week_ = y[-season:]
        changes = y[season:] - y[:-season]
        self.spread_ = float(np.sqrt(np.mean(np.square(changes)))) if len(changes) else float(np.std(y))
        return self

    def predict(self, horizon: int, coverage: float) -> Path:
        season = len(self.week_)
        steps = np.arange(horizon)
        mean = self.week_[steps % season]
        half = _z(coverage) * self.spread_ * np.sqrt(steps // season + 1)
        return Path(mean, mean - half, mean + half)


class Ets:
    """Exponential smoothing, additive errors; trend none, additive or damped and season by AICc (Hyndman 2008)."""

    def fit(self, y: np.ndarray, season: int) -> Self:
        """Raises InputError when statsmodels is not installed."""
        with _statsmodels():
            import pandas as pd
            from statsmodels.tsa.exponential_smoothing.ets import ETSModel

            fits, series = [], pd.Series(y)  # without an index of its own, ETSModel cannot give intervals
            for trend, damped in ((None, False), ("add", False), ("add", True)):
                seasonal = {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}
                model = ETSModel(series, error="add", trend=trend, damped_trend=damped, **seasonal)
                fits.append(model.fit(disp=False))
            self.fit_ = min(fits, key=lambda fit: fit.aicc)
        self.n_ = len(y)
        return self

    def predict(self, horizon: int, coverage: float) -> Path:
        with _statsmodels():
            found = self.fit_.get_prediction(start=self.n_, end=self.n_ + horizon - 1)
            bounds = np.asarray(found.pred_int(alpha=1 - coverage))
            return Path(np.asarray(found.predicted_mean), bounds[:, 0], bounds[:, 1])


class Arima:
    """ARIMA(p, d, q) around weekday means: d by the KPSS test, p and q up to 2 by AIC (Hyndman & Khandakar 2008)."""

    def fit(self, y: np.ndarray, season: int) -> Self:
        """Raises InputError when statsmodels is not installed."""
        weekday = np.arange(len(y)) % season
        self.week_ = np.array([y[weekday == d].mean() for d in range(season)]) - y.mean()
        self.n_ = len(y)
        rest = y - self.week_[weekday]
        with _statsmodels():
            from statsmodels.tsa.arima.model import ARIMA

            d = _n_differences(rest)
            orders = [(p, d, q) for p in range(3) for q in range(3)]
            fits = [ARIMA(rest, order=order, trend="n" if d else "c").fit() for order in orders]
            self.fit_ = min(fits, key=lambda fit: fit.aic)
        return self

    def predict(self, horizon: int, coverage: float) -> Path:
        with _statsmodels():
            found = self.fit_.get_forecast(horizon)
            mean, bounds = np.asarray(found.predicted_mean), np.asarray(found.conf_int(alpha=1 - coverage))
        week = self.week_[(self.n_ + np.arange(horizon)) % len(self.week_)]
        return Path(mean + week, bounds[:, 0] + week, bounds[:, 1] + week)


def mean_of(paths: Sequence[Path]) -> Path:
    """The mean of several paths, bounds too: combining is hard to beat (Makridakis et al. 2020, the M4 competition)."""
    return Path(*(np.mean([getattr(path, name) for path in paths], axis=0) for name in ("mean", "low", "high")))


def _n_differences(y: np.ndarray) -> int:
    from statsmodels.tsa.stattools import kpss

    if len(y) < 12 or np.ptp(y) == 0:
        return 0
    return int(kpss(y, regression="c", nlags="auto")[1] < 0.05)


def _z(coverage: float) -> float:
    return float(norm.ppf((1 + coverage) / 2))


@contextmanager
def _statsmodels() -> Iterator[None]:
    """Quiet: of nine orders tried some do not converge, and AIC leaves those behind."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImportError as error:
        raise InputError("ETS and ARIMA need the package statsmodels: pip install 'huida[customers]'") from error
