"""What nobody should send: each gets one clear line in the one shape, and nothing is stored."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.conftest import caller_of

CHAT = {"conversation_id": "c" * 22, "message_id": "m", "text": "怎么退货"}
GOOD = {
    "/v1/chat": CHAT,
    "/v1/parse": {"texts": ["怎么退货"]},
    "/v1/faq/search": {"query": "怎么退货"},
    "/v1/feedback": {"turn_id": "t", "conversation_id": "c", "vote": "up"},
    "/model/parse": {"text": "怎么退货"},
    "/webhooks/rest/webhook": {"sender": "u1", "message": "怎么退货"},
}
TEXT_OF = {"/v1/chat": "text", "/v1/faq/search": "query", "/model/parse": "text", "/webhooks/rest/webhook": "message"}
TOLERANT = ("/model/parse", "/webhooks/rest/webhook")  # Rasa's clients send fields that we do not know

NOT_JSON = {
    "nothing": (b"", 422),
    "half": (b'{"text": ', 422),
    "a list": (b"[]", 422),
    "a word": (b'"hello"', 422),
    "null": (b"null", 422),
    "no UTF-8": (b'{"text": "\xff\xfe"}', 400),
    "very deep": (b"[" * 100_000, 400),
    "a long number": (b"1" * 5_000, 400),
    "two megabytes": (b'{"text": "' + b"a" * 2_000_000 + b'"}', 413),
}
BAD_TEXTS = {
    "empty": "",
    "blank": " \n\t ",
    "NUL": "a\0b",
    "a number": 5,
    "null": None,
    "a list": ["hi"],
    "an object": {"a": 1},
    "one megabyte": "a" * 1_000_000,
    "above the cap": "退" * 2_001,
}


@pytest.fixture(scope="module")
def client(shared_app):
    return caller_of(shared_app)


def refused(answer, status: int) -> dict:
    """The error of an answer, after checking that it has the one shape."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error"} and {"code", "message"} <= set(body["error"]) <= {"code", "message", "field"}
    assert body["error"]["message"] and "Traceback" not in answer.text and len(answer.text) < 500
    return body["error"]


def post(client, path, content: bytes):
    return client.post(path, content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("kind", NOT_JSON)
def test_a_body_that_is_no_request_is_refused(client, path, kind):
    content, status = NOT_JSON[kind]
    refused(post(client, path, content), status)


@pytest.mark.parametrize("path", TEXT_OF)
@pytest.mark.parametrize("kind", BAD_TEXTS)
def test_text_that_cannot_be_read_is_refused_by_the_name_of_its_field(client, path, kind):
    error = refused(client.post(path, json=GOOD[path] | {TEXT_OF[path]: BAD_TEXTS[kind]}), 422)
    if path not in TOLERANT or kind != "above the cap":
        assert error.get("field", TEXT_OF[path]) == TEXT_OF[path]


@pytest.mark.parametrize("path", TEXT_OF)
def test_half_a_surrogate_pair_is_refused(client, path):
    body = json.dumps(GOOD[path] | {TEXT_OF[path]: "half \ud83d"}).encode()
    assert refused(post(client, path, body), 422)["field"] == TEXT_OF[path]


def test_the_text_at_fault_among_many_is_named(client):
    error = refused(client.post("/v1/parse", json={"texts": ["hi", "", "hello"]}), 422)
    assert error["field"] == "texts.1"
    refused(client.post("/v1/parse", json={"texts": []}), 422)
    refused(client.post("/v1/parse", json={"texts": ["hi"] * 257}), 422)


@pytest.mark.parametrize("path", [path for path in GOOD if path not in TOLERANT])
def test_an_unknown_field_is_refused_rather_than_dropped(client, path):
    assert refused(client.post(path, json=GOOD[path] | {"role": "admin"}), 422)["field"] == "role"
    refused(post(client, path, json.dumps(GOOD[path] | {"\ud800": 1}).encode()), 422)


@pytest.mark.parametrize("path", TOLERANT)
def test_a_field_of_rasas_that_we_do_not_know_is_passed_over(client, path):
    assert client.post(path, json=GOOD[path] | {"project": "default"}).status_code == 200


@pytest.mark.parametrize(("field", "value"), [("k", "5"), ("k", 0), ("k", 51), ("k", 2.5), ("k", True), ("k", 10**30)])
def test_a_number_of_the_wrong_kind_or_size_is_refused(client, field, value):
    assert refused(client.post("/v1/faq/search", json={"query": "hi", field: value}), 422)["field"] == field


@pytest.mark.parametrize("field", ["conversation_id", "message_id", "faq_id"])
@pytest.mark.parametrize("value", ["", " ", "a\nb", "a\0b", "x" * 201, 7])
def test_an_id_that_is_none_is_refused(client, field, value):
    assert refused(client.post("/v1/chat", json=CHAT | {field: value}), 422)["field"] == field


@pytest.mark.parametrize("text", ["😀😀😀", "👩‍👩‍👧‍👦", "???", "123", "שלום"])
def test_text_without_chinese_or_english_is_answered(client, text):
    assert client.post("/v1/chat", json=CHAT | {"text": text}).status_code == 200


def test_nothing_refused_is_stored(client, shared_app):
    for text in ("", "a\0b", "a" * 3_000):
        client.post("/v1/chat", json=CHAT | {"conversation_id": "refused", "text": text})
    with shared_app.state.parts.store.read() as uow:
        assert uow.turns.last("refused", 1) == ()


def test_json_under_another_content_type_is_refused(client):
    body = json.dumps(CHAT).encode()
    assert client.post("/v1/chat", content=body, headers={"Content-Type": "text/plain"}).status_code == 422


@settings(max_examples=30)
@given(text=st.text(min_size=1, max_size=30))
def test_any_text_is_either_answered_or_refused_and_never_a_fault(client, text):
    answer = post(client, "/v1/chat", json.dumps(CHAT | {"message_id": "m" + str(hash(text)), "text": text}).encode())
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/chat", 405),
        ("DELETE", "/v1/parse", 405),
        ("GET", "/docs/nothing.js", 404),
    ],
)
def test_a_path_or_method_that_is_none_has_the_one_shape_too(client, method, path, status):
    refused(client.request(method, path), status)
