"""The real app with the demo shop's data on a free port, and its parts for what only a test may look at."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi.responses import HTMLResponse

from api.app import create_app
from assistant import bootstrap, settings
from assistant.bootstrap import Parts
from assistant.heads import IntentHead, SentimentHead
from assistant.settings import Settings
from assistant.values import Message, Option, Reply, Turn
from tests.api.conftest import INTENTS, MOODS

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


@dataclass(frozen=True, slots=True)
class Shop:
    url: str  # without a slash at the end
    other_site: str  # a site of somebody else, which may embed the widget and does
    parts: Parts
    example: Turn

    def turns(self, conversation_id: str) -> tuple[Turn, ...]:
        return self.parts.chat.history(conversation_id, limit=1_000)

    def remember(self, conversation_id: str, exchanges: list[tuple[str, Reply]]) -> None:
        """Store turns of the conversation as if the assistant had replied just so."""
        now = datetime.now(UTC)
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
def demo_shop(data_dir: Path) -> Iterator[Shop]:
    """Serve the demo shop until the block ends. Its heads are fitted on a few texts: quick, and the same everywhere."""
    own, other = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    url, other_site = f"http://127.0.0.1:{own.getsockname()[1]}", f"http://localhost:{other.getsockname()[1]}"
    environment = {
        "HUIDA_DATA_DIR": str(data_dir),
        "HUIDA_REQUESTS_PER_MINUTE": "0",
        "HUIDA_ALLOWED_ORIGINS": other_site,
    }
    chosen = settings.load(environment=environment)
    _fit_heads(chosen, data_dir / "models")
    parts = bootstrap.build(chosen)
    bootstrap.load_demo(parts)
    example = parts.chat.chat(Message("example", "1", "你好", datetime.now(UTC)))
    app = create_app(chosen, lambda _settings: parts)  # closes the parts when it stops
    page = HTMLResponse(EMBEDDING.format(url=url))
    with serving(app, own), serving(page, other):
        yield Shop(url, other_site, parts, example)


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


def _fit_heads(chosen: Settings, folder: Path) -> None:
    _, encoder = bootstrap.build_encoder(chosen)
    heads = {"sentiment": (SentimentHead(min_df=1), MOODS), "intents": (IntentHead(), INTENTS)}
    for name, (head, examples) in heads.items():
        texts, labels = zip(*((text, label) for label, texts in examples.items() for text in texts), strict=True)
        head.encoder_version = encoder.version
        head.fit(encoder.encode(texts), texts, labels).save(folder / name)
