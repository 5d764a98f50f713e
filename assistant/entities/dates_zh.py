"""Dates in Chinese, absolute and relative: 2026年11月3日, 11月3号, 昨天, 上周五, 下个月3号, 三天前.

A time of day that follows belongs to the span (今天下午三点), not to the value: a day, or YYYY-MM, YYYY-Www, YYYY where the
customer named no day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from assistant.entities import calendar
from assistant.entities.festivals import YEARS
from assistant.entities.found import Found
from assistant.entities.numerals import read_zh

_TWO = r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_TIME = (
    r"(?>(?: ?(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|晚|早))?)"
    rf"(?>(?: ?(?:[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?|(?:{_TWO}|两)(?:点钟?|时)(?:半|一刻|(?:{_TWO}|[二三四五]十[一二三四五六七八九]?)分?)?(?!天|周|月)))?)"
)
_YEAR = r"(?P<year>(?:19|20)[0-9]{2}|[0-9]{2}|[一二〇零][一二三四五六七八九〇零]{3})年|(?P<which_year>前年|去年|今年|明年|后年)的?"
_NOT_IN_NUMBER = r"(?<![0-9][至到~])(?<![0-9.A-Za-z/\-])(?<![一二三四五六七八九十第])"

_CALENDAR = re.compile(
    rf"{_NOT_IN_NUMBER}(?:{_YEAR})? ?(?P<month>{_TWO})月份?(?![龄卡饼球租费薪供子])"
    rf"(?: ?(?P<day>{_TWO})(?:[日号]|(?=[0-9]{{0}}[^0-9一二三四五六七八九十个件元块%天月年楼人份岁万千百]|$)))?{_TIME}"
)
_YEAR_ALONE = re.compile(
    rf"{_NOT_IN_NUMBER}(?:(?P<year>(?:19|20)[0-9]{{2}})年(?![前后以内])|(?P<which_year>前年|去年|今年|明年|后年))"
)
_MONTH = re.compile(rf"(?P<step>上上|上|下下|下|这|本|当)个?月(?!饼|球|亮)(?:份)?(?:的?(?P<day>{_TWO})[日号])?{_TIME}")
_STEPS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
_WEEKDAYS = {
    name: weekday for weekday, names in enumerate(["一1", "二2", "三3", "四4", "五5", "六6", "日天7"]) for name in names
}
_WEEK = "(?:周|星期|礼拜)"
_WEEKDAY = re.compile(
    rf"(?<![每一二两三四五六七八九十几0-9])(?<![周期拜][一二三四五六日天][到至~\-—])(?P<step>上上|上|下下|下|这|本)?个?{_WEEK}(?P<weekday>[一二三四五六日天1-6])"
    rf"(?!年|[至到~\-—]{_WEEK}|[大生福]){_TIME}"
)
_WEEK_ALONE = re.compile(rf"(?P<step>上上|上|下下|下|这|本)个?{_WEEK}(?![一二三四五六日天1-7末年期岁])")
_DAY_WORDS = {
    "大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "昨儿": -1, "昨晚": -1, "昨夜": -1, "今天": 0, "今日": 0, "今儿": 0,
    "今早": 0, "今晨": 0, "今晚": 0, "明天": 1, "明日": 1, "明儿": 1, "明早": 1, "明晚": 1, "后天": 2, "大后天": 3,
}  # fmt: skip
_DAY = re.compile(rf"(?<![先])(?P<word>{'|'.join(sorted(_DAY_WORDS, key=len, reverse=True))})(?!头条|之星){_TIME}")
_AGO = re.compile(
    r"(?<![0-9.\-/第前每超提])(?<![一二两三四五六七八九十])(?:(?P<number>[0-9]{1,3}|[一二两三四五六七八九十]{1,3}) ?个?(?P<half_more>半)?|(?P<half>半)个?) ?"
    rf"(?P<unit>天|日|{_WEEK}|月|年)(?:(?:之|以)?(?P<ago>前)|(?:之|以)?后)(?!的话)"
)
_ORDINAL = re.compile(
    rf"(?<![0-9A-Za-z月第\-/.])(?<![一二三四五六七八九十])(?P<day>{_TWO})号(?=之?[前后]|以[前后]|下午|上午|早|中午|晚|买|下单|拍|付|寄|发|到|收|签|就|才|那天|退|"
    rf"申请|已经|还|能|可以){_TIME}"
)


_HINT = re.compile("[年月日号天周期拜儿晚早夜晨]")


def find_zh_dates(text: str, today: date) -> Iterator[Found]:
    if not _HINT.search(text):
        return
    for mark, finder in _FINDERS:
        if mark.isdisjoint(text):
            continue
        for match, value in finder(text, today):
            if value is not None:
                yield Found("date", str(value), match.start() + _blanks(match), match.end())


_Dated = Iterator[tuple[re.Match[str], date | str | None]]


def _blanks(match: re.Match[str]) -> int:
    return len(match[0]) - len(match[0].lstrip())


def _calendar(text: str, today: date) -> _Dated:
    for match in _CALENDAR.finditer(text):
        year, month, day = _year(match, today), _number(match["month"]), _number(match["day"])
        if month is None or not 1 <= month <= 12:
            continue
        if day is None:
            yield match, f"{year}-{month:02d}" if year else calendar.nearest_month(month, today)
        else:
            yield match, calendar.exact(year, month, day) if year else calendar.nearest(month, day, today)


def _years(text: str, today: date) -> _Dated:
    for match in _YEAR_ALONE.finditer(text):
        yield match, str(_year(match, today))


def _months(text: str, today: date) -> _Dated:
    for match in _MONTH.finditer(text):
        month = calendar.shift_months(today.replace(day=1), _STEPS[match["step"]])
        day = _number(match["day"])
        yield match, f"{month:%Y-%m}" if day is None else calendar.exact(month.year, month.month, day)


def _weekdays(text: str, today: date) -> _Dated:
    for match in _WEEKDAY.finditer(text):
        weekday, step = _WEEKDAYS[match["weekday"]], match["step"]
        if step:
            yield match, calendar.weekday_of_week(weekday, _STEPS[step], today)
        else:
            yield match, calendar.nearest_weekday(weekday, today)


def _weeks(text: str, today: date) -> _Dated:
    for match in _WEEK_ALONE.finditer(text):
        yield match, calendar.week(_STEPS[match["step"]], today)


def _days(text: str, today: date) -> _Dated:
    for match in _DAY.finditer(text):
        yield match, today + timedelta(_DAY_WORDS[match["word"]])


def _ago(text: str, today: date) -> _Dated:
    for match in _AGO.finditer(text):
        number = 0.5 if match["half"] else _number(match["number"])
        if number is None:
            continue
        number = (number + 0.5 * bool(match["half_more"])) * (-1 if match["ago"] else 1)
        unit = match["unit"]
        if (unit == "月" and number % 1 == 0) or unit == "年":
            yield match, calendar.shift_months(today, int(number * (12 if unit == "年" else 1)))
        else:
            yield match, today + timedelta(days=int(number * {"天": 1, "日": 1, "月": 30}.get(unit, 7)))


def _ordinals(text: str, today: date) -> _Dated:
    for match in _ORDINAL.finditer(text):
        day = _number(match["day"])
        yield match, calendar.nearest_day_of_month(day, today) if day else None


def _year(match: re.Match[str], today: date) -> int | None:
    if match["which_year"]:
        return today.year + YEARS[match["which_year"]]
    year = _number(match["year"])
    return year + 2000 if year is not None and year < 100 else year


# one of these characters is in every date that the finder finds
_FINDERS = tuple(
    (frozenset(mark), finder)
    for mark, finder in (
        ("月", _calendar), ("年", _years), ("月", _months), ("周期拜", _weekdays), ("周期拜", _weeks), ("天日儿晚早夜晨", _days),
        ("前后", _ago), ("号", _ordinals),
    )
)  # fmt: skip


def _number(numeral: str | None) -> int | None:
    if numeral is None:
        return None
    return int(numeral) if numeral.isdigit() and numeral.isascii() else read_zh(numeral)
