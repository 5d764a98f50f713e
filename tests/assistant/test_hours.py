"""Opening hours in the shop's own time zone, over closed days, midnights and clock changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.hours import DAYS, BusinessHours

SHOP = BusinessHours.parse(("mon-fri=09:00-18:00", "sat=10:00-14:00"), "Asia/Shanghai", ("2026-11-24",))


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-23T08:59:59", False),  # a Monday
        ("2026-11-23T09:00", True),
        ("2026-11-23T17:59:59", True),
        ("2026-11-23T18:00", False),
        ("2026-11-24T12:00", False),  # closed that day
        ("2026-11-28T10:30", True),  # a Saturday
        ("2026-11-29T12:00", False),  # a Sunday
    ],
)
def test_it_is_open_from_the_first_minute_to_just_before_the_last(at, is_open):
    assert SHOP.is_open(beijing(at)) is is_open


def test_the_hours_are_those_of_the_shop_and_not_of_the_machine():
    assert SHOP.is_open(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    assert not SHOP.is_open(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))


def test_it_says_when_it_opens_and_when_it_closes():
    assert SHOP.ends(beijing("2026-11-23T10:00")) == beijing("2026-11-23T18:00")
    assert SHOP.opens(beijing("2026-11-23T10:00")) is None
    assert SHOP.opens(beijing("2026-11-23T18:00")) == beijing("2026-11-25T09:00")  # Tuesday is a closed day
    assert SHOP.opens(beijing("2026-11-28T15:00")) == beijing("2026-11-30T09:00")
    assert SHOP.ends(beijing("2026-11-28T15:00")) is None


def test_hours_over_midnight_are_one_stretch():
    bar = BusinessHours.parse(("fri=20:00-24:00", "sat=00:00-02:00"), "Asia/Shanghai")
    assert bar.ends(beijing("2026-11-27T23:30")) == beijing("2026-11-28T02:00")
    assert bar.opens(beijing("2026-11-28T03:00")) == beijing("2026-12-04T20:00")


def test_a_week_may_begin_on_any_day_and_lines_may_overlap():
    hours = BusinessHours.parse(("sat-mon=09:00-12:00", "mon=11:00-15:00"), "UTC")
    assert hours.by_day[0] == ((540, 900),)
    assert hours.by_day[5] == hours.by_day[6] == ((540, 720),)
    assert hours.by_day[1] == ()


def test_always_open_never_closes_and_never_open_never_opens():
    always, never = BusinessHours.parse(("mon-sun=00:00-24:00",), "UTC"), BusinessHours.parse((), "UTC")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert always.is_always and always.is_open(now) and always.ends(now) is None and always.opens(now) is None
    assert not never.is_open(now) and never.opens(now) is None and never.ends(now) is None


def test_a_day_on_which_clocks_change_keeps_its_local_hours():
    berlin = BusinessHours.parse(("mon-sun=09:00-18:00",), "Europe/Berlin")
    assert berlin.is_open(datetime(2026, 10, 24, 7, 0, tzinfo=UTC))  # summer time: 9:00
    assert not berlin.is_open(datetime(2026, 10, 26, 7, 0, tzinfo=UTC))  # winter time: 8:00
    assert berlin.opens(datetime(2026, 10, 24, 20, 0, tzinfo=UTC)) == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    ["", "mon", "mon 9-18", "mon=9:00-18:00", "mon=18:00-09:00", "mon=09:00-24:01", "mon=09:60-10:00", "moon=09:00-10:00",
     "mon-xyz=09:00-10:00", "mon=09:00-09:00"],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named_with_an_example(line):
    with pytest.raises(InputError, match="mon-fri=09:00-18:00"):
        BusinessHours.parse((line,), "UTC")


def test_a_closed_day_that_is_no_date_is_refused():
    with pytest.raises(InputError, match="24.12"):
        BusinessHours.parse((), "UTC", ("24.12.2026",))


@given(
    spans=st.lists(st.tuples(st.sampled_from(DAYS), st.integers(0, 23), st.integers(1, 24)), max_size=4),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]),
)
def test_what_opens_is_closed_before_and_open_after(spans, at, zone):
    lines = [f"{day}={first:02}:00-{last:02}:00" for day, first, last in spans if first < last]
    hours = BusinessHours.parse(lines, zone)
    second = timedelta(seconds=1)
    if hours.is_open(at):
        ends = hours.ends(at)
        assert hours.opens(at) is None and (ends is None or (hours.is_open(ends - second) and not hours.is_open(ends)))
    elif opens := hours.opens(at):
        assert opens > at and hours.is_open(opens) and not hours.is_open(opens - second)
    else:
        assert not any(hours.by_day)
