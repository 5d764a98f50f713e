"""Who to contact today, at the desk and as a file; what stands behind it is imported, scored and joined by commands."""

import csv
import json
import shutil
from contextlib import closing
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from api.cli import app as cli
from assistant import bootstrap, settings
from assistant.customer import identities, score_run, scores
from assistant.customer.profile import fold
from tests.api.conftest import signed_in, token_of
from tests.assistant.customer.shoppers import START, shoppers
from tests.assistant.turns import plain_turn

NOW = datetime.now(UTC)


def complain(store, customer_id, conversation_id):
    turn = plain_turn(conversation_id, 1, customer_id=customer_id, mood="negative", outcome="handoff")
    with store.begin() as uow:
        uow.conversations.open(conversation_id, customer_id, NOW)
        uow.turns.add(turn)
        uow.profiles.save(fold(uow.profiles.open(customer_id), turn))


def test_an_agent_sees_whom_to_contact_and_why(client, app, parts):
    complain(parts.store, "ann", "c1")
    agent = signed_in(app, "agent")
    assert agent.get("/v1/customers/next").json()["customers"][0]["step"] == "settle_complaint"
    score_run.run(parts.settings.store.data_dir / "customers" / "scores", shoppers(40, 60), str(START + 50), 30, "p")
    assert len(agent.get("/v1/customers/next?n=7").json()["customers"]) <= 7
    found = agent.get("/v1/customers/next?n=200").json()
    assert found["scored_as_of"] == str(START + 50)
    stakes = [one["at_stake_cny"] for one in found["customers"]]
    assert stakes == sorted(stakes, reverse=True) and all(one["reasons"] for one in found["customers"])
    assert "投诉" in str(found) and any(not one["value_is_known"] for one in found["customers"])


def test_who_waits_for_an_agent_already_is_not_on_the_list(client, app, parts):
    complain(parts.store, "ann", "c1")
    with parts.store.begin() as uow:
        uow.connection.exec_driver_sql("UPDATE conversations SET state = 'waiting'")
    assert signed_in(app, "agent").get("/v1/customers/next").json()["customers"] == []


def test_the_list_is_for_people_of_the_shop_and_reading_it_is_noted(client, app, parts):
    assert client.get("/v1/customers/next").status_code == 401
    assert client.get("/v1/customers/next", headers=token_of(parts, "agent")).status_code == 200
    boss = signed_in(app, "supervisor")
    assert boss.get("/v1/customers/next?n=0").status_code == 422
    assert [entry["action"] for entry in boss.get("/v1/audit").json()["entries"]] == ["read"]


def test_a_supervisor_sees_what_a_customer_will_buy_and_what_is_new_to_them(client, app, parts):
    log = shoppers(40, 60)
    complain(parts.store, "ann", "c1")
    score_run.run(parts.settings.store.data_dir / "customers" / "scores", log, str(START + 59), 30, "p")
    boss = signed_in(app, "supervisor")
    score = boss.get("/v1/customers/c00000").json()["score"]
    had = set(log.product_ids[log.product[log.customer_ids[log.customer] == "c00000"]])
    assert set(score["new_offers"]) == set(log.product_ids) - had and set(score["offers"]) == set(log.product_ids)
    ann = boss.get("/v1/customers/ann").json()
    assert ann["score"] is None and set(ann["popular"]) == set(log.product_ids)


def test_an_agent_opens_the_panel_of_somebody_on_the_list_and_the_audit_knows(client, app, parts):
    complain(parts.store, "ann", "c1")
    agent, boss = signed_in(app, "agent"), signed_in(app, "supervisor")
    panel = agent.get("/v1/desk/customers/ann").json()
    assert panel["profile"]["open_issues"][0]["conversation_id"] == panel["moods"][-1]["conversation_id"] == "c1"
    assert agent.get("/v1/desk/customers/nobody").status_code == 404
    assert [(e["action"], e["subject_id"]) for e in boss.get("/v1/audit").json()["entries"]] == [("read", "ann")]


def test_the_ids_of_one_person_are_named_with_what_came_with_each_and_read_as_one(client, app, parts):
    people = [("ann", "13800138000", ""), ("ann-2", "138 0013 8000", ""), ("mei", "", "mei@x.cn")]
    root = parts.settings.store.data_dir / "customers" / "identities"
    identities.publish(root, identities.merged(identities.load(root), people).met)
    complain(parts.store, "ann", "c1")
    complain(parts.store, "ann-2", "c2")
    agent, boss = signed_in(app, "agent"), signed_in(app, "supervisor")
    panel, known = agent.get("/v1/desk/customers/ann-2").json(), boss.get("/v1/customers/ann-2").json()
    assert panel["also"] == [{"customer_id": "ann", "because": "phone", "n_turns": 1, "n_orders": 0}] == known["also"]
    assert panel["customer_id"] == "ann-2"
    assert panel["profile"]["n_turns"] == known["profile"]["n_turns"] == 2
    assert {mood["conversation_id"] for mood in panel["moods"]} == {"c1", "c2"}
    assert [one["customer_id"] for one in agent.get("/v1/customers/next").json()["customers"]] == ["ann"]
    complain(parts.store, "mei", "c3")
    assert agent.get("/v1/desk/customers/mei").json()["also"] == []


