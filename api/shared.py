"""One computation for all who ask at the same time: fifty desks that hear of one message read the queue once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

REST = 2.0  # times the last computation took: a queue that is read without pause would leave chats a third of a core
LEAST_REST_S = 0.15  # fifty desks ask at moments of their own: five computations a second serve them all


class Shared:
    """Lives on the event loop. Nobody gets an answer whose computation began before they asked.

    Where askers never cease, a computation rests before it runs again, so that the rest of the server gets its share.
    """

    def __init__(self) -> None:
        self._running: asyncio.Task[bytes] | None = None
        self._next: asyncio.Task[bytes] | None = None
        self._took_s, self._ended_at = 0.0, float("-inf")
        self._thread = CapacityLimiter(1)  # of its own: it neither waits for chat turns nor takes their threads

    async def get(self, compute: Callable[[], bytes]) -> bytes:
        """Return what `compute` returns in a thread; who asks while it runs waits for one more run, together."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running, compute))
        return await asyncio.shield(self._next)  # one who goes away does not take it from the others

    async def _after(self, running: asyncio.Task[bytes] | None, compute: Callable[[], bytes]) -> bytes:
        if running is not None:
            await asyncio.wait({running})
        rest_s = max(LEAST_REST_S, REST * self._took_s)
        await asyncio.sleep(self._ended_at + rest_s - time.monotonic())
        self._running, self._next = self._next, None
        began = time.monotonic()
        try:
            return await run_sync(compute, limiter=self._thread)
        finally:
            self._ended_at = time.monotonic()
            self._took_s = self._ended_at - began
