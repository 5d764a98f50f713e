"""Amounts of money: ¥99, 99元, 三百块, 9块9, $20, 20 bucks. The value is `number CURRENCY` (ISO 4217): 99.5 CNY."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.characters import lowered
from assistant.entities.found import Found
from assistant.entities.numerals import EN_NUMERAL, ZH_NUMERAL, read_en, read_zh

DIGITS = r"[0-9]{1,3}(?>(?:,[0-9]{3})+)(?>(?:\.[0-9]{1,2})?)|[0-9]{1,12}(?>(?:\.[0-9]{1,4})?)"
_NUMBER = rf"(?P<number>(?:{DIGITS})(?P<scale> ?(?:[万千百]|k(?![a-z])|w(?![a-z])))?)"
_START, _END = r"(?<![0-9A-Za-z./])(?<![0-9],)", r"(?![0-9A-Za-z])"

SIGNS = {
    "¥": "CNY", "rmb": "CNY", "cny": "CNY", "us$": "USD", "$": "USD", "usd": "USD", "hk$": "HKD", "hkd": "HKD", "€": "EUR",
    "eur": "EUR", "£": "GBP", "gbp": "GBP", "人民币": "CNY", "港币": "HKD", "jpy": "JPY",
}  # fmt: skip
UNITS = SIGNS | {
    "元": "CNY", "块": "CNY", "圆": "CNY", "yuan": "CNY", "kuai": "CNY", "美元": "USD", "美金": "USD", "美刀": "USD", "刀": "USD",
    "dollar": "USD", "buck": "USD", "港元": "HKD", "欧元": "EUR", "euro": "EUR", "英镑": "GBP", "pound": "GBP",
    "quid": "GBP", "日元": "JPY", "韩元": "KRW",
}  # fmt: skip
# 三块电池, 两块蛋糕: 块 counts things as well as money
_PIECES = (
    "电池|手表|腕表|表|蛋糕|布|肥皂|香皂|皂|硬盘|板|屏|玻璃|砖|瓷砖|糖|巧克力|肉|饼|石|木|地毯|地|毛巾|豆腐|显示|主板|内存|积木|拼图|奶酪"
    "|披萨|面包|滑板|牌|区|充电|电路|移动|墙|垫|桌布|面料|冰|海绵|铁|金|银|玉|膜|泥|抹布|桌|橡皮|比萨|牛排|排骨|姜|西瓜"
)
ZH_UNIT = (
    rf"(?P<unit>人民币|美元|美金|美刀|港币|港元|欧元|英镑|日元|韩元|元(?![素件宵旦锂论化一二次组年宇])|圆(?=整|[,。，!?]|$)"
    rf"|块(?!{_PIECES})|刀(?![具片架鞘子]))"
)
EN_UNITS = "dollar|buck|euro|pound|yuan|kuai|quid|rmb|cny|usd|eur|gbp|hkd|€|£"
SIGN = r"(?<![0-9A-Za-z])(?P<sign>¥|us\$|hk\$|\$|€|£|人民币|港币|(?:rmb|cny|usd|eur|gbp|hkd|jpy)(?![a-z]))"
_SIGNED = re.compile(
    rf"{SIGN} ?{_NUMBER}"
    r"(?![0-9]|\.[0-9])(?: ?(?:元|rmb|cny|usd|yuan|块钱?)(?![a-z]))?",
    re.IGNORECASE,
)
_FRACTION = r"(?:(?P<tenths>[0-9]|[一二两三四五六七八九])(?![0-9万千百十个件分折天月年号次块元位斤条双盒瓶袋张杯台只套层楼%小周日期.:])(?:[毛角](?:(?P<cents>[0-9])分)?)?)?"
_ZH_DIGITS = re.compile(rf"{_START}{_NUMBER} ?{ZH_UNIT}{_FRACTION}(?:钱|整)?", re.IGNORECASE)
_ZH_WORDS = re.compile(
    rf"(?<!{ZH_NUMERAL})(?<![第点.0-9])(?P<number>{ZH_NUMERAL}{{1,10}}){ZH_UNIT}{_FRACTION}(?P<money>钱|整)?"
)
_SMALL = re.compile(
    rf"{_START}(?:(?P<number>[0-9]{{1,2}})|(?<!{ZH_NUMERAL})(?P<word>{ZH_NUMERAL}))[毛角](?P<money>钱)?"
)
_EN = re.compile(
    rf"{_START}(?:{_NUMBER}|(?P<words>\b{EN_NUMERAL})) ?(?P<unit>{EN_UNITS})s?{_END}",
    re.IGNORECASE,
)
_CENTS = re.compile(rf"{_START}(?P<number>[0-9]{{1,2}}) cents?{_END}", re.IGNORECASE)
# every amount names its money by one of these
_HINT = re.compile(rf"[¥$€£元圆块刀毛角币金镑]|{EN_UNITS}|jpy|cent")


def names_money(text: str) -> bool:
    return _HINT.search(lowered(text)) is not None


def find_amounts(text: str) -> Iterator[Found]:
    for match in _SIGNED.finditer(text):
        yield _found(match, read_digits(match["number"]), SIGNS[match["sign"].lower()])
    for match in _ZH_DIGITS.finditer(text):
        yield _found(match, read_digits(match["number"]) + _read_fraction(match), UNITS[match["unit"]])
    for match in _ZH_WORDS.finditer(text):
        whole = read_zh(match["number"])
        together = (
            match["number"] == "一" and match["unit"] == "块" and not (match["tenths"] or match["money"])
        )  # 一块去
        if whole is not None and not together:
            yield _found(match, Decimal(whole) + _read_fraction(match), UNITS[match["unit"]])
    for match in _SMALL.finditer(text):
        if match["money"] or (match["number"] and match[0].endswith("毛")):  # 八角 is a spice, 三毛 a name
            tenths = match["number"] or read_zh(match["word"]) or 0
            yield _found(match, Decimal(tenths) / 10, "CNY")
    for match in _EN.finditer(text):
        value = read_digits(match["number"]) if match["number"] else read_en(match["words"])
        if value is not None:
            yield _found(match, value, UNITS[match["unit"].lower()])
    for match in _CENTS.finditer(text):
        yield _found(match, Decimal(match["number"]) / 100, "USD")


def _found(match: re.Match[str], value: Decimal, currency: str) -> Found:
    number = format(value.normalize(), "f")
    return Found("amount", f"{number} {currency}", match.start(), match.end())


def read_digits(number: str) -> Decimal:
    scales = {"万": 10_000, "w": 10_000, "千": 1000, "k": 1000, "百": 100}
    scale = scales.get(number[-1].lower())
    digits = number[:-1] if scale else number
    return Decimal(digits.replace(",", "").strip()) * (scale or 1)


def _read_fraction(match: re.Match[str]) -> Decimal:
    """9块9 is 9.9, 3元5角2分 is 3.52."""
    tenths = match["tenths"]
    if not tenths:
        return Decimal(0)
    return Decimal(int(tenths) if tenths.isdigit() else read_zh(tenths) or 0) / 10 + Decimal(match["cents"] or 0) / 100
