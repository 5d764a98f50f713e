"""`huida bench`: how long a chat turn takes, how many a server answers, and what the rest costs, on this machine.

Each step measures with real parts and the demo shop's data in a throw-away store; the server is a process of its own.
"""

from __future__ import annotations

import csv
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from assistant import bootstrap
from assistant.demo import thrown_away
from assistant.index_versions import tools_of
from assistant.settings import Settings, configs_folder
from assistant.store.users import User
from assistant.values import Message
from index.entry import Entry
from index.faq_index import FaqIndex
from training.load import chat_load, demo_server

if TYPE_CHECKING:
    from assistant.encoder import Encoder

N_WARM = 20  # turns before the clock starts: caches fill, lazy imports happen
N_TAUGHT, N_SUGGESTED = 200, 300  # replies of agents that are known, and conversations that get suggestions
N_BATCH = 2_000  # messages of the batch measurement
N_QUERIES = 200  # searches per size of the FAQ
TURNS_A_CONVERSATION = 10
NOISE = 0.8  # length of the random part of a made-up entry's vector; its real part has length 1


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str
    how: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured; every step is bounded by a count, HTTP by seconds too."""

    n_turns: int = 2_000
    n_connections: int = 50
    http_s: float = 20.0
    n_entries: tuple[int, ...] = (1_000, 10_000, 100_000)
    workers: int = 2


Step = Callable[[], list[Figure]]


def measure(settings: Settings, plan: Plan) -> Iterator[tuple[str, Step]]:
    """The steps by name, in an order in which none disturbs the next; nothing runs before a step is called."""
    yield "HTTP server", partial(http_server, plan)
    yield "chat turns", partial(chat_turns, settings, plan.n_turns)
    yield "suggested replies", partial(suggested_replies, settings)
    yield "batch reading", partial(batch_reading, settings)
    for n in plan.n_entries:
        yield f"{n:,} FAQ entries", partial(faq_search, settings, n)


def http_server(plan: Plan) -> list[Figure]:
    """Start-up, durable turns a second over many connections, and what the process holds in memory afterwards."""
    texts = questions()
    with demo_server(workers=plan.workers) as server:
        chat_load(server.address, texts, plan.n_connections, N_WARM * plan.workers, plan.http_s)
        load = chat_load(server.address, texts, plan.n_connections, plan.n_turns, plan.http_s)
        resident = server.resident_mib()
    answering = f"{plan.workers} workers" if plan.workers > 1 else "one process"
    how = f"{len(load.seconds):,} turns, {plan.n_connections} connections, {answering}, SQLite with synchronous=FULL"
    return [
        Figure("start to first answer", server.ready_s, "s", "process start, models, demo FAQ"),
        Figure("HTTP turns", load.turns_per_s, "turns/s", f"{how}, {load.n_failed} failed"),
        *percentiles("HTTP turn", load.seconds, how),
        Figure("server memory", resident, "MiB", f"resident after the load, {answering}"),
    ]


def chat_turns(settings: Settings, n_turns: int) -> list[Figure]:
    """One turn after the other: read the conversation, run the line, commit."""
    texts = questions()
    with demo_parts(settings) as parts:
        seconds = []
        for number in range(N_WARM + n_turns):
            if number == N_WARM:
                computed_from = time.process_time()
            if number % TURNS_A_CONVERSATION == 0:
                conversation = uuid4().hex
            message = Message(conversation, str(number), texts[number % len(texts)], datetime.now(UTC))
            began = time.perf_counter()
            parts.chat.chat(message)
            seconds.append(time.perf_counter() - began)
        computed_ms = 1000 * (time.process_time() - computed_from) / n_turns
    how = f"{n_turns:,} turns with their commits, one thread"
    computed = Figure(
        "chat turn in process, CPU", computed_ms, "ms", "mean; says what neighbours on the cores do not change"
    )
    return [*percentiles("chat turn in process", seconds[N_WARM:], how), computed]


def suggested_replies(settings: Settings) -> list[Figure]:
    """What an agent waits for after a message was read: three replies ranked, and stored as shown."""
    texts, agent = questions(), User("bench", "Bench", "agent", datetime.now(UTC))
    with demo_parts(settings) as parts:

        def ask(number: int) -> str:
            conversation = uuid4().hex
            parts.chat.chat(Message(conversation, "1", texts[number % len(texts)], datetime.now(UTC)))
            return conversation

        for number in range(N_TAUGHT):
            conversation = ask(number)
            parts.desk.take(conversation, agent)
            reply = f"{texts[-1 - number % len(texts)]} ({number})"  # as long as a reply, and never the same twice
            parts.desk.reply(conversation, agent, reply, "2", None)
        seconds, computed = [], []
        for number in range(N_WARM + N_SUGGESTED):
            conversation = ask(number)
            began, computed_from = time.perf_counter(), time.process_time()
            parts.suggestions.suggest(conversation)
            seconds.append(time.perf_counter() - began)
            computed.append(time.process_time() - computed_from)
    how = f"{N_SUGGESTED} conversations, {N_TAUGHT} replies of agents known, the demo's FAQ and canned replies"
    return [
        *percentiles("suggested replies after the reading", seconds[N_WARM:], how),
        *percentiles("suggested replies after the reading, CPU", computed[N_WARM:], "what neighbours do not change"),
    ]


def batch_reading(settings: Settings) -> list[Figure]:
    texts = questions()
    reader = bootstrap.build_reader(settings)
    batch = [texts[n % len(texts)] for n in range(N_BATCH)]
    reader.read(batch[:256], datetime.now(UTC))
    began = time.perf_counter()
    reader.read(batch, datetime.now(UTC))
    per_second = N_BATCH / (time.perf_counter() - began)
    return [Figure("batch reading", per_second, "messages/s", f"{N_BATCH:,} messages in one call")]


def faq_search(settings: Settings, n_entries: int) -> list[Figure]:
    """Search among made-up entries: the demo's wordings, each with a model number and a vector near its own."""
    segmenter, encoder = bootstrap.build_encoder(settings)
    began = time.perf_counter()
    index = FaqIndex.build(
        made_up_entries(n_entries),
        tools_of(encoder, segmenter, MadeUpVectors(encoder).encode),
        encoder.version,
    )
    build_s = time.perf_counter() - began
    texts = questions()[:N_QUERIES]
    vectors, seconds = encoder.encode(texts), []
    for n, text in enumerate(texts):
        began = time.perf_counter()
        index.search(vectors[n : n + 1], [text], 5)
        seconds.append(time.perf_counter() - began)
    how = f"{len(texts)} searches, the query's vector given"
    name = f"FAQ search, {n_entries:,} entries"
    return [Figure(f"FAQ build, {n_entries:,} entries", build_s, "s", "two wordings and an answer each, vectors given"),
            *percentiles(name, seconds, how)]  # fmt: skip


