"""What the purchases say of every customer on one day: risk, value, and why. Dated, versioned, and read-only after.

scores = score(sales(log), "2026-11-22")
publish(root, scores, purchases_version)      latest(root).of("c-1042")
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from scipy.special import expit

from assistant.customer.churn import ChurnModel, fit_churn
from assistant.customer.churn_features import REASONS, Snapshot, snapshot
from assistant.customer.purchases import Purchases, Rfm, rfm
from assistant.customer.value import PurchaseCounts, PurchaseSpend
from assistant.errors import ArtifactError, InputError, NotFound
from assistant.head_files import WEIGHTS, save_head
from index import folder as sealed
from index.errors import CorruptFolder

KIND = "scores"
N_KEPT = 12  # scorings that stay beside the latest: a year of months
COLUMNS = (
    "recency_days",
    "n_days",
    "age_days",
    "spend_cny",
    "p_churn",
    "p_alive",
    "expected_days",
    "expected_spend_cny",
)


class Score(NamedTuple):
    """One customer's numbers; `expected_*` are those of the horizon, `reasons` log odds by reason, largest first."""

    customer_id: str
    as_of: str
    horizon_days: int
    recency_days: float
    n_days: float
    age_days: float
    spend_cny: float
    p_churn: float
    p_alive: float | None  # None while nobody has come back
    expected_days: float
    expected_spend_cny: float
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """numbers float64 (c, len(COLUMNS)), reasons float64 (c, len(REASONS)), base the log odds they are added to.

    `method` says where p_churn comes from: "churn model", "purchase model" (too short a history to learn churn from) or
    "rate of all" (nobody has come back yet).
    """

    as_of: str
    horizon_days: int
    method: str
    base: float
    customer_ids: tuple[str, ...]
    numbers: np.ndarray
    reasons: np.ndarray
    model: ChurnModel | None = None  # kept beside the numbers that it made; not read back with them

    def __len__(self) -> int:
        return len(self.customer_ids)

    def of(self, customer_id: str) -> Score:
        """Raises NotFound when the customer had bought nothing by then."""
        try:
            i = self.customer_ids.index(customer_id)
        except ValueError:
            raise NotFound(f"customer {customer_id!r} had no purchase by {self.as_of}") from None
        return self._score(i)

    def __getitem__(self, place: int) -> Score:
        return self._score(place)

    def __iter__(self):
        return map(self._score, range(len(self)))

    def column(self, name: str) -> np.ndarray:
        return self.numbers[:, COLUMNS.index(name)]

    def _score(self, i: int) -> Score:
        why = [(REASONS[j], float(self.reasons[i, j])) for j in np.argsort(-np.abs(self.reasons[i]), kind="stable")]
        numbers = (None if np.isnan(number) else float(number) for number in self.numbers[i])
        return Score(self.customer_ids[i], self.as_of, self.horizon_days, *numbers, tuple(why))


def score(log: Purchases, as_of: np.datetime64 | str, horizon_days: int = 90) -> Scores:
    """Score everybody who had bought by the day `as_of`. Raises InputError when nobody had."""
    as_of = np.datetime64(as_of, "D")
    days = log.until(as_of).by_day()
    if not len(days):
        raise InputError(f"there is no purchase by {as_of}; import orders first: huida customers import orders.csv")
    table = rfm(days, as_of)
    now, model, method = _risk(days, as_of, horizon_days)
    if now is None:
        p_churn, p_alive, expected = _of_all(table, horizon_days)
        reasons, base = np.zeros((len(table), len(REASONS))), 0.0
    else:
        p_churn = model.p_churn(now) if model else expit(now.purchase_log_odds)
        reasons = model.reasons(now) if model else np.zeros((len(table), len(REASONS)))
        base = model.base_ if model else 0.0
        # MBG/NBD, because BG/NBD holds every one-time buyer for alive
        counts = PurchaseCounts(modified=True).fit(table)
        p_alive, expected = counts.p_alive(table), counts.expected(table, horizon_days)
    spend = expected * _spend_a_day(table)
    numbers = np.stack(
        [table.recency_days, table.frequency + 1, table.age_days, table.spend_cny, p_churn, p_alive, expected, spend],
        axis=1,
    )
    ids = tuple(log.customer_ids[table.customer])
    return Scores(str(as_of), horizon_days, method, base, ids, numbers, reasons, model)


def _risk(days, as_of: np.datetime64, horizon_days: int) -> tuple[Snapshot | None, ChurnModel | None, str]:
    try:
        now = snapshot(days, as_of, horizon_days, known_until=as_of)
    except InputError:
        return None, None, "rate of all"
    try:
        return now, fit_churn(days, as_of, horizon_days), "churn model"
    except InputError:
        return now, None, "purchase model"


def _of_all(table: Rfm, horizon_days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nobody has come back: the rate of all is half a purchase (Jeffreys) in the days watched and one horizon."""
    rate = 0.5 / (float(table.age_days.sum()) + horizon_days)
    n = len(table)
    return np.full(n, np.exp(-rate * horizon_days)), np.full(n, np.nan), np.full(n, rate * horizon_days)


def _spend_a_day(table: Rfm) -> np.ndarray:
    try:
        return PurchaseSpend().fit(table).expected(table)
    except InputError:
        return table.spend_cny / (table.frequency + 1)


def publish(root: Path, scores: Scores, purchases_version: str) -> str:
    """Write the scores beside the earlier ones, make them the latest, and return their version."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming = root / f".incoming-{os.getpid()}"
    shutil.rmtree(incoming, ignore_errors=True)
    ids = "\n".join(scores.customer_ids)
    arrays = {"numbers": scores.numbers, "reasons": scores.reasons, "ids": np.frombuffer(ids.encode(), np.uint8)}
    fields = {"as_of": scores.as_of, "horizon_days": scores.horizon_days, "method": scores.method, "base": scores.base,
              "columns": list(COLUMNS), "reason_names": list(REASONS), "purchases": purchases_version,
              "n_customers": len(scores)}  # fmt: skip
    version = save_head(incoming, KIND, arrays, fields)
    if scores.model:
        scores.model.save(incoming / "churn")
    name = f"{scores.as_of}-{hashlib.sha256(f'{version}{purchases_version}'.encode()).hexdigest()[:12]}"
    sealed.seal(incoming, KIND, name, fields)
    sealed.publish(root, incoming, name)
    for folder in sealed.versions(root)[1 + N_KEPT :]:
        shutil.rmtree(folder, ignore_errors=True)
    return name


def latest(root: Path) -> Scores:
    """Raises NotFound before the first scoring, ArtifactError when it was edited."""
    if not (root / sealed.CURRENT).exists():
        raise NotFound("no customer was scored yet; run: huida customers score")
    try:
        folder = sealed.current(root)
        said = sealed.verify(folder, KIND)
        arrays = load_file(folder / WEIGHTS)
    except (CorruptFolder, SafetensorError) as error:
        raise ArtifactError(f"{error} (score again with: huida customers score)") from error
    if (said["columns"], said["reason_names"]) != (list(COLUMNS), list(REASONS)):
        raise ArtifactError(f"{folder} was written by another version of Huida; run: huida customers score")
    ids = tuple(arrays["ids"].tobytes().decode().split("\n"))
    named = ("as_of", "horizon_days", "method", "base")
    return Scores(*(said[name] for name in named), ids, arrays["numbers"], arrays["reasons"])
