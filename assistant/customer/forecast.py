"""Revenue and message volume of the days to come, by the model that would have done best so far.

daily = daily_sums(log.day, log.amount_cny)
forecast(daily, 30).mean
for intent, series in daily_by(days, intents).items(): forecast(series, 14)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from assistant.customer.forecasters import Arima, Ets, Forecaster, Path, SeasonalNaive, mean_of
from assistant.errors import InputError

WEEK = 7
N_ORIGINS = 6  # how often the backtest looks ahead, a horizon apart
COVERAGE = 0.9  # of the intervals
CLOSED_SHARE = 0.98  # of a weekday's days without anything, from which the shop counts as shut on it
QUIET_SHARE = 0.5  # of the other days without anything: beyond it chance alone leaves a weekday empty
HOLIDAY_SHARE = 0.1  # of the open days: more days without anything than this are quiet days, not holidays
MIN_WEEKS = 8  # of history that ETS and ARIMA are fitted on; with less the seasonal naive stands alone
MODELS: Mapping[str, type[Forecaster]] = {"seasonal_naive": SeasonalNaive, "ets": Ets, "arima": Arima}
PARTS = ("ets", "arima")
MEAN = "mean_of_ets_and_arima"


@dataclass(frozen=True, slots=True)
class Daily:
    """One number a day, float (n,), from the day `first` on without gaps; a day of which nothing is known is 0."""

    first: np.datetime64
    values: np.ndarray

    @property
    def days(self) -> np.ndarray:
        return self.first + np.arange(len(self.values))

    def until(self, n: int) -> Daily:
        return Daily(self.first, self.values[:n])


@dataclass(frozen=True, slots=True)
class Forecast:
    """days: datetime64 (horizon,). mean, low, high: float (horizon,), never below 0, and 0 on closed weekdays.

    mase: the mean over the backtest's origins by model, the least first; empty where history was too short for one.
    """

    model: str
    days: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    closed_weekdays: tuple[int, ...]  # 0 = Monday
    mase: Mapping[str, float] = field(default_factory=dict)


def forecast(
    daily: Daily,
    horizon: int,
    coverage: float = COVERAGE,
    models: Sequence[str] = tuple(MODELS),
    n_origins: int = N_ORIGINS,
) -> Forecast:
    """Choose by backtest, fit on everything, look `horizon` days ahead. Raises InputError without a day of history."""
    if not len(daily.values) or horizon < 1:
        raise InputError(
            f"a forecast of {horizon} days from {len(daily.values)} days of history; expected 1 or more of each"
        )
    errors = {name: float(np.mean(m)) for name, m in backtest(daily, horizon, models, n_origins).items()}
    ranked = dict(sorted(errors.items(), key=lambda item: item[1]))
    best = next(iter(ranked), "seasonal_naive")
    path = paths(daily, horizon, PARTS if best == MEAN else (best,), coverage)[best]
    days = daily.first + len(daily.values) + np.arange(horizon)
    return Forecast(best, days, path.mean, path.low, path.high, closed_weekdays(daily), ranked)


def backtest(
    daily: Daily, horizon: int, models: Sequence[str] = tuple(MODELS), n_origins: int = N_ORIGINS
) -> dict[str, list[float]]:
    """MASE of each model at each origin, oldest first."""
    errors: dict[str, list[float]] = {}
    for past, truth, ahead in look_back(daily, horizon, models, n_origins):
        for name, path in ahead.items():
            errors.setdefault(name, []).append(mase(past, truth, path.mean))
    return errors


def look_back(
    daily: Daily, horizon: int, models: Sequence[str] = tuple(MODELS), n_origins: int = N_ORIGINS
) -> Iterator[tuple[np.ndarray, np.ndarray, dict[str, Path]]]:
    """What was known, what then came, and what each model saw coming, from origins a horizon apart (Tashman 2000).

    Origins with less than MIN_WEEKS of history are left out.
    """
    n = len(daily.values)
    for at in range(n - n_origins * horizon, n, horizon):
        if at >= MIN_WEEKS * WEEK:
            yield daily.values[:at], daily.values[at : at + horizon], paths(daily.until(at), horizon, models)


def paths(daily: Daily, horizon: int, models: Sequence[str], coverage: float = COVERAGE) -> dict[str, Path]:
    """What each model sees coming; with ETS and ARIMA among them also their mean."""
    ahead = {name: _ahead(daily, horizon, MODELS[name](), coverage) for name in models}
    return ahead | {MEAN: mean_of([ahead[name] for name in PARTS])} if ahead.keys() >= set(PARTS) else ahead


def mase(past: np.ndarray, truth: np.ndarray, predicted: np.ndarray, season: int = WEEK) -> float:
    """Mean absolute error in units of the past's own change from season to season (Hyndman & Koehler 2006)."""
    scale = np.abs(past[season:] - past[:-season]).mean() if len(past) > season else 0.0
    error = float(np.abs(truth - predicted).mean())
    if not np.isfinite(error):
        return float("inf")
    return error / float(scale) if scale > 0 else 0.0 if error == 0 else float("inf")