class MadeUpVectors:
    """Vectors for made-up texts: that of the wording in front of " #", moved in a direction that the text decides."""

    def __init__(self, encoder: Encoder):
        self._encoder, self._known = encoder, {}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        wordings = [text.partition(" #")[0] for text in texts]
        new = sorted(set(wordings) - self._known.keys())
        self._known.update(zip(new, self._encoder.encode(new), strict=True))
        rows = np.stack([self._known[wording] for wording in wordings])
        seeds = (zlib.crc32(text.encode()) for text in texts)
        noise = np.stack([np.random.default_rng(seed).standard_normal(rows.shape[1]) for seed in seeds])
        rows = rows + NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def made_up_entries(n: int) -> Iterator[Entry]:
    rows = [row for path in sorted(_demo().glob("faq_*.csv")) for row in _rows(path, ",")]
    for number in range(n):
        row = rows[number % len(rows)]
        variants = row["variants"].split(" | ")
        wordings = [f"{text} #{number}" for text in (row["question"], variants[number // len(rows) % len(variants)])]
        yield Entry(f"e{number}", wordings[0], (wordings[1],), f"{row['answer']} #{number}", language=row["language"])


def questions() -> list[str]:
    """What customers might ask the demo shop, in words that its FAQ does not use."""
    return [row["question"] for row in _rows(_demo() / "heldout_questions.tsv", "\t")]


@contextmanager
def demo_parts(settings: Settings) -> Iterator[bootstrap.Parts]:
    with tempfile.TemporaryDirectory(prefix="huida-bench-") as folder:
        parts = bootstrap.build(thrown_away(settings, Path(folder)))
        try:
            bootstrap.load_demo(parts)
            yield parts
        finally:
            parts.close()


def percentiles(name: str, seconds: Sequence[float], how: str) -> list[Figure]:
    p50, p95, p99 = np.percentile(seconds, [50, 95, 99]) * 1000
    return [
        Figure(f"{name}, {label}", float(ms), "ms", how) for label, ms in (("p50", p50), ("p95", p95), ("p99", p99))
    ]


def _demo() -> Path:
    return configs_folder() / "demo"


def _rows(path: Path, delimiter: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))
