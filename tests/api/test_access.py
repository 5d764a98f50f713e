"""Who may do what: every route has its line, and each level is refused to the level below."""

import re
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.auth import POLICY, Access
from api.routes import ROUTERS
from tests.api.conftest import token_of

ROUTES = [(method, route.path) for router in ROUTERS for route in router.routes for method in route.methods]
STRANGER, HERE = ("203.0.113.7", 50_000), ("127.0.0.1", 50_000)


def of(*levels: Access) -> list[tuple[str, str]]:
    return sorted(route for route, access in POLICY.items() if access in levels)


@pytest.fixture(scope="module")
def tokens(shared_app):
    return {role: token_of(shared_app.state.parts, role) for role in ("agent", "admin")}


@pytest.fixture
def ask(shared_app):
    """Send a request to a route as a caller at an address; returns the status."""

    def ask(route: tuple[str, str], address, headers=None) -> int:
        method, path = route
        caller = TestClient(shared_app, client=address, raise_server_exceptions=False)
        return caller.request(method, re.sub(r"\{.*?\}", "x", path), headers=headers).status_code

    return ask


def test_every_route_has_exactly_one_line_in_the_policy():
    assert sorted(ROUTES) == sorted(POLICY)
    assert len(set(ROUTES)) == len(ROUTES)


def test_the_app_has_no_route_beside_those_routers(shared_app):
    included = [getattr(route, "original_router", None) for route in shared_app.routes]
    assert included == ROUTERS


def test_a_route_without_a_line_is_closed(shared_app, monkeypatch):
    monkeypatch.delitem(POLICY, ("GET", "/healthz"))
    answer = TestClient(shared_app).get("/healthz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("route", of(Access.AGENT, Access.ADMIN, Access.LOCAL))
def test_a_stranger_without_a_token_is_asked_for_one(ask, route):
    assert ask(route, STRANGER) == 401
    assert ask(route, STRANGER, {"Authorization": "Bearer huida_wrong"}) == 401
    assert ask(route, STRANGER, {"Authorization": "Basic aHVpZGE6aHVpZGE="}) == 401


@pytest.mark.parametrize("route", of(Access.AGENT, Access.ADMIN))
def test_being_on_this_machine_opens_no_administrative_route(ask, route):
    assert ask(route, HERE) == 401


@pytest.mark.parametrize("route", of(Access.ADMIN))
def test_an_agent_may_not_administer(ask, tokens, route):
    assert ask(route, STRANGER, tokens["agent"]) == 403


@pytest.mark.parametrize("route", of(Access.LOCAL, Access.AGENT, Access.ADMIN))
def test_an_administrator_is_let_in_from_anywhere(ask, tokens, route):
    assert ask(route, STRANGER, tokens["admin"]) not in (401, 403)


@pytest.mark.parametrize("route", of(Access.LOCAL))
def test_a_caller_on_this_machine_needs_no_token_unless_it_forwards_somebody(ask, route):
    assert ask(route, HERE) not in (401, 403)
    assert ask(route, HERE, {"X-Forwarded-For": "127.0.0.1"}) == 401


def test_a_revoked_token_opens_nothing(ask, shared_app):
    store = shared_app.state.parts.store
    header = token_of(shared_app.state.parts, "admin")
    assert ask(("GET", "/v1/faq"), STRANGER, header) == 200
    with store.begin() as uow:
        uow.tokens.revoke(uow.tokens.all()[-1].token_id, datetime.now(UTC))
    assert ask(("GET", "/v1/faq"), STRANGER, header) == 401
