"""No personal data in the log, whoever writes to it and whatever goes wrong."""

import io
import logging
import re

import pytest

from api import logs
from assistant.errors import StoreError

# made for this test; the numbers pass the checks of real ones
CANARIES = {
    "mobile": "13912345678",
    "e-mail": "canary.wang@example.com",
    "identity card": "11010519491231002X",
    "bank card": "6222021234567890128",
}
TEXT = "我是王,{mobile} {e-mail} 身份证{identity card} 卡{bank card}".format_map(CANARIES)


@pytest.fixture
def log(settings):
    """What the server would write, with every logger at its most talkative."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    handler = logs.install(settings.models, logging.DEBUG)
    written = handler.setStream(io.StringIO()) and handler.stream
    yield written
    root.handlers[:] = before
    root.setLevel(level)


def said(log) -> str:
    text = log.getvalue()
    assert not [name for name, canary in CANARIES.items() if canary in text]
    digits = re.sub(r"[\s-]", "", text)
    assert not [name for name, canary in CANARIES.items() if canary in digits]
    return text


def write_everywhere(client, n: str = "1"):
    """Put the canaries wherever a stranger can put words."""
    secret = "x" * 43
    body = {"conversation_id": secret, "message_id": n, "text": TEXT}
    turn = client.post("/v1/chat", json=body)
    client.post("/v1/chat", json={**body, "customer_token": TEXT})
    client.post("/v1/chat", json={**body, "conversation_id": CANARIES["mobile"], "message_id": CANARIES["e-mail"]})
    client.post("/v1/parse", json={"texts": [TEXT]})
    client.post("/v1/faq/search", json={"query": TEXT})
    client.post("/v1/feedback", json={"turn_id": TEXT, "conversation_id": secret, "vote": "up", "comment": TEXT})
    client.post(
        "/v1/session",
        json={"name": CANARIES["mobile"], "password": CANARIES["bank card"]},
        headers={"Origin": "http://testserver"},
    )
    client.get(f"/v1/conversations/{CANARIES['mobile']}/turns", headers={"User-Agent": CANARIES["e-mail"]})
    return turn


def test_a_busy_server_logs_none_of_it(client, log):
    assert write_everywhere(client).status_code == 200
    assert "turn saved" in said(log)


def test_an_exception_that_quotes_the_message_is_masked_with_its_traceback(client, parts, log, monkeypatch):
    def fails(_pipeline, message, *_):
        raise ValueError(f"cannot read {message.text!r}")

    monkeypatch.setattr(type(parts.pipeline), "run", fails)
    assert write_everywhere(client).status_code == 500
    text = said(log)
    assert "request failed" in text and "Traceback" in text and "cannot read" in text


def test_a_store_that_fails_is_logged_without_what_was_to_be_stored(client, parts, log, monkeypatch):
    def fails(*_, **__):
        raise StoreError(f"could not write {TEXT}")

    monkeypatch.setattr(type(parts.chat), "_save", fails)
    assert write_everywhere(client).status_code == 503
    assert "could not write" in said(log)


def test_what_other_libraries_say_goes_through_the_same_mask(log):
    logging.getLogger("uvicorn.error").error("invalid request from %s", CANARIES["mobile"])
    logging.getLogger("some.library").warning(TEXT, extra={"customer_id": CANARIES["e-mail"]})
    text = said(log)
    assert "139****5678" in text and "customer_id=c***@example.com" in text


def test_a_line_says_when_who_and_what_with_its_fields(log):
    logging.getLogger("assistant.service").info(
        "turn saved", extra={"turn_id": "5f0c", "latency_ms": 12.1, "_theirs": 1}
    )
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO assistant.service: turn saved turn_id=5f0c latency_ms=12.1\n",
        said(log),
    )


def test_a_library_that_lowers_its_own_level_says_no_more(settings, log):
    logs.install(settings.models, logging.WARNING).setStream(log)
    theirs = logging.getLogger("their.library")
    theirs.setLevel(logging.DEBUG)
    theirs.debug("building")
    theirs.warning("no documents")
    assert "no documents" in said(log) and "building" not in said(log)
