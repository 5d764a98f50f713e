"""A real server under load: started as a process of its own, asked by many connections at once, read from outside."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

from assistant.errors import AssistantError
from training.connections import Connection

START_TIMEOUT_S = 600  # against a start that hangs: seconds on free cores, minutes beside ten busy neighbours
TURNS_A_CONVERSATION = 10


@dataclass(frozen=True, slots=True)
class Served:
    """A running demo server; `process` is the first of its workers."""

    address: tuple[str, int]
    process: subprocess.Popen
    ready_s: float  # from the start of the process to its first answer
    admin_token: str

    def resident_mib(self) -> float:
        """Memory that all its processes hold now; the first one's peak where the system does not tell (macOS).

        A page that several have mapped, of a library or a model's file, counts once (Pss).
        """
        if Path("/proc/self/smaps_rollup").exists():
            return sum(_held_mib(pid) for pid in _family(self.process.pid))
        return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(self.process.pid)])) / 1024


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: seconds of each turn, in no order, and the wall clock of all."""

    seconds: tuple[float, ...]
    wall_s: float
    n_failed: int

    @property
    def turns_per_s(self) -> float:
        return len(self.seconds) / self.wall_s


@contextmanager
def demo_server(environment: Mapping[str, str] | None = None, workers: int = 1) -> Iterator[Served]:
    """Run `huida demo` on a free port of the loopback device until all workers answer; stopped at the end."""
    unlimited = {"HUIDA_REQUESTS_PER_MINUTE": "0", "HUIDA_MAX_IN_FLIGHT": "256", "PYTHONUNBUFFERED": "1"}
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "api", "demo", "--host", "127.0.0.1", "--port", "0", "--workers", str(workers)],
        env={**os.environ, **unlimited, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(START_TIMEOUT_S, server.kill)
    watchdog.start()
    try:
        port, token = _said(server, r"http://127\.0\.0\.1:(\d+)/", r"admin token\s+(\S+)")
        port = int(port)
        status = _status(("127.0.0.1", port), "/readyz")
        if status != 200:
            raise AssistantError(f"the server started but does not answer (status {status or 'none'})")
        ready_s = time.perf_counter() - began
        if workers > 1:
            _said(server, f"({workers} of {workers} processes answer)")
        watchdog.cancel()
        yield Served(("127.0.0.1", port), server, ready_s, token)
    finally:
        watchdog.cancel()
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def chat_load(address: tuple[str, int], texts: Sequence[str], n_connections: int, n_turns: int, max_s: float) -> Load:
    """Send chat messages over `n_connections` kept-alive connections until `n_turns` or `max_s` seconds are reached.

    Every connection writes conversations of its own, ten turns each, one message after the other.
    """
    return asyncio.run(_load(address, texts, n_connections, n_turns, max_s))


async def _load(address: tuple[str, int], texts: Sequence[str], n_connections: int, n_turns: int, max_s: float) -> Load:
    numbers, seconds, n_failed = count(), [], 0
    began = time.perf_counter()

    async def talk() -> None:
        nonlocal n_failed
        connection, conversation, n_said = Connection(address), "", 0
        while (number := next(numbers)) < n_turns and time.perf_counter() < began + max_s:
            if n_said % TURNS_A_CONVERSATION == 0:
                conversation = uuid4().hex
            n_said += 1
            body = {"conversation_id": conversation, "message_id": str(number), "text": texts[number % len(texts)]}
            sent = time.perf_counter()
            n_failed += not await _is_answered(connection, body)
            seconds.append(time.perf_counter() - sent)
        connection.close()

    await asyncio.gather(*(talk() for _ in range(n_connections)))
    return Load(tuple(seconds), time.perf_counter() - began, n_failed)


async def _is_answered(connection: Connection, body: dict) -> bool:
    """Whether a message led to a stored turn."""
    try:
        answer = await connection.ask("POST", "/v1/chat", body)
        return answer.status == 200 and bool(answer.json()["turn_id"])
    except (OSError, EOFError, ValueError, KeyError):
        connection.close()
        return False


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = [
        int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()
    ]
    return [pid, *(descendant for child in children for descendant in _family(child))]


def _held_mib(pid: int) -> float:
    return int(re.search(r"Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text())[1]) / 1024


def _said(server: subprocess.Popen, *patterns: str) -> list[str]:
    """What the first group of each pattern matches in the lines that a started server prints, which come in this order."""
    said, found = [], []
    for line in server.stdout:
        said.append(line)
        if match := re.search(patterns[len(found)], line):
            found.append(match[1])
            if len(found) == len(patterns):
                return found
    said_last = "".join(said).strip() or f"it said nothing and ended with status {server.wait()}"
    raise AssistantError(f"the server did not start: {said_last}")


def _status(address: tuple[str, int], path: str) -> int:
    """The status of the answer to one request; 0 when there is none."""
    connection = http.client.HTTPConnection(*address, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
