"""The constants of the recommendation mix and of the churn mean, chosen on days that were over before the test's.

    python -m training.customer_choice --data DIR          a table of every setting tried, the chosen one marked

Recommendations are tested from 2011-11-09 on, so the mix is chosen by its mean HR@10 over two months that end by
2011-11-08. Churn is tested on 2011-09-10, so the weight of BG/NBD is chosen by its mean Brier score on the two quarters
whose 90 days were over by then. Nothing here reads a day of the tests; `huida evaluate --suite customers` reads those.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score

from assistant.customer.churn import ChurnModel
from assistant.customer.churn_features import snapshot
from assistant.customer.lately import Lately
from assistant.customer.purchases import Purchases
from assistant.customer.rankers import Ease, OwnFrequency, Popularity
from assistant.customer.recommend import top
from training.customer_churn import HORIZON_DAYS, LEARNED, RECENT_DAYS, TESTED
from training.customer_figures import online_retail
from training.customer_recommend import N_SHOWN, PAST_ENDS, bought_after, hits_and_gains

MONTH_DAYS = 31
MONTHS = tuple(np.datetime64(PAST_ENDS, "D") - MONTH_DAYS * back for back in (2, 1))
LATELY_DAYS, LATELY_REGULARISATIONS = (31, 62), (100.0, 300.0, 1_000.0)
LATELY_WEIGHTS, POPULAR_WEIGHTS = (0.0, 0.5, 1.0, 2.0), (0.05, 0.1, 0.2)
REPEAT_HALF_LIVES, REPEAT_WEIGHTS = (None, 365.0), (0.1, 0.2, 0.4)
PURCHASE_WEIGHTS = (0.0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 1.0)
QUARTERS = ("2011-03-10", LEARNED[-1])  # LEARNED[-1] + 90 days is the day before TESTED
EARLIER = ("2010-03-11", "2010-06-10", *LEARNED[:-1])

Setting = tuple[float | None, ...]


def mixes(log: Purchases) -> dict[Setting, np.ndarray]:
    """(days, regularisation, weight of the last weeks, popular weight) -> HR@10 and NDCG@10, mean of MONTHS; new only."""
    tried: dict[Setting, list] = {}
    for ends in MONTHS:
        known = log.until(ends + MONTH_DAYS)
        wanted, customers = bought_after(known, ends, repeats=False)
        popular = Popularity().fit(known, ends).popular_
        had = OwnFrequency().fit(known, ends).scores(customers) > 0
        for days, regularisation in product(LATELY_DAYS, LATELY_REGULARISATIONS):
            model = Lately(lately_weight=1.0, lately_days=days, lately_regularisation=regularisation).fit(known, ends)
            always = model.repeat_scores(customers)
            lately = model.scores(customers) - always
            always[had] = -np.inf
            for lately_weight, weight in product(LATELY_WEIGHTS, POPULAR_WEIGHTS):
                shown = top(always + lately_weight * lately + weight * popular, N_SHOWN)
                found = np.mean(hits_and_gains(wanted, customers, shown), axis=1)
                tried.setdefault((days, regularisation, lately_weight, weight), []).append(found)
    return {setting: np.mean(found, axis=0) for setting, found in tried.items()}


def repeats(log: Purchases) -> dict[Setting, np.ndarray]:
    """(half-life, weight) of the customer's own frequency, popular weight -> the same two, on top of EASE alone."""
    tried: dict[Setting, list] = {}
    for ends in MONTHS:
        known = log.until(ends + MONTH_DAYS)
        wanted, customers = bought_after(known, ends, repeats=True)
        ease, popular = Ease().fit(known, ends).scores(customers), Popularity().fit(known, ends).popular_
        for own_days, own_weight, weight in product(REPEAT_HALF_LIVES, REPEAT_WEIGHTS, POPULAR_WEIGHTS):
            own = OwnFrequency(own_days).fit(known, ends).scores(customers)
            shown = top(ease + weight * popular + own_weight * own, N_SHOWN)
            found = np.mean(hits_and_gains(wanted, customers, shown), axis=1)
            tried.setdefault((own_days, own_weight, weight), []).append(found)
    return {setting: np.mean(found, axis=0) for setting, found in tried.items()}


def purchase_weights(log: Purchases) -> dict[Setting, np.ndarray]:
    """(weight of BG/NBD,) -> Brier, AUC of all and of the last 180 days' customers, mean of both and of QUARTERS."""
    days = log.by_day()
    known = {np.datetime64(day): snapshot(days, day, HORIZON_DAYS) for day in (*EARLIER, QUARTERS[-1])}
    tried: dict[Setting, list] = {}
    for at in map(np.datetime64, QUARTERS):
        learned = [past for day, past in known.items() if day + HORIZON_DAYS <= at][-len(LEARNED) :]
        now = known[at]
        for weight in PURCHASE_WEIGHTS:
            p = ChurnModel(purchase_weight=weight, horizon_days=HORIZON_DAYS).fit(learned, at).p_churn(now)
            for rows in (np.ones(len(p), bool), now.table.recency_days < RECENT_DAYS):
                churned = now.churned[rows]
                found = brier_score_loss(churned, p[rows]), roc_auc_score(churned, p[rows])
                tried.setdefault((weight,), []).append(found)
    return {setting: np.mean(found, axis=0) for setting, found in tried.items()}


def _lines(names: str, tried: dict[Setting, np.ndarray], best: Setting, metrics: str) -> Iterator[str]:
    yield f"{names} -> {metrics}"
    for setting, values in tried.items():
        mark = "  chosen" if setting == best else ""
        yield f"  {' '.join(map(str, setting)):24} {' '.join(f'{value:.4f}' for value in values)}{mark}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the public sets")
    parser.add_argument("--only", choices=("churn", "mix"), help="one of both")
    asked = parser.parse_args()
    log = online_retail(asked.data / "customers")
    if asked.only != "mix":
        weights = purchase_weights(log.until(TESTED))
        best = min(weights, key=lambda setting: weights[setting][0])
        print(*_lines("weight of BG/NBD", weights, best, "Brier, AUC"), sep="\n", flush=True)
    if asked.only == "churn":
        return
    log = log.until(PAST_ENDS)
    mixed = mixes(log)
    best = max(mixed, key=lambda setting: mixed[setting][0])
    head = "days, regularisation, weight of the last weeks, popular weight"
    print(*_lines(head, mixed, best, "HR@10, NDCG@10"), sep="\n", flush=True)
    again = repeats(log)
    chosen = max(again, key=lambda setting: again[setting][0])
    print(*_lines("own half-life, own weight, popular weight", again, chosen, "HR@10, NDCG@10"), sep="\n", flush=True)


if __name__ == "__main__":
    main()
