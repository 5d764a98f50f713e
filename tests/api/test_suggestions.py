"""Suggested replies over HTTP: shown to agents, judged, made into FAQ entries; and what the FAQ lacks."""

from datetime import UTC, datetime

import pytest

from assistant.values import CannedReply
from assistant.visitors import known_as
from tests.api.conftest import SECRET, signed_in

NAME = known_as(SECRET)  # at the desk
SUGGESTIONS = f"/v1/conversations/{NAME}/suggestions"


@pytest.fixture
def mei(app, client, parts):
    with parts.store.begin() as uow:
        uow.canned.put(
            CannedReply("ship", "发货时间", "我帮您查一下发货时间。", "zh", ("shipping",)), datetime.now(UTC)
        )
    return signed_in(app, "agent", "mei")


@pytest.fixture
def boss(app, client):
    return signed_in(app, "supervisor", "boss")


def reply(mei, text, conversation_id=SECRET):
    path = f"/v1/desk/conversations/{known_as(conversation_id)}"
    assert mei.post(f"{path}/take").status_code == 200
    sent = mei.post(f"{path}/reply", json={"message_id": "a1", "text": text})
    assert sent.status_code in (200, 201), sent.text
    return sent.json()["post"]["sequence"]


def test_an_agent_gets_at_most_three_replies_with_source_and_probability(mei, say):
    turn = say("几天发货")
    shown = mei.get(SUGGESTIONS).json()
    assert shown["turn_id"] == turn["turn_id"] and 1 <= len(shown["suggestions"]) <= 3
    first = shown["suggestions"][0]
    assert first["source"] in ("faq", "canned", "agent") and 0 < first["p"] < 1 and first["text"]
    assert mei.get(SUGGESTIONS).json() == shown


def test_looking_at_suggestions_and_at_gaps_is_noted(mei, say, parts):
    say("几天发货")
    for _ in range(2):
        mei.get(SUGGESTIONS)  # who reads on is noted once
    mei.get("/v1/gaps")
    with parts.store.read() as uow:
        noted = uow.audit.after(0, 10)
    assert [(n.actor, n.action, n.kind, n.subject_id) for n in noted] == [
        ("mei", "read", "conversation", NAME),
        ("mei", "read", "desk", "gaps"),
    ]


def test_a_visitor_gets_none(client, say, mei):
    say("几天发货")
    assert client.get(SUGGESTIONS).status_code == 401
    assert mei.get("/v1/conversations/nobody/suggestions").status_code == 404


def test_a_verdict_is_kept_with_its_edit_distance(mei, say):
    say("几天发货")
    one = mei.get(SUGGESTIONS).json()["suggestions"][0]
    path = f"/v1/desk/suggestions/{one['suggestion_id']}/verdict"
    edited = mei.post(path, json={"verdict": "edited", "sent_text": one["text"] + "呢"})
    assert (edited.status_code, edited.json()["edit_distance"]) == (201, 1)
    assert mei.post(path, json={"verdict": "edited"}).status_code == 422
    assert mei.post(path, json={"verdict": "liked"}).status_code == 422
    assert mei.post("/v1/desk/suggestions/none/verdict", json={"verdict": "rejected"}).status_code == 404


def test_a_wrong_answer_is_on_record_under_the_agents_name(mei, say, parts):
    turn = say("几天发货")
    said = mei.post(f"/v1/desk/turns/{turn['turn_id']}/wrong", json={"comment": "是 24 小时"})
    assert said.status_code == 201
    with parts.store.read() as uow:
        [given] = uow.feedback.of_turns([turn["turn_id"]])
    assert (given.verdict, given.author, given.comment) == ("down", "mei", "是 24 小时")


def test_an_agents_answer_becomes_an_entry_that_is_found_at_once(mei, boss, say, client):
    say("你们支持以旧换新吗 我电话13812345678")
    sequence = reply(mei, "支持以旧换新，把旧的寄来抵三十元。")
    made = mei.post("/v1/desk/faq-drafts", json={"conversation_id": NAME, "sequence": sequence})
    draft = made.json()
    assert (made.status_code, draft["state"], draft["author"]) == (201, "open", "mei")
    assert "13812345678" not in draft["question"] and "以旧换新" in draft["question"]
    assert [d["draft_id"] for d in mei.get("/v1/desk/faq-drafts").json()["drafts"]] == [draft["draft_id"]]
    publish = f"/v1/desk/faq-drafts/{draft['draft_id']}/publish"
    assert mei.post(publish).status_code == 403
    faq_id = boss.post(publish).json()["faq_id"]
    found = client.post("/v1/faq/search", json={"query": draft["question"], "k": 1}).json()["hits"][0]
    assert (found["faq_id"], found["answer"]) == (faq_id, "支持以旧换新，把旧的寄来抵三十元。")
    assert boss.post(publish).status_code == 409
    assert mei.get("/v1/desk/faq-drafts").json()["drafts"] == []


def test_a_draft_needs_an_agents_reply(mei, boss, say):
    say("几天发货")
    body = {"conversation_id": NAME, "sequence": 1}
    assert mei.post("/v1/desk/faq-drafts", json=body).status_code == 404
    sequence = reply(mei, "两天。")
    draft = mei.post("/v1/desk/faq-drafts", json=body | {"sequence": sequence, "answer": "两天内。"}).json()
    assert draft["answer"] == "两天内。"
    assert boss.post(f"/v1/desk/faq-drafts/{draft['draft_id']}/discard").json()["state"] == "discarded"
    assert boss.post("/v1/desk/faq-drafts/none/discard").status_code == 404


def test_gaps_list_what_nothing_answered_with_a_draft_from_the_agents_reply(mei, say):
    assert mei.get("/v1/gaps").json() == {"gaps": []}
    unanswered = [
        conversation
        for n in range(4)
        if "no_confident_answer" in _reasons(mei, say, conversation := f"conversation-of-visitor-{n:04d}")
    ]
    reply(mei, "可以刻字，十元一件。", unanswered[0])
    gaps = mei.get("/v1/gaps").json()["gaps"]
    assert gaps[0]["n_conversations"] == len(unanswered)
    assert gaps[0]["draft"] == {"question": gaps[0]["question"], "answer": "可以刻字，十元一件。"}


def _reasons(mei, say, conversation_id):
    say("杯底能不能激光刻名字", conversation_id)
    entries = mei.get(f"/v1/desk/conversations/{known_as(conversation_id)}").json()["entries"]
    return next(entry["turn"]["reasons"] for entry in entries if entry["kind"] == "turn")
