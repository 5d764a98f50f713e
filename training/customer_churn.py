"""Churn on Online Retail II: no purchase in the next 90 days, learned on four past days, tested on 2011-09-10.

Two populations: everybody who ever bought, and who bought in the last 180 days; of the model that is served (`churn
model`) also those who bought on one day alone, whom BG/NBD takes for alive for ever. It and the classifiers beside it are
calibrated on the season a year before; the figures to beat were measured without that, and so is `uncalibrated`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.special import expit
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from assistant.customer.churn import ChurnModel
from assistant.customer.churn_classifiers import CLASSIFIERS, Logistic
from assistant.customer.churn_features import Snapshot, snapshot
from training.customer_figures import Figure, online_retail, telco

RETAIL = "Online Retail II"
LEARNED = ("2010-09-10", "2010-12-10", "2011-03-10", "2011-06-11")
TESTED = "2011-09-10"
HORIZON_DAYS, RECENT_DAYS = 90, 180
METRICS = {"AUC": "higher", "PR-AUC": "higher", "Brier": "lower"}
BEST = {"all": (0.806, 0.826, 0.181), "last 180 days": (0.774, 0.650, 0.195)}  # the best of each column
FLOORS = {
    ("all", "logistic"): (0.806, 0.824, 0.190), ("last 180 days", "logistic"): (0.774, 0.643, 0.205),
    ("all", "boosting"): (0.806, 0.826, 0.193), ("last 180 days", "boosting"): (0.768, 0.650, 0.206),
    ("all", "BG/NBD exp(-E)"): (0.801, 0.818, 0.181), ("last 180 days", "BG/NBD exp(-E)"): (0.759, 0.646, 0.195),
    ("all", "recency alone"): (0.763,), ("last 180 days", "recency alone"): (0.655,),
}  # fmt: skip
UNCALIBRATED_MEAN = 0.68  # of all customers, where .57 left: too high in autumn
TELCO_FLOORS = {"logistic": 0.845, "boosting": 0.848}


def figures(folder: Path) -> Iterator[Figure]:
    days = online_retail(folder).by_day()
    learned = [snapshot(days, day, HORIZON_DAYS) for day in LEARNED]
    tested = snapshot(days, TESTED, HORIZON_DAYS)
    served = ChurnModel(horizon_days=HORIZON_DAYS).fit(learned, tested.as_of)
    yield from _measured("churn model", served.p_churn(tested), tested)
    yield from _explained(served, tested)
    for system, p in _predictions(learned, tested):
        yield from _measured(system, p, tested)
    yield from _telco(folder)


def _explained(served: ChurnModel, tested: Snapshot) -> Iterator[Figure]:
    """Reasons that add up to the score, and the weight that was learned."""
    gap = np.abs(served.base_ + served.reasons(tested).sum(axis=1) - served.log_odds(tested)).max()
    yield Figure("churn", RETAIL, "churn model", "base + reasons, furthest from the score", float(gap), len(tested), 0.0,
                 "same", digits=9)  # fmt: skip
    yield Figure("churn", RETAIL, "churn model", "weight of BG/NBD", served.purchase_weight_, len(tested))


def _predictions(learned: list[Snapshot], tested: Snapshot) -> Iterator[tuple[str, np.ndarray]]:
    for name in CLASSIFIERS:
        model = ChurnModel(name, purchase_weight=0.0, horizon_days=HORIZON_DAYS)
        yield name, model.fit(learned, tested.as_of).p_churn(tested)
    x, churned = (np.concatenate([getattr(s, name) for s in learned]) for name in ("x", "churned"))
    yield "uncalibrated", expit(Logistic().fit(x, churned).log_odds(tested.x))
    yield "BG/NBD exp(-E)", expit(tested.purchase_log_odds)
    yield "recency alone", tested.table.recency_days / tested.table.recency_days.max()


def _measured(system: str, p: np.ndarray, tested: Snapshot) -> Iterator[Figure]:
    populations = {"all": np.ones(len(p), bool), "last 180 days": tested.table.recency_days < RECENT_DAYS}
    if system == "churn model":
        populations["bought once"] = tested.table.frequency == 0
    for population, rows in populations.items():
        churned, there = tested.churned[rows], p[rows]
        values = (
            roc_auc_score(churned, there),
            average_precision_score(churned, there),
            brier_score_loss(churned, there),
        )
        data = f"{RETAIL}, {population}"
        floors = BEST.get(population, ()) if system == "churn model" else FLOORS.get((population, system), ())
        if system in ("churn model", "logistic"):
            yield Figure("churn", data, system, "mean probability (beside: share that left)", float(there.mean()),
                         len(there), float(churned.mean()))  # fmt: skip
        if system == "uncalibrated":
            known = UNCALIBRATED_MEAN if population == "all" else None
            yield Figure("churn", data, system, "mean probability", float(there.mean()), len(there), known, digits=2)
            continue
        for at, (metric, better) in enumerate(METRICS.items()):
            if system == "recency alone" and metric != "AUC":
                continue  # a ranking, no probability
            floor = floors[at] if at < len(floors) else None
            yield Figure("churn", data, system, metric, float(values[at]), len(there), floor, better)


def _telco(folder: Path) -> Iterator[Figure]:
    """Five folds; the mean of the log odds of logistic regression and boosting stands beside both."""
    x, churned = telco(folder)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(x, churned))
    scores = {name: np.zeros(len(x)) for name in ("logistic", "boosting")}
    for name, score in scores.items():
        for fitted, held_out in folds:
            score[held_out] = CLASSIFIERS[name]().fit(x[fitted], churned[fitted]).log_odds(x[held_out])
    scores["mean of both"] = (scores["logistic"] + scores["boosting"]) / 2
    for name, score in scores.items():
        auc = float(np.mean([roc_auc_score(churned[held_out], score[held_out]) for _, held_out in folds]))
        floor = TELCO_FLOORS.get(name, TELCO_FLOORS["boosting"])
        yield Figure("churn", "Telco, 5 folds", name, "AUC", auc, len(x), floor, "higher")
