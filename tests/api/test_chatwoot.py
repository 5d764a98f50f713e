"""Huida as the bot of a Chatwoot inbox, against a small HTTP server that plays Chatwoot and notes what it is told."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from api.app import create_app
from assistant.chatwoot import is_signed, signature
from assistant.settings import Settings
from tests.api.conftest import build_parts, caller_of

SECRET, TOKEN = "a secret of the bot", "a token of the bot"


class FakeChatwoot(ThreadingHTTPServer):
    """Takes what the bot sends to its API; `status` is what it answers."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[tuple[str, dict]] = []
        self.tokens: set[str] = set()
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def messages(self) -> list[dict]:
        return [body for path, body in self.told if path == "/api/v1/accounts/1/conversations/10/messages"]

    @property
    def statuses(self) -> list[str]:
        return [body["status"] for path, body in self.told if path.endswith("/conversations/10/toggle_status")]


class _Handler(BaseHTTPRequestHandler):
    server: FakeChatwoot

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((self.path, body))
        self.server.tokens.add(self.headers["api_access_token"])
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments):
        pass


@pytest.fixture
def there():
    server = FakeChatwoot()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(there, settings, reader):
    known = {"chatwoot_url": there.url, "chatwoot_token": TOKEN, "chatwoot_secret": SECRET}
    settings = settings.model_copy(update={"chatwoot": settings.chatwoot.model_copy(update=known)})
    parts = build_parts(settings, reader)
    with caller_of(create_app(settings, lambda _settings: parts)) as client:
        client.parts = parts
        yield client


def event(text: str, number: int = 118, **changes) -> dict:
    made = {
        "event": "message_created",
        "id": number,
        "content": text,
        "message_type": "incoming",
        "content_type": "text",
        "private": False,
        "sender": {"id": 14, "type": "contact"},
        "inbox": {"id": 1},
        "account": {"id": 1},
        "conversation": {
            "id": 10,
            "status": "pending",
            "channel": "Channel::WebWidget",
            "contact_inbox": {"source_id": "s", "hmac_verified": False},
            "meta": {"assignee": None},
        },
    }
    made["conversation"] |= changes.pop("conversation", {})
    return made | changes


def sent(client, said: dict, secret: str = SECRET, age_s: float = 0):
    body, timestamp = json.dumps(said).encode(), str(int(time.time() - age_s))
    headers = {
        "Content-Type": "application/json",
        "X-Chatwoot-Timestamp": timestamp,
        "X-Chatwoot-Signature": signature(secret, timestamp, body),
    }
    return client.post("/integrations/chatwoot", content=body, headers=headers)


def test_a_pending_conversation_is_answered_in_chatwoot(client, there):
    done = sent(client, event("怎么退货?"))
    assert (done.status_code, done.json()) == (200, {"status": "answered"})
    [message] = there.messages
    assert (message["message_type"], message["private"], bool(message["content"])) == ("outgoing", False, True)
    assert there.tokens == {TOKEN} and not there.statuses


def test_a_button_brings_its_entry_back(client, there):
    pressed = {"title": "怎么退货?", "value": json.dumps({"faq_id": "returns"})}
    said = event(
        "", event="message_updated", message_type="outgoing", content_attributes={"submitted_values": [pressed]}
    )
    assert sent(client, said).json() == {"status": "answered"}
    assert there.messages[-1]["content"] == "七天内可以退货。"


def test_who_asks_for_a_person_is_handed_over_and_the_bot_falls_silent(client, there):
    assert sent(client, event("转人工")).json() == {"status": "handed_over"}
    assert there.statuses == ["open"]
    assert client.parts.chat.conversation("chatwoot:1:10").state == "waiting"
    n_public = sum(not message["private"] for message in there.messages)
    assert sent(client, event("怎么退货?", 119, conversation={"status": "open"})).status_code == 200
    assert sum(not message["private"] for message in there.messages) == n_public
    assert client.parts.chat.conversation("chatwoot:1:10").state == "agent"


