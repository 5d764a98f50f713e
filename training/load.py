"""A real server under load: started as a process of its own, asked by many connections at once, read from outside."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

from assistant.errors import AssistantError

START_TIMEOUT_S = 600  # against a start that hangs: seconds on free cores, minutes beside ten busy neighbours
TURNS_A_CONVERSATION = 10


@dataclass(frozen=True, slots=True)
class Served:
    """A running demo server."""

    address: tuple[str, int]
    process: subprocess.Popen
    ready_s: float  # from the start of the process to its first answer
    admin_token: str

    def resident_mib(self) -> float:
        """Memory that the process holds now; its peak where the system does not tell (macOS)."""
        status = Path(f"/proc/{self.process.pid}/status")
        if status.exists():
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read_text())[1]) / 1024
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
def demo_server(environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run `huida demo` on a free port of the loopback device; stopped at the end."""
    unlimited = {"HUIDA_REQUESTS_PER_MINUTE": "0", "HUIDA_MAX_IN_FLIGHT": "256", "PYTHONUNBUFFERED": "1"}
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "demo", "--host", "127.0.0.1", "--port", "0"],
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
        status = _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=30), "GET", "/readyz")
        if status != 200:
            raise AssistantError(f"the server started but does not answer (status {status or 'none'})")
        watchdog.cancel()
        yield Served(("127.0.0.1", port), server, time.perf_counter() - began, token)
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
    numbers, until = count(), time.perf_counter() + max_s
    began = time.perf_counter()

    def talk(_connection: int) -> tuple[list[float], int]:
        connection = http.client.HTTPConnection(*address, timeout=30)
        seconds, n_failed, conversation = [], 0, ""
        while (number := next(numbers)) < n_turns and time.perf_counter() < until:
            if len(seconds) % TURNS_A_CONVERSATION == 0:
                conversation = uuid4().hex
            body = {"conversation_id": conversation, "message_id": str(number), "text": texts[number % len(texts)]}
            sent = time.perf_counter()
            n_failed += _ask(connection, "POST", "/v1/chat", body) != 200
            seconds.append(time.perf_counter() - sent)
        connection.close()
        return seconds, n_failed

    with ThreadPoolExecutor(n_connections) as threads:
        results = list(threads.map(talk, range(n_connections)))
    wall_s = time.perf_counter() - began
    return Load(tuple(s for seconds, _ in results for s in seconds), wall_s, sum(n for _, n in results))


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


def _ask(connection: http.client.HTTPConnection, method: str, path: str, body: dict | None = None) -> int:
    """The status of the answer; 0 when the connection broke, which the next request opens anew."""
    content = json.dumps(body).encode() if body else None
    try:
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
