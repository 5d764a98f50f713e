"""huida customers from a file of orders to a table of scores."""

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.assistant.customer.shoppers import shoppers


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on an empty data folder of its own."""
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    return lambda *arguments: CliRunner().invoke(app, ["customers", *map(str, arguments)])


@pytest.fixture
def orders(tmp_path):
    """A file of orders of 300 drawn customers over two years."""
    log = shoppers(300, 730)
    path = tmp_path / "orders.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["order_no", "customer_id", "date", "sku", "amount"])
        ids, products = log.customer_ids[log.customer], log.product_ids[log.product]
        writer.writerows(zip(log.order, ids, log.day, products, np.round(log.amount_cny, 2), strict=True))
    return path


def test_orders_are_imported_scored_shown_and_exported(run, orders, tmp_path):
    assert "lines added" in run("import", orders).output
    assert "churn model" in run("score").output
    table = tmp_path / "scores.csv"
    assert run("export", table).exit_code == 0
    rows = list(csv.DictReader(table.open(encoding="utf-8-sig")))
    risks = [float(row["p_churn"]) for row in rows]
    assert len(rows) == 300 and risks == sorted(risks, reverse=True)
    shown = json.loads(run("show", rows[0]["customer_id"], "--json").output)
    assert shown["score"]["p_churn"] == pytest.approx(risks[0], rel=1e-5)
    odds = shown["score"]["base"] + sum(added for _, added in shown["score"]["reasons"])
    assert risks[0] == pytest.approx(1 / (1 + np.exp(-odds)), rel=1e-5)


def test_a_second_import_of_a_file_adds_nothing(run, orders):
    first, second = (json.loads(run("import", orders, "--json").output) for _ in range(2))
    assert second["n_added"] == 0
    assert second["n_known"] == first["n_added"]


def test_bad_rows_are_said_and_kept_in_a_rejects_file(run, tmp_path):
    path = tmp_path / "o.csv"
    path.write_text("customer,date,amount\nli,2026-03-01,5\nli,never,5\n")
    said = run("import", path).output
    assert "1 lines added" in said and "o.rejects.csv" in said.replace("\n", "")
    assert "never" in (tmp_path / "o.rejects.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["score"], "no purchases yet"), (["show", "li"], "nothing is held of a customer 'li'"),
     (["export", "x.csv"], "no customer was scored yet"), (["import", "missing.csv"], "cannot be read"),
     (["import", "o.csv", "--rate", "USD"], "no NAME=VALUE"), (["import", "o.csv", "--rate", "USD=x"], "such as USD"),
     (["import", "o.csv", "--time-zone", "Mars/Base"], "Asia/Shanghai")],
)  # fmt: skip
def test_a_mistake_gets_one_clear_line(run, arguments, message):
    done = run(*arguments)
    assert done.exit_code == 1
    assert message in done.output
    assert "Traceback" not in done.output


def test_a_customer_who_never_bought_is_shown_with_what_sells_and_no_scores(run, orders, tmp_path):
    (tmp_path / "members.csv").write_text("customer_id,phone\nlonely,13800138000\nlonely-2,138 0013 8000\n")
    for arguments in (["import", tmp_path / "members.csv", "--people"], ["import", orders], ["score"]):
        assert run(*arguments).exit_code == 0
    said = run("show", "lonely").output
    assert "none; see huida customers score" in said and "sells best now" in said
    assert "lonely-2, same phone" in said
    assert json.loads(run("show", "lonely", "--json").output)["also"][0]["customer_id"] == "lonely-2"


def test_a_day_that_is_none_is_refused(run, orders):
    run("import", orders)
    assert "'soon' is no date" in run("score", "--as-of", "soon").output
