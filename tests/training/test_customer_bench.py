"""The drawn shop of `huida customers bench`: the figure that it gives is of as many customers as it says."""

import csv
from collections import Counter

import pytest

from assistant.errors import InputError
from training.customer_bench import draw


def test_every_drawn_customer_buys_and_every_order_is_one_customers_of_one_day(tmp_path):
    draw(tmp_path / "orders.csv", 300, 2_000, 40)
    with (tmp_path / "orders.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2_000
    assert {row["customer_id"] for row in rows} == {f"c{i}" for i in range(300)}
    orders = {(row["order_no"], row["customer_id"], row["date"]) for row in rows}
    assert max(Counter(order for order, _, _ in orders).values()) == 1


def test_fewer_lines_than_customers_are_refused(tmp_path):
    with pytest.raises(InputError, match="99 lines are too few for 100 customers"):
        draw(tmp_path / "orders.csv", 100, 99, 40)
