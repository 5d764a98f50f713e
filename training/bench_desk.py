"""`huida bench --suite desk`: a shop's busy hour, fifty agents looking on while three hundred customers write.

They write at the pace of people first, whether or not the server keeps up: milliseconds count from the instant a message
was due. A customer writes every 30 s: 3 to 5 s go into reading an answer of forty characters, 15 to 25 s into typing one's
next ten to fifteen (Chinese by pinyin on a phone: 30 to 50 characters a minute), the rest into thinking and looking things
up. Nobody waits for anybody, so the gaps between messages are exponential. A second steady part has them write twice as
often, for a sale's first hour. Then fifty of them at once write as fast as the server takes it: what it can do at most.
In the end every acknowledged message is looked for.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from assistant.errors import AssistantError
from training.bench import Figure, percentiles, questions
from training.connections import Connection
from training.desk_actors import QUEUE_GAP_S, Desk, Place, Said, Visitor
from training.load import demo_server

CATCH_UP_S = 10.0  # how long the streams may take to tell what was acknowledged before it counts as lost
LOOK_S = 0.05
N_OPENING = 20  # streams that open at once: pages open as people come, not all in one instant
N_LOOKED_AT = (
    5  # desks whose queues are compared with what was said: all of them would cost the machine a third of a core
)


@dataclass(frozen=True, slots=True)
class Size:
    n_desks: int = 50
    n_conversations: int = 300
    pauses_s: tuple[float, ...] = (30.0, 15.0)  # of each customer between two messages, one steady part each
    n_steady: int = 600  # messages of each of these parts
    n_fast: int = 2_000
    n_writers: int = 50  # of the fast part
    settle_s: float = 3.0  # after 350 pages opened in a few seconds, which no shop sees


def desk_load(size: Size) -> list[Figure]:
    """The figures of a demo server of its own, with SQLite's synchronous=FULL."""
    with demo_server({"HUIDA_SIGN_INS_PER_ADDRESS": "1000"}) as server:
        return asyncio.run(busy_hour(server.address, server.admin_token, size, server.resident_mib))


async def busy_hour(
    address: tuple[str, int], admin_token: str, size: Size, memory_mib: Callable[[], float]
) -> list[Figure]:
    """Load a running server; memory_mib: what its process holds now."""
    texts, before = questions(), memory_mib()
    sessions = await _sessions(address, admin_token, size.n_desks)
    desks = [Desk(address, session, number < N_LOOKED_AT) for number, session in enumerate(sessions)]
    visitors = [Visitor(address) for _ in range(size.n_conversations)]
    shop, figures = f"{size.n_desks} live desks, {size.n_conversations} conversations", []
    async with _watching(desks, visitors):
        await asyncio.sleep(size.settle_s)
        opened = memory_mib()
        for pause_s in size.pauses_s:
            said = await _part(visitors, _write_steadily(visitors, texts, size.n_steady, pause_s))
            steadily = f"{shop}, each writes every {pause_s:g} s"
            await asyncio.sleep(QUEUE_GAP_S)  # the last messages come into the queues
            figures += _figures("", said, desks, steadily)
            figures += percentiles("message to its visitor's stream", list(_to_visitors(said, visitors)), steadily)
            figures += percentiles("message shown in a desk's queue", list(_to_queues(said, desks)), steadily)
            figures += percentiles("queue read by a desk", _taken(desks), steadily)
        began = time.perf_counter()
        fast = await _part(visitors, _write_fast(visitors, texts, size))
        fast_s, every = time.perf_counter() - began, _said(visitors)
        await _caught_up(every, desks, visitors)
        after = memory_mib()
        n_wrong = sum([await visitor.n_wrong() for visitor in visitors])
    n_failed = sum(visitor.n_failed for visitor in visitors)
    at_once = f"{len(fast):,} turns, {shop}, {size.n_writers} writing without a pause"
    return [
        *figures,
        Figure("chat turns at full load", len(fast) / fast_s, "turns/s", at_once),
        *_figures(" at full load", fast, desks, at_once),
        Figure("refused", n_failed, "messages", "answered with anything but a turn"),
        Figure("acknowledged, but lost or twice", n_wrong, "messages", f"of {len(every):,}"),
        Figure("not told to a desk", _n_untold(every, desks), "events", f"of {len(every) * len(desks):,}"),
        Figure("not told to its visitor", len(every) - len(list(_to_visitors(every, visitors))), "events", f"of {len(every):,}"),
        Figure("server memory, idle", before, "MiB", "resident, before anybody came"),
        Figure("server memory, streams open", opened, "MiB", shop),
        Figure("server memory, after the load", after, "MiB", "streams still open"),
    ]  # fmt: skip


def _figures(when: str, said: Sequence[Said], desks: Sequence[Desk], how: str) -> list[Figure]:
    return [
        *percentiles(f"chat turn{when}", [one.seconds for one in said], how),
        *percentiles(f"message to a desk{when}", list(_to_desks(said, desks)), how),
    ]


