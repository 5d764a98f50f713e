"""How much work a caller, and all callers together, may ask for at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from assistant.errors import Overloaded

ATTEMPT_MINUTES = 15


class RateLimit:
    """Requests of one address in a sliding minute, in this process; per_minute = 0 counts nothing."""

    def __init__(self, per_minute: int):
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def allows(self, address: str) -> bool:
        return self._item is None or self._limiter.hit(self._item, _household(address))


class Attempts:
    """Attempts at signing in, in a sliding quarter of an hour, in this process: by address and by account.

    All attempts count, and count before the password is looked at, so a hundred sent at once get no further than ten
    sent one by one. Who gets in clears the count of their account, never that of the address: it may guess others.
    """

    def __init__(self, per_address: int, per_account: int):
        self._per_address, self._per_account = (
            RateLimitItemPerMinute(n, multiples=ATTEMPT_MINUTES) for n in (per_address, per_account)
        )
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def allows(self, address: str, account: str) -> bool:
        return self._limiter.hit(self._per_address, "address", _household(address)) and self._limiter.hit(
            self._per_account, "account", account
        )

    def forget(self, account: str) -> None:
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


def _household(address: str) -> str:
    """An IPv4 address, or the /64 network of an IPv6 one: a household has 2^64 of those to choose from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address
