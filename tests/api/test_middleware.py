"""What happens around a request: every one gets an answer in time, and none may be larger or come oftener than allowed."""

import asyncio
import threading

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api import errors
from api.limits import KnownSessions, RateLimit
from api.metrics import Metrics
from api.middleware import SECURITY_HEADERS, Answered, Headers, Limited


@pytest.fixture
def release():
    """An event that lets a hanging request go on."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def client(release):
    app = FastAPI()
    errors.install(app)

    @app.get("/broken")
    def broken():
        raise RuntimeError("postgresql://user:password@host")

    @app.get("/hanging")
    def hanging():
        release.wait(20)

    @app.get("/slow")
    def slow():
        release.wait(0.5)
        return "done"

    @app.post("/length")
    async def length(request: Request):
        return len(await request.body())

    app.add_middleware(
        Limited, rate=RateLimit(20), sessions=KnownSessions(), max_body_bytes=1_000, larger={"/large": 5_000}
    )
    app.add_middleware(Answered, timeout_s=0.3, longer={"/slow": 20.0}, metrics=Metrics())
    app.add_middleware(Headers)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_a_fault_of_ours_is_said_in_one_sentence_without_a_traceback_or_a_secret(client):
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert answer.json() == {
        "error": {"code": "internal_error", "message": "something went wrong on our side; it is in the log"}
    }


def test_a_request_that_takes_too_long_is_answered_with_try_again(client, release):
    answer = client.get("/hanging")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "timeout")
    assert answer.headers["Retry-After"] == "1"
    release.set()
    assert client.post("/length", content=b"still there").json() == 11


def test_a_route_that_may_take_longer_is_waited_for(client):
    assert client.get("/slow").json() == "done"


@pytest.mark.parametrize("path", ["/broken", "/nothing", "/length"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_a_body_is_taken_up_to_the_cap_and_refused_above_it(client):
    assert client.post("/length", content=b"a" * 1_000).json() == 1_000
    assert client.post("/length", content=b"a" * 1_001).status_code == 413


def test_a_body_of_unstated_length_is_read_up_to_the_cap_and_no_further():
    n_read = 0

    async def receive():
        nonlocal n_read
        n_read += 1
        return {"type": "http.request", "body": b"a" * 400, "more_body": True}

    async def read_all(_scope, receive, _send):
        while True:
            await receive()

    limited = Limited(read_all, RateLimit(0), KnownSessions(), max_body_bytes=1_000, larger={})
    scope = {"type": "http", "path": "/", "headers": [], "client": ("203.0.113.7", 1)}
    with pytest.raises(errors.Problem) as refused:
        asyncio.run(limited(scope, receive, None))
    assert (refused.value.status_code, n_read) == (413, 3)


def test_the_request_after_the_last_allowed_one_is_told_to_wait(client):
    statuses = [client.post("/length", content=b"x").status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    assert client.post("/length").headers["Retry-After"] == "5"


def test_a_caller_who_names_another_address_each_time_is_counted_all_the_same(client):
    forwarded = [{"X-Forwarded-For": f"203.0.113.{n}"} for n in range(21)]
    assert [client.post("/length", headers=headers).status_code for headers in forwarded][-1] == 429


def test_a_probe_is_never_told_to_wait(client):
    assert {client.get("/healthz").status_code for _ in range(30)} == {404}  # this app has none, and says so each time
