"""Live updates: one task follows the journal and hands each change to the streams that want it.

A commit of this process wakes the task at once, and so does one of another worker; commits of other servers are found by
a slow poll of the journal. A stream holds a few waiting changes and its place, never a thread: three hundred visitors cost what they listen to.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.to_thread

from api.neighbours import Neighbours
from assistant.errors import AssistantError, Overloaded
from assistant.store import Store
from assistant.values import Change

logger = logging.getLogger(__name__)

STREAMS = re.compile(r"/v1/(?:desk|conversations/[^/]+)/events")  # the paths that stay open
POLL_S = 0.5  # how late a change of another process is seen; asking costs one look at the end of an index
REST_S = 0.02  # between two looks at the journal: under load one finds what many turns wrote
HEARTBEAT_S = 15.0  # a comment line so often keeps proxies from closing a quiet stream
GATHER_S = 0.25  # a desk is told at once, then at most four times a second: fifty desks must not eat the core
N_READ = 500  # changes of one look at the journal
MAX_REPLAY = 2_000  # who missed more starts afresh: reading the queue is cheaper than all that
MAX_WAITING = 1_000  # changes that a stream may lag behind before it is cut, to come again from its place
MAX_OF_CONVERSATION = 8  # streams of one visitor: tabs and phones

_NO_CHANGE = b": \n\n"
_BYTES = {"ensure_ascii": True, "separators": (",", ":")}


@dataclass(frozen=True, slots=True)
class Event:
    """As it goes over the line: written once for all who listen. `position` is None for what the journal does not know."""

    content: bytes
    position: int | None = None


class Stream:
    """What one reader waits for. It lives on the event loop alone."""

    __slots__ = ("name", "overrun", "ready", "waiting")

    def __init__(self, name: str):
        self.name, self.overrun, self.ready = name, False, asyncio.Event()
        self.waiting: deque[Event] = deque()

    def give(self, event: Event) -> None:
        self.overrun = self.overrun or len(self.waiting) >= MAX_WAITING
        if not self.overrun:
            self.waiting.append(event)
        self.ready.set()

    async def next(self, timeout_s: float) -> list[Event]:
        """What came in since the last call; empty after timeout_s without anything."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ready.wait(), timeout_s)
        self.ready.clear()
        found = list(self.waiting)
        self.waiting.clear()
        return found


