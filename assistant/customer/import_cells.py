"""What the cells of a shop's export mean: days, money, quantities, and whether an order came to be.

Each reader takes the text of a cell and raises Unusable with the reason why its row cannot be taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum
from typing import Literal
from zoneinfo import ZoneInfo

DateOrder = Literal["dmy", "mdy"]
EPOCH = date(1970, 1, 1)
_KEPT = 100_000  # dates remembered: most exports are sorted, and whole orders share one
_WRITTEN = re.compile(
    r"(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?(?:[ T]*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp][Mm])?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"-?\d{1,3}(\.\d{3})*,\d{1,2}")
_SYMBOLS = {
    "¥": "CNY",
    "￥": "CNY",
    "元": "CNY",
    "RMB": "CNY",
    "HK$": "HKD",
    "US$": "USD",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
}


class Unusable(Exception):
    """Why a row cannot be taken."""


class State(IntEnum):
    SALE = 0
    RETURN = 1  # a line of its own, of goods that came back
    CANCELLED = 2  # it never came to be: no sale, and no return either
    SENT_BACK = 3  # the line of a sale whose order says by now that it came back


_TRUE = frozenset("true 1 yes y 是".split())
_CANCELLED = frozenset("cancelled canceled cancel 已取消 取消 交易关闭 已关闭".split())
_RETURNED = frozenset("returned return refunded refund 已退货 退货 已退款 退款 退款成功 退货退款".split())


def state_of(status: str, cancelled: str) -> State:
    """By the word of the order's status, and by a flag of its own where a file has one (yes, 1, true, 是)."""
    word = status.strip().lower()
    if cancelled.strip().lower() in _TRUE:
        return State.CANCELLED
    return State.CANCELLED if word in _CANCELLED else State.SENT_BACK if word in _RETURNED else State.SALE


class Days:
    """Cells to days since 1970 in the shop's time zone. Times without a zone are in the zone of the file."""

    def __init__(self, file_zone: ZoneInfo, shop_zone: ZoneInfo, order: DateOrder | None, today: date):
        self._file_zone, self._shop_zone, self._order = file_zone, shop_zone, order
        self._last = (today - EPOCH).days + 1  # the day may have begun already where the file was written
        self._known: dict[str, int] = {}

    def __call__(self, cell: str) -> int:
        day = self._known.get(cell)
        if day is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            day = self._known[cell] = self._read(cell)
        return day

    def _read(self, cell: str) -> int:
        at = instant(cell, self._order)
        if isinstance(at, datetime):
            at = at.replace(tzinfo=self._file_zone) if at.tzinfo is None else at
            at = at.astimezone(self._shop_zone).date()
        day = (at - EPOCH).days
        if day > self._last:
            raise Unusable(f"the date {cell!r} lies in the future")
        return day


def date_order(cells: Iterable[str]) -> DateOrder | None:
    """Whether dates such as 3/12/2026 begin with the day or the month: told by a part above 12; None when none is, or
    when some begin with the day and some with the month."""
    found = {mark.groups()[:3] for cell in cells if (mark := _WRITTEN.match(cell.strip()))}
    told = {_told(int(first), int(second)) for first, second, last in found if len(last) == 4} - {None}
    return told.pop() if len(told) == 1 else None


def _told(first: int, second: int) -> DateOrder | None:
    return "dmy" if first > 12 else "mdy" if second > 12 else None


def instant(cell: str, order: DateOrder | None) -> date | datetime:
    """A day, or an instant, aware where the cell names a zone. Raises Unusable, for 3/4/2026 too while `order` is None."""
    text = cell.strip()
    if not text:
        raise Unusable("the date is empty")
    try:
        if text.isdigit() and len(text) in (10, 13):  # Unix seconds or milliseconds
            return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
        if len(text) >= 8 and text[:4].isdigit() and (len(text) == 8 or text[4] == "-"):
            return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        pass  # 2026-1-5 is no ISO date, but one that people write
    return _written(text, order)


def _written(text: str, order: DateOrder | None) -> date | datetime:
    mark = _WRITTEN.fullmatch(text)
    if mark is None:
        raise Unusable(f"the date {text!r} is of no known form; expected such as 2026-03-01 14:30")
    first, second, third, hour, minute, seconds, half, zone = mark.groups()
    year, month, day = (first, second, third) if len(first) == 4 else (third, second, first)
    if len(first) < 4 and order is None:
        order = _told(int(first), int(second))
    if len(first) < 4 and len(third) == 4 and order is None and int(first) != int(second):
        raise Unusable(f"the date {text!r} may begin with the day or the month; say which: --dates dmy or mdy")
    if len(first) < 4 and order == "mdy":
        month, day = first, second
    try:
        if len(year) != 4:
            raise ValueError("the year needs four digits")
        if hour is None:
            return date(int(year), int(month), int(day))
        hours = int(hour) % 12 + 12 * (half.lower() == "pm") if half else int(hour)
        at = datetime(int(year), int(month), int(day), hours, int(minute), int(seconds or 0))  # noqa: DTZ001 (below)
        return at.replace(tzinfo=_offset(zone)) if zone else at
    except ValueError as error:
        raise Unusable(f"the date {text!r} is none ({error})") from error


def _offset(zone: str) -> timezone:
    if zone == "Z":
        return UTC
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return timezone(-ahead if zone[0] == "-" else ahead)


def number(cell: str, what: str) -> float:
    """1234.5, 1,234.50, 1.234,50 or (12.00), which is -12; refuses what is not finite."""
    try:
        value = float(cell)
    except ValueError:
        value = _formatted(cell, what)
    if not -1e12 < value < 1e12:  # NaN too
        raise Unusable(f"the {what} {cell!r} is no amount")
    return value


def money(cell: str, what: str, currency: str, rates: Mapping[str, float]) -> tuple[float, float]:
    """The amount as written, and what a unit of it costs in CNY. A symbol in the cell outweighs `currency`."""
    for symbol, named in _SYMBOLS.items():
        if symbol in cell:
            cell, currency = cell.replace(symbol, ""), named
            break
    rate = rates.get(currency)
    if rate is None:
        raise Unusable(f"the currency {currency!r} has no rate; give one: --rate {currency or 'EUR'}=7.8")
    return number(cell, what), rate


def _formatted(cell: str, what: str) -> float:
    text = cell.strip().replace(" ", "").replace("\u00a0", "")
    if not text:
        raise Unusable(f"the {what} is empty")
    if text[0] == "(" and text[-1] == ")":
        return -number(text[1:-1], what)
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    if _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    try:
        return float(text)
    except ValueError:
        raise Unusable(f"the {what} {cell!r} is no number") from None
