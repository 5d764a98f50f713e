"""One measured figure of the customer models, the figure it stands beside, and the public sets as purchases."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from assistant.customer.purchases import Purchases, purchases
from assistant.errors import InputError


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` on n examples; `floor` is the best known figure on this protocol, `better` which way is good.

    Two figures are level when they show the same digits. `better` is "same" where a published figure is reproduced
    (a fitted parameter, the number of rules), and None where a figure is there for comparison alone.
    """

    section: str
    data: str
    system: str
    metric: str
    value: float
    n: int
    floor: float | None = None
    better: Literal["higher", "lower", "same"] | None = None
    digits: int = 3

    @property
    def reached(self) -> bool | None:
        if self.floor is None or self.better is None:
            return None
        value, floor = round(self.value, self.digits), round(self.floor, self.digits)
        return {"higher": value >= floor, "lower": value <= floor, "same": value == floor}[self.better]

    def shown(self, number: float) -> str:
        return f"{number:,.{self.digits}f}"


def cdnow(folder: Path, sample: bool) -> Purchases:
    """CDNOW's 23,570 customers of one cohort, or its published sample of 2,357; dollars stand for CNY."""
    rows = [row for row in _csv(folder / "cdnow" / "transactions.csv.gz") if not sample or row["in_sample"] == "1"]
    ids, days, amounts = ([row[name] for row in rows] for name in ("customer_id", "date", "value"))
    return purchases(ids, days, ["cd"] * len(rows), [float(row["cds"]) for row in rows], [float(a) for a in amounts])


def online_retail(folder: Path) -> Purchases:
    """Online Retail II without cancelled lines, without customers unknown, at prices above 0; pounds stand for CNY."""
    parquet = _parquet()
    names = ["invoice", "stock_code", "quantity", "invoice_date", "price", "customer_id", "is_cancel"]
    lines = parquet.read_table(_present(folder / "online_retail_ii" / "lines.parquet"), columns=names)
    quantity, price = (lines[name].to_numpy() for name in ("quantity", "price"))
    known = ~lines["customer_id"].is_null().to_numpy()
    keep = np.flatnonzero(~lines["is_cancel"].to_numpy() & (quantity > 0) & (price > 0) & known)
    kept = lines.take(keep)
    ids, products, orders = (kept[name].cast("string").to_pylist() for name in ("customer_id", "stock_code", "invoice"))
    days = kept["invoice_date"].to_numpy().astype("datetime64[D]")
    return purchases(ids, days, products, quantity[keep], quantity[keep] * price[keep], orders)


def daily_revenue(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Days and amounts of Online Retail II's lines, unknown customers too; its last day, cut off at noon, is left out."""
    names = ["quantity", "invoice_date", "price", "is_cancel"]
    lines = _parquet().read_table(_present(folder / "online_retail_ii" / "lines.parquet"), columns=names)
    quantity, price, cancelled = (lines[name].to_numpy() for name in ("quantity", "price", "is_cancel"))
    days = lines["invoice_date"].to_numpy().astype("datetime64[D]")
    sold = ~cancelled & (quantity > 0) & (price > 0) & (days < days.max())
    return days[sold], (quantity * price)[sold]


def monthly_retail(folder: Path) -> dict[str, np.ndarray]:
    """Turnover of Australian retail by month, oldest first, for each of the 152 series, by their ids in order."""
    series: dict[str, list[tuple[str, float]]] = {}
    for row in _csv(folder / "aus_retail" / "monthly.csv.gz"):
        series.setdefault(row["series_id"], []).append((row["month"], float(row["turnover"])))
    return {name: np.array([turnover for _, turnover in sorted(series[name])]) for name in sorted(series)}


def telco(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """IBM's telephone customers, one-hot: x float64 (7043, f), churned bool; TotalCharges is blank where tenure is 0."""
    rows = _csv(folder / "telco_churn" / "telco.csv.gz")
    numbers = ("tenure", "MonthlyCharges", "TotalCharges")
    words = [name for name in rows[0] if name not in (*numbers, "customerID", "Churn")]
    columns = [[float(row[name].strip() or 0) for row in rows] for name in numbers]
    for name in words:
        columns += [[row[name] == value for row in rows] for value in sorted({row[name] for row in rows})[1:]]
    return np.array(columns, float).T, np.array([row["Churn"] == "Yes" for row in rows])


def groceries(folder: Path) -> list[set[str]]:
    """The 9,835 baskets of one month in a grocery."""
    baskets: dict[str, set[str]] = {}
    for row in _csv(folder / "groceries" / "baskets.csv.gz"):
        baskets.setdefault(row["basket_id"], set()).add(row["item"])
    return list(baskets.values())


def movielens(folder: Path) -> Purchases:
    """MovieLens 100K as a log: every rating a purchase, but a user's last one, by time, a day after all the others."""
    ratings = _parquet().read_table(_present(folder / "movielens_100k" / "ratings.parquet"))
    users, items, at = (ratings[name].to_numpy() for name in ("user_id", "item_id", "ts"))
    order = np.lexsort((at, users))
    last = order[np.r_[users[order][1:] != users[order][:-1], True]]
    days = at.astype("datetime64[D]")
    days[last] = days.max() + 1
    return purchases(users.astype(str).tolist(), days, items.astype(str).tolist(), [1] * len(users), [0] * len(users))


def _csv(path: Path) -> list[dict[str, str]]:
    with gzip.open(_present(path), "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _present(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"{path} is missing; --data must name the folder that holds the public sets")
    return path


def _parquet():
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise InputError("Parquet files need pyarrow: pip install 'huida[customers]'") from error
    return parquet
