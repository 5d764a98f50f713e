"""Two real processes that answer as one server: nothing that a client sees tells which of them it met."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.commands.serve import MAX_BY_ITSELF, _n_workers
from api.sessions import COOKIE, CSRF_HEADER
from assistant.errors import InputError
from assistant.store import open_store
from assistant.visitors import known_as
from tests.api.events import Events

MESSAGES_A_WRITER, N_WRITERS = 12, 4


class Shop:
    """The processes, and connections that are known to end in one or the other."""

    def __init__(self, process: subprocess.Popen, store_url: str):
        self.process, self.store_url = process, store_url
        self.port = int(self.said(r"http://127\.0\.0\.1:(\d+)/"))
        self.password = self.said(r"password (\S+)")
        self.token = self.said(r"admin token\s+(\S+)")
        self.said("(2 of 2 processes answer)")
        self._connections: dict[int, http.client.HTTPConnection] = {}

    def said(self, pattern: str) -> str:
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError("".join(lines))

    @property
    def workers(self) -> list[int]:
        """The process ids, the first one's before the other's."""
        parent = str(self.process.pid).encode()
        stats = {int(path.parent.name): _still(path) for path in Path("/proc").glob("[0-9]*/stat")}
        children = [pid for pid, stat in stats.items() if stat.rpartition(b")")[2].split()[1:2] == [parent]]
        spawned = [pid for pid in children if b"spawn_main" in _still(Path(f"/proc/{pid}/cmdline"))]
        return [self.process.pid, *spawned]

    def connection(self, pid: int) -> http.client.HTTPConnection:
        """One that this worker accepted: the kernel deals them out, so some are opened until one falls there."""
        while pid not in self._connections:
            opened = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            ask(opened, "GET", "/healthz")  # answered, so accepted
            self._connections.setdefault(self._owner(opened), opened)
        return self._connections[pid]

    def both(self) -> tuple[http.client.HTTPConnection, http.client.HTTPConnection]:
        first, second = self.workers
        return self.connection(first), self.connection(second)

    def events(self, pid: int, path: str, headers: dict[str, str]) -> Events:
        while True:
            events = Events(("127.0.0.1", self.port), path, headers)
            if self._owner(events._connection) == pid:
                return events
            events.cut()

    def sign_in(self, connection: http.client.HTTPConnection) -> dict[str, str]:
        """The headers of a session of `admin`."""
        origin = {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/json"}
        connection.request(
            "POST", "/v1/session", json.dumps({"name": "admin", "password": self.password}), headers=origin
        )
        answer = connection.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200, body
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        assert cookie.startswith(COOKIE)
        return origin | {"Cookie": cookie, CSRF_HEADER: body["csrf"]}

    def _owner(self, connection: http.client.HTTPConnection) -> int:
        """The worker that holds the other end, by the kernel's table of connections."""
        ours = connection.sock.getsockname()[1]
        rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        ports = {(int(row[1].split(":")[1], 16), int(row[2].split(":")[1], 16)): row[9] for row in rows}
        name = f"socket:[{ports[self.port, ours]}]"
        return next(pid for pid in self.workers if name in _open_files(pid))


