"""Festivals of the lunar calendar, and 清明, by year: the calendar follows the moon and the sun, so its days are looked up.

The days are those of the Purple Mountain Observatory's calendar (GB/T 33661-2017), written out for 2020 to 2035.
"""

from __future__ import annotations

from datetime import date, timedelta

_COLUMNS = ("spring", "qingming", "dragon_boat", "qixi", "ghost", "mid_autumn", "double_ninth")
_DAYS = {
    2020: "01-25 04-04 06-25 08-25 09-02 10-01 10-25", 2021: "02-12 04-04 06-14 08-14 08-22 09-21 10-14",
    2022: "02-01 04-05 06-03 08-04 08-12 09-10 10-04", 2023: "01-22 04-05 06-22 08-22 08-30 09-29 10-23",
    2024: "02-10 04-04 06-10 08-10 08-18 09-17 10-11", 2025: "01-29 04-04 05-31 08-29 09-06 10-06 10-29",
    2026: "02-17 04-05 06-19 08-19 08-27 09-25 10-18", 2027: "02-06 04-05 06-09 08-08 08-16 09-15 10-08",
    2028: "01-26 04-04 05-28 08-26 09-03 10-03 10-26", 2029: "02-13 04-04 06-16 08-16 08-24 09-22 10-16",
    2030: "02-03 04-05 06-05 08-05 08-13 09-12 10-05", 2031: "01-23 04-05 06-24 08-24 09-01 10-01 10-24",
    2032: "02-11 04-04 06-12 08-12 08-20 09-19 10-12", 2033: "01-31 04-04 06-01 08-01 08-09 09-08 10-01",
    2034: "02-19 04-05 06-20 08-20 08-28 09-27 10-20", 2035: "02-08 04-05 06-10 08-10 08-18 09-16 10-09",
}  # fmt: skip
# name -> column, and days after it
LUNAR = {
    "春节": ("spring", 0), "大年初一": ("spring", 0), "正月初一": ("spring", 0), "农历新年": ("spring", 0), "过年": ("spring", 0),
    "除夕": ("spring", -1), "大年三十": ("spring", -1), "年三十": ("spring", -1), "大年夜": ("spring", -1),
    "元宵节": ("spring", 14), "正月十五": ("spring", 14),
    "清明节": ("qingming", 0), "清明": ("qingming", 0), "端午节": ("dragon_boat", 0), "端午": ("dragon_boat", 0),
    "七夕节": ("qixi", 0), "七夕": ("qixi", 0), "中元节": ("ghost", 0), "中秋节": ("mid_autumn", 0), "中秋": ("mid_autumn", 0),
    "重阳节": ("double_ninth", 0), "重阳": ("double_ninth", 0),
    "chinese new year": ("spring", 0), "lunar new year": ("spring", 0), "spring festival": ("spring", 0),
    "lantern festival": ("spring", 14), "qingming festival": ("qingming", 0), "tomb sweeping day": ("qingming", 0),
    "tomb-sweeping day": ("qingming", 0), "dragon boat festival": ("dragon_boat", 0), "qixi festival": ("qixi", 0),
    "mid-autumn festival": ("mid_autumn", 0), "mid autumn festival": ("mid_autumn", 0), "double ninth festival": ("double_ninth", 0),
}  # fmt: skip


def lunar_day(name: str, year: int) -> date | None:
    """The day of a festival of LUNAR in a year of our calendar; None outside 2020 to 2035."""
    if year not in _DAYS:
        return None
    column, later = LUNAR[name]
    month_day = _DAYS[year].split()[_COLUMNS.index(column)]
    return date.fromisoformat(f"{year}-{month_day}") + timedelta(later)
