"""Orders looked up for their own customer: in the store, and at the shop's server by a signed request."""

import base64
import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.actions import LookedUp, OrderState, StoredOrders, WebhookOrders, look_up
from assistant.dialogue import Context
from assistant.errors import ActionFailed, InputError
from assistant.policy import Rules
from assistant.replies import Replies
from assistant.settings import configs_folder
from assistant.store import open_store
from assistant.values import Entity, Message, Order, Turn
from assistant.webhook import MAX_ANSWER_BYTES, Webhook, sign
from tests.assistant.lines import make_pipeline
from tests.assistant.readings import reading

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four.").decode()
NO = "QH20261119002"
REPLIES = Replies.load(configs_folder() / "replies" / "zh.toml", configs_folder() / "replies" / "en.toml")
NUMBERED = reading(f"订单{NO}", entities=(Entity("order_no", NO, 2, 15),))


@pytest.fixture
def stored(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'huida.db'}")
    with store.begin() as uow:
        uow.orders.put([Order(NO, "lin", "shipped", ("四件套",), 329.0, AT, "中通快递", "73218840559126")])
    yield StoredOrders(store)
    store.close()


@pytest.fixture
def shop():
    """The shop's server: it answers with `shop.answers`, one after the other, and keeps what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            server.asked.append((dict(self.headers), body))
            status, answer, *headers = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.answers = [], [(200, json.dumps({"status": "在路上", "items": ["茶"]}).encode())]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def hook(shop, **more) -> Webhook:
    return Webhook(f"http://127.0.0.1:{shop.server_port}/orders", SECRET, allow_private=True, **more)


def test_a_customer_sees_their_own_order_and_nobody_elses(stored):
    assert stored.find("lin", NO) == OrderState(NO, "shipped", ("四件套",), "中通快递", "73218840559126")
    assert stored.find("wang", NO) is None
    assert stored.find("lin", "QH20260101001") is None


def test_the_shop_is_asked_with_a_signature_that_it_can_verify(shop):
    orders = WebhookOrders(hook(shop))
    assert orders.find("lin", NO) == OrderState(NO, "在路上", ("茶",))
    (_headers, body), headers_lower = shop.asked[0], {k.lower(): v for k, v in shop.asked[0][0].items()}
    said = json.loads(body)
    assert (said["type"], said["data"]) == ("order.status", {"order_no": NO, "customer_id": "lin"})
    timestamp = int(headers_lower["webhook-timestamp"])
    assert headers_lower["webhook-signature"] == sign(SECRET, headers_lower["webhook-id"], timestamp, body)
    assert abs(time.time() - timestamp) < 300


def test_a_signature_of_the_standards_own_example_is_the_same():
    """The worked example of github.com/standard-webhooks/standard-webhooks."""
    body = b'{"test": 2432232314}'
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


def test_a_server_error_is_tried_again_with_the_same_id(shop):
    shop.answers = [(503, b""), *shop.answers]
    assert WebhookOrders(hook(shop)).find("lin", NO).status == "在路上"
    first, second = ({k.lower(): v for k, v in headers.items()}["webhook-id"] for headers, _ in shop.asked)
    assert first == second


def test_tries_are_bounded_and_the_failure_says_what_happened(shop):
    shop.answers = [(500, b"")]
    with pytest.raises(ActionFailed, match="failed 3 times, last: status 500"):
        hook(shop, n_retries=2).ask("order.status", {})
    assert len(shop.asked) == 3


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((302, b"", ("Location", "http://127.0.0.1/")), "answered 302"),
        ((200, b"<html>"), "did not answer JSON"),
        ((200, b"[]"), "JSON object"),
        ((200, b" " * (MAX_ANSWER_BYTES + 1)), f"more than {MAX_ANSWER_BYTES} bytes"),
        ((200, b'{"status": 7}'), "without a status in words"),
        ((200, b'{"status": "x", "items": [1]}'), "without a status in words"),
        ((401, b""), "answered 401"),
    ],
)
def test_an_answer_of_another_shape_is_refused_and_not_followed(shop, answer, message):
    shop.answers = [answer]
    with pytest.raises(ActionFailed, match=message):
        WebhookOrders(hook(shop)).find("lin", NO)
    assert len(shop.asked) == 1


def test_an_unknown_order_and_an_order_of_another_are_both_none(shop):
    shop.answers = [(404, b""), (200, json.dumps({"status": "paid", "customer_id": "wang"}).encode())]
    orders = WebhookOrders(hook(shop))
    assert orders.find("lin", NO) is None and orders.find("lin", NO) is None


def test_a_silent_server_is_given_up():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(ActionFailed, match="failed 1 times, last: TimeoutError"):
            Webhook(url, SECRET, 0.05, 0, allow_private=True).ask("order.status", {})


PRIVATE = ("127.0.0.1", "10.0.0.8", "192.168.1.2", "169.254.169.254", "100.64.0.1", "::1", "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "0.0.0.0", "224.0.0.1")  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_into_a_private_network_is_refused(address):
    def resolve(_host, port, **_):
        return [(None, None, None, "", ("93.184.215.14", port)), (None, None, None, "", (address, port))]

    with pytest.raises(ActionFailed, match="private address"):
        Webhook("https://shop.example/orders", SECRET, n_retries=0, resolve=resolve).ask("order.status", {})


def test_the_connection_goes_to_the_address_that_was_checked_whatever_the_name_means_later(shop):
    asked = []

    def rebinding(host, port, **_):
        asked.append(host)
        return [(None, None, None, "", ("127.0.0.1" if len(asked) == 1 else "10.255.255.1", port))]

    url = f"http://shop.example:{shop.server_port}/orders"
    found = Webhook(url, SECRET, n_retries=0, allow_private=True, resolve=rebinding).ask("order.status", {})
    assert found["status"] == "在路上" and asked == ["shop.example"]
    assert {k.lower(): v for k, v in shop.asked[0][0].items()}["host"] == f"shop.example:{shop.server_port}"


@pytest.mark.parametrize(
    ("url", "secret", "message"),
    [
        ("http://shop.example/", SECRET, "https://"),
        ("ftp://shop.example/", SECRET, "https://"),
        ("https://", SECRET, "needs a host"),
        ("https://user:password@shop.example/", SECRET, "no user in it"),
        ("https://shop.example/", "", "missing or short"),
        ("https://shop.example/", "whsec_" + "*" * 40, "not base64"),
    ],
)
def test_a_webhook_that_can_never_work_is_refused_at_the_start(url, secret, message):
    with pytest.raises(InputError, match=message):
        Webhook(url, secret)


class Failing:
    def find(self, customer_id, order_no):
        raise ActionFailed("away")


def test_a_failed_look_up_is_said_and_offers_a_person():
    looked = look_up(Failing(), "lin", NUMBERED)
    assert looked == LookedUp(NO, failed=True)
    said = REPLIES.looked_up(looked, NUMBERED, "c1", Context())
    assert NO in said.text and said.kind == "action" and said.options[0].intent == "human_agent"


def test_a_status_is_said_in_both_languages_and_an_unknown_one_as_it_is():
    state = OrderState(NO, "shipped", ("杯子", "{status}"), "中通快递", "732")
    chinese = REPLIES.looked_up(LookedUp(NO, state), NUMBERED, "c1", Context()).text
    assert "中通快递发出，运单号 732" in chinese and "（杯子、{status}）" in chinese
    english = reading(f"my order is {NO}", entities=NUMBERED.entities)
    assert "with 中通快递" in REPLIES.looked_up(LookedUp(NO, state), english, "c1", Context()).text
    odd = LookedUp(NO, OrderState(NO, "held at customs"))
    assert "held at customs" in REPLIES.looked_up(odd, english, "c1", Context()).text


def test_the_line_asks_for_the_number_and_then_looks_it_up(stored, segmenter):
    rules = Rules(max_wrong_answers=0.01, action_intents=frozenset({"order_status"}))
    pipeline = make_pipeline(segmenter, rules, stored)
    turns = ()
    for n, (text, customer) in enumerate(
        [("衣服到哪里了什么时候送到", "lin"), (f"是{NO}", "lin"), (f"衣服到哪里了什么时候送到 {NO}", None)], 1
    ):
        message = Message("c1", f"m{n}", text, AT, customer)
        draft = pipeline.run(message, Context(turns))
        turns += (Turn(f"t{n}", n, message, draft.reading, draft.decision, draft.reply, draft.versions, AT),)
    asked, told, guest = turns
    assert asked.decision.reasons == ("ask_order_no",)
    assert told.decision.reasons == ("order_lookup", "order_found") and "73218840559126" in told.reply.text
    assert guest.decision.reasons == ("sign_in_first",) and "73218840559126" not in guest.reply.text
