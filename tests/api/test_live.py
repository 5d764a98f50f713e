"""Live updates of a real server: at once, to those who may know, and without a gap whatever the line does."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx2 as httpx
import pytest

from api import live
from api.app import create_app
from api.server import Server, listen
from api.sessions import COOKIE, CSRF_HEADER, csrf_of
from assistant.values import Change
from assistant.visitors import known_as
from tests.api.conftest import build_parts, settings_in, signed_in
from tests.api.events import Events

N_DROPS, N_DISCONNECTS = 200, 20
DESK = "/v1/desk/events"


class Running:
    """A served shop. `mei` is the cookie of an agent called so."""

    def __init__(self, app, server):
        self.app, self.parts, self._server = app, app.state.parts, server
        self.address = server.sockets_of[0].getsockname()[:2]
        self.url = "http://{}:{}".format(*self.address)
        self.mei = signed_in(app, "agent", "mei").cookies[COOKIE]

    def events(self, path: str = DESK, place: str | None = None, secret: str | None = None) -> Events:
        headers = {"Cookie": f"{COOKIE}={secret or self.mei}"} if path.startswith(DESK) else {}
        return Events(self.address, path, headers | ({"Last-Event-ID": place} if place else {}))

    def post(self, path: str, body: dict | None = None, status: int = 200) -> httpx.Response:
        headers = {"Origin": self.url, CSRF_HEADER: csrf_of(self.mei), "Cookie": f"{COOKIE}={self.mei}"}
        answer = httpx.post(self.url + path, json=body, headers=headers, timeout=20)
        assert answer.status_code == status, answer.text
        return answer

    def say(self, conversation_id: str, text: str, message_id: str = "m1") -> None:
        self.post("/v1/chat", {"conversation_id": conversation_id, "message_id": message_id, "text": text})

    def change(self, n: int, conversation_id: str = "c") -> None:
        """Write to the journal alone, which is quick."""
        with self.parts.store.begin() as uow:
            uow.journal.add([Change(conversation_id, "state", n, datetime.now(UTC))])

    def written(self, after: int = 0) -> list[int]:
        with self.parts.store.read() as uow:
            return [change.position for change in uow.journal.after(after, 10_000)]


@contextmanager
def running(settings, reader):
    server = settings.server.model_copy(update={"requests_per_minute": 0})
    settings = settings.model_copy(update={"server": server})
    app = create_app(settings, lambda _settings: build_parts(settings, reader))
    with listen("127.0.0.1", 0) as sock:
        server = Server(app, settings.server, [], 0.0)
        server.sockets_of = [sock]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.01)
        try:
            yield Running(app, server)
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def shop(tmp_path_factory, reader):
    with running(settings_in(tmp_path_factory.mktemp("shop")), reader) as shop:
        yield shop


def secret(name: str) -> str:
    return name.ljust(32, "0")


def test_a_message_reaches_the_desk_and_the_reply_reaches_the_visitor(shop):
    here = secret("reply")
    with shop.events() as desk, shop.events(f"/v1/conversations/{here}/events") as visitor:
        desk.next("ready")
        assert visitor.next("state") == {"sequence": 0, "kind": "state"}
        shop.say(here, "转人工")
        assert desk.next("turn") | {"position": 0} == {
            "position": 0,
            "conversation_id": known_as(here),
            "kind": "turn",
            "sequence": 1,
        }
        assert visitor.next("turn") == {"sequence": 1, "kind": "turn"}
        shop.post(f"/v1/desk/conversations/{known_as(here)}/take")
        shop.post(f"/v1/desk/conversations/{known_as(here)}/reply", {"message_id": "a1", "text": "您好"})
        assert visitor.next("post")["sequence"] == desk.next("post")["sequence"] == 4


def test_visitors_hear_nothing_of_notes_and_of_others(shop):
    here, there = secret("mine"), secret("theirs")
    shop.say(here, "转人工")
    shop.say(there, "转人工")
    with shop.events(f"/v1/conversations/{here}/events") as visitor:
        assert visitor.next("state")["sequence"] == 2
        shop.post(f"/v1/desk/conversations/{known_as(here)}/notes", {"message_id": "n1", "text": "VIP"})
        shop.say(there, "在吗", "m2")
        shop.say(here, "在吗", "m2")
        assert next(iter(visitor)) == {"sequence": 4, "kind": "turn"}


def test_typing_is_told_to_the_other_side_and_to_nobody_else(shop):
    here = secret("typing")
    shop.say(here, "转人工")
    tom = signed_in(shop.app, "agent", "tom").cookies[COOKIE]
    with shop.events() as mei, shop.events(secret=tom) as other:
        mei.next("ready")
        other.next("ready")
        shop.post(f"/v1/conversations/{here}/typing", status=204)  # nobody has it yet: nobody is told
        shop.post(f"/v1/desk/conversations/{known_as(here)}/take")
        with shop.events(f"/v1/conversations/{here}/events") as visitor:
            visitor.next("state")
            shop.post(f"/v1/desk/conversations/{known_as(here)}/typing", status=204)
            assert visitor.next("typing") == {"sequence": 0, "kind": "typing"}
        shop.post(f"/v1/conversations/{here}/typing", status=204)
        assert mei.next("typing")["conversation_id"] == known_as(here)
        shop.change(1, "after")
        assert "typing" not in [event["kind"] for event in _until(other, "after")]


def test_a_desk_whose_line_drops_200_times_misses_nothing(shop):
    with shop.events() as desk:
        began, seen, place = desk.next("ready")["position"], [], desk.place
    with ThreadPoolExecutor(1) as pool:
        for drop in range(N_DROPS):
            writing = pool.submit(lambda drop=drop: [shop.change(n) for n in range(drop % 4)])
            with shop.events(place=place) as desk:
                ready = False
                for n, event in enumerate(desk):
                    was_ready, ready = ready, event["kind"] == "ready"
                    seen += [] if ready else [event["position"]]
                    if was_ready or n >= drop % 3:  # cut right away, among what was missed, or after it
                        break
                    if ready:
                        shop.change(drop)  # one at least is told while the line stands
                place = desk.place
            writing.result()
    with shop.events(place=place) as desk:
        for event in desk:
            if event["kind"] == "ready":
                break
            seen.append(event["position"])
    assert seen == shop.written(began)


def test_who_missed_too_much_is_told_to_start_afresh(shop, monkeypatch):
    monkeypatch.setattr(live, "MAX_REPLAY", 3)
    for n in range(5):
        shop.change(n)
    newest = shop.written()[-1]
    with shop.events(f"{DESK}?after={newest - 3}") as desk:
        assert [next(iter(desk))["position"] for _ in range(4)] == [newest - 2, newest - 1, newest, newest]
    with shop.events(f"{DESK}?after={newest - 4}") as desk:
        assert next(iter(desk)) == {"position": newest, "conversation_id": None, "kind": "ready", "sequence": 0}


def test_streams_that_were_cut_leave_nothing_behind(shop):
    before = shop.app.state.live.n_streams
    for n in range(N_DISCONNECTS):
        path = DESK if n % 2 else f"/v1/conversations/{secret('cut')}/events"
        with shop.events(path) as stream:
            next(iter(stream))
    for n in range(100):  # a cut line is noticed when something is written into it
        if shop.app.state.live.n_streams <= before:
            break
        shop.change(n, secret("cut"))
        threading.Event().wait(0.05)
    assert shop.app.state.live.n_streams <= before


def test_a_session_that_ends_ends_its_stream(shop, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.05)
    tom = signed_in(shop.app, "agent", "tom").cookies[COOKIE]
    with shop.events(secret=tom) as desk:
        desk.next("ready")
        with shop.parts.store.begin() as uow:
            uow.sessions.end(tom)
        assert list(desk) == []


def test_a_stranger_gets_no_stream(shop):
    assert Events(shop.address, DESK).status == 401
    assert shop.events("/v1/conversations/short/events").status == 404


def test_one_conversation_is_followed_by_few_pages(shop):
    path = f"/v1/conversations/{secret('tabs')}/events"
    open_ones = [shop.events(path) for _ in range(live.MAX_OF_CONVERSATION)]
    assert [stream.status for stream in open_ones] == [200] * live.MAX_OF_CONVERSATION
    with shop.events(path) as one_more:
        assert one_more.status == 503
    for stream in open_ones:
        stream.cut()


def test_a_server_that_stops_ends_its_streams(tmp_path, reader):
    with running(settings_in(tmp_path), reader) as shop:
        desk = shop.events()
        desk.next("ready")
    assert list(desk) == []


def _until(events, conversation_id):
    for event in events:
        yield event
        if event["conversation_id"] == conversation_id:
            return
