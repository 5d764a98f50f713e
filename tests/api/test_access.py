"""Who may do what: one table of routes x roles, tried with every caller there is, over REST and the live channels."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import anyio
import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from api.auth import POLICY, Access, authorise, caller_of
from api.errors import Problem
from api.routes import ROUTERS
from api.sessions import COOKIE, CSRF_HEADER
from tests.api.conftest import signed_in, token_of

ROUTES = [(method, route.path) for router in ROUTERS for route in router.routes for method in route.methods]
STRANGER, HERE = "203.0.113.7", "127.0.0.1"

# who each level lets in, written out a second time: a slip in api/auth.py must not carry its own test with it
LETS_IN = {
    Access.OPEN: {"stranger", "local", "agent key", "admin key", "agent", "supervisor", "admin"},
    Access.LOCAL: {"local", "agent key", "admin key", "agent", "supervisor", "admin"},
    Access.AGENT: {"agent key", "admin key", "agent", "supervisor", "admin"},
    Access.PERSON: {"agent", "supervisor", "admin"},
    Access.SUPERVISOR: {"admin key", "supervisor", "admin"},
    Access.ADMIN: {"admin key", "admin"},
}
CALLERS = sorted(LETS_IN[Access.OPEN])


def of(*levels: Access) -> list[tuple[str, str]]:
    return sorted(route for route, access in POLICY.items() if access in levels)


def by(app, who: str) -> TestClient:
    """A caller of this kind, with a fresh session where they have one: some routes end it."""
    if who in ("agent", "supervisor", "admin"):
        return signed_in(app, who, who, address=STRANGER)
    headers = token_of(app.state.parts, who.split()[0]) if "key" in who else {}
    address = HERE if who == "local" else STRANGER
    return TestClient(app, client=(address, 50_000), raise_server_exceptions=False, headers=headers)


def refused(app, client: TestClient, route: tuple[str, str]) -> int | None:
    """The status with which the one authoriser refuses the caller, without running the route: live ones never end."""
    method, path = route
    cookie = f"{COOKIE}={client.cookies[COOKIE]}" if COOKIE in client.cookies else ""
    sent = {"host": "testserver", **{name.lower(): value for name, value in client.headers.items()}, "cookie": cookie}
    scope = {
        "type": "http",
        "app": app,
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items() if value],
        "client": client._transport.client,
        "route": SimpleNamespace(path=path),
        "state": {},
    }
    try:
        anyio.run(authorise, Request(scope))
    except Problem as problem:
        return problem.status_code
    return None


def asked(client: TestClient, route: tuple[str, str], **more) -> int:
    method, path = route
    return client.request(method, re.sub(r"\{.*?\}", "x", path), **more).status_code


def test_every_route_has_exactly_one_line_in_the_policy():
    assert sorted(ROUTES) == sorted(POLICY)
    assert len(set(ROUTES)) == len(ROUTES)


def test_the_app_has_no_route_beside_those_routers(shared_app):
    included = [getattr(route, "original_router", None) for route in shared_app.routes]
    assert included == ROUTERS


def test_a_route_without_a_line_is_closed(shared_app, monkeypatch):
    monkeypatch.delitem(POLICY, ("GET", "/healthz"))
    answer = by(shared_app, "admin").get("/healthz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("who", CALLERS)
def test_each_caller_gets_through_exactly_where_the_table_says(shared_app, who):
    client = by(shared_app, who)
    let_in = {route for route in POLICY if refused(shared_app, client, route) is None}
    assert let_in == {route for route, access in POLICY.items() if who in LETS_IN[access]}


@pytest.mark.parametrize("who", CALLERS)
def test_who_is_known_is_told_no_and_who_is_not_is_asked_who_they_are(shared_app, who):
    client, nobody = by(shared_app, who), who in ("stranger", "local")
    for route, access in POLICY.items():
        if who not in LETS_IN[access]:
            no_person = access is Access.PERSON and "key" in who  # a key is nobody there
            assert refused(shared_app, client, route) == (401 if nobody or no_person else 403), route


@pytest.mark.parametrize("route", of(*set(Access) - {Access.OPEN}))
def test_the_routes_themselves_refuse_a_stranger(shared_app, route):
    assert asked(by(shared_app, "stranger"), route) == 401


@pytest.mark.parametrize("false", ["Bearer huida_wrong", "Basic aHVpZGE6aHVpZGE=", "Bearer", "Bearer \t"])
def test_a_false_key_opens_nothing(shared_app, false):
    client = by(shared_app, "stranger")
    client.headers["Authorization"] = false
    client.cookies.set(COOKIE, "no such session")
    assert {refused(shared_app, client, route) for route in of(*set(Access) - {Access.OPEN})} == {401}


@pytest.mark.parametrize("route", of(Access.SUPERVISOR, Access.ADMIN))
def test_the_routes_themselves_refuse_an_agent(shared_app, route):
    assert asked(by(shared_app, "agent"), route) == 403
    assert asked(by(shared_app, "agent key"), route) == 403


@pytest.mark.parametrize("route", of(Access.LOCAL))
def test_a_caller_on_this_machine_that_forwards_somebody_is_a_stranger(shared_app, route):
    assert asked(by(shared_app, "local"), route, headers={"X-Forwarded-For": "127.0.0.1"}) == 401


@pytest.mark.parametrize(
    "wrong",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {CSRF_HEADER: "x"}, {CSRF_HEADER: ""}],
)
def test_no_session_changes_anything_without_its_csrf_token_and_our_origin(shared_app, wrong):
    client = by(shared_app, "admin")
    client.headers |= wrong
    changing = [route for route in of(*set(Access) - {Access.OPEN}) if route[0] not in ("GET", "HEAD")]
    assert {refused(shared_app, client, route) for route in changing} == {403}
    assert asked(client, ("POST", "/v1/users")) == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://testserver.evil.example", "http://testserver:81"]
)
def test_no_foreign_page_reads_with_a_session_nor_listens_to_a_live_channel(shared_app, origin):
    client = by(shared_app, "admin")
    client.headers["Origin"] = origin
    reading = [route for route in of(*set(Access) - {Access.OPEN}) if route[0] == "GET"]
    assert ("GET", "/v1/desk/events") in reading
    assert {refused(shared_app, client, route) for route in reading} == {403}
    assert asked(client, ("GET", "/v1/desk/events")) == asked(client, ("GET", "/v1/session")) == 403


def test_a_revoked_token_opens_nothing(shared_app):
    store, client = shared_app.state.parts.store, by(shared_app, "admin key")
    assert asked(client, ("GET", "/v1/faq")) == 200
    with store.begin() as uow:
        uow.tokens.revoke(uow.tokens.all()[-1].token_id, datetime.now(UTC))
    assert asked(client, ("GET", "/v1/faq")) == 401


def test_a_live_channel_that_asks_again_learns_that_its_session_ended(shared_app):
    client = signed_in(shared_app, "agent")
    headers = [(b"host", b"testserver"), (b"cookie", f"{COOKIE}={client.cookies[COOKIE]}".encode())]
    scope = {"type": "http", "app": shared_app, "method": "GET", "path": "/", "query_string": b"", "headers": headers}
    assert anyio.run(caller_of, Request(scope)).role == "agent"
    client.delete("/v1/session")
    assert anyio.run(caller_of, Request(scope)) is None
