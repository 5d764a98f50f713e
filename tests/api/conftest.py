"""A small shop with real parts: a hashed encoder, heads fitted on a few texts, its own store and FAQ."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.server import Server, listen
from api.sessions import COOKIE, CSRF_HEADER, csrf_of
from assistant import settings as all_settings
from assistant.bootstrap import Parts, build_desk, build_suggestions, open_store
from assistant.entities import EntityExtractor, EntityRules
from assistant.faq import FaqService
from assistant.heads import IntentHead, SentimentHead
from assistant.hours import BusinessHours
from assistant.index_versions import IndexVersions
from assistant.pipeline import Pipeline
from assistant.policy import Rules
from assistant.reader import Reader
from assistant.replies import Replies
from assistant.service import ChatService
from assistant.settings import Settings
from assistant.store.users import User
from assistant.text import Segmenter
from assistant.values import FaqEntry
from tests.encoders import HashedWords

SECRET = "Yk3xq8Xr0mJm5cQnqE2v7w"  # a conversation id that nobody guesses
MOODS = {
    "negative": ["太差了", "很失望", "气死我了", "terrible", "so disappointed", "服务太差"],
    "neutral": ["怎么退货", "运费多少", "where is my order", "订单到哪了", "几天发货", "can I pay by card"],
    "positive": ["太棒了", "谢谢你", "很满意", "great", "thank you", "质量很好"],
}
INTENTS = {
    "refund": ["我要退货", "怎么退货", "退款", "I want a refund", "return this"],
    "shipping": ["运费多少", "几天发货", "快递到哪了", "when will it ship", "shipping fee"],
    "out_of_scope": ["今天天气怎么样", "讲个笑话", "who won the game", "what is the capital of France"],
}
FAQ = [
    FaqEntry("returns", "怎么退货?", "七天内可以退货。", ("我要退货", "退货流程"), "售后", "zh"),
    FaqEntry("fee", "退货运费谁出?", "质量问题由我们承担运费。", ("退货邮费", "退货运费"), "售后", "zh"),
    FaqEntry("ship", "多久发货?", "下单后 48 小时内发货。", ("几天发货", "什么时候发货"), "物流", "zh"),
]


@pytest.fixture(scope="session")
def reader() -> Reader:
    return small_reader()


def small_reader() -> Reader:
    encoder, segmenter = HashedWords(64), Segmenter()
    texts, labels = zip(*((text, mood) for mood, texts in MOODS.items() for text in texts), strict=True)
    sentiment = SentimentHead(min_df=1, encoder_version=encoder.version)
    sentiment.fit(encoder.encode(texts), texts, labels)
    texts, labels = zip(*((text, intent) for intent, texts in INTENTS.items() for text in texts), strict=True)
    intents = IntentHead(encoder_version=encoder.version).fit(encoder.encode(texts), texts, labels)
    rules = EntityRules(("QH#{11}",), "Asia/Shanghai")
    return Reader(encoder, sentiment, intents, EntityExtractor(rules), segmenter)


def settings_in(folder: Path) -> Settings:
    return all_settings.load(environment={"HUIDA_DATA_DIR": str(folder), "HUIDA_CUSTOMER_KEY": "a key of the shop"})


def build_parts(settings: Settings, reader: Reader) -> Parts:
    store = open_store(settings)
    root = settings.store.data_dir / "faq-index"
    versions = IndexVersions(root, reader.encoder, reader.segmenter, INTENTS["out_of_scope"], 3)
    faq = FaqService(store, versions)
    faq.import_entries(FAQ)
    replies = settings.models.replies
    pipeline = Pipeline(reader, faq, Rules(), Replies.load(replies / "zh.toml", replies / "en.toml"))
    desk = build_desk(settings, store, reader.segmenter, BusinessHours.parse(("mon-sun=00:00-24:00",), "UTC"))
    taught = build_suggestions(settings, store, reader, faq)
    return Parts(settings, store, reader, faq, pipeline, ChatService(store, pipeline), desk, *taught)


def caller_of(app: FastAPI) -> TestClient:
    """A caller on this machine without a token."""
    return TestClient(app, client=("127.0.0.1", 50_000), raise_server_exceptions=False)


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path)


@pytest.fixture
def parts(settings, reader):
    parts = build_parts(settings, reader)
    yield parts
    parts.close()


@pytest.fixture
def app(settings, parts):
    return create_app(settings, lambda _settings: parts)


@pytest.fixture
def client(app):
    with caller_of(app) as client:
        yield client


@pytest.fixture
def say(client):
    """A visitor's next message, and the turn that it led to."""
    numbers = count(1)

    def say(text, conversation_id=SECRET, **more):
        body = {"conversation_id": conversation_id, "message_id": f"m{next(numbers)}", "text": text, **more}
        answer = client.post("/v1/chat", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return say


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory, reader):
    """One shop for all tests of a module: for those that ask much and change nothing that another looks at."""
    settings = settings_in(tmp_path_factory.mktemp("shop"))
    app = create_app(settings, lambda _settings: build_parts(settings, reader))
    with caller_of(app):
        yield app


@pytest.fixture
def admin(parts):
    return token_of(parts, "admin")


@pytest.fixture
def agent(parts):
    return token_of(parts, "agent")


def signed_in(app: FastAPI, role: str, name: str = "", address: str = "127.0.0.1") -> TestClient:
    """A caller whose browser holds a session of a user of this role; a new user unless `name` is one already."""
    name, now = name or f"{role}-{uuid4().hex[:8]}", datetime.now(UTC)
    with app.state.parts.store.begin() as uow:
        if name not in {user.name for user in uow.users.all()}:
            uow.users.add(User(name, name.title(), role, now), "no password fits")
        secret = uow.sessions.create(name, now, now + timedelta(hours=1))
    headers = {"Origin": "http://testserver", CSRF_HEADER: csrf_of(secret)}
    client = TestClient(app, client=(address, 50_000), raise_server_exceptions=False, headers=headers)
    client.cookies.set(COOKIE, secret)
    return client


def token_of(parts: Parts, role: str) -> dict[str, str]:
    """Make a token and return the header that carries it."""
    with parts.store.begin() as uow:
        _, secret = uow.tokens.create(role, role, datetime.now(UTC))
    return {"Authorization": f"Bearer {secret}"}


@contextmanager
def served(app, parts):
    """The app on a real socket of the loopback device until the block ends; gives its address."""
    sock = listen("127.0.0.1", 0)
    server = Server(app, parts.settings.server, [], 0.0)
    running = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    running.start()
    try:
        yield sock.getsockname()
    finally:
        server.should_exit = True
        running.join()
