"""Amounts from one to another: 300-400元, 三百到五百块, $20-30, between 20 and 30 dollars. The value is `300-400 CNY`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.entities.amounts import DIGITS, EN_UNITS, SIGN, SIGNS, UNITS, ZH_UNIT, read_digits
from assistant.entities.found import Found
from assistant.entities.numerals import EN_NUMERAL, ZH_NUMERAL, read_en, read_zh

_SCALE = r" ?(?:[万千百](?!分)|k(?![a-z])|w(?![a-z]))"
_NUMBER = rf"(?:(?:{DIGITS})(?:{_SCALE})?|{ZH_NUMERAL}{{1,10}})"
_START = rf"(?<![0-9A-Za-z./\-])(?<![0-9],)(?<!{ZH_NUMERAL})(?<!第)"
_TO = r"(?: ?[-~–—至到] ?| to )"
_SAME = r"(?: ?(?:人民币|元|圆|块钱?|美元|美金|刀|港币|港元|欧元|英镑|日元))?"
_EN_NUMBER = rf"(?:(?:{DIGITS})(?: ?k(?![a-z]))?|\b{EN_NUMERAL})"
_EN_UNIT = rf"(?P<unit>{EN_UNITS})s?(?![0-9A-Za-z])"
_EN_SAME = rf"(?: ?(?:{EN_UNITS})s?)?"

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_START}(?P<low>{_NUMBER}){_SAME}{_TO}(?P<high>{_NUMBER}) ?{ZH_UNIT}(?:钱|整)?",
        rf"{SIGN} ?(?P<low>{DIGITS}k?){_TO}(?:(?P=sign) ?)?(?P<high>{DIGITS}k?)(?![0-9A-Za-z%]|\.[0-9])(?: ?(?:元|块钱?))?",
        rf"(?<=between )(?:{SIGN} ?)?(?P<low>{_EN_NUMBER}){_EN_SAME} and (?:(?P=sign) ?)?(?P<high>{_EN_NUMBER})(?: ?{_EN_UNIT})?",
        rf"{_START}(?P<low>{_EN_NUMBER}){_EN_SAME}{_TO}(?P<high>{_EN_NUMBER}) ?{_EN_UNIT}",
    )
)
_HINT = re.compile("[-~–—至到]| to | and ", re.IGNORECASE)  # most messages name no range, and are spared the patterns


def find_amount_ranges(text: str) -> Iterator[Found]:
    if not _HINT.search(text):
        return
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            said = match.groupdict()
            sign, unit = (said.get("sign") or "").lower(), (said.get("unit") or "").lower()
            low, high = _low_and_high(match["low"], match["high"])
            if (sign or unit) and low is not None and high is not None and low < high:
                value = f"{low.normalize():f}-{high.normalize():f} {UNITS[unit] if unit else SIGNS[sign]}"
                yield Found("amount", value, match.start("sign") if sign else match.start("low"), match.end())


def _low_and_high(low: str, high: str) -> tuple[Decimal | None, Decimal | None]:
    """3-5万 means 30,000 to 50,000: a scale that stands once is said of both."""
    if high[-1].lower() in "万千百kw" and low[-1].isdigit():
        low += high[-1]
    return _read(low), _read(high)


def _read(number: str) -> Decimal | None:
    if number[0].isdigit() and number[0].isascii():
        return read_digits(number)
    value = read_zh(number)
    value = read_en(number) if value is None else value
    return None if value is None else Decimal(value)
