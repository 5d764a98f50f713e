"""Days counted from today: the arithmetic behind 昨天, 上周五, last Friday and 11月3号."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def nearest(month: int, day: int, today: date) -> date | None:
    """The month and day of the year in which they lie closest to today; None when no such day exists."""
    days = [found for year in range(today.year - 1, today.year + 2) if (found := exact(year, month, day))]
    return min(days, key=lambda found: abs(found - today), default=None)


def nearest_month(month: int, today: date) -> str:
    """YYYY-MM of the closest month of that number."""
    middle = nearest(month, 15, today)
    assert middle is not None  # the 15th exists in every month
    return f"{middle:%Y-%m}"


def nearest_day_of_month(day: int, today: date) -> date | None:
    months = [shift_months(today.replace(day=1), step) for step in (-1, 0, 1)]
    days = [found for month in months if (found := exact(month.year, month.month, day))]
    return min(days, key=lambda found: abs(found - today), default=None)


def nearest_weekday(weekday: int, today: date) -> date:
    """weekday: 0 is Monday. At most three days away."""
    return today + timedelta((weekday - today.weekday() + 3) % 7 - 3)


def weekday_of_week(weekday: int, weeks: int, today: date) -> date:
    """The weekday of the week (Monday to Sunday) that lies so many weeks from this one."""
    return today + timedelta(weekday - today.weekday() + 7 * weeks)


def week(weeks: int, today: date) -> str:
    """ISO 8601 week, as in 2026-W46."""
    year, number, _ = (today + timedelta(weeks=weeks)).isocalendar()
    return f"{year}-W{number:02d}"


def shift_months(day: date, months: int) -> date:
    """The same day so many months on; the month's last day where it is shorter."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def exact(year: int, month: int, day: int) -> date | None:
    """The day, or None when the calendar has none: 2026-02-30."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
