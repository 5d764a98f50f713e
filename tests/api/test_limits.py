"""How much work a caller, and all callers together, may ask for."""

import pytest

import api.limits
from api.app import create_app
from api.limits import KNOWN_S, Gate, KnownSessions, RateLimit
from assistant.errors import Overloaded
from tests.api.conftest import caller_of, settings_in, signed_in


def test_the_fourth_request_of_an_address_in_a_minute_of_three_is_refused():
    limit = RateLimit(per_minute=3)
    assert [limit.allows("203.0.113.7") for _ in range(4)] == [True, True, True, False]


def test_one_address_does_not_use_up_the_requests_of_another():
    limit = RateLimit(per_minute=1)
    assert limit.allows("203.0.113.7") and limit.allows("203.0.113.8")


def test_a_household_with_many_ipv6_addresses_counts_as_one():
    limit = RateLimit(per_minute=1)
    assert limit.allows("2001:db8:1:2::1") and not limit.allows("2001:db8:1:2:ffff::9")
    assert limit.allows("2001:db8:1:3::1")


def test_a_limit_of_zero_counts_nothing():
    limit = RateLimit(per_minute=0)
    assert all(limit.allows("203.0.113.7") for _ in range(100))


def test_a_session_is_known_for_a_while_after_its_last_request_and_a_made_up_one_never():
    now = 0.0
    known = KnownSessions(lambda: now)
    known.note("mei's secret")
    assert known.name("mei's secret") and known.name("mei's secret") != "mei's secret"
    assert known.name("made up") is None
    now = KNOWN_S - 1
    known.note("mei's secret")
    now = KNOWN_S + 1
    assert known.name("mei's secret")
    now = 2 * KNOWN_S
    assert known.name("mei's secret") is None


def test_no_more_sessions_are_known_than_memory_is_set_aside_for(monkeypatch):
    monkeypatch.setattr(api.limits, "MAX_KNOWN", 2)
    now = 0.0
    known = KnownSessions(lambda: now)
    for secret in ("a", "b", "c"):
        known.note(secret)
    assert [bool(known.name(secret)) for secret in ("a", "b", "c")] == [True, True, False]
    now = KNOWN_S + 1
    known.note("c")
    assert [bool(known.name(secret)) for secret in ("a", "b", "c")] == [False, False, True]


@pytest.fixture
def office(tmp_path, parts):
    """An app that takes ten requests a minute, of one address or of one session."""
    settings = settings_in(tmp_path)
    server = settings.server.model_copy(update={"requests_per_minute": 10})
    app = create_app(settings.model_copy(update={"server": server}), lambda _settings: parts)
    with caller_of(app):
        yield app


def test_agents_behind_one_address_each_have_a_rate_of_their_own(office):
    agents = [signed_in(office, "agent", address="203.0.113.7") for _ in range(3)]
    statuses = [[agent.get("/v1/session").status_code for agent in agents] for _ in range(8)]
    assert statuses == [[200] * 3] * 8
    for _ in range(9):
        last = agents[0].get("/v1/session").status_code
    assert last == 429
    assert agents[1].get("/v1/session").status_code == 200


def test_visitors_of_one_address_share_its_rate_and_made_up_sessions_are_visitors(office):
    visitor = caller_of(office)
    statuses = [visitor.get("/v1/session", headers={"Cookie": f"huida_session=n{n}"}).status_code for n in range(11)]
    assert statuses == [401] * 10 + [429]


def test_who_just_signed_in_is_not_held_up_by_the_visitors_of_their_address(office):
    agent, visitor = signed_in(office, "agent"), caller_of(office)
    assert agent.get("/v1/session").status_code == 200
    assert [visitor.get("/readyz").status_code for _ in range(3)] == [200] * 3
    assert [visitor.get("/v1/session").status_code for _ in range(10)][-1] == 429
    assert agent.get("/v1/session").status_code == 200


def test_a_full_gate_tells_the_next_to_come_again_and_opens_when_one_leaves():
    gate = Gate(2)
    with gate:
        with gate, pytest.raises(Overloaded, match="2 requests"), gate:
            pass
        with gate:
            assert gate.n_inside == 2
    assert gate.n_inside == 0


def test_work_that_fails_leaves_the_gate_too():
    gate = Gate(1)
    with pytest.raises(ZeroDivisionError), gate:
        1 / 0  # noqa: B018
    assert gate.n_inside == 0