def test_who_is_the_same_person_is_not_worked_out_anew_for_every_customer_shown(client, app, parts, monkeypatch):
    root = parts.settings.store.data_dir / "customers" / "identities"
    people = [("ann", "13800138000", ""), ("ann-2", "138 0013 8000", "")]
    identities.publish(root, identities.merged(identities.load(root), people).met)
    boss, loads, load = signed_in(app, "supervisor"), [], identities.load
    monkeypatch.setattr(identities, "load", lambda root: loads.append(root) or load(root))
    for customer_id in ("ann", "ann-2", "ann"):
        assert boss.get(f"/v1/customers/{customer_id}").json()["also"]
    assert len(loads) == 1


def test_the_list_is_downloaded_at_the_desk(client, app, parts):
    complain(parts.store, "=ann", "c1")
    answer = signed_in(app, "agent").get("/v1/customers/next.csv")
    assert (
        answer.headers["content-type"] == "text/csv; charset=utf-8"
        and "attachment" in answer.headers["content-disposition"]
    )
    (row,) = csv.DictReader(answer.content.decode("utf-8-sig").splitlines())
    assert (row["customer_id"], row["step"]) == ("'=ann", "settle_complaint")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on an empty data folder of its own."""
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    return lambda *arguments: CliRunner().invoke(cli, ["customers", *map(str, arguments)])


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The data folder of a shop of 120 customers, two of whom are one person, scored on its last day."""
    folder, log = tmp_path_factory.mktemp("shop"), shoppers(120, 200)
    with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["order_no", "customer_id", "date", "sku", "amount"])
        ids, products = log.customer_ids[log.customer], log.product_ids[log.product]
        writer.writerows(zip(log.order, ids, log.day, products, log.amount_cny.round(2), strict=True))
    (folder / "members.csv").write_text("customer_id,phone,email\nc00000,13800138000,\nc00001,+86 13800138000,\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUIDA_DATA_DIR", str(folder / "data"))
        for arguments in (["import", folder / "members.csv", "--people"], ["import", folder / "orders.csv"], ["score"]):
            assert CliRunner().invoke(cli, ["customers", *map(str, arguments)]).exit_code == 0
    return folder


@pytest.fixture
def scored(run, shop, tmp_path):
    """The same shop for one test alone; returns its order file."""
    shutil.copytree(shop / "data", tmp_path / "data")
    return shop / "orders.csv"


def test_one_person_under_two_ids_is_scored_once_and_reported(run, scored, shop):
    assert len(scores.latest(shop / "data" / "customers" / "scores")) == 119
    assert "c00001,c00000,phone" in (shop / "members.merged.csv").read_text("utf-8-sig")


def test_the_list_is_written_as_csv(run, scored, tmp_path):
    assert run("next", "-n", 5, "-o", tmp_path / "today.csv").exit_code == 0
    rows = list(csv.DictReader((tmp_path / "today.csv").open(encoding="utf-8-sig")))
    stakes = [float(row["at_stake_cny"]) for row in rows]
    assert 0 < len(rows) <= 5 and stakes == sorted(stakes, reverse=True) and all(row["why_zh"] for row in rows)


def test_two_ids_of_one_person_have_one_score_and_go_together(run, scored, tmp_path):
    shown = [json.loads(run("show", who, "--json").output)["score"] for who in ("c00000", "c00001")]
    assert shown[0] == shown[1] and shown[0]["segment"]
    assert "c00002" not in run("like", "c00002", "--json").output
    receipt = json.loads(run("erase", "c00001", "--yes", "--json").output)
    assert receipt["counts"]["identities"] == 2
    assert run("show", "c00000").exit_code == run("like", "c00000").exit_code == 1
    files = [path for path in (tmp_path / "data" / "customers").rglob("*") if path.is_file()]
    assert not [path for path in files if b"c00000" in path.read_bytes() or b"c00001" in path.read_bytes()]
    assert "erased since the models were fitted: 1" in run("next", "-n", 1).output


def test_what_two_ids_of_one_person_said_is_one_story(run, scored):
    with closing(bootstrap.open_store(settings.load())) as store:
        complain(store, "c00001", "c1")
        complain(store, "c00000", "c2")
    shown = [json.loads(run("show", who, "--json").output)["profile"] for who in ("c00000", "c00001")]
    assert [profile["n_turns"] for profile in shown] == [2, 2]
    listed = [json.loads(line) for line in run("next", "-n", 200, "--json").output.splitlines()]
    (action,) = [one for one in listed if one["customer_id"] in ("c00000", "c00001")]
    assert (action["customer_id"], action["value_is_known"]) == ("c00000", True)
    complaint = next(why for why in action["reasons"] if why["cause"] == "complaint")
    assert complaint["p_loss"] == pytest.approx(1 - 0.7**2)  # both complaints


