"""The desk over HTTP: a customer waits, an agent takes over, the bot is silent, and the conversation goes back or ends."""

import pytest

from assistant.visitors import known_as
from tests.api.conftest import SECRET, signed_in

NAME = known_as(SECRET)
PATH = f"/v1/desk/conversations/{NAME}"


@pytest.fixture
def mei(app, client):
    return signed_in(app, "agent", "mei")


@pytest.fixture
def tom(app, client):
    return signed_in(app, "agent", "tom")


def events(page):
    return [entry.get("event") for entry in page["entries"] if entry["kind"] == "event"]


def test_a_customer_who_asks_for_a_person_waits_at_the_head_of_the_queue(mei, say):
    say("几天发货", "another-conversation-0001")
    assert say("转人工")["reply"]["kind"] == "handoff"
    queue = mei.get("/v1/desk/queue").json()
    first = queue["conversations"][0]
    assert (first["conversation_id"], first["state"], first["owner"]) == (NAME, "waiting", None)
    assert {"asked_for_human", "waiting"} <= {reason["code"] for reason in first["reasons"]}
    assert queue["open_hours"] == {"open": True, "until": None, "next": None}
    assert len(queue["conversations"]) == 2


def test_the_bot_is_silent_while_an_agent_has_the_conversation_and_speaks_again_after(mei, say, client):
    say("转人工")
    assert mei.post(f"{PATH}/take").json()["owner"] == "mei"
    assert say("怎么退货?")["reply"] == {"text": "", "kind": "silent", "options": []}
    sent = mei.post(f"{PATH}/reply", json={"message_id": "a1", "text": "我来帮您。"})
    assert sent.json()["post"]["post"]["text"] == "我来帮您。"
    seen = client.get(f"/v1/conversations/{SECRET}/entries").json()
    assert seen["state"] == "agent" and seen["agent"] == {"display_name": "Mei"}
    assert [entry["text"] for entry in seen["entries"] if entry["kind"] == "agent"] == ["我来帮您。"]
    mei.post(f"{PATH}/release")
    assert say("怎么退货?")["reply"]["kind"] != "silent"
    assert events(client.get(f"/v1/conversations/{SECRET}/entries").json()) == ["joined", "handed_back"]


def test_a_second_agent_is_told_who_has_it(mei, tom, say):
    say("转人工")
    mei.post(f"{PATH}/take")
    refused = tom.post(f"{PATH}/take")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "owned_by_other")
    assert "Mei" in refused.json()["error"]["message"]
    assert tom.post(f"{PATH}/reply", json={"message_id": "t1", "text": "hi"}).status_code == 409
    assert mei.post(f"{PATH}/transfer", json={"to": "tom"}).json()["owner"] == "tom"
    assert tom.post(f"{PATH}/reply", json={"message_id": "t1", "text": "hi"}).status_code == 200


def test_a_reply_sent_twice_is_said_once(mei, say):
    say("转人工")
    mei.post(f"{PATH}/take")
    first, again = (mei.post(f"{PATH}/reply", json={"message_id": "a1", "text": "您好"}).json() for _ in range(2))
    assert first == again


def test_opening_a_conversation_shows_all_of_it_and_is_noted(mei, say, parts):
    say("我的订单QH20261103001怎么还没发货？")
    say("转人工")
    view = mei.get(PATH).json()
    assert [entry["kind"] for entry in view["entries"]] == ["turn", "turn", "post"]
    assert view["entries"][0]["turn"]["reading"]["sentiment"]["label"] in ("negative", "neutral", "positive")
    assert view["summary"]["open_question"].startswith("我的订单")
    assert view["summary"]["entities"][0]["value"] == "QH20261103001"
    assert view["customer"] is None
    assert mei.get("/v1/desk/queue").json()["conversations"][0]["n_unread"] == 0
    with parts.store.read() as uow:
        [noted] = uow.audit.after(0, 10)
    assert (noted.actor, noted.action, noted.subject_id) == ("mei", "read", NAME)


def test_what_an_agent_sees_opens_no_visitors_route(mei, say, client):
    say("转人工，我的会员号是 77")
    seen = "".join(mei.get(path).text for path in ("/v1/desk/queue", PATH, f"{PATH}/entries", "/v1/desk/search?q=会员"))
    assert NAME in seen and SECRET not in seen
    for route in ("turns", "entries"):
        assert client.get(f"/v1/conversations/{NAME}/{route}").status_code == 404
    before = mei.get(PATH).json()["entries"]
    say("我想取消订单", NAME)  # whoever writes under the name writes in a conversation of their own
    assert mei.get(PATH).json()["entries"] == before


