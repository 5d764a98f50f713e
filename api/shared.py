"""One computation for all who ask at the same time: fifty desks that hear of one message read the queue once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from anyio.to_thread import run_sync


class Shared:
    """Lives on the event loop. Nobody gets an answer whose computation began before they asked."""

    def __init__(self) -> None:
        self._running: asyncio.Task[bytes] | None = None
        self._next: asyncio.Task[bytes] | None = None

    async def get(self, compute: Callable[[], bytes]) -> bytes:
        """Return what `compute` returns in a thread; who asks while it runs waits for one more run, together."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running, compute))
        return await asyncio.shield(self._next)  # one who goes away does not take it from the others

    async def _after(self, running: asyncio.Task[bytes] | None, compute: Callable[[], bytes]) -> bytes:
        if running is not None:
            await asyncio.wait({running})
        self._running, self._next = self._next, None
        return await run_sync(compute)
