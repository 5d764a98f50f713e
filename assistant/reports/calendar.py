"""Instants to the shop's days, weeks and months."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from assistant.reports.figures import Unit

MAX_DAYS = {"day": 35, "week": 400}  # spans longer than this are drawn in the next larger unit
_HOUR_S = 3_600


def local(at: np.ndarray, zone: ZoneInfo) -> np.ndarray:
    """UTC instants datetime64[s] as the wall clock of `zone` showed them; NaT stays."""
    shown = at.astype("datetime64[s]")
    known = ~np.isnat(shown)
    seconds = shown[known].astype(np.int64)
    # offsets change at most once an hour, so one look-up serves all messages of an hour
    hours, place = np.unique(seconds // _HOUR_S, return_inverse=True)
    offsets = [
        int(datetime.fromtimestamp(int(hour) * _HOUR_S, UTC).astimezone(zone).utcoffset().total_seconds())
        for hour in hours
    ]
    shown = shown.copy()
    shown[known] = (seconds + np.array(offsets, np.int64)[place]).astype("datetime64[s]")
    return shown


def unit_of(first: np.datetime64, last: np.datetime64, n: int, n_wanted: int) -> Unit:
    """Days, weeks or months: as fine as the page has room for and as leaves n_wanted of the n messages to each, weeks
    rather than months."""
    n_days = int((last - first).astype(int)) + 1
    if n_days <= MAX_DAYS["day"] and n >= n_wanted * n_days:
        return "day"
    return "week" if n_days <= MAX_DAYS["week"] else "month"


def start_of(days: np.ndarray | np.datetime64, unit: Unit) -> np.ndarray:
    """The first day of each day's day, week (Monday) or month, datetime64[D]."""
    days = np.asarray(days, "datetime64[D]")
    if unit == "week":
        return days - ((days.astype(int) + 3) % 7).astype("timedelta64[D]")  # 1970-01-01 was a Thursday
    return days.astype("datetime64[M]").astype("datetime64[D]") if unit == "month" else days


def starts_between(first: np.datetime64, last: np.datetime64, unit: Unit) -> np.ndarray:
    """Every start from the one of `first` to that of `last`: a week without messages is a week too."""
    begin, end = start_of(first, unit), start_of(last, unit)
    if unit == "month":
        months = np.arange(begin.astype("datetime64[M]"), end.astype("datetime64[M]") + 1)
        return months.astype("datetime64[D]")
    return np.arange(begin, end + 1, 7 if unit == "week" else 1)


def end_of(start: np.datetime64, unit: Unit) -> np.datetime64:
    """The last day of the stretch that begins with `start`."""
    if unit == "month":
        return (start.astype("datetime64[M]") + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return start + np.timedelta64(6 if unit == "week" else 0, "D")
