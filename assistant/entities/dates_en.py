"""Dates in English and in digits, absolute and relative: Nov 3rd, 11/3, 2026-11-03, yesterday, last Friday, two days ago."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from assistant.characters import lowered
from assistant.entities import calendar
from assistant.entities.found import Found
from assistant.entities.numerals import EN_SMALL

_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAYS = {name: number for number, name in enumerate("mon tue wed thu fri sat sun".split())}
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_SHORT_WEEKDAY = r"(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)"
_START, _END = r"(?<![A-Za-z0-9/])", r"(?![A-Za-z0-9/])"
_HOUR = r"[0-9]{1,2}(?::[0-9]{2})?(?: ?[ap]\.?m\b\.?)"
_TIME = rf"(?>(?:,? (?:at )?(?:{_HOUR}|[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)|,? (?:at )(?:noon|midnight)| (?:morning|afternoon|evening|night))?)"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:(?:,? ?|,? of )(?P<year>(?:19|20)[0-9]{2}))?"


def _pattern(body: str) -> re.Pattern[str]:
    return re.compile(rf"{_START}{body}{_TIME}{_END}", re.IGNORECASE)


_ISO = re.compile(
    r"(?<![0-9A-Za-z./\-])(?P<year>(?:19|20)[0-9]{2})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})"
    r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?(?![0-9A-Za-z/\-]|\.[0-9])"
)
_SLASHED = re.compile(
    r"(?<![0-9A-Za-z./\-:])(?P<a>[0-9]{1,2})/(?P<b>[0-9]{1,2})(?:/(?P<year>(?:20)?[0-9]{2}))?(?![0-9A-Za-z/%\-:]|\.[0-9]| ?(?:的|stars?|of|cup|off|分))"
)
_CUE = re.compile(
    r"(?:\b(?:on|by|since|before|after|until|from|dated?|ordered|delivered|bought|due)|[在于到从自号期是]) ?$",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?<![0-9A-Za-z.])(?P<month>[0-9]{1,2})\.(?P<day>[0-9]{1,2})[号日]")
_MONTH_DAY = _pattern(rf"{_MONTH}\.? (?:the )?{_DAY}{_YEAR}")
_DAY_MONTH = _pattern(rf"(?:the )?{_DAY} (?:of )?{_MONTH}\.?{_YEAR}")
_MONTH_YEAR = _pattern(rf"{_MONTH}\.?,? (?:of )?(?P<year>(?:19|20)[0-9]{{2}})")
_ORDINAL = re.compile(
    rf"(?<=\b(?:on|by) the )(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th){_END}(?! (?:of|each|every|floor|day|time|order|item|line|page))",
    re.IGNORECASE,
)
_WORDS = {
    "the day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0, "tonight": 0, "this morning": 0,
    "this afternoon": 0, "this evening": 0, "tomorrow": 1, "the day after tomorrow": 2,
}  # fmt: skip
_WORD = _pattern(rf"(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))})")
_NAMED = _pattern(rf"(?:(?P<which>last|this past|past|this|this coming|next) (?P<name>{_WEEKDAY}|{_SHORT_WEEKDAY})\.?)")
_PLAIN = _pattern(
    rf"(?<!black )(?<!cyber )(?<!every )(?<!each )(?P<name>{_WEEKDAY}|(?<=\bon ){_SHORT_WEEKDAY}|(?<=\bsince ){_SHORT_WEEKDAY})"
)
_AGO = _pattern(
    rf"(?P<number>[0-9]{{1,3}}|{'|'.join(sorted(list(EN_SMALL)[1:], key=len, reverse=True))}|a couple of|couple of) "
    r"(?P<unit>day|week|month|year)s? (?P<ago>ago|back|from now|from today)"
)
_SPAN = _pattern(r"(?P<which>last|this|next) (?P<unit>week|month|year)")
_STEPS = {"last": -1, "this": 0, "next": 1}


_DIGIT = re.compile("[0-9]")
# one of these is in every date in words
_HINT = re.compile(
    "jan|feb|ma[ry]|apr|ju[nl]|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|day|night|morning|noon|evening|tomorrow|week|year"
    "|the [0-9]"
)


def find_en_dates(text: str, today: date) -> Iterator[Found]:
    in_digits = (_numeric,) if _DIGIT.search(text) else ()
    in_words = (_months, _ordinals, _words, _weekdays, _ago, _spans) if _HINT.search(lowered(text)) else ()
    for finder in (*in_digits, *in_words):
        for match, value in finder(text, today):
            if value is not None:
                yield Found("date", str(value), match.start(), match.end())


_Dated = Iterator[tuple[re.Match[str], date | str | None]]


def _numeric(text: str, today: date) -> _Dated:
    for match in _ISO.finditer(text):
        yield match, calendar.exact(int(match["year"]), int(match["month"]), int(match["day"]))
    for match in _DOTTED.finditer(text):
        yield match, calendar.nearest(int(match["month"]), int(match["day"]), today)
    for match in _SLASHED.finditer(text):
        a, b, year = int(match["a"]), int(match["b"]), match["year"]
        month, day = (b, a) if a > 12 else (a, b)  # month first, unless it can be none
        if year:
            yield match, calendar.exact(int(year) % 100 + 2000, month, day)
        elif (a <= 12 and (b not in (2, 3, 4, 5, 10) or a > b)) or _CUE.search(
            text[: match.start()]
        ):  # 1/2, 3/4, 9/10 are fractions
            yield match, calendar.nearest(month, day, today)


def _months(text: str, today: date) -> _Dated:
    for pattern in (_MONTH_DAY, _DAY_MONTH):
        for match in pattern.finditer(text):
            month, day = _MONTHS[match["month"][:3].lower()], int(match["day"])
            year = match["year"]
            yield match, calendar.exact(int(year), month, day) if year else calendar.nearest(month, day, today)
    for match in _MONTH_YEAR.finditer(text):
        yield match, f"{match['year']}-{_MONTHS[match['month'][:3].lower()]:02d}"


def _ordinals(text: str, today: date) -> _Dated:
    for match in _ORDINAL.finditer(text):
        yield match, calendar.nearest_day_of_month(int(match["day"]), today)


def _words(text: str, today: date) -> _Dated:
    for match in _WORD.finditer(text):
        yield match, today + timedelta(_WORDS[match["word"].lower()])


def _weekdays(text: str, today: date) -> _Dated:
    for match in _NAMED.finditer(text):
        weekday, which = _WEEKDAYS[match["name"][:3].lower()], match["which"].lower()
        if which == "next":
            yield match, calendar.weekday_of_week(weekday, 1, today)
        elif which.startswith("this") and "past" not in which:
            yield match, today + timedelta((weekday - today.weekday()) % 7)
        else:
            yield match, today - timedelta((today.weekday() - weekday - 1) % 7 + 1)  # the latest before today
    for match in _PLAIN.finditer(text):
        yield match, calendar.nearest_weekday(_WEEKDAYS[match["name"][:3].lower()], today)


def _ago(text: str, today: date) -> _Dated:
    for match in _AGO.finditer(text):
        words, unit = match["number"].lower(), match["unit"].lower()
        number = int(words) if words.isdigit() else EN_SMALL.get(words, 2)  # a couple of
        number *= -1 if match["ago"].lower() in ("ago", "back") else 1
        if unit in ("month", "year"):
            yield match, calendar.shift_months(today, number * (12 if unit == "year" else 1))
        else:
            yield match, today + timedelta(days=number * (7 if unit == "week" else 1))


def _spans(text: str, today: date) -> _Dated:
    for match in _SPAN.finditer(text):
        step, unit = _STEPS[match["which"].lower()], match["unit"].lower()
        if unit == "week":
            yield match, calendar.week(step, today)
        elif unit == "month":
            yield match, f"{calendar.shift_months(today, step):%Y-%m}"
        else:
            yield match, str(today.year + step)
