"""Risk and value of every customer on one day, sound from a single purchase to a long history.

    score(sales(log), "2026-11-22").of("c-1042")

What it cannot learn it replaces by something simpler: without a season to learn churn from, the purchase model alone;
while hardly anybody has come back, the rate of all. `Scores.method` says which it was.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from assistant.customer.churn import ChurnModel, past_snapshots
from assistant.customer.churn_features import Snapshot, snapshot
from assistant.customer.purchases import PurchaseDays, Purchases, Rfm, rfm
from assistant.customer.reasons import REASONS
from assistant.customer.scores import Scores
from assistant.customer.spend import SpendModel, past_of
from assistant.customer.talks import Talks
from assistant.customer.value import PurchaseCounts, PurchaseSpend
from assistant.errors import InputError

# customers who came back: fewer tell neither the four parameters of how often nor the three of how much, and the
# likeliest values of either then lie at the end of what is possible (seen: a mean spend of a thousand times the greatest)
MIN_REPEATERS = 20
BLOCK_ROWS = 50_000  # customers scored at once: all features of a million, taken apart into reasons, are a gigabyte


def score(log: Purchases, as_of: np.datetime64 | str, horizon_days: int = 90, talks: Talks | None = None) -> Scores:
    """Score everybody who had bought by the day `as_of`. Raises InputError when nobody had."""
    as_of = np.datetime64(as_of, "D")
    days = log.until(as_of).by_day()
    if not len(days):
        raise InputError(f"there is no purchase by {as_of}; import orders first: huida customers import orders.csv")
    table = rfm(days, as_of)
    spend_a_day = _spend_a_day(table)
    if _is_told_apart(table):
        past = past_snapshots(days, as_of, horizon_days, talks)
        (model, method), spend = _churn_model(past, as_of, horizon_days), _spend_model(past, days, as_of, horizon_days)
        del past  # before as much again is made of today
        now = snapshot(days, as_of, horizon_days, as_of, talks)
        # MBG/NBD, because BG/NBD holds every one-time buyer for alive
        counts = PurchaseCounts(modified=True).fit(table)
        blocks = [_of_each(some, horizon_days, model, counts, spend) for some in now.blocks(BLOCK_ROWS)]
        p_churn, p_alive, expected, low, high, reasons = map(np.concatenate, zip(*blocks, strict=True))
    else:
        model, method = None, "rate of all"
        p_churn, p_alive, expected, low, high, reasons = _of_all(table, horizon_days)
    ahead = expected * spend_a_day
    # the purchase model's own figure lies inside by definition, or the two would contradict each other on one screen
    low, high = np.minimum(low, ahead), np.maximum(high, ahead)
    columns = [table.recency_days, table.frequency + 1, table.age_days, table.spend_cny]
    numbers = np.stack([*columns, p_churn, p_alive, expected, ahead, low, high], axis=1)
    ids = tuple(log.customer_ids[table.customer])
    base = model.base_ if model else 0.0
    return Scores(str(as_of), horizon_days, method, base, ids, numbers, reasons, table.customer, model=model)


def _of_each(
    now: Snapshot, horizon_days: int, model: ChurnModel | None, counts: PurchaseCounts, spend: SpendModel | None
) -> tuple[np.ndarray, ...]:
    """p_churn, p_alive, days to expect, the interval of the spend (NaN where it is not known) and the reasons."""
    n, table = len(now), now.table
    p_churn = model.p_churn(now) if model else expit(now.purchase_log_odds)
    reasons = model.reasons(now) if model else np.zeros((n, len(REASONS)))
    low, high = spend.predict(now)[1:] if spend else (np.full(n, np.nan), np.full(n, np.nan))
    return p_churn, counts.p_alive(table), counts.expected(table, horizon_days), low, high, reasons


def _churn_model(past: list[Snapshot], as_of: np.datetime64, horizon_days: int) -> tuple[ChurnModel | None, str]:
    try:
        return ChurnModel(horizon_days=horizon_days).fit(past, as_of), "churn model"
    except InputError:
        return None, "purchase model"


def _spend_model(
    past: list[Snapshot], days: PurchaseDays, as_of: np.datetime64, horizon_days: int
) -> SpendModel | None:
    """None without two past days to learn from where nine in ten customers' spend lies."""
    try:
        return SpendModel().fit([past_of(days, snapshot, horizon_days) for snapshot in past], as_of)
    except InputError:
        return None


def _of_all(table: Rfm, horizon_days: int) -> tuple[np.ndarray, ...]:
    """As `_of_each`. Hardly anybody has come back: the rate of all, with half a purchase (Jeffreys) and one horizon
    added."""
    rate = (float(table.frequency.sum()) + 0.5) / (float(table.age_days.sum()) + horizon_days)
    n, unknown = len(table), np.full(len(table), np.nan)
    expected = np.full(n, rate * horizon_days)
    return np.exp(-expected), unknown, expected, unknown, unknown, np.zeros((n, len(REASONS)))


def _spend_a_day(table: Rfm) -> np.ndarray:
    """CNY of a day with a purchase; of few customers their own mean, as if each had bought once as all do."""
    if _is_told_apart(table):
        return PurchaseSpend().fit(table).expected(table)
    n_days = table.frequency + 1
    return (table.spend_cny + table.spend_cny.sum() / n_days.sum()) / (n_days + 1)


def _is_told_apart(table: Rfm) -> bool:
    return int((table.frequency > 0).sum()) >= MIN_REPEATERS
