"""Who is busy in `huida bench --suite desk`: agents' desks and customers' pages, as their browsers behave."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from assistant.errors import AssistantError
from assistant.visitors import known_as
from training.connections import Connection

# from one reading of the queue to the next, as the desk's page has it: at least so long, and twice what the last took
QUEUE_GAP_S, QUEUE_SHARE = 0.6, 2

Place = tuple[str, int]  # conversation id, sequence


@dataclass(frozen=True, slots=True)
class Said:
    """An acknowledged message. `due` is the instant (time.perf_counter) from which its customer waited."""

    conversation_id: str
    message_id: str
    sequence: int
    due: float
    seconds: float

    @property
    def place(self) -> Place:
        return self.conversation_id, self.sequence


class Desk:
    """An agent's page: a live stream, and the queue read again when the stream tells of something."""

    def __init__(self, address: tuple[str, int], session: dict[str, str], is_looked_at: bool = False):
        """session: the headers that carry it. is_looked_at: note what its queue shows, which costs CPU here."""
        self.heard: dict[Place, float] = {}  # when the stream told of a turn
        self.shown: dict[Place, float] = {}  # when the queue had it
        self._is_looked_at = is_looked_at
        self._sequences: dict[str, int] = {}
        self.queue_s: list[float] = []
        self._live, self._asking = Connection(address, session), Connection(address, session)
        self._is_new = asyncio.Event()

    async def follow(self, opened: asyncio.Event) -> None:
        async for event in self._live.events("/v1/desk/events"):
            opened.set()
            if event["kind"] == "turn":
                self.heard.setdefault((event["conversation_id"], event["sequence"]), time.perf_counter())
            self._is_new.set()
        raise AssistantError("the server ended a desk's live stream")

    async def read_queue(self) -> None:
        while await self._is_new.wait():
            self._is_new.clear()
            began = time.perf_counter()
            if (answer := await self._asking.ask("GET", "/v1/desk/queue")).status != 200:
                raise AssistantError(f"a desk's queue was answered with status {answer.status}")
            self.queue_s.append(time.perf_counter() - began)
            if self._is_looked_at:
                self._look(answer.json()["conversations"], time.perf_counter())
            gap_s = max(QUEUE_GAP_S, QUEUE_SHARE * self.queue_s[-1])
            await asyncio.sleep(began + gap_s - time.perf_counter())

    def _look(self, items: list[dict[str, Any]], at: float) -> None:
        for item in items:
            one, until = item["conversation_id"], item["sequence"]
            for sequence in range(self._sequences.get(one, 0) + 1, until + 1):
                self.shown[one, sequence] = at
            self._sequences[one] = until

    def close(self) -> None:
        self._live.close()
        self._asking.close()


class Visitor:
    """A customer's page: a live stream of one conversation, and messages into it."""

    def __init__(self, address: tuple[str, int]):
        self.conversation_id = secrets.token_urlsafe(16)
        self.known_as = known_as(self.conversation_id)  # at the desk
        self.heard: dict[Place, float] = {}
        self.said: list[Said] = []
        self.n_failed = 0
        self._live, self._asking = Connection(address), Connection(address)

    async def follow(self, opened: asyncio.Event) -> None:
        async for event in self._live.events(f"/v1/conversations/{self.conversation_id}/events"):
            opened.set()
            self.heard.setdefault((self.known_as, event["sequence"]), time.perf_counter())
        raise AssistantError("the server ended a visitor's live stream")

    async def say(self, text: str, due: float) -> None:
        message_id = secrets.token_hex(8)
        body = {"conversation_id": self.conversation_id, "message_id": message_id, "text": text}
        with suppress(OSError, EOFError):
            answer = await self._asking.ask("POST", "/v1/chat", body)
            if answer.status == 200:
                seconds = time.perf_counter() - due
                self.said.append(Said(self.known_as, message_id, answer.json()["sequence"], due, seconds))
                return
        self.n_failed += 1

    async def n_wrong(self) -> int:
        """Acknowledged messages that the server does not hold exactly once."""
        held: Counter[str] = Counter()
        path, after = f"/v1/conversations/{self.conversation_id}/turns?limit=200&after=", 0
        while turns := (await self._asking.ask("GET", f"{path}{after}")).json().get("turns"):
            held.update(turn["message_id"] for turn in turns)
            after = turns[-1]["sequence"]
        return sum(held[said.message_id] != 1 for said in self.said)

    def close(self) -> None:
        self._live.close()
        self._asking.close()
