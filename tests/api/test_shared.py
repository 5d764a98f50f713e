"""Many who ask at once are answered by few computations, and never by one that began before they asked."""

import asyncio
import threading

import pytest

from api.shared import Shared


def test_those_who_ask_while_one_runs_share_the_next():
    began, may_end = [], threading.Semaphore(0)

    def compute() -> bytes:
        began.append(len(began))
        may_end.acquire()
        return str(began[-1]).encode()

    async def ask() -> list[bytes]:
        shared = Shared()
        first = asyncio.create_task(shared.get(compute))
        while not began:
            await asyncio.sleep(0)
        later = [asyncio.create_task(shared.get(compute)) for _ in range(50)]
        await asyncio.sleep(0)
        later[0].cancel()
        may_end.release(2)
        return await asyncio.gather(first, *later[1:])

    assert asyncio.run(ask()) == [b"0"] + [b"1"] * 49


def test_a_failure_reaches_those_who_asked_and_the_next_is_computed_anew():
    def fail() -> bytes:
        raise ZeroDivisionError

    async def ask() -> bytes:
        shared = Shared()
        with pytest.raises(ZeroDivisionError):
            await shared.get(fail)
        return await shared.get(lambda: b"well")

    assert asyncio.run(ask()) == b"well"
