"""A conversation over HTTP: turns, retries, history, votes, and whose it is."""

import time

import pytest
from fastapi.testclient import TestClient

from api.identity import sign
from tests.api.conftest import SECRET

KEY = "a key of the shop"


def say(client, text="怎么退货", message_id="m1", **more):
    return client.post("/v1/chat", json={"conversation_id": SECRET, "message_id": message_id, "text": text, **more})


def test_a_message_gets_a_reply_a_reading_and_the_versions_behind_them(client, parts):
    turn = say(client, "怎么退货?").json()
    assert set(turn) == {"turn_id", "sequence", "created_at", "reply", "reading", "versions"}
    assert turn["sequence"] == 1
    assert turn["reply"]["text"] and turn["reply"]["kind"] in ("answer", "clarify", "action", "handoff", "smalltalk")
    assert turn["reading"]["language"] == "zh"
    assert sum(turn["reading"]["sentiment"]["p"].values()) == pytest.approx(1)
    assert turn["versions"]["index"] == parts.faq.version


def test_sending_a_message_again_returns_the_stored_turn(client, parts):
    first, again = say(client).json(), say(client).json()
    assert again == first
    with parts.store.read() as uow:
        assert uow.turns.count() == 1


def test_an_option_that_was_pressed_is_answered_with_its_entry(client):
    reply = say(client, "退货运费谁出?", faq_id="fee").json()["reply"]
    assert (reply["kind"], reply["faq_id"]) == ("answer", "fee")
    assert "质量问题由我们承担运费" in reply["text"]


def test_the_history_is_what_was_said_and_can_be_read_from_any_turn_on(client):
    turns = [say(client, text, str(n)).json() for n, text in enumerate(["怎么退货", "几天发货", "谢谢"], 1)]
    history = client.get(f"/v1/conversations/{SECRET}/turns").json()["turns"]
    assert [turn["turn_id"] for turn in history] == [turn["turn_id"] for turn in turns]
    assert [turn["reply"] for turn in history] == [turn["reply"] for turn in turns]
    assert [turn["text"] for turn in history] == ["怎么退货", "几天发货", "谢谢"]
    after = client.get(f"/v1/conversations/{SECRET}/turns", params={"after": 1, "limit": 1}).json()["turns"]
    assert [turn["sequence"] for turn in after] == [2]


def test_an_unknown_conversation_is_not_found(client):
    assert client.get(f"/v1/conversations/{SECRET}/turns").status_code == 404


@pytest.mark.parametrize("guessable", ["c1", "13800138000", "rest:a-sender-with-a-long-name"])
def test_an_id_that_can_be_guessed_opens_no_history_to_strangers(client, agent, guessable):
    message = {"conversation_id": guessable, "message_id": "1", "text": "怎么退货"}
    assert client.post("/v1/chat", json=message).status_code == 200
    path = f"/v1/conversations/{guessable}/turns"
    assert client.get(path).status_code == 404
    assert client.get(path, headers=agent).status_code == 200


def test_agents_see_the_latest_conversations_first(client, agent):
    for name in ("first", "second"):
        client.post("/v1/chat", json={"conversation_id": name, "message_id": "1", "text": "怎么退货"})
    listed = client.get("/v1/conversations", headers=agent).json()["conversations"]
    assert [(c["conversation_id"], c["n_turns"]) for c in listed] == [("second", 1), ("first", 1)]


def test_a_vote_is_kept_with_its_turn(client, parts):
    turn_id = say(client).json()["turn_id"]
    body = {"turn_id": turn_id, "conversation_id": SECRET, "vote": "down", "comment": "不对"}
    assert client.post("/v1/feedback", json=body).status_code == 201
    with parts.store.read() as uow:
        [given] = uow.feedback.of_turns([turn_id])
    assert (given.verdict, given.author, given.comment) == ("down", "customer", "不对")


def test_nobody_votes_on_a_turn_of_a_conversation_they_do_not_hold(client):
    turn_id = say(client).json()["turn_id"]
    body = {"turn_id": turn_id, "conversation_id": "another one", "vote": "up"}
    assert client.post("/v1/feedback", json=body).status_code == 404
    assert client.post("/v1/feedback", json=body | {"turn_id": "nothing"}).status_code == 404


def test_a_signed_customer_owns_the_conversation_and_another_is_not_let_in(client):
    ours, theirs = (sign(name, int(time.time()) + 60, KEY) for name in ("u1", "u2"))
    assert say(client, customer_token=ours).status_code == 200
    assert say(client, message_id="m2", customer_token=theirs).status_code == 404
    assert say(client, message_id="m3", customer_token=ours).json()["sequence"] == 2


def test_a_forged_customer_token_stores_nothing(client, parts):
    forged = sign("u1", int(time.time()) + 60, "a key of somebody else")
    assert say(client, customer_token=forged).status_code == 403
    with parts.store.read() as uow:
        assert uow.turns.count() == 0


def test_when_too_many_wait_the_next_is_told_to_come_again_and_the_probes_are_not(client, app):
    app.state.gate.n_inside = app.state.gate.n
    answer = say(client)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "overloaded")
    assert answer.headers["Retry-After"] == "1"
    assert client.get("/readyz").status_code == 200
    app.state.gate.n_inside = 0
    assert say(client).status_code == 200


def test_a_site_on_the_list_may_embed_the_widget_and_no_other_may(settings, parts):
    from api.app import create_app

    server = settings.server.model_copy(update={"allowed_origins": ("https://shop.example",)})
    with TestClient(create_app(settings.model_copy(update={"server": server}), lambda _: parts)) as client:
        allowed = {
            origin: client.options(
                "/v1/chat", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
            ).headers.get("access-control-allow-origin")
            for origin in ("https://shop.example", "https://shop.example.evil", "http://shop.example", "null")
        }
    assert allowed == {
        "https://shop.example": "https://shop.example",
        "https://shop.example.evil": None,
        "http://shop.example": None,
        "null": None,
    }
