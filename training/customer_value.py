"""Repeat purchases and spend on CDNOW: 39 weeks to fit, 39 to predict, purchases of one day counted once.

The parameters were published on the sample of 2,357 (Fader, Hardie & Lee 2005: weeks) and for Gamma-Gamma by Fader &
Hardie 2013; the errors to beat come from the archived library `lifetimes` on the same split.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from assistant.customer.purchases import PurchaseDays, Rfm, rfm
from assistant.customer.value import PurchaseCounts, PurchaseSpend
from training.customer_figures import Figure, cdnow

FITTED, PREDICTED = np.datetime64("1997-09-30"), np.datetime64("1998-06-30")
WEEKS = 39
PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
FLOORS = {
    ("sample", "BG/NBD"): {"MAE": 0.785, "RMSE": 1.608, "AUC active": 0.773, "AUC of p_alive alone": 0.32},
    ("all", "BG/NBD"): {"MAE": 0.819, "RMSE": 1.733, "AUC active": 0.763},
    ("sample", "MBG/NBD"): {"MAE": 0.765},
    ("all", "MBG/NBD"): {"MAE": 0.795},
}
TRAPS = ("AUC of p_alive alone",)  # it is 1 for everybody who bought once: why customers are ranked by `expected`


def figures(folder: Path) -> Iterator[Figure]:
    for name in ("sample", "all"):
        days = cdnow(folder, sample=name == "sample").by_day()
        table, future = rfm(days, FITTED), days.between(FITTED, PREDICTED)
        plain = PurchaseCounts().fit(table)
        if name == "sample":
            yield from _parameters(plain, len(table))
        for system, model in (("BG/NBD", plain), ("MBG/NBD", PurchaseCounts(modified=True).fit(table))):
            yield from _counts(name, system, model, table, future)
        yield from _spend(name, plain, table, future)


def _parameters(model: PurchaseCounts, n: int) -> Iterator[Figure]:
    fitted = {"r": model.r_, "alpha": model.alpha_days_ / 7, "a": model.a_, "b": model.b_}
    for name, value in fitted.items():
        yield Figure("value", "CDNOW sample", "BG/NBD", name, value, n, PUBLISHED[name], "same")


def _counts(name: str, system: str, model: PurchaseCounts, table: Rfm, future: PurchaseDays) -> Iterator[Figure]:
    bought = _per_customer(future, table)
    expected = model.expected(table, 7 * WEEKS)
    measured = {
        "MAE": float(np.abs(expected - bought).mean()),
        "RMSE": float(np.sqrt(((expected - bought) ** 2).mean())),
        "AUC active": float(roc_auc_score(bought > 0, expected)),
        "AUC of p_alive alone": float(roc_auc_score(bought > 0, model.p_alive(table))),
    }
    for metric, value in measured.items():
        floor = FLOORS[name, system].get(metric)
        better = None if metric in TRAPS else "higher" if metric.startswith("AUC") else "lower"
        yield Figure("value", f"CDNOW {name}", system, metric, value, len(table), floor, better)


def _spend(name: str, counts: PurchaseCounts, table: Rfm, future: PurchaseDays) -> Iterator[Figure]:
    spent = _per_customer(future, table, future.amount_cny)
    value = counts.expected(table, 7 * WEEKS) * PurchaseSpend().fit(table).expected(table)
    data, system, n = f"CDNOW {name}", "BG/NBD x Gamma-Gamma", len(table)
    error, floor = float(np.abs(value - spent).mean()), 30.4 if name == "sample" else None
    yield Figure("value", data, system, "MAE of spend", error, n, floor, "lower", digits=1)
    shares = {system: share_of_top_decile(spent, value), "perfect knowledge": share_of_top_decile(spent, spent)}
    yield Figure("value", data, system, "spend in top decile", shares[system], n, 0.50, "higher", digits=2)
    yield Figure(
        "value",
        data,
        "perfect knowledge",
        "spend in top decile",
        shares["perfect knowledge"],
        n,
        0.76 if name == "sample" else None,
        digits=2,
    )


def _per_customer(future: PurchaseDays, table: Rfm, values: np.ndarray | None = None) -> np.ndarray:
    size = int(max(table.customer.max(), future.customer.max(initial=0))) + 1
    return np.bincount(future.customer, values, minlength=size)[table.customer]


def share_of_top_decile(spent: np.ndarray, rank: np.ndarray) -> float:
    top = np.argsort(-rank, kind="stable")[: len(rank) // 10]
    return float(spent[top].sum() / spent.sum())
