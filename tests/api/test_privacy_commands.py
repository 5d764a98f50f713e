"""One customer's data, the age of conversations and the audit, from the command line."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli import app
from assistant import bootstrap, settings
from assistant.customer.profile import fold
from assistant.values import Order
from tests.assistant.turns import plain_turn

CANARY, PHONE = "canary-55d1", "13800138000"
NOW = datetime.now(UTC)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on a data folder in which one customer wrote a year ago and ordered since."""
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    store = bootstrap.open_store(settings.load())
    turn = plain_turn("c1", 1, customer_id=CANARY, text=f"我的电话 {PHONE}")
    with store.begin() as uow:
        uow.conversations.open("c1", CANARY, NOW)
        uow.turns.add(turn)
        uow.profiles.save(fold(uow.profiles.open(CANARY), turn))
        uow.orders.put([Order("SO1", CANARY, "paid", ("tea",), 9.5, NOW)])
        last_year = {"at": str((NOW - timedelta(days=365)).replace(tzinfo=None))}
        uow.connection.execute(text("UPDATE conversations SET last_turn_at = :at"), last_year)
    store.close()
    return lambda *arguments, **options: CliRunner().invoke(app, [*map(str, arguments)], **options)


def test_one_customer_is_shown_with_orders(run):
    shown = json.loads(run("customers", "show", CANARY, "--json").output)
    assert (shown["profile"]["n_turns"], shown["orders"][0]["order_no"]) == (1, "SO1")
    assert "SO1" in run("customers", "show", CANARY).output


def test_one_customers_whole_file_is_written_for_its_owner_alone(run, tmp_path):
    file = tmp_path / "theirs.json"
    assert "rows of" in run("customers", "export", file, "--customer", CANARY).output
    assert PHONE in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    run("customers", "export", file, "--customer", CANARY, "--masked")
    assert "138****8000" in file.read_text("utf-8") and PHONE not in file.read_text("utf-8")


def test_a_customer_is_erased_after_a_question_and_the_receipt_is_in_the_audit(run):
    assert run("customers", "erase", CANARY, input="n\n").exit_code == 1
    receipt = json.loads(run("customers", "erase", CANARY, "--yes", "--json").stdout)
    assert (receipt["counts"]["turns"], receipt["counts"]["orders"]) == (1, 1)
    assert run("customers", "show", CANARY).exit_code == 1
    checked = json.loads(run("db", "audit", "--noted", receipt["receipt_id"], "--json").output)
    assert checked == {"sound": True, "n_entries": 1, "newest": receipt["receipt_id"]}
    assert CANARY not in run("db", "audit").output


def test_the_audit_lists_who_did_what_and_finds_an_edited_row(run):
    run("customers", "show", CANARY)
    [entry] = map(json.loads, run("db", "audit", "--json").output.splitlines())
    assert (entry["actor"], entry["action"], entry["subject_id"]) == ("command line", "read", CANARY)
    assert CANARY in run("db", "audit").output
    assert "sound: 1 entries" in run("db", "audit", "--check").output
    store = bootstrap.open_store(settings.load())
    with store.begin() as uow:
        uow.connection.execute(text("DROP TRIGGER audit_refuses_update"))
        uow.connection.execute(text("UPDATE audit SET action = 'nothing'"))
    store.close()
    done = run("db", "audit", "--check")
    assert (done.exit_code, done.stderr) == (
        1,
        "huida: the audit was edited: row 1 does not fit the one before it\n",
    )


def test_old_conversations_are_pruned_by_days_or_by_the_setting(run, monkeypatch):
    assert json.loads(run("db", "prune", "--days", 366, "--json").output)["erased"] == {}
    assert "retention_days is 0" in run("db", "prune").output
    monkeypatch.setenv("HUIDA_RETENTION_DAYS", "364")
    assert "1 turns" in run("db", "prune").output
    assert run("customers", "show", CANARY, "--json").output.count("SO1") == 1
    assert "erased nothing" in run("db", "prune").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["customers", "erase", "nobody", "--yes"], "nothing is held of a customer 'nobody'"),
        (["customers", "export", "x.json", "--customer", "nobody"], "nothing is held of a customer 'nobody'"),
        (["db", "audit", "--noted", "0" * 64], "written anew"),
    ],
)
def test_a_mistake_gets_one_clear_line(run, arguments, message):
    done = run(*arguments)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert message in done.stderr


def test_the_help_shows_the_line_for_cron():
    assert "0 3 * * *" in CliRunner().invoke(app, ["db", "prune", "--help"]).output
