"""Days that shoppers call by name; without a year the nearest one is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from assistant.characters import lowered
from assistant.entities import calendar
from assistant.entities.found import Found
from assistant.entities.lunar import LUNAR, lunar_day

_FIXED = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "三八节": (3, 8), "愚人节": (4, 1), "劳动节": (5, 1), "五一": (5, 1),
    "儿童节": (6, 1), "六一": (6, 1), "教师节": (9, 10), "国庆节": (10, 1), "国庆": (10, 1), "十一长假": (10, 1), "万圣节": (10, 31),
    "双十一": (11, 11), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12), "平安夜": (12, 24), "圣诞节": (12, 25), "圣诞": (12, 25),
    "618": (6, 18), "6.18": (6, 18), "11.11": (11, 11), "12.12": (12, 12), "new year's day": (1, 1), "new year's eve": (12, 31), "valentine's day": (2, 14), "halloween": (10, 31),
    "singles' day": (11, 11), "singles day": (11, 11), "double 11": (11, 11), "christmas eve": (12, 24), "christmas day": (12, 25),
    "christmas": (12, 25), "boxing day": (12, 26),
}  # fmt: skip
_THANKSGIVING = {"thanksgiving": 0, "感恩节": 0, "black friday": 1, "黑色星期五": 1, "黑五": 1, "cyber monday": 4}

_NAMES = sorted([*_FIXED, *_THANKSGIVING, *LUNAR], key=len, reverse=True)
_PATTERN = re.compile(
    r"(?<![a-z0-9])(?:(?P<year>去年|今年|明年|前年|20[0-9]{2}年?)的? ?)?"
    r"(?P<name>"
    + "|".join(re.escape(name) for name in _NAMES if not name[0].isdigit())
    + r"|(?:618|6\.18|11\.11|12\.12)(?=活动|大促|期间|当天|那天|买|下单|年中|促销))"
    r"(?![a-z0-9]|路|街|小区|广场|公园|学校|小学|村|建军|月饼|粽|糕|茶|上河|礼[盒品包]|汤圆|晚会|红包)",
    re.IGNORECASE,
)
_HINT = re.compile("|".join(map(re.escape, _NAMES)))
YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}


def find_festivals(text: str, today: date) -> Iterator[Found]:
    if not _HINT.search(lowered(text)):
        return
    for match in _PATTERN.finditer(text):
        name, year = match["name"].lower(), match["year"]
        if year:
            day = _in_year(name, today.year + YEARS[year] if year in YEARS else int(year[:4]))
        else:
            days = (_in_year(name, today.year + step) for step in (-1, 0, 1))
            day = min(filter(None, days), key=lambda found: abs(found - today), default=None)
        if day:
            yield Found("date", day.isoformat(), match.start(), match.end())


def _in_year(name: str, year: int) -> date | None:
    if name in LUNAR:
        return lunar_day(name, year)
    if name in _FIXED:
        return date(year, *_FIXED[name])
    first = date(year, 11, 1)
    fourth_thursday = calendar.nearest_weekday(3, first.replace(day=4)) + timedelta(weeks=3)  # the first is in 1..7
    return fourth_thursday + timedelta(_THANKSGIVING[name])
