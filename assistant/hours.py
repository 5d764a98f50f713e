"""When people answer: opening hours by weekday in the shop's time zone, and days on which it is closed.

hours = BusinessHours.parse(("mon-fri=09:00-18:00", "sat=10:00-14:00"), "Asia/Shanghai", ("2027-01-01",))
hours.is_open(at)    hours.ends(at)    hours.opens(at)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.errors import InputError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LINE = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?=([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})", re.ASCII)
_DAY_MINUTES = 24 * 60
_LOOK_AHEAD_DAYS = 366  # a shop that does not open within a year is closed for good


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """`by_day` holds, for Monday to Sunday, spans of minutes since midnight (from, to), sorted and apart."""

    by_day: tuple[tuple[tuple[int, int], ...], ...]
    zone: ZoneInfo
    closed_days: frozenset[date] = frozenset()

    @classmethod
    def parse(cls, lines: Sequence[str], zone: str, closed_days: Sequence[str] = ()) -> BusinessHours:
        """Read lines such as mon-fri=09:00-18:00; "24:00" ends a day. Raises InputError naming the line.

        Hours over midnight are two lines: fri=20:00-24:00 and sat=00:00-02:00.
        """
        spans: list[list[tuple[int, int]]] = [[] for _ in DAYS]
        for line in lines:
            days, span = _read(line)
            for day in days:
                spans[day].append(span)
        by_day = tuple(_joined(sorted(day)) for day in spans)
        return cls(by_day, ZoneInfo(zone), frozenset(_date(day) for day in closed_days))

    @property
    def is_always(self) -> bool:
        return not self.closed_days and all(day == ((0, _DAY_MINUTES),) for day in self.by_day)

    def is_open(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self._spans(at, 1))

    def ends(self, at: datetime) -> datetime | None:
        """When it closes next, as an aware UTC instant; None while it is closed and when it never closes."""
        if self.is_always:
            return None
        until = None
        for start, end in self._spans(at, _LOOK_AHEAD_DAYS):
            if (until is None and start <= at < end) or until == start:
                until = end  # a day that ends at 24:00 goes on in the next one
            elif until is not None or start > at:
                break
        return until

    def opens(self, at: datetime) -> datetime | None:
        """When it opens next, as an aware UTC instant; None while it is open and when it never opens."""
        for start, end in self._spans(at, _LOOK_AHEAD_DAYS):
            if end > at:
                return start if start > at else None
        return None

    def _spans(self, at: datetime, n_days: int) -> Iterator[tuple[datetime, datetime]]:
        """The spans from the day of `at` on, in UTC: a day has 23 to 25 hours where clocks change."""
        today = at.astimezone(self.zone).date()
        for ahead in range(n_days + 1):
            day = today + timedelta(days=ahead)
            if day not in self.closed_days:
                for start, end in self.by_day[day.weekday()]:
                    yield self._instant(day, start), self._instant(day, end)

    def _instant(self, day: date, minutes: int) -> datetime:
        if minutes == _DAY_MINUTES:
            day, minutes = day + timedelta(days=1), 0
        local = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=self.zone)
        return local.astimezone(UTC)


def _read(line: str) -> tuple[list[int], tuple[int, int]]:
    match = _LINE.fullmatch(line.strip().lower())
    if match and match[1] in DAYS and (match[2] or match[1]) in DAYS:
        first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
        start, end = 60 * int(match[3]) + int(match[4]), 60 * int(match[5]) + int(match[6])
        n_days = (last - first) % 7 + 1
        if start < end <= _DAY_MINUTES and int(match[4]) < 60 > int(match[6]):
            return [(first + day) % 7 for day in range(n_days)], (start, end)
    raise InputError(f"opening hours {line!r} cannot be read; expected e.g. mon-fri=09:00-18:00 or sat=10:00-24:00")


def _joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"closed day {text!r} is no date; expected YYYY-MM-DD such as 2027-01-01") from error
