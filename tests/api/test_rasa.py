"""Rasa's wire formats, field by field: what a client of Rasa reads, it finds."""

import json

import pytest

from api.schemas.rasa import parsed, uttered
from assistant.values import Option, Reply
from tests.assistant.turns import plain_turn, reading


def test_model_parse_has_every_field_of_rasas_nlu_server(client):
    answer = client.post("/model/parse", json={"text": "订单 QH20261122001 怎么退货", "message_id": "m1"}).json()
    assert answer["text"] == "订单 QH20261122001 怎么退货" and answer["message_id"] == "m1"
    assert set(answer["intent"]) == {"name", "confidence"}
    assert answer["intent"] == answer["intent_ranking"][0]
    assert sum(intent["confidence"] for intent in answer["intent_ranking"]) == pytest.approx(1, abs=1e-4)
    [entity] = answer["entities"]
    assert (entity["entity"], entity["value"], entity["start"], entity["end"]) == ("order_no", "QH20261122001", 3, 16)
    selector = answer["response_selector"]
    assert selector["all_retrieval_intents"] == ["faq"]
    best = selector["faq"]["response"]
    assert best["responses"][0]["text"] and best["intent_response_key"].startswith("faq/")
    assert selector["faq"]["ranking"][0] == {key: best[key] for key in ("intent_response_key", "confidence")}


def test_a_text_that_no_intent_fits_leads_the_ranking_as_out_of_scope():
    from dataclasses import replace

    strange = replace(reading(), p_out_of_scope=0.9)
    answer = parsed(strange, [], None)
    assert answer["intent"] == answer["intent_ranking"][0] == {"name": "out_of_scope", "confidence": 0.9}
    assert answer["response_selector"]["faq"]["response"]["responses"] == []


def test_the_webhook_answers_with_a_list_of_messages_to_the_sender(client):
    [message] = client.post("/webhooks/rest/webhook", json={"sender": "u1", "message": "怎么退货?"}).json()
    assert message["recipient_id"] == "u1" and message["text"]
    assert client.get("/webhooks/rest/").json() == {"status": "ok"}


def test_with_stream_each_line_is_one_message(client):
    answer = client.post("/webhooks/rest/webhook?stream=true", json={"sender": "u1", "message": "怎么退货?"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [json.loads(line)["recipient_id"] for line in answer.text.splitlines()] == ["u1"]


def test_a_button_sent_back_is_answered_with_the_entry_it_stands_for(client, parts):
    turn = plain_turn()
    asked = Reply("您问的是?", "clarify", options=(Option("退货运费谁出?", "fee"), Option("转人工")))
    from dataclasses import replace

    said = uttered(replace(turn, reply=asked), "u1")
    assert [button.title for button in said.buttons] == ["退货运费谁出?", "转人工"]
    assert said.buttons[1].payload == "转人工"
    [answer] = client.post("/webhooks/rest/webhook", json={"sender": "u1", "message": said.buttons[0].payload}).json()
    assert "质量问题由我们承担运费" in answer["text"]
    with parts.store.read() as uow:
        assert uow.turns.last("rest:u1", 1)[0].message.text == "退货运费谁出?"


@pytest.mark.parametrize("payload", ["/faq{}", '/faq{"faq_id": 5}', "/faq{not json}", "/restart"])
def test_a_payload_that_is_none_of_ours_is_read_as_text(client, parts, payload):
    assert client.post("/webhooks/rest/webhook", json={"sender": "u1", "message": payload}).status_code == 200
    with parts.store.read() as uow:
        assert uow.turns.last("rest:u1", 1)[0].message.text == payload


def test_the_same_words_twice_are_two_messages(client):
    for _ in range(2):
        client.post("/webhooks/rest/webhook", json={"sender": "u1", "message": "在吗"})