def closed_weekdays(daily: Daily) -> tuple[int, ...]:
    """Weekdays (0 = Monday) on which nothing ever happens, a stray day aside; none when there is nothing at all."""
    weekday, empty = _weekday(daily.days), daily.values == 0
    shut = [d for d in range(WEEK) if (weekday == d).sum() >= 4 and empty[weekday == d].mean() >= CLOSED_SHARE]
    if len(shut) == WEEK or empty[~np.isin(weekday, shut)].mean() > QUIET_SHARE:
        return ()
    return tuple(shut)


def daily_sums(days: np.ndarray, amounts: np.ndarray | None = None, first=None, last=None) -> Daily:
    """Amounts (or, without them, rows) summed by day, from the first day with a row to the last unless said otherwise."""
    days = np.asarray(days, "datetime64[D]")
    if not len(days) and (first is None or last is None):
        raise InputError("there is no day to sum over; give rows, or the first and the last day")
    first = np.datetime64(first if first is not None else days.min(), "D")
    last = np.datetime64(last if last is not None else days.max(), "D")
    inside = (days >= first) & (days <= last)
    weights = None if amounts is None else np.asarray(amounts, float)[inside]
    place = (days[inside] - first).astype(np.int64)
    n_days = int((last - first).astype(np.int64)) + 1
    return Daily(first, np.bincount(place, weights, minlength=max(0, n_days)).astype(float))


def daily_by(days: np.ndarray, labels: Sequence[str]) -> dict[str, Daily]:
    """Rows counted by day for each label, most frequent first, all over the same days: message volume by intent."""
    days, labels = np.asarray(days, "datetime64[D]"), np.asarray(labels, str)
    if not len(days):
        return {}
    names, counts = np.unique(labels, return_counts=True)
    order = np.lexsort((names, -counts))
    return {str(names[i]): daily_sums(days[labels == names[i]], None, days.min(), days.max()) for i in order}


def _ahead(daily: Daily, horizon: int, model: Forecaster, coverage: float = COVERAGE) -> Path:
    """Closed weekdays are taken out before the fit and put back as 0; nothing falls below 0."""
    shut = closed_weekdays(daily)
    season = WEEK - len(shut)
    history = daily.values[~np.isin(_weekday(daily.days), shut)]
    coming = ~np.isin(_weekday(daily.first + len(daily.values) + np.arange(horizon)), shut)
    if len(daily.values) < MIN_WEEKS * WEEK or not np.ptp(history):
        model = SeasonalNaive()  # there is nothing to learn
    if len(history) < season:
        history = np.resize(history, season)  # less than a week: what there is, again
    n_open = int(coming.sum())
    if not n_open:
        path = None
    elif isinstance(model, SeasonalNaive):
        path = model.fit(history, season).predict(n_open, coverage)
    else:  # of square roots, because busy days vary more than quiet ones
        path = _squared(model.fit(np.sqrt(_without_holidays(history, season)), season).predict(n_open, coverage))
    return Path(*(_spread(getattr(path, name, None), coming) for name in ("mean", "low", "high")))


def _without_holidays(history: np.ndarray, season: int) -> np.ndarray:
    """Days off where days off are rare count as the same weekday a week before: a model learns no habit from them."""
    filled = np.maximum(history, 0.0)
    empty = np.flatnonzero(filled == 0)
    for i in empty if len(empty) <= HOLIDAY_SHARE * len(filled) else ():
        filled[i] = filled[i - season] if i >= season else filled[i + season]
    return filled


def _squared(path: Path) -> Path:
    return Path(*(np.square(np.maximum(getattr(path, name), 0)) for name in ("mean", "low", "high")))


def _spread(values: np.ndarray | None, coming: np.ndarray) -> np.ndarray:
    whole = np.zeros(len(coming))
    if values is not None:
        whole[coming] = np.maximum(values, 0.0)
    return whole


def _weekday(days: np.ndarray) -> np.ndarray:
    """0 = Monday; 1970-01-01 was a Thursday."""
    return (days.astype("datetime64[D]").astype(np.int64) + 3) % WEEK