def test_a_rule_rests_on_so_many_conversations_and_small_talk_is_none(run, scored):
    with closing(bootstrap.open_store(settings.load())) as store, store.begin() as uow:
        for i in range(5):
            said = ("refund", "shipping") if i < 4 else ("warranty", "invoice")
            uow.conversations.open(f"c{i}", None, NOW)
            for sequence, intent in enumerate((*said, "thanks", "out_of_scope"), 1):
                uow.turns.add(plain_turn(f"c{i}", sequence, intent=intent))
    found = json.loads(run("rules", "--messages", "--json").output)
    assert {(*rule["given"], *rule["then"]) for rule in found} == {("refund", "shipping"), ("shipping", "refund")}
    assert [(rule["n_baskets"], rule["confidence"], rule["lift"]) for rule in found] == [(4, 1.0, 1.25)] * 2
    assert len(json.loads(run("rules", "--messages", "--least", 1, "--json").output)) == 4
    assert "no rule reaches these bounds" in run("rules", "--messages", "--least", 5).output


def test_profiles_are_rebuilt_by_one_command(run, scored):
    with closing(bootstrap.open_store(settings.load())) as store:
        complain(store, "ann", "c1")
    assert json.loads(run("rebuild", "--json").output) == {"n_profiles": 1, "n_changed": 0}


def test_rules_and_forecasts_are_shown_of_orders_and_of_messages(run, scored):
    with closing(bootstrap.open_store(settings.load())) as store:
        complain(store, "ann", "c1")
    (intent,) = [json.loads(line) for line in run("forecast", "--messages", "--days", 3, "--json").output.splitlines()]
    assert len(intent["days"]) == 3 and intent["days"][0][1] == 1.0  # one message a day so far
    (revenue,) = [json.loads(line) for line in run("forecast", "--days", 7, "--json").output.splitlines()]
    assert all(low <= mean <= high for _, mean, low, high in revenue["days"]) and revenue["mase"]
    assert "no rule reaches these bounds" in run("rules", "--messages").output  # one conversation, one intent


def test_without_messages_one_line_says_what_to_import(run, scored):
    done = run("rules", "--messages")
    assert done.exit_code == 1 and "there are no messages yet" in done.output


def test_a_file_lists_one_thing(run, scored):
    done = run("import", scored, "--people", "--returns")
    assert done.exit_code == 1 and "give one of the three" in done.output


def test_segments_are_found_in_three_ways_with_what_speaks_for_them(run, scored):
    found = {way: json.loads(run("segments", "--method", way, "--json").output) for way in ("kmeans", "ward", "dbscan")}
    for way in ("kmeans", "ward"):
        (chosen,) = [tried["n_clusters"] for tried in found[way]["candidates"] if tried["chosen"]]
        assert len(found[way]["segments"]) == chosen
        assert sum(segment["n"] for segment in found[way]["segments"]) == 119
    assert found["dbscan"]["candidates"] == [] and 1 <= len(found["dbscan"]["segments"])
    assert len(json.loads(run("segments", "-k", 5, "--json").output)["segments"]) == 5
    done = run("segments", "--method", "dbscan", "-k", 3)
    assert done.exit_code == 1 and "dbscan finds the number of groups by itself" in done.output


def test_who_has_bought_nothing_is_offered_what_sells_best(run, scored):
    with closing(bootstrap.open_store(settings.load())) as store:
        complain(store, "ann", "c1")
    ann, buyer = (json.loads(run("show", who, "--json").output) for who in ("ann", "c00000"))
    assert ann["score"] is None and len(ann["popular"]) == 7 and "sells best now" in run("show", "ann").output
    assert buyer["popular"] == [] and buyer["score"]["offers"]


def test_a_page_of_all_customers_is_written(run, scored, tmp_path):
    done = run("report", "-o", tmp_path / "customers.html", "--lang", "en")
    assert "119 customers" in done.output
    assert "Customer report" in (tmp_path / "customers.html").read_text("utf-8")


@pytest.mark.parametrize(("command", "message"), [(["report", "-o", "x.html"], "no customer was scored yet"),
                                                  (["like", "ann"], "no customer was scored yet")])  # fmt: skip
def test_before_the_first_scoring_one_line_says_what_to_do(run, command, message):
    done = run(*command)
    assert done.exit_code == 1 and message in done.output and "Traceback" not in done.output


def test_without_customers_nobody_is_to_be_contacted(run):
    assert "nobody gives a reason" in run("next").output
    assert json.loads(run("rebuild", "--json").output) == {"n_profiles": 0, "n_changed": 0}
