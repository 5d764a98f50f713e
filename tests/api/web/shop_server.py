"""The real app with the demo shop's data on a free port, and its parts for what only a test may look at."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi.responses import HTMLResponse

from api.app import create_app
from api.identity import sign
from assistant import settings
from assistant.bootstrap import Parts
from assistant.demo import read_orders
from assistant.faq_files import read_faq
from assistant.reader import Reader
from assistant.settings import configs_folder
from assistant.store.users import User
from assistant.text import language
from assistant.values import Message, Option, Reply, Turn
from assistant.visitors import known_as
from tests.api.conftest import build_parts

CUSTOMER_KEY = "a key of the shop"
CHOICE = Reply(
    "您想问的是下面哪一个？",
    "clarify",
    options=(
        Option("怎么申请退货？", "zh-032"),
        Option("退货的运费谁承担？", "zh-033"),
        Option("退货要寄到什么地址？", "zh-034"),
    ),
)
EMBEDDING = """<!doctype html><html lang="en"><body style="display: grid; font: 40px serif">
<script src="{url}/widget.js" data-title="Tea &amp; Co" data-color="#7a1f5c" async></script></body></html>"""


FAQ_IDS = {"zh-097", *(option.faq_id for option in CHOICE.options)}


@dataclass(frozen=True, slots=True)
class Shop:
    url: str  # without a slash at the end
    other_site: str  # a site of somebody else, which may embed the widget and does
    parts: Parts
    example: Turn

    def turns(self, conversation_id: str) -> tuple[Turn, ...]:
        return self.parts.chat.history(known_as(conversation_id), limit=1_000)

    def token_of(self, customer_id: str) -> str:
        """What the shop's backend would hand to the page of a customer who is signed in."""
        return sign(customer_id, int(time.time()) + 3600, CUSTOMER_KEY)

    def session_of(self, name: str, role: str) -> str:
        """A session of somebody who works here, from now on; no password fits."""
        now = datetime.now(UTC)
        with self.parts.store.begin() as uow:
            roles = {user.name: user.role for user in uow.users.all()}
            if name not in roles:
                uow.users.add(User(name, name, role, now), "no password fits")
            elif roles[name] != role:
                raise ValueError(f"{name} is {roles[name]} in another test of this shop: take another name")
            return uow.sessions.create(name, now, now + timedelta(hours=1))

    def remember(self, conversation_id: str, exchanges: list[tuple[str, Reply]]) -> None:
        """Store turns of the conversation as if the assistant had replied just so."""
        conversation_id, now = known_as(conversation_id), datetime.now(UTC)
        with self.parts.store.begin() as uow:
            n = uow.conversations.open(conversation_id, None, now).n_turns
            for sequence, (text, reply) in enumerate(exchanges, n + 1):
                message = Message(conversation_id, uuid4().hex, text, now)
                uow.turns.add(
                    replace(
                        self.example,
                        turn_id=uuid4().hex,
                        sequence=sequence,
                        message=message,
                        reply=reply,
                        created_at=now,
                    )
                )


@contextmanager
def demo_shop(data_dir: Path, reader: Reader, customers: Mapping[str, str] = MappingProxyType({})) -> Iterator[Shop]:
    """Serve the demo shop until the block ends. The reader is fitted on a few texts: quick, and the same everywhere.

    customers: who may sign in at its page, by customer id.
    """
    own, other = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    url, other_site = f"http://127.0.0.1:{own.getsockname()[1]}", f"http://localhost:{other.getsockname()[1]}"
    environment = {
        "HUIDA_DATA_DIR": str(data_dir),
        "HUIDA_REQUESTS_PER_MINUTE": "0",
        "HUIDA_ALLOWED_ORIGINS": other_site,
        "HUIDA_CUSTOMER_KEY": CUSTOMER_KEY,
    }
    chosen = settings.load(environment=environment)
    parts = build_parts(chosen, reader)
    _stock(parts)
    example = parts.chat.chat(Message("example", "1", "你好", datetime.now(UTC)))
    app = create_app(chosen, lambda _settings: parts, customers)  # closes the parts when it stops
    page = HTMLResponse(EMBEDDING.format(url=url))
    with serving(app, own), serving(page, other):
        yield Shop(url, other_site, parts, example)


def _stock(parts: Parts) -> None:
    """The demo's orders, and of its FAQ what these tests name: an index of all of it takes seconds."""
    demo = configs_folder() / "demo"
    with parts.store.begin() as uow:
        uow.orders.put(read_orders(demo / "orders.csv"))
    entries = read_faq(demo / "faq_zh.csv", language).entries
    parts.faq.import_entries([entry for entry in entries if entry.faq_id in FAQ_IDS])


@contextmanager
def serving(app: Any, listener: socket.socket) -> Iterator[None]:
    """Answer on the socket until the block ends. It listens already: the first request waits for the server."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