def _still(path: Path) -> bytes:
    """What the kernel says of a process, nothing where it ended meanwhile."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _open_files(pid: int) -> set[str]:
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(link))
        except FileNotFoundError:  # closed meanwhile
            continue
    return found


def ask(connection, method, path, body=None, headers=None):
    """(status, body) of an answer."""
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, {"Content-Type": "application/json"} | (headers or {}))
    answer = connection.getresponse()
    raw = answer.read()
    return answer.status, json.loads(raw) if raw[:1] == b"{" else raw.decode()


def say(connection, conversation_id, message_id, text="怎么退货"):
    body = {"conversation_id": conversation_id, "message_id": message_id, "text": text}
    status, turn = ask(connection, "POST", "/v1/chat", body)
    assert status == 200, turn
    return turn


def offered(turn) -> tuple:
    """What a reply says, whichever of its wordings was drawn."""
    reply = turn["reply"]
    return reply["kind"], reply.get("faq_id"), [option["faq_id"] for option in reply["options"]]


def secret(name: str) -> str:
    return name.ljust(32, "0")


@contextmanager
def serving(folder: Path):
    command = [sys.executable, "-u", "-m", "tests.api.worker_shop", str(folder), "2"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUIDA_")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        yield Shop(process, f"sqlite:///{folder / 'huida.db'}")
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            process.kill()
            process.stdout.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


def test_a_retry_at_another_worker_gives_the_stored_reply(shop):
    first, second = shop.both()
    assert say(first, secret("retry"), "m1") == say(second, secret("retry"), "m1")
    assert say(second, secret("retry"), "m2")["sequence"] == 2
    assert say(first, secret("retry"), "m2")["sequence"] == 2


def test_a_follow_up_at_another_worker_knows_what_was_said_before(shop):
    first, second = shop.both()
    say(first, secret("elsewhere"), "m1", "怎么退货")
    say(first, secret("here"), "m1", "怎么退货")
    elsewhere, here = say(second, secret("elsewhere"), "m2", "那运费呢"), say(first, secret("here"), "m2", "那运费呢")
    alone = say(first, secret("alone"), "m1", "那运费呢")
    assert offered(elsewhere) == offered(here) != offered(alone)


def test_copies_of_messages_at_both_workers_at_once_are_answered_once_and_in_one_order(shop):
    answers: dict[str, list[dict]] = {f"m{n}": [] for n in range(8)}

    def write(connection):
        for message_id, found in answers.items():
            found.append(say(connection, secret("copies"), message_id))

    threads = [threading.Thread(target=write, args=(connection,)) for connection in shop.both()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(found) == 2 and found[0] == found[1] for found in answers.values())
    assert [found[0]["sequence"] for found in answers.values()] == list(range(1, 9))


def test_events_reach_a_desk_and_a_visitor_who_are_connected_to_the_other_worker(shop):
    here = secret("events")
    for writer, reader in (shop.workers, shop.workers[::-1]):
        headers = shop.sign_in(shop.connection(writer))
        with (
            shop.events(reader, "/v1/desk/events", headers) as desk,
            shop.events(reader, f"/v1/conversations/{here}/events", {}) as visitor,
        ):
            desk.next("ready")
            visitor.next("state")
            turn = say(shop.connection(writer), here, f"m{writer}", "转人工")
            assert desk.next("turn")["sequence"] == turn["sequence"]
            assert visitor.next("turn")["sequence"] == turn["sequence"]


def test_that_an_agent_types_is_told_to_a_visitor_at_the_other_worker(shop):
    here, (writer, reader) = secret("types"), shop.workers
    say(shop.connection(writer), here, "m1", "转人工")
    headers, path = shop.sign_in(shop.connection(writer)), f"/v1/desk/conversations/{known_as(here)}"
    assert ask(shop.connection(reader), "POST", f"{path}/take", headers=headers)[0] == 200
    with shop.events(reader, f"/v1/conversations/{here}/events", {}) as visitor:
        visitor.next("state")
        assert ask(shop.connection(writer), "POST", f"{path}/typing", headers=headers)[0] == 204
        assert visitor.next("typing")["kind"] == "typing"


def test_what_an_agent_took_at_one_worker_the_bot_of_the_other_leaves_alone(shop):
    here, (first, second) = secret("taken"), shop.both()
    say(first, here, "m1", "转人工")
    headers = shop.sign_in(first)
    assert ask(first, "POST", f"/v1/desk/conversations/{known_as(here)}/take", headers=headers)[0] == 200
    assert say(second, here, "m2", "怎么退货")["reply"]["kind"] == "silent"


def test_an_entry_changed_at_one_worker_answers_at_the_other(shop):
    first, second = shop.both()
    entry = {"question": "会员日是哪天", "answer": "每月八号。", "language": "zh"}
    assert ask(first, "PUT", "/v1/faq/day", entry, {"Authorization": f"Bearer {shop.token}"})[0] in (200, 201)
    found = None
    while found != "day":  # told at once, and found within seconds in any case
        hits = ask(second, "POST", "/v1/faq/search", {"query": "会员日是哪天", "k": 1})[1]["hits"]
        found = hits[0]["faq_id"] if hits else None


def test_attempts_to_sign_in_count_at_both_workers_together(shop):
    origin = {"Origin": f"http://127.0.0.1:{shop.port}"}
    statuses = Counter(
        ask(shop.both()[n % 2], "POST", "/v1/session", {"name": "tom", "password": f"guess {n}"}, origin)[0]
        for n in range(14)
    )
    assert statuses == {401: 10, 429: 4}


def test_metrics_are_those_of_both_workers_whichever_is_asked(shop):
    def n_turns(connection):
        text = ask(connection, "GET", "/metrics")[1]
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("huida_turns_total{"))

    first, second = shop.both()
    before = n_turns(first)
    say(first, secret("counted"), "m1")
    say(second, secret("counted"), "m2")
    assert n_turns(first) == n_turns(second) == before + 2


def test_no_turn_is_lost_or_doubled_when_a_worker_is_killed_and_another_takes_its_place(shop):
    _, killed = shop.workers
    acknowledged: dict[tuple[str, str], str] = {}
    reached = threading.Event()

    def write(number):
        here, connection = secret(f"writer-{number}"), None
        for n in range(MESSAGES_A_WRITER):
            while (here, f"m{n}") not in acknowledged:  # as the widget does: again, with the same id
                try:
                    connection = connection or http.client.HTTPConnection("127.0.0.1", shop.port, timeout=20)
                    acknowledged[here, f"m{n}"] = say(connection, here, f"m{n}")["turn_id"]
                except (OSError, http.client.HTTPException):
                    connection = None
            if len(acknowledged) >= N_WRITERS * MESSAGES_A_WRITER // 3:
                reached.set()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(N_WRITERS)]
    for thread in threads:
        thread.start()
    reached.wait()
    os.kill(killed, signal.SIGKILL)
    for thread in threads:
        thread.join()
    shop.said(r"(worker 1 ended)")
    while len(shop.workers) < 2:
        continue
    for pid in shop.workers:
        for (here, message_id), turn_id in acknowledged.items():
            assert say(shop.connection(pid), here, message_id)["turn_id"] == turn_id
    store = open_store(shop.store_url)
    with store.read() as uow:
        of_writer = [uow.turns.after(known_as(secret(f"writer-{n}")), 0, 100) for n in range(N_WRITERS)]
    store.close()
    assert all([turn.sequence for turn in turns] == list(range(1, MESSAGES_A_WRITER + 1)) for turns in of_writer)
    assert {turn.turn_id for turns in of_writer for turn in turns} == set(acknowledged.values())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_all_workers_end_with_the_first(tmp_path, how):
    with serving(tmp_path) as shop:
        other = shop.workers[1]
        shop.process.send_signal(how)
        assert shop.process.wait(30) == (0 if how != signal.SIGKILL else -signal.SIGKILL)
        while Path(f"/proc/{other}").exists() and "zombie" not in Path(f"/proc/{other}/status").read_text():
            continue


def test_by_itself_a_server_has_a_worker_a_core_and_no_more_than_two():
    assert 1 <= _n_workers(0) <= MAX_BY_ITSELF
    assert _n_workers(5) == 5


def test_several_workers_are_refused_where_the_kernel_deals_nothing_out(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert _n_workers(0) == _n_workers(1) == 1
    with pytest.raises(InputError, match="2 workers need Linux"):
        _n_workers(2)