def test_a_conversation_read_beside_the_desk_is_noted_too(mei, say, client, agent, parts):
    say("转人工")
    assert mei.get(f"/v1/conversations/{NAME}/entries").status_code == 200
    assert client.get(f"/v1/conversations/{NAME}/turns", headers=agent).status_code == 200
    assert mei.get("/v1/conversations/nobody/turns").status_code == 404
    with parts.store.read() as uow:
        noted = uow.audit.after(0, 10)
    assert [(n.actor, n.action, n.subject_id) for n in noted] == [
        ("mei", "read", NAME),
        ("token agent", "read", NAME),
    ]
    assert mei.get("/v1/desk/queue").json()["conversations"][0]["n_unread"] == 1  # looked at, not dealt with


def test_visitors_see_neither_notes_nor_readings(mei, say, client):
    say("转人工")
    mei.post(f"{PATH}/notes", json={"message_id": "n1", "text": "VIP，小心"})
    page = client.get(f"/v1/conversations/{SECRET}/entries")
    assert "VIP" not in page.text and "sentiment" not in page.text and "mei" not in page.text
    assert "VIP" in mei.get(f"{PATH}/entries").text


def test_a_closed_conversation_asks_for_a_rating_and_a_message_opens_it_again_with_the_bot(mei, say, client):
    say("转人工")
    mei.post(f"{PATH}/take")
    rating = f"/v1/conversations/{SECRET}/csat"
    assert client.post(rating, json={"score": 5}).status_code == 422
    assert mei.post(f"{PATH}/close", json={}).json()["state"] == "closed"
    page = client.get(f"/v1/conversations/{SECRET}/entries").json()
    assert page["csat_asked"] and events(page)[-2:] == ["closed", "csat_asked"]
    assert client.post(rating, json={"score": 5, "comment": "很好"}).status_code == 204
    assert client.post(rating, json={"score": 6}).status_code == 422
    assert mei.get("/v1/desk/queue").json()["conversations"] == []
    assert len(mei.get("/v1/desk/queue?state=closed").json()["conversations"]) == 1
    assert say("几天发货")["reply"]["kind"] != "silent"
    assert client.get(f"/v1/conversations/{SECRET}/entries").json()["state"] == "bot"


def test_nobody_sees_the_desk_without_signing_in(client, agent):
    assert client.get("/v1/desk/queue").status_code == 401
    assert client.get("/v1/desk/queue", headers=agent).status_code == 401  # a service key has no name to sign with


def test_an_unknown_conversation_is_not_found(mei):
    assert mei.get("/v1/desk/conversations/nothing").status_code == 404
    assert mei.post("/v1/desk/conversations/nothing/take").status_code == 404


def test_labels_are_kept_in_order_and_once(mei, say):
    say("转人工")
    assert mei.post(f"{PATH}/labels", json={"labels": ["退货", "急", "退货"]}).json()["labels"] == ["退货", "急"]
    assert mei.post(f"{PATH}/labels", json={"labels": ["x" * 41]}).status_code == 422


def test_what_was_said_is_found_and_the_search_is_noted(mei, say, parts):
    say("山雀耳机没有声音")
    [hit] = mei.get("/v1/desk/search", params={"q": "耳机"}).json()["hits"]
    assert (hit["conversation_id"], hit["sequence"], hit["sender"]) == (NAME, 1, "customer")
    with parts.store.read() as uow:
        assert [row.action for row in uow.audit.after(0, 10)] == ["searched"]


def test_a_canned_reply_is_kept_changed_and_thrown_away(mei):
    path = "/v1/desk/canned/hello"
    assert mei.put(path, json={"title": "打招呼", "text": "您好，我是{agent_name}"}).status_code == 200
    mei.put(path, json={"title": "打招呼", "text": "{customer_name}您好", "labels": ["greet"]})
    [reply] = mei.get("/v1/desk/canned").json()["replies"]
    assert (reply["shortcut"], reply["text"], reply["labels"]) == ("hello", "{customer_name}您好", ["greet"])
    assert mei.delete(path).status_code == 204
    assert mei.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("shortcut", "text", "named"),
    [("hello", "您好{name}", "{name}"), ("a b", "您好", "a b"), ("-x", "您好", "-x"), ("x" * 41, "您好", "40 letters")],
)
def test_a_canned_reply_that_cannot_be_used_is_refused_by_name(mei, shortcut, text, named):
    refused = mei.put(f"/v1/desk/canned/{shortcut}", json={"title": "x", "text": text})
    assert refused.status_code == 422 and named in refused.json()["error"]["message"]


def test_figures_are_for_supervisors(app, mei, say, client):
    say("转人工")
    mei.post(f"{PATH}/take")
    mei.post(f"{PATH}/reply", json={"message_id": "a1", "text": "您好"})
    assert mei.get("/v1/desk/figures").status_code == 403
    figures = signed_in(app, "supervisor").get("/v1/desk/figures", params={"days": 3}).json()
    assert figures["answered"] == {"bot": 0, "agent": 1, "unanswered": 0}
    assert (figures["waiting"]["n"], figures["by_agent"][0]["display_name"], len(figures["by_day"])) == (1, "Mei", 3)
