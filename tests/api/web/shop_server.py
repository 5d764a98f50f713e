"""The demo shop on a free port: our real pages and request schemas over a small assistant that only knows the demo FAQ.

It keeps the HTTP contract (one turn for a message_id, turns by sequence) in memory; what it answers is known beforehand.
"""

from __future__ import annotations

import csv
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, HTTPException

from api.middleware import Headers
from api.routes import pages
from api.schemas.chat import ChatIn, FeedbackIn

DEMO = Path(__file__).parents[3] / "configs" / "demo"
HUMAN = {"转人工": "好的，正在为您转接人工客服。", "Talk to a human": "I'm connecting you with a colleague now."}
ECHO = "echo:"  # the answer to "echo:TEXT" is TEXT: an FAQ whose owner writes whatever a test needs


class Assistant:
    """Answers a wording of the FAQ with its entry and a part of one with a choice of up to three."""

    def __init__(self) -> None:
        self.turns: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.votes: list[dict[str, Any]] = []
        self.entries = [row for file in sorted(DEMO.glob("faq_*.csv")) for row in _rows(file)]

    def chat(self, body: ChatIn) -> dict[str, Any]:
        turns = self.turns[body.conversation_id]
        known = next((turn for turn in turns if turn["message_id"] == body.message_id), None)
        if known is None:
            known = {
                "turn_id": uuid4().hex,
                "sequence": len(turns) + 1,
                "message_id": body.message_id,
                "text": body.text,
                "reply": self.reply(body.text, body.faq_id),
                "created_at": datetime.now(UTC).isoformat(),
            }
            turns.append(known)
        return known

    def reply(self, text: str, faq_id: str | None) -> dict[str, Any]:
        if text.startswith(ECHO):
            said = text.removeprefix(ECHO)
            return {"text": said, "kind": "clarify", "options": [{"title": said, "faq_id": "zh-001"}]}
        if text in HUMAN:
            return {"text": HUMAN[text], "kind": "handoff", "options": []}
        exact = [e for e in self.entries if faq_id == e["id"] or text in (e["question"], *e["variants"].split(" | "))]
        if exact:
            return {"text": exact[0]["answer"], "kind": "answer", "faq_id": exact[0]["id"], "options": []}
        near = [{"title": e["question"], "faq_id": e["id"]} for e in self.entries if text in e["question"]][:3]
        if near:
            return {"text": "您想问的是下面哪一个？", "kind": "clarify", "options": near}
        return {"text": "这个我暂时不清楚。", "kind": "smalltalk", "options": []}


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def create_app(assistant: Assistant) -> FastAPI:
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})
    app.add_middleware(Headers)
    app.include_router(pages.router)

    @app.post("/v1/chat")
    def chat(body: ChatIn):
        if len(body.text) > 2_000:
            raise HTTPException(422)
        return {key: value for key, value in assistant.chat(body).items() if key in ("turn_id", "sequence", "reply")}

    @app.get("/v1/conversations/{conversation_id}/turns")
    def turns(conversation_id: str, after: int = 0, limit: int = 100):
        if conversation_id not in assistant.turns:
            raise HTTPException(404)
        return {"turns": assistant.turns[conversation_id][after : after + limit]}

    @app.post("/v1/feedback", status_code=201)
    def feedback(body: FeedbackIn):
        assistant.votes.append(body.model_dump(include={"turn_id", "conversation_id", "vote"}))
        return {"feedback_id": uuid4().hex}

    return app


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve the app until the block ends; the value is its address without a slash at the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
