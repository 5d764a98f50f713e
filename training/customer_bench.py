"""How long importing and scoring take and how much memory, on drawn customers, each in a process of its own.

    for figure in measure(100_000, 1_000_000, 4_000): print(figure.name, figure.seconds, figure.peak_mib)

The shop is drawn: rates, drop-outs and tastes vary over customers, products sell after Zipf. The commands are those of
the product, `huida customers import` and `score`, with everything that they write.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assistant.errors import InputError

N_DAYS = 730
LINES_AN_ORDER = 5
FIRST = np.datetime64("2024-12-01")


@dataclass(frozen=True, slots=True)
class Speed:
    """`peak_mib`: the most memory that the process held at once."""

    name: str
    seconds: float
    peak_mib: float
    how: str


def measure(n_customers: int, n_lines: int, n_products: int) -> Iterator[Speed]:
    """Yield the import, then the scoring. Raises RuntimeError with its words when a command fails."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        draw(path, n_customers, n_lines, n_products)
        environment = {**os.environ, "HUIDA_DATA_DIR": str(Path(folder) / "data")}
        name = f"{n_lines:,} lines of {n_customers:,} customers and {n_products:,} products"
        yield _timed(f"import {name}", ["import", str(path)], environment)
        yield _timed(f"score {name}", ["score"], environment)


def draw(path: Path, n_customers: int, n_lines: int, n_products: int, seed: int = 0) -> None:
    """Write an order file whose customers come, buy in baskets of about five lines, and drop out; each buys once or more.

    Raises InputError for fewer lines than customers.
    """
    if n_lines < n_customers:
        raise InputError(f"{n_lines:,} lines are too few for {n_customers:,} customers who each buy once; give more")
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.8, 1.0, n_customers)
    begins = rng.uniform(0, N_DAYS * 0.8, n_customers)
    stays = np.minimum(rng.exponential(300, n_customers), N_DAYS - begins)
    weight = rate * stays + 0.2
    n_orders = max(n_customers, n_lines // LINES_AN_ORDER)
    again = rng.choice(n_customers, n_orders - n_customers, p=weight / weight.sum())
    customer = np.concatenate([np.arange(n_customers), again])
    at = np.floor(begins[customer] + rng.uniform(size=n_orders) * stays[customer]).astype(int)
    order = np.concatenate([np.arange(n_orders), rng.integers(0, n_orders, n_lines - n_orders)])
    product = np.minimum(rng.zipf(1.2, n_lines), n_products)
    amount = np.round(rng.gamma(2.0, 20.0, n_lines), 2)
    days = (FIRST + at).astype(str)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["order_no", "customer_id", "date", "sku", "quantity", "amount"])
        for i in range(n_lines):
            o = order[i]
            writer.writerow([f"o{o}", f"c{customer[o]}", days[o], f"p{product[i]}", 1, amount[i]])


def _timed(name: str, arguments: list[str], environment: dict[str, str]) -> Speed:
    command = [sys.executable, "-c", _SCRIPT, *arguments]
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"huida customers {arguments[0]} failed: {done.stderr.strip()[-500:]}")
    return Speed(name, seconds, float(done.stderr.split()[-1]) / 1024, f"huida customers {arguments[0]}, its start too")


# the command as `huida` runs it, then the most memory it held, in KiB
_SCRIPT = """
import resource, sys
sys.argv = ["huida", "customers", *sys.argv[1:]]
from api.__main__ import main
try:
    main()
except SystemExit as end:
    if end.code:
        raise
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
