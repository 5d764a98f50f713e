"""What customers of Online Retail II spend in the 90 days after 2011-09-10: ridge regression beside the value model.

The mean absolute error, the share of the spend that the first tenth of the ranking captures, and how many of the
customers lie within the interval that should hold nine in ten. Learned on 2010-09-10 to 2011-03-10, intervals set on
2011-06-11. No figure to beat is published for this; the value model stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.customer.churn_features import snapshot
from assistant.customer.spend import COVERAGE, SpendModel, past_of
from assistant.customer.value import PurchaseCounts, PurchaseSpend
from training.customer_churn import HORIZON_DAYS, LEARNED, TESTED
from training.customer_figures import Figure, online_retail
from training.customer_value import share_of_top_decile

DATA = "Online Retail II, next 90 days"


def figures(folder: Path) -> Iterator[Figure]:
    days = online_retail(folder).by_day()
    *earlier, latest = (past_of(days, snapshot(days, day, HORIZON_DAYS), HORIZON_DAYS) for day in LEARNED)
    tested = past_of(days, snapshot(days, TESTED, HORIZON_DAYS), HORIZON_DAYS)
    table, then, n = tested.snapshot.table, tested.then_cny, len(tested.then_cny)
    found = SpendModel().fit(earlier, latest).predict(tested.snapshot)
    counts = PurchaseCounts(modified=True).fit(table)
    value = counts.expected(table, HORIZON_DAYS) * PurchaseSpend().fit(table).expected(table)
    for system, mean in (("ridge", found.mean_cny), ("MBG/NBD x Gamma-Gamma", value), ("nothing", np.zeros(n))):
        yield Figure("spend", DATA, system, "MAE", float(np.abs(mean - then).mean()), n, digits=1)
        if mean.any():
            yield Figure("spend", DATA, system, "spend in top decile", share_of_top_decile(then, mean), n, digits=3)
    inside = float(((then >= found.low_cny) & (then <= found.high_cny)).mean())
    yield Figure("spend", DATA, "ridge", "share within the interval", inside, n, COVERAGE, digits=3)
