"""The demo shop as its visitors meet it: the shipped models, the demo's FAQ and orders, customers signed in by a click."""

from uuid import uuid4

import pytest

from api.app import create_app
from assistant import bootstrap, settings
from assistant.demo import CUSTOMERS, read_orders, thrown_away
from assistant.replies import Replies
from assistant.settings import configs_folder
from tests.api.conftest import caller_of

REPLIES = Replies.load(*(configs_folder() / "replies" / f"{language}.toml" for language in ("zh", "en")))
ORDERS = {order.order_no: order for order in read_orders(configs_folder() / "demo" / "orders.csv")}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    chosen = thrown_away(settings.load(environment={}), tmp_path_factory.mktemp("demo"))
    parts = bootstrap.build(chosen)
    bootstrap.load_demo(parts)
    with caller_of(create_app(chosen, lambda _settings: parts, CUSTOMERS)) as client:
        yield client


@pytest.fixture
def talk(demo):
    """talk("林晓") begins a conversation as that customer, talk() as a guest; it takes texts and returns replies."""
    tokens = {one["name"]: one["token"] for one in demo.get("/shop/customers").json()["customers"]}

    def begin(name=None):
        conversation = uuid4().hex + uuid4().hex

        def say(text):
            body = {"conversation_id": conversation, "message_id": uuid4().hex, "text": text}
            answer = demo.post("/v1/chat", json=body | ({"customer_token": tokens[name]} if name else {}))
            assert answer.status_code == 200, answer.text
            return answer.json()["reply"]

        return say

    return begin


def test_every_customer_with_an_order_can_be_signed_in_at_the_demos_shop(demo):
    answer = demo.get("/shop/customers")
    assert [one["name"] for one in answer.json()["customers"]] == list(CUSTOMERS.values())
    assert answer.headers["cache-control"] == "no-store"
    assert {order.customer_id for order in ORDERS.values()} - {None} == set(CUSTOMERS)


def test_a_shop_that_is_no_demo_signs_nobody_in(client):
    assert client.get("/shop/customers").json() == {"customers": []}


def test_each_demo_draws_a_key_of_its_own_unless_the_owner_set_one(tmp_path):
    keys = {thrown_away(settings.load(environment={}), tmp_path).server.customer_key for _ in range(2)}
    assert len(keys) == 2 and all(len(key) >= 40 for key in keys)
    own = settings.load(environment={"HUIDA_CUSTOMER_KEY": "the owner's"})
    assert thrown_away(own, tmp_path).server.customer_key == "the owner's"


@pytest.mark.parametrize(
    ("name", "language", "question"), [("林晓", "zh", "我的快递到哪了"), ("Emma", "en", "Where is my order?")]
)
def test_a_signed_customer_who_asks_for_a_parcel_is_asked_which_and_told_where_it_is(talk, name, language, question):
    say = talk(name)
    asked = say(question)
    assert asked["kind"] == "clarify" and asked["text"] in REPLIES.wordings[language]["ask_order_no"]
    number = next(o.order_no for o in ORDERS.values() if CUSTOMERS.get(o.customer_id) == name and o.status == "shipped")
    told = say(number)
    assert number in told["text"] and ORDERS[number].tracking_no in told["text"]


@pytest.mark.parametrize(("language", "question"), [("zh", "我的快递到哪了"), ("en", "Where is my order?")])
def test_a_guest_is_told_to_sign_in(talk, language, question):
    say = talk()
    assert say(question)["text"] in REPLIES.wordings[language]["sign_in"]
    assert "中通" not in say("QH20261119002")["text"]


def test_anothers_order_reads_as_one_that_is_not_there(talk):
    def answer(number):
        say = talk("林晓")
        say("我的快递到哪了")
        return say(number)["text"].replace(number, "")

    assert answer("QH20261120005") == answer("QH20261117010") == answer("QH20269999999")
    assert ORDERS["QH20261120005"].carrier not in answer("QH20261120005")
