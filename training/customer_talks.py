"""Does it help the churn model to know what customers said? On a simulation, because no public set has both.

Drawn: 4,000 customers who buy as a Poisson process at rates of their own. One purchase in eight goes wrong. Who had
trouble writes to the shop six times in ten, others one time in ten; what they write is real text of the set of moods,
negative after trouble, any mood else, and our reader reads it as it reads everything. After trouble a customer leaves
with a probability of `LEAVES`, after any other purchase with .06. The second simulation has the same messages, but
trouble makes nobody leave: there conversations know nothing, and adding them must do no harm.

What it shows is that the path from text to score works and how much a signal of this strength would bring; how strong
the signal is in a shop, only its own backtest can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from assistant.customer.churn import ChurnModel
from assistant.customer.churn_features import snapshot
from assistant.customer.purchases import PurchaseDays, purchases
from assistant.customer.talks import Talks, talks_of
from training.customer_figures import Figure

N_CUSTOMERS, N_DAYS, HORIZON_DAYS = 4_000, 700, 90
FIRST = np.datetime64("2024-01-01")
TESTED = FIRST + N_DAYS - HORIZON_DAYS
LEARNED = tuple(TESTED - 91 * back for back in (4, 3, 2, 1))
TROUBLE, WRITES_THEN, WRITES_ELSE = 0.125, 0.6, 0.1
LEAVES, LEAVES_ELSE = 0.45, 0.06
N_TEXTS = 400  # of each mood, read once each
Rows = list[tuple[str, datetime, float, str]]


def figures(folder: Path) -> Iterator[Figure]:
    """`folder` is not read: texts and customers are our own."""
    moods = _moods()
    for data, leaves in (
        ("simulated, trouble drives away", LEAVES),
        ("simulated, trouble changes nothing", LEAVES_ELSE),
    ):
        days, rows, ids = simulated(moods, leaves)
        talks = talks_of(rows, ids)
        for system, said in (("purchases alone", None), ("and conversations", talks)):
            for metric, value, n in measured(days, said):
                yield Figure("conversations", data, system, metric, value, n)


def measured(days: PurchaseDays, talks: Talks | None) -> Iterator[tuple[str, float, int]]:
    """AUC, PR-AUC and Brier of the churn model on the last horizon, learned on the four quarters before."""
    learned = [snapshot(days, day, HORIZON_DAYS, TESTED, talks) for day in LEARNED]
    tested = snapshot(days, TESTED, HORIZON_DAYS, TESTED + HORIZON_DAYS, talks)
    p = ChurnModel(horizon_days=HORIZON_DAYS).fit(learned, TESTED).p_churn(tested)
    for metric, of in (("AUC", roc_auc_score), ("PR-AUC", average_precision_score), ("Brier", brier_score_loss)):
        yield metric, float(of(tested.churned, p)), len(p)


def simulated(
    moods: dict[str, Sequence[float]], leaves: float, seed: int = 0
) -> tuple[PurchaseDays, Rows, Sequence[str]]:
    """Purchases by day, (customer, instant, mood, outcome) of each message, and the customers' ids by code.

    moods: by the label of a text, what the reader felt in texts of that label.
    """
    rng = np.random.default_rng(seed)
    names, when, amounts, rows = [], [], [], []
    for i in range(N_CUSTOMERS):
        rate, at = rng.gamma(1.5, 1 / 45), float(rng.integers(0, N_DAYS - 150))
        while at < N_DAYS:
            names.append(f"c{i}")
            when.append(int(at))
            amounts.append(float(rng.gamma(3.0, 20.0)))
            trouble = rng.random() < TROUBLE
            if rng.random() < (WRITES_THEN if trouble else WRITES_ELSE):
                label = "negative" if trouble else rng.choice(("negative", "neutral", "positive"), p=(0.2, 0.6, 0.2))
                instant = datetime.fromisoformat(f"{FIRST + int(at)}T12:00").replace(tzinfo=UTC)
                outcome = "handoff" if trouble and rng.random() < 0.5 else "answer"
                rows.append((f"c{i}", instant, float(rng.choice(moods[label])), outcome))
            if rng.random() < (leaves if trouble else LEAVES_ELSE):
                break
            at += rng.exponential(1 / rate)
    log = purchases(names, FIRST + np.array(when), ["p"] * len(names), [1] * len(names), amounts)
    return log.by_day(), rows, log.customer_ids


def _moods() -> dict[str, list[float]]:
    """p_positive - p_negative that the shipped reader gives the first N_TEXTS texts of each mood."""
    from assistant import bootstrap, settings

    lines = (files("training") / "written" / "moods.tsv").read_text("utf-8").splitlines()
    texts: dict[str, list[str]] = {}
    for fields in (line.split("\t") for line in lines):
        if len(fields) > 5 and len(texts.setdefault(fields[4], [])) < N_TEXTS:
            texts[fields[4]].append(fields[5])
    reader = bootstrap.build_reader(settings.load())
    felt = {label: reader.read(some, datetime.now(UTC)) for label, some in texts.items()}
    return {
        label: [r.sentiment.p["positive"] - r.sentiment.p["negative"] for r in read] for label, read in felt.items()
    }
