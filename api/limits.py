"""How much work a caller, and all callers together, may ask for at once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from api.neighbours import Neighbours
from assistant.errors import Overloaded

ATTEMPT_MINUTES = 15
KNOWN_S = 600.0  # how long a session that was good counts by itself; each request with it begins this anew
MAX_KNOWN = 10_000  # sessions known at once: the rest count by address, as strangers do


class RateLimit:
    """Requests in a sliding minute, at all workers: of one address, or of one signed-in session; 0 counts nothing."""

    def __init__(self, per_minute: int, neighbours: Neighbours | None = None):
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._neighbours = neighbours or Neighbours()
        self._neighbours.on("request", self._hit)

    def allows(self, address: str) -> bool:
        return self._item is None or self._counts("address", _household(address))

    def allows_session(self, name: str) -> bool:
        return self._item is None or self._counts("session", name)

    def _counts(self, kind: str, name: str) -> bool:
        self._neighbours.tell("request", kind, name)
        return self._hit(kind, name)

    def _hit(self, kind: str, name: str) -> bool:
        return self._limiter.hit(self._item, kind, name)


class KnownSessions:
    """The sessions that were found good lately: thirty agents behind one address each have a rate of their own.

    A cookie counts by itself only once it was looked up, so that nobody gets a fresh rate with each one they make up.
    Lives on the event loop.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._until: dict[str, float] = {}

    def note(self, secret: str) -> None:
        """The session with this secret is good now."""
        now = self._clock()
        if len(self._until) >= MAX_KNOWN:
            self._until = {name: until for name, until in self._until.items() if until > now}
        name = _hashed(secret)
        if name in self._until or len(self._until) < MAX_KNOWN:
            self._until[name] = now + KNOWN_S

    def name(self, secret: str) -> str | None:
        """What to count the session under; None for one that is not known to be good."""
        name = _hashed(secret)
        return name if self._until.get(name, 0.0) > self._clock() else None


class Attempts:
    """Attempts at signing in, in a sliding quarter of an hour, at all workers: by address and by account.

    All attempts count, and count before the password is looked at, so a hundred sent at once get no further than ten
    sent one by one. Who gets in clears the count of their account, never that of the address: it may guess others.
    """

    def __init__(self, per_address: int, per_account: int, neighbours: Neighbours | None = None):
        self._per_address, self._per_account = (
            RateLimitItemPerMinute(n, multiples=ATTEMPT_MINUTES) for n in (per_address, per_account)
        )
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._neighbours = neighbours or Neighbours()
        self._neighbours.on("attempt", self._hit)
        self._neighbours.on("forgotten", self._clear)

    def allows(self, address: str, account: str) -> bool:
        self._neighbours.tell("attempt", address, account)
        return self._hit(address, account)

    def forget(self, account: str) -> None:
        self._neighbours.tell("forgotten", account)
        self._clear(account)

    def _hit(self, address: str, account: str) -> bool:
        return self._limiter.hit(self._per_address, "address", _household(address)) and self._limiter.hit(
            self._per_account, "account", account
        )

    def _clear(self, account: str) -> None:
        self._limiter.clear(self._per_account, "account", account)


class Gate:
    """Requests of the model that run or wait in this process: beyond `n` the next is told to come again.

    The count lives on the event loop, so no lock is needed; who is let in waits for one of the thread pool's threads.
    """

    def __init__(self, n: int):
        self.n, self.n_inside = n, 0

    def __enter__(self) -> None:
        if self.n_inside >= self.n:
            raise Overloaded(f"{self.n_inside} requests are being worked on, no more are taken now; try again shortly")
        self.n_inside += 1

    def __exit__(self, *_) -> None:
        self.n_inside -= 1


async def admitted(request: Request) -> AsyncIterator[None]:
    """A dependency of every route that runs the model."""
    with request.app.state.gate:
        yield


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _household(address: str) -> str:
    """An IPv4 address, or the /64 network of an IPv6 one: a household has 2^64 of those to choose from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address
