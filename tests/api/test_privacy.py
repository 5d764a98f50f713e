"""One customer over HTTP: seen, handed over, erased; and who did so."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.identity import sign
from assistant.errors import StoreError
from assistant.values import Order
from tests.api.conftest import settings_in, signed_in
from tests.assistant.turns import START

CANARY = "canary-55d1"
SECRET = "Yk3xq8Xr0mJm5cQnqE2v7wHh0p4L1sT9uVbNcMdEfGh"  # 256 bits


@pytest.fixture(name="settings")
def settings_without_a_rate(tmp_path):
    """A thousand guesses are tried here; that an address may not make so many in a minute is shown elsewhere."""
    chosen = settings_in(tmp_path)
    return chosen.model_copy(update={"server": chosen.server.model_copy(update={"requests_per_minute": 0})})


def token(customer_id: str, key: str = "a key of the shop", seconds: int = 60) -> str:
    return sign(customer_id, int(time.time()) + seconds, key)


def say(client, text: str, message_id: str = "1", customer: str | None = CANARY, conversation: str = SECRET):
    body = {"conversation_id": conversation, "message_id": message_id, "text": text}
    return client.post("/v1/chat", json=body | ({"customer_token": token(customer)} if customer else {}))


@pytest.fixture
def known(client, parts):
    """A customer who wrote twice, voted once and ordered once."""
    turn = say(client, "怎么退货").json()
    say(client, "太差了 canary-words", "2")
    client.post("/v1/feedback", json={"turn_id": turn["turn_id"], "conversation_id": SECRET, "vote": "down"})
    with parts.store.begin() as uow:
        uow.orders.put([Order("SO1", CANARY, "paid", ("tea",), 9.5, START)])
    return parts.store


@pytest.fixture
def boss(app, known):
    return signed_in(app, "supervisor", "boss")


def test_a_supervisor_sees_profile_and_orders_and_nothing_that_has_no_place_there(boss):
    seen = boss.get(f"/v1/customers/{CANARY}").json()
    assert (seen["profile"]["n_turns"], seen["orders"][0]["order_no"], seen["score"]) == (2, "SO1", None)
    assert set(seen) == {"customer_id", "profile", "orders", "score", "popular", "also"}
    assert "canary-words" not in str(seen)  # the words themselves are in the conversation and in the export


def test_an_export_holds_every_word_vote_and_order(boss):
    held = boss.get(f"/v1/customers/{CANARY}/export").json()
    assert [turn["text"] for turn in held["tables"]["turns"]] == ["怎么退货", "太差了 canary-words"]
    assert held["tables"]["feedback"][0]["verdict"] == "down"
    assert held["tables"]["orders"][0]["order_no"] == "SO1"
    assert {"profiles", "conversations"} < set(held["tables"])


def test_an_erasure_leaves_nothing_and_gives_a_receipt_that_the_audit_knows(boss, client, known):
    receipt = boss.delete(f"/v1/customers/{CANARY}").json()
    assert (receipt["actor"], receipt["counts"]["turns"], receipt["counts"]["orders"]) == ("boss", 2, 1)
    assert CANARY not in str(receipt)
    for path in ("", "/export"):
        assert boss.get(f"/v1/customers/{CANARY}{path}").status_code == 404
    assert boss.delete(f"/v1/customers/{CANARY}").status_code == 404
    assert client.get(f"/v1/conversations/{SECRET}/turns").status_code == 404
    with known.read() as uow:
        assert uow.audit.check(noted=receipt["receipt_id"]) == 1
    assert say(client, "怎么退货", "3").json()["sequence"] == 1  # who comes back begins anew


def test_the_audit_says_who_read_exported_and_erased_and_forgets_the_name_with_the_customer(boss, app):
    boss.get(f"/v1/customers/{CANARY}")
    signed_in(app, "admin", "root").get(f"/v1/customers/{CANARY}/export")
    entries = boss.get("/v1/audit").json()["entries"]
    assert [(e["actor"], e["role"], e["action"], e["kind"], e["subject_id"]) for e in entries] == [
        ("boss", "supervisor", "read", "customer", CANARY),
        ("root", "admin", "exported", "customer", CANARY),
    ]
    boss.delete(f"/v1/customers/{CANARY}")
    entries = boss.get("/v1/audit").json()["entries"]
    assert [(e["actor"], e["action"], e["subject_id"]) for e in entries] == [
        ("boss", "read", None),
        ("root", "exported", None),
        ("boss", "erased", None),
    ]
    later = boss.get("/v1/audit", params={"after": entries[1]["position"]}).json()["entries"]
    assert later == entries[2:]


def test_an_audit_that_was_edited_is_found(boss, known):
    from sqlalchemy import text

    boss.get(f"/v1/customers/{CANARY}")
    with known.begin() as uow:
        uow.connection.execute(text("DROP TRIGGER audit_refuses_update"))
        uow.connection.execute(text("UPDATE audit SET actor = 'somebody else'"))
    with known.read() as uow, pytest.raises(StoreError, match="row 1 does not fit"):
        uow.audit.check()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=60))
def test_whatever_id_is_asked_for_only_its_own_customer_is_found(boss, customer_id):
    from urllib.parse import quote

    if customer_id != CANARY and customer_id not in (".", ".."):
        assert boss.get(f"/v1/customers/{quote(customer_id, safe='')}").status_code in (404, 422)


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0", "limit=501", "after=99999999999999999999"])
def test_the_audit_refuses_what_is_no_place_in_it(boss, query):
    assert boss.get(f"/v1/audit?{query}").status_code == 422


@pytest.mark.parametrize(
    "forged",
    [CANARY, token(CANARY, "another key"), token(CANARY, seconds=-1), token("ann").replace(".", "x"), "..", ""],
    ids=["unsigned", "another key", "expired", "altered", "dots", "empty"],  # tokens differ from one second to the next
)
def test_no_message_is_taken_with_a_forged_identity(client, parts, forged):
    body = {"conversation_id": SECRET, "message_id": "1", "text": "订单到哪了", "customer_token": forged}
    assert client.post("/v1/chat", json=body).status_code == 403
    with parts.store.read() as uow:
        assert uow.turns.count() == 0


def test_another_customer_cannot_write_in_a_conversation_nor_learn_that_it_is_there(client, known):
    answer = say(client, "hello", "9", customer="mallory")
    unknown = say(client, "hello", "9", customer="mallory", conversation="x" * 43)
    assert (answer.status_code, unknown.status_code) == (404, 200)
    with known.read() as uow:
        assert [turn.message.customer_id for turn in uow.turns.of_customer(CANARY)] == [CANARY] * 2


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.sampled_from([CANARY, "SO1", "1", "%", SECRET[:-1]]), st.text(min_size=1, max_size=50)))
def test_no_typed_id_phone_or_name_opens_anothers_conversation(client, known, guess):
    from urllib.parse import quote

    if guess == SECRET or "\ud800" <= max(guess) <= "\udfff" or "/" in guess or guess in (".", ".."):
        return
    for route in ("turns", "entries"):
        answer = client.get(f"/v1/conversations/{quote(guess, safe='')}/{route}")
        assert answer.status_code in (404, 422) and "canary" not in answer.text