def test_agents_get_suggestions_as_private_notes(client, there):
    sent(client, event("转人工"))
    done = sent(client, event("怎么退货?", 119, conversation={"status": "open"}))
    notes = [message["content"] for message in there.messages if message["private"]]
    suggested = client.parts.suggestions.suggest("chatwoot:1:10")
    assert done.json() == {"status": "suggested"}
    assert notes[-1] == "\n\n".join(f"{s.rank}. {s.text}" for s in suggested)
    assert "七天内可以退货。" in notes[-1]


def test_a_conversation_that_comes_back_from_the_agents_is_answered_again(client, there):
    sent(client, event("转人工"))
    assert sent(client, event("怎么退货?", 120)).json() == {"status": "answered"}
    assert client.parts.chat.conversation("chatwoot:1:10").state == "bot"


def test_an_event_that_comes_twice_is_answered_once(client, there):
    assert [sent(client, event("怎么退货?")).json()["status"] for _ in range(2)] == ["answered", "ignored"]
    assert len(there.messages) == 1


def test_a_picture_goes_to_the_agents(client, there):
    assert sent(client, event(None)).json() == {"status": "handed_over"}
    assert there.statuses == ["open"] and not there.messages


@pytest.mark.parametrize(
    "said",
    [
        event("hi", message_type="outgoing"),
        event("hi", private=True),
        event("hi", event="conversation_opened"),
        event("hi", conversation={"id": 77, "status": "open"}),
        {"event": "webwidget_triggered"},
    ],
)
def test_what_is_no_message_of_a_customer_is_ignored(client, there, said):
    assert sent(client, said).json() == {"status": "ignored"}
    assert not there.told


def test_a_channel_without_buttons_gets_the_options_as_lines(client, there):
    sent(client, event("退货", conversation={"channel": "Channel::Email"}))
    [message] = there.messages
    assert "content_attributes" not in message and message["content"]


@pytest.mark.parametrize(("secret", "age_s"), [("another secret", 0), (SECRET, 3_600), (SECRET, -3_600)])
def test_an_event_of_a_stranger_or_a_recording_is_refused(client, there, secret, age_s):
    done = sent(client, event("怎么退货?"), secret, age_s)
    assert (done.status_code, done.json()["error"]["code"]) == (401, "bad_signature")
    assert not there.told


@pytest.mark.parametrize("said", [[], {"event": 3}, event("a\0b"), event("hi", id="x"), event("hi", account=7)])
def test_what_is_no_event_is_refused_by_field(client, said):
    done = sent(client, said)
    assert done.status_code == 422 and "event of Chatwoot" in done.json()["error"]["message"]


def test_chatwoots_failure_is_ours_too_so_that_its_agents_take_over(client, there):
    there.status = 401
    done = sent(client, event("怎么退货?"))
    assert (done.status_code, done.json()["error"]["code"]) == (502, "chatwoot_failed")
    assert there.url not in done.text


def test_without_settings_the_route_says_which_are_missing(settings: Settings, reader):
    app = create_app(settings, lambda _settings: build_parts(settings, reader))
    with caller_of(app) as client:
        done = sent(client, event("怎么退货?"))
    assert done.status_code == 404 and "chatwoot_secret" in done.json()["error"]["message"]


def test_the_signature_is_chatwoots():
    """HMAC-SHA256 of `1700000000.{}` under `secret`, computed with openssl."""
    given = "sha256=" + OPENSSL
    assert signature("secret", "1700000000", b"{}") == given
    assert is_signed("secret", "1700000000", given, b"{}", 1_700_000_100)
    assert not is_signed("secret", "1700000000", given, b"{ }", 1_700_000_100)
    assert not is_signed("secret", "", given, b"{}", 1_700_000_100)


OPENSSL = "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