class Live:
    """The streams of this process. `position` is the last change handed out."""

    def __init__(self, max_streams: int, neighbours: Neighbours | None = None):
        self.position, self.closing = 0, False
        self._max_streams, self._neighbours = max_streams, neighbours or Neighbours()
        self._desks: set[Stream] = set()
        self._visitors: dict[str, set[Stream]] = {}
        self._wake = asyncio.Event()
        self._limiter: anyio.CapacityLimiter | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._neighbours.on("changed", self._wake.set)
        self._neighbours.on("agent_types", self._told_of_agent)
        self._neighbours.on("customer_types", self._told_of_customer)

    @property
    def n_streams(self) -> int:
        return len(self._desks) + sum(map(len, self._visitors.values()))

    async def follow(self, store: Store) -> None:
        """Hand out what is written from now on, until cancelled."""
        self._limiter = anyio.CapacityLimiter(1)  # a thread of its own: it never queues behind chat turns
        self._loop = asyncio.get_running_loop()
        store.on_change = self._changed
        self.position = await self._read(store, lambda uow: uow.journal.position())
        try:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_S)
                self._wake.clear()
                try:
                    await self._catch_up(store)
                except AssistantError as error:  # the store is away for a moment; the next look finds what came
                    logger.warning("the journal could not be read: %s", error)
                await asyncio.sleep(REST_S)
        finally:
            store.on_change = None

    def soon(self, call: Callable[..., Any], *arguments: Any) -> None:
        """Call something of the event loop's from another thread; nobody is told any more once the loop has ended."""
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(call, *arguments)

    def _changed(self) -> None:
        self.soon(self._wake.set)
        self._neighbours.tell("changed")

    def close(self) -> None:
        """End every stream: a server that stops does not wait for readers who would stay for ever."""
        self.closing = True
        for stream in self._all():
            stream.ready.set()

    async def desk(
        self, store: Store, name: str, after: int | None, may_stay: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[bytes]:
        """Every change after a journal position, for the person `name`; may_stay is asked at each heartbeat."""
        with self._listening(self._desks, name) as stream:
            missed, place = await self._missed(store, after)  # listening already: nothing falls between the two
            ready = {"position": place, "conversation_id": None, "kind": "ready", "sequence": 0}
            yield b"".join(event.content for event in (*map(_for_desks, missed), _event(ready, place)))
            while not self.closing and not stream.overrun:
                found = await stream.next(HEARTBEAT_S)
                if not found and not await may_stay():
                    return
                fresh = [event for event in found if event.position is None or event.position > place]
                place = max([place, *(event.position for event in fresh if event.position is not None)])
                yield b"".join(event.content for event in fresh) or _NO_CHANGE
                await asyncio.sleep(GATHER_S)

    async def visitor(self, store: Store, conversation_id: str) -> AsyncIterator[bytes]:
        """That something is new in one conversation, and up to which sequence; first of all what stands now."""
        streams = self._visitors.setdefault(conversation_id, set())
        if len(streams) >= MAX_OF_CONVERSATION:
            raise Overloaded(f"{len(streams)} pages follow this conversation already; close one of them")
        with self._listening(streams, "") as stream:
            try:
                standing = await self._read(store, lambda uow: uow.conversations.sequence(conversation_id))
                yield _event({"sequence": standing, "kind": "state"}, standing).content
                while not self.closing and not stream.overrun:
                    found = await stream.next(HEARTBEAT_S)
                    yield b"".join(event.content for event in found) or _NO_CHANGE
            finally:
                if len(streams) == 1:
                    self._visitors.pop(conversation_id, None)

    def typing_of_agent(self, conversation_id: str) -> None:
        """Typing is told to who listens now, here and at the other workers, and is written nowhere."""
        self._told_of_agent(conversation_id)
        self._neighbours.tell("agent_types", conversation_id)

    def typing_of_customer(self, conversation_id: str, owner: str) -> None:
        self._told_of_customer(conversation_id, owner)
        self._neighbours.tell("customer_types", conversation_id, owner)

    def _told_of_agent(self, conversation_id: str) -> None:
        said = _event({"sequence": 0, "kind": "typing"})
        for stream in self._visitors.get(conversation_id, ()):
            stream.give(said)

    def _told_of_customer(self, conversation_id: str, owner: str) -> None:
        data = {"position": self.position, "conversation_id": conversation_id, "kind": "typing", "sequence": 0}
        said = _event(data)
        for stream in self._desks:
            if stream.name == owner:
                stream.give(said)

    async def _catch_up(self, store: Store) -> None:
        n_found = N_READ
        while n_found == N_READ:  # there may be more
            changes = await self._read(store, lambda uow: uow.journal.after(self.position, N_READ))
            n_found = len(changes)
            for change in changes:
                told = _for_desks(change)
                for stream in self._desks:
                    stream.give(told)
                if change.kind != "note" and (streams := self._visitors.get(change.conversation_id)):
                    told = _event({"sequence": change.sequence, "kind": change.kind}, change.sequence)
                    for stream in streams:
                        stream.give(told)
                self.position = change.position

    async def _missed(self, store: Store, after: int | None) -> tuple[list[Change], int]:
        """What was written after a position, and where that ends; nothing when it is too much to tell one by one."""
        if after is None:
            return [], self.position
        missed = await self._read(store, lambda uow: uow.journal.after(after, MAX_REPLAY + 1))
        if len(missed) > MAX_REPLAY:
            return [], await self._read(store, lambda uow: uow.journal.position())
        return missed, missed[-1].position if missed else after

    async def _read(self, store: Store, ask: Callable[[Any], Any]) -> Any:
        def read() -> Any:
            with store.read() as uow:
                return ask(uow)

        return await anyio.to_thread.run_sync(read, limiter=self._limiter)

    @contextmanager
    def _listening(self, streams: set[Stream], name: str):
        if self.closing or self.n_streams >= self._max_streams:
            raise Overloaded(f"{self.n_streams} live connections are open, no more are taken; try again shortly")
        stream = Stream(name)
        streams.add(stream)
        try:
            yield stream
        finally:
            streams.discard(stream)

    def _all(self) -> Iterable[Stream]:
        yield from self._desks
        for streams in self._visitors.values():
            yield from streams


def _for_desks(change: Change) -> Event:
    data = {"position": change.position, "conversation_id": change.conversation_id, "kind": change.kind}
    return Event(_event(data | {"sequence": change.sequence}, change.position).content, change.position)


def _event(data: dict[str, Any], number: int | None = None) -> Event:
    """number: what the reader comes again with, as Last-Event-ID."""
    place = f"id: {number}\n" if number is not None else ""
    return Event(f"{place}data: {json.dumps(data, **_BYTES)}\n\n".encode())
