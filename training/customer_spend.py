"""What customers of Online Retail II spend in the 90 days after 2011-09-10: ridge regression beside the value model.

The mean absolute error, the share of the spend that the first tenth of the ranking captures, and how many of the
customers lie within the interval that should hold nine in ten: of all, of each group of activity, and on four earlier
days. The way to set intervals was chosen on those earlier days (training/README.md), before the last was looked at:
each interval is set on the snapshot of the same season, a year before the day that is predicted. No figure to beat is
published for this; the value model stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from assistant.customer.churn import training_days
from assistant.customer.churn_features import snapshot
from assistant.customer.purchases import PurchaseDays
from assistant.customer.spend import ACTIVITY, COVERAGE, MIN_GROUP, Past, Spend, SpendModel, activity, past_of
from assistant.customer.value import PurchaseCounts, PurchaseSpend
from training.customer_churn import HORIZON_DAYS, LEARNED, TESTED
from training.customer_figures import Figure, online_retail
from training.customer_value import share_of_top_decile

DATA = "Online Retail II, next 90 days"
EARLIER = ("2011-03-12", "2011-04-11", "2011-05-12", "2011-06-11")  # with a year before, and over before TESTED


def figures(folder: Path) -> Iterator[Figure]:
    days = online_retail(folder).by_day()
    found, tested = predicted(days, TESTED, LEARNED)
    table, then, n = tested.snapshot.table, tested.then_cny, len(tested.then_cny)
    counts = PurchaseCounts(modified=True).fit(table)
    value = counts.expected(table, HORIZON_DAYS) * PurchaseSpend().fit(table).expected(table)
    for system, mean in (("ridge", found.mean_cny), ("MBG/NBD x Gamma-Gamma", value), ("nothing", np.zeros(n))):
        yield Figure("spend", DATA, system, "MAE", float(np.abs(mean - then).mean()), n, digits=1)
        if mean.any():
            yield Figure("spend", DATA, system, "spend in top decile", share_of_top_decile(then, mean), n, digits=3)
    inside = (then >= found.low_cny) & (then <= found.high_cny)
    yield Figure("spend", DATA, "interval", "share within it", float(inside.mean()), n, COVERAGE)
    yield Figure(
        "spend", DATA, "interval", "median width", float(np.median(found.high_cny - found.low_cny)), n, digits=0
    )
    groups = activity(tested.snapshot)
    for group, name in enumerate(ACTIVITY):
        if (n_group := int((groups == group).sum())) >= MIN_GROUP:
            share = float(inside[groups == group].mean())
            yield Figure("spend", DATA, "interval", f"share within it, {name}", share, n_group, COVERAGE)
    yield from _earlier(days)


def _earlier(days: PurchaseDays) -> Iterator[Figure]:
    for day in EARLIER:
        found, tested = predicted(days, day, training_days(days.until(day), day, HORIZON_DAYS))
        inside = (tested.then_cny >= found.low_cny) & (tested.then_cny <= found.high_cny)
        metric = f"share within it, as of {day}"
        yield Figure("spend", DATA, "interval", metric, float(inside.mean()), len(inside), COVERAGE)


def predicted(days: PurchaseDays, as_of: str, learned: Sequence) -> tuple[Spend, Past]:
    """What was to expect on a day from what was known by then, and what its customers then spent."""
    pasts = [past_of(days, snapshot(days, day, HORIZON_DAYS), HORIZON_DAYS) for day in learned]
    tested = past_of(days, snapshot(days, as_of, HORIZON_DAYS), HORIZON_DAYS)
    return SpendModel().fit(pasts, as_of).predict(tested.snapshot), tested
