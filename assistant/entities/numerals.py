"""Numbers written in words: 三百二十五, 两万五, twenty, a hundred."""

from __future__ import annotations

from decimal import Decimal

ZH_NUMERAL = "[零〇一二两三四五六七八九十百千万亿]"
_ZH_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_ZH_UNITS = {"十": 10, "百": 100, "千": 1000}
_ZH_MYRIADS = {"万": 10_000, "亿": 100_000_000}

EN_SMALL = {
    word: number
    for number, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
            " seventeen eighteen nineteen"
        ).split()
    )
} | {"a": 1, "an": 1}
_EN_TENS = {
    word: 10 * tens
    for tens, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
EN_NUMBERS = EN_SMALL | _EN_TENS
EN_NUMERAL = (
    rf"(?:{'|'.join([*_EN_TENS, *sorted(EN_SMALL, key=len, reverse=True)])})"
    rf"(?:[ -](?:{'|'.join([*list(EN_SMALL)[1:20], *_EN_TENS, 'hundred', 'thousand', 'and'])})){{0,6}}"
)


def read_zh(numeral: str) -> int | None:
    """The value of a Chinese numeral; None when it is not one number (两三, 十十). A last bare digit counts tenths of
    the unit before it: 一千二 is 1200, 两万五 is 25000."""
    if all(c in _ZH_DIGITS for c in numeral):
        return int("".join(str(_ZH_DIGITS[c]) for c in numeral)) if _is_plain(numeral) else None
    total = section = 0
    digit: int | None = None
    unit = 10_000_000_000  # the unit read last: each must be smaller than the one before
    zero = False
    for character in numeral:
        if character in _ZH_DIGITS:
            if digit:
                return None
            digit = _ZH_DIGITS[character]
            zero = zero or digit == 0
        elif character in _ZH_UNITS:
            if _ZH_UNITS[character] >= unit or (digit is None and (character != "十" or section)):
                return None
            unit, zero = _ZH_UNITS[character], False
            section += (1 if digit is None else digit) * unit
            digit = None
        else:
            if not section and not digit:
                return None
            total = (total + section + (digit or 0)) * _ZH_MYRIADS[character]
            section, digit, zero, unit = 0, None, False, _ZH_MYRIADS[character]
    if digit and not zero and unit in (100, 1000, 10_000):
        digit *= unit // 10
    return total + section + (digit or 0)


def _is_plain(digits: str) -> bool:
    """One digit alone, or a number read digit by digit (二〇二六); 两三 and 七八 are guesses at a number."""
    return len(digits) == 1 or len(digits) == 4


def read_en(words: str) -> Decimal | None:
    """The value of an English numeral below a million; None when the words make no number."""
    total = current = 0
    for word in words.lower().replace("-", " ").split():
        if word in EN_NUMBERS:
            current += EN_NUMBERS[word]
        elif word == "hundred" and current:
            current *= 100
        elif word == "thousand" and current:
            total, current = total + current * 1000, 0
        elif word != "and":
            return None
    return Decimal(total + current)
