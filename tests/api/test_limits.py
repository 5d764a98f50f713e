"""How much work a caller, and all callers together, may ask for."""

import pytest

from api.limits import Gate, RateLimit
from assistant.errors import Overloaded


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
