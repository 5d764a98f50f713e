"""The constants of the recommendation mix and of the churn mean, chosen on days that were over before the test's.

    python -m training.customer_choice --data DIR          tables of every setting tried, the chosen one marked

Recommendations are tested from 2011-11-09 on, so the mix is chosen by its mean HR@10 over two months that end by
2011-11-08.

Churn is tested on 2011-09-10. How BG/NBD is weighed in the score is chosen on ten days of two shops: CDNOW, and Online
Retail II where the 90 days were over by LAST_SEEN, a quarter before the test. The weight only moves customers against
each other; how many leave in all is set afterwards, by the season. So every day's mix is given the level and slope of
that very day, and what is left of the Brier score, the refinement, is compared (Murphy 1973).

Nothing here reads a day of the tests; `huida evaluate --suite customers` reads those.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from assistant.customer.churn import ChurnModel, past_snapshots
from assistant.customer.churn_features import Snapshot, snapshot
from assistant.customer.lately import Lately
from assistant.customer.purchases import PurchaseDays, Purchases
from assistant.customer.rankers import Ease, OwnFrequency, Popularity
from assistant.customer.recommend import top
from training.customer_churn import HORIZON_DAYS, RECENT_DAYS
from training.customer_figures import cdnow, online_retail
from training.customer_recommend import N_SHOWN, PAST_ENDS, bought_after, hits_and_gains

MONTH_DAYS = 31
MONTHS = tuple(np.datetime64(PAST_ENDS, "D") - MONTH_DAYS * back for back in (2, 1))
LATELY_DAYS, LATELY_REGULARISATIONS = (31, 62), (100.0, 300.0, 1_000.0)
LATELY_WEIGHTS, POPULAR_WEIGHTS = (0.0, 0.5, 1.0, 2.0), (0.05, 0.1, 0.2)
REPEAT_HALF_LIVES, REPEAT_WEIGHTS = (None, 365.0), (0.1, 0.2, 0.4)
PURCHASE_WEIGHTS = tuple(round(0.1 * k, 1) for k in range(11))
LEARNED_WAY = "learned"  # each shop's own, on snapshots left out (assistant.customer.churn_weight)
LAST_SEEN = "2011-06-10"
RETAIL_DAYS = ("2010-11-10", "2010-12-10", "2011-01-10", "2011-02-10", "2011-03-12")
CDNOW_DAYS = ("1997-10-01", "1997-11-15", "1998-01-01", "1998-02-15", "1998-04-01")

Setting = tuple[float | str | None, ...]


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


def purchase_weights(
    shops: Sequence[tuple[PurchaseDays, Sequence[str]]], n_snapshots: int
) -> dict[Setting, np.ndarray]:
    """(weight of BG/NBD,) -> refinement and AUC, mean of all and of the last 180 days' customers, of days, of shops.

    n_snapshots: that the classifier learns from at most; with one the weight cannot be learned.
    """
    ways = (*PURCHASE_WEIGHTS, *([LEARNED_WAY] if n_snapshots > 1 else []))
    of_shops = []
    for days, as_ofs in shops:
        tried: dict[Setting, list] = {(way,): [] for way in ways}
        for as_of in as_ofs:
            now = snapshot(days, as_of, HORIZON_DAYS)
            known = past_snapshots(days, as_of, HORIZON_DAYS)[:n_snapshots]
            model = ChurnModel(horizon_days=HORIZON_DAYS).fit(known, as_of)
            scores = model.classifier_.log_odds(now.x)
            for (way,), found in tried.items():
                weight = model.purchase_weight_ if way == LEARNED_WAY else way
                mixed = (1 - weight) * scores + weight * now.purchase_log_odds
                found += [_refined(mixed[rows], now.churned[rows]) for rows in _populations(now)]
        of_shops.append({setting: np.mean(found, axis=0) for setting, found in tried.items()})
    return {setting: np.mean([shop[setting] for shop in of_shops], axis=0) for setting in of_shops[0]}


def _populations(now: Snapshot) -> tuple[np.ndarray, np.ndarray]:
    return np.ones(len(now), bool), now.table.recency_days < RECENT_DAYS


def _refined(mixed: np.ndarray, churned: np.ndarray) -> tuple[float, float]:
    """Brier score with the best level and slope that these very customers allow, and AUC, which knows neither."""
    p = LogisticRegression(C=100.0).fit(mixed[:, None], churned).predict_proba(mixed[:, None])[:, 1]
    return brier_score_loss(churned, p), roc_auc_score(churned, mixed)


def _churn(folder: Path) -> Iterator[str]:
    retail = online_retail(folder).until(LAST_SEEN).by_day()
    shops = [(retail, RETAIL_DAYS), (cdnow(folder, sample=False).by_day(), CDNOW_DAYS)]
    for n_snapshots in (4, 1):
        tried = purchase_weights(shops, n_snapshots)
        best = min(tried, key=lambda setting: tried[setting][0])
        yield from _lines(f"weight of BG/NBD, at most {n_snapshots} snapshots", tried, best, "refinement, AUC")


def _new(folder: Path) -> Iterator[str]:
    tried = mixes(online_retail(folder).until(PAST_ENDS))
    yield from _lines("days, regularisation, weight of the last weeks, popular weight", tried, _most_hits(tried))


def _repeats(folder: Path) -> Iterator[str]:
    tried = repeats(online_retail(folder).until(PAST_ENDS))
    yield from _lines("own half-life, own weight, popular weight", tried, _most_hits(tried))


def _most_hits(tried: dict[Setting, np.ndarray]) -> Setting:
    return max(tried, key=lambda setting: tried[setting][0])


def _lines(names: str, tried: dict[Setting, np.ndarray], best: Setting, metrics="HR@10, NDCG@10") -> Iterator[str]:
    yield f"{names} -> {metrics}"
    for setting, values in tried.items():
        mark = "  chosen" if setting == best else ""
        yield f"  {' '.join(map(str, setting)):24} {' '.join(f'{value:.5f}' for value in values)}{mark}"


CHOICES = {"churn": _churn, "new": _new, "repeats": _repeats}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the public sets")
    parser.add_argument(
        "--only", choices=CHOICES, help="one of them: a minute for churn, five for new, one for repeats"
    )
    asked = parser.parse_args()
    for name in [asked.only] if asked.only else CHOICES:
        for line in CHOICES[name](asked.data / "customers"):
            print(line, flush=True)


if __name__ == "__main__":
    main()