async def _part(visitors: Sequence[Visitor], writing: Coroutine[Any, Any, None]) -> list[Said]:
    """What was said while they wrote, in the order in which it was due."""
    before = set(_said(visitors))
    await writing
    return sorted(set(_said(visitors)) - before, key=lambda said: said.due)


async def _sessions(address: tuple[str, int], admin_token: str, n: int) -> list[dict[str, str]]:
    """The headers of n agents' sessions, each a user of their own who signed in with a password."""
    admin = Connection(address, {"Authorization": f"Bearer {admin_token}"})
    anybody = Connection(address, {"Origin": "http://{}:{}".format(*address)})
    sessions = []
    for number in range(n):
        name, password = f"bench-{number}", secrets.token_urlsafe()
        await admin.ask("POST", "/v1/users", {"name": name, "password": password, "must_change_password": False})
        signed_in = await anybody.ask("POST", "/v1/session", {"name": name, "password": password})
        if signed_in.status != 200:
            raise AssistantError(f"an agent could not sign in (status {signed_in.status})")
        sessions.append({"Cookie": signed_in.headers["set-cookie"].partition(";")[0]})
    admin.close()
    anybody.close()
    return sessions


@asynccontextmanager
async def _watching(desks: Sequence[Desk], visitors: Sequence[Visitor]) -> AsyncIterator[None]:
    """Everybody's stream is open inside; a stream that ends or a queue that fails ends all with its error."""
    tasks: list[asyncio.Task] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks += [group.create_task(desk.read_queue()) for desk in desks]
            everybody = [*desks, *visitors]
            for start in range(0, len(everybody), N_OPENING):
                opened = [asyncio.Event() for _ in everybody[start : start + N_OPENING]]
                follow = zip(everybody[start : start + N_OPENING], opened, strict=True)
                tasks += [group.create_task(somebody.follow(event)) for somebody, event in follow]
                await asyncio.gather(*(event.wait() for event in opened))
            yield
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None  # the first to fail; the others were told to stop
    finally:
        for somebody in (*desks, *visitors):
            somebody.close()


async def _write_steadily(visitors: Sequence[Visitor], texts: Sequence[str], n: int, pause_s: float) -> None:
    """n messages of customers who each write every pause_s seconds on average, at moments of chance."""
    chance, due = random.Random(0), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(n):
            due += chance.expovariate(len(visitors) / pause_s)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(visitors[number % len(visitors)].say(texts[number % len(texts)], due))


async def _write_fast(visitors: Sequence[Visitor], texts: Sequence[str], size: Size) -> None:
    numbers = count()

    async def write(mine: Sequence[Visitor]) -> None:
        while mine and (number := next(numbers)) < size.n_fast:
            await mine[number % len(mine)].say(texts[number % len(texts)], time.perf_counter())

    await asyncio.gather(*(write(visitors[writer :: size.n_writers]) for writer in range(size.n_writers)))


async def _caught_up(every: Sequence[Said], desks: Sequence[Desk], visitors: Sequence[Visitor]) -> None:
    """Wait until the streams have told all that was acknowledged, at most CATCH_UP_S."""
    until = time.perf_counter() + CATCH_UP_S
    while time.perf_counter() < until:
        if not _n_untold(every, desks) and len(list(_to_visitors(every, visitors))) == len(every):
            return
        await asyncio.sleep(LOOK_S)


def _said(visitors: Sequence[Visitor]) -> list[Said]:
    return [said for visitor in visitors for said in visitor.said]


def _to_desks(said: Sequence[Said], desks: Sequence[Desk]) -> Iterator[float]:
    """Seconds from each message to each desk that heard of it."""
    return (desk.heard[one.place] - one.due for desk in desks for one in said if one.place in desk.heard)


def _to_queues(said: Sequence[Said], desks: Sequence[Desk]) -> Iterator[float]:
    """Seconds from each message to the queues that were looked at."""
    return (desk.shown[one.place] - one.due for desk in desks for one in said if one.place in desk.shown)


def _taken(desks: Sequence[Desk]) -> list[float]:
    """Seconds of each reading of a queue since this was asked last."""
    taken = [seconds for desk in desks for seconds in desk.queue_s]
    for desk in desks:
        desk.queue_s.clear()
    return taken


def _to_visitors(said: Sequence[Said], visitors: Sequence[Visitor]) -> Iterator[float]:
    """Seconds from each message to the stream of its own page."""
    heard: dict[Place, float] = {}
    for visitor in visitors:
        heard |= visitor.heard
    return (heard[one.place] - one.due for one in said if one.place in heard)


def _n_untold(said: Sequence[Said], desks: Sequence[Desk]) -> int:
    return sum(one.place not in desk.heard for desk in desks for one in said)
