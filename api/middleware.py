"""What happens around every request, as plain ASGI: headers, counts, limits, and an answer whatever fails inside.

Outermost first: Headers -> Answered (time, faults) -> [CORS] -> Limited (rate, body) -> routes
"""

from __future__ import annotations

import asyncio
import re
import time

from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Problem, problem_of, problem_response
from api.limits import KnownSessions, RateLimit
from api.metrics import Metrics
from api.sessions import COOKIE

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # pages bring a wider one of their own
    "Cache-Control": "no-store",
}
UNLIMITED = ("/healthz", "/readyz", "/metrics")  # a probe must not be told to come again


class Headers:
    """Adds the security headers that a response does not set itself."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class Answered:
    """Answers every request within the time allowed, and with our error shape when the code inside fails.

    A thread cannot be stopped: work that comes too late is left to finish and its answer is dropped.
    """

    def __init__(
        self,
        app: ASGIApp,
        timeout_s: float,
        longer: dict[str, float],
        metrics: Metrics,
        endless: re.Pattern[str] | None = None,
    ):
        """longer: seconds by path; endless: the paths that are answered as long as somebody listens."""
        self.app, self.timeout_s, self.longer, self.metrics = app, timeout_s, longer, metrics
        self.endless = endless
        self._late: set[asyncio.Task] = set()  # keeps them alive until they are done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status, over = time.perf_counter(), 0, False
        timeout_s = self._timeout_s(scope["path"])

        async def counted(message: Message) -> None:
            nonlocal status
            if over:
                return
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        work = asyncio.create_task(self.app(scope, receive, counted))
        try:
            done, _ = await asyncio.wait({work}, timeout=timeout_s)
        except asyncio.CancelledError:
            work.cancel()
            raise
        error = work.exception() if done else _too_late(timeout_s)
        if not done:
            self._late.add(work)
            work.add_done_callback(self._forget)
        if error is not None and status == 0:
            if not isinstance(error, Exception):
                raise error
            response = problem_response(problem_of(error))
            await response(scope, receive, counted)
        over = True
        self.metrics.count(scope, status, time.perf_counter() - began)

    def _timeout_s(self, path: str) -> float | None:
        if self.endless and self.endless.fullmatch(path):
            return None
        return self.longer.get(path, self.timeout_s)

    def _forget(self, work: asyncio.Task) -> None:
        self._late.discard(work)
        if not work.cancelled():
            work.exception()  # looked at, so that asyncio does not report it a second time


class Limited:
    """Turns away callers that come too often, and bodies above the cap before they are read into memory."""

    def __init__(
        self, app: ASGIApp, rate: RateLimit, sessions: KnownSessions, max_body_bytes: int, larger: dict[str, int]
    ):
        """larger: the caps of some paths, in bytes."""
        self.app, self.rate, self.sessions = app, rate, sessions
        self.max_body_bytes, self.larger = max_body_bytes, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        cap = self.larger.get(scope["path"], self.max_body_bytes)
        if scope["path"] not in UNLIMITED and not self._allows(scope):
            return await _refuse(_too_often(), scope, receive, send)
        stated = RequestHeaders(scope=scope).get("content-length", "0")
        if stated.isdecimal() and int(stated) > cap:
            return await _refuse(_too_large(cap), scope, receive, send)
        n_read = 0

        async def capped() -> Message:
            nonlocal n_read
            message = await receive()
            n_read += len(message.get("body", b""))
            if n_read > cap:
                raise _too_large(cap)
            return message

        await self.app(scope, capped, send)

    def _allows(self, scope: Scope) -> bool:
        """Who is signed in has a rate of their own; all others share that of their address."""
        secret = HTTPConnection(scope).cookies.get(COOKIE)
        if secret and (session := self.sessions.name(secret)):
            return self.rate.allows_session(session)
        return self.rate.allows(scope["client"][0] if scope.get("client") else "")


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(problem)(scope, receive, send)


def _too_late(timeout_s: float) -> Problem:
    return Problem(503, "timeout", f"not done within {timeout_s:g} s; try again, with the same message_id for a chat")


def _too_often() -> Problem:
    return Problem(
        429,
        "too_many_requests",
        "too many requests from this address or session; wait a little",
        None,
        {"Retry-After": "5"},
    )


def _too_large(cap: int) -> Problem:
    # the rest of the body is not read, so the connection cannot carry another request
    message = f"the body is larger than the {cap:,} bytes that this route takes; send less at a time"
    return Problem(413, "too_large", message, None, {"Connection": "close"})
