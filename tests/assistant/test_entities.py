import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.entities import ENTITY_TYPES, EntityExtractor, EntityRules
from assistant.entities.checks import is_id_card, is_luhn, is_s10
from assistant.entities.lunar import lunar_day
from assistant.entities.numerals import read_en, read_zh
from assistant.errors import InputError

SUNDAY_NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)  # 12:00 in Shanghai
MARK = re.compile(r"\[([^\[\]]+)\]\((\w+)=([^()]*)\)")
EXTRACTOR = EntityExtractor()


def _cases():
    for line in Path(__file__).with_name("entities_cases.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield pytest.param(line, id=MARK.sub(r"\1", line)[:30])


@pytest.mark.parametrize("line", list(_cases()))
def test_a_message_yields_the_entities_marked_in_it_and_no_others(line):
    text = MARK.sub(r"\1", line)
    marked = [(kind, value, typed) for typed, kind, value in MARK.findall(line)]
    found = EXTRACTOR.extract(text, SUNDAY_NOON)
    assert [(entity.type, entity.value, text[entity.start : entity.end]) for entity in found] == marked


def values(text, at=SUNDAY_NOON, rules=None):
    return [entity.value for entity in EntityExtractor(rules or EntityRules()).extract(text, at)]


def test_relative_dates_count_from_the_day_in_the_owners_time_zone():
    late = datetime(2026, 11, 22, 17, tzinfo=UTC)  # already Monday in Shanghai, still Sunday in Berlin
    assert values("昨天", late) == ["2026-11-22"]
    assert values("昨天", late, EntityRules(time_zone="Europe/Berlin")) == ["2026-11-21"]


def test_order_formats_are_the_owners():
    rules = EntityRules(order_formats=("M@#{6,8}", "2026-#{4}"))
    assert values("MX123456 mx12345678 2026-0042", rules=rules) == ["MX123456", "MX12345678", "20260042"]
    assert values("QH12345678901", rules=rules) == []


@pytest.mark.parametrize("template", ["", "QH#{11", "QH(#+)+", "#{5,2}", "订单#"])
def test_an_order_format_that_is_no_template_is_refused(template):
    with pytest.raises(InputError, match="order format"):
        EntityExtractor(EntityRules(order_formats=(template,)))


def test_an_unknown_time_zone_and_a_naive_instant_are_refused():
    with pytest.raises(InputError, match="Mars/Olympus"):
        EntityExtractor(EntityRules(time_zone="Mars/Olympus"))
    with pytest.raises(InputError, match="time zone"):
        EXTRACTOR.extract("昨天", datetime(2026, 11, 22))


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    st.text(alphabet="0123456789 -+年月日号元块QHSF路区", max_size=60),
)
def test_any_text_yields_ordered_spans_of_known_types(words, codes):
    text = words + codes
    end = 0
    for entity in EXTRACTOR.extract(text, SUNDAY_NOON):
        assert entity.type in ENTITY_TYPES and entity.value
        assert end <= entity.start < entity.end <= len(text)
        end = entity.end


@given(st.text(alphabet="甲乙丙丁，。 ", max_size=10), st.text(alphabet="甲乙丙丁，。 ", max_size=10))
def test_a_number_is_found_wherever_it_stands_between_han_characters(before, after):
    assert [(e.type, e.value) for e in EXTRACTOR.extract(f"{before}13800138000{after}", SUNDAY_NOON)] == [
        ("phone", "13800138000")
    ]


@given(st.integers(1, 99_999_999))
def test_chinese_numerals_are_read_back(number):
    assert read_zh(spell_zh(number)) == number


def spell_zh(number):
    """The numeral of the grammar books, in full: 10 is 一十."""
    if number >= 10_000:
        rest = number % 10_000
        return spell_zh(number // 10_000) + "万" + (("零" if rest < 1000 else "") + spell_zh(rest) if rest else "")
    numeral, zero = "", False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = number // size % 10
        if digit:
            numeral += ("零" if zero and numeral else "") + "零一二三四五六七八九"[digit] + unit
        zero = digit == 0
    return numeral


def test_numerals_in_words():
    assert [read_zh(n) for n in ("十二", "一千二", "两万五", "一百零五", "二〇二六", "两三", "十十", "万")] == [
        *(12, 1200, 25000, 105, 2026, None, None, None),
    ]
    assert [read_en(n) for n in ("twenty-five", "two hundred and five", "a thousand", "and then")] == [
        25,
        205,
        1000,
        None,
    ]


@pytest.mark.parametrize(
    ("is_whole", "code"),
    [
        (is_id_card, "11010519491231002X"),
        (is_luhn, "4111111111111111"),
        (is_s10, "EE123456785CN"),
        (is_s10, "RA473124829US"),
    ],
)
def test_a_published_number_is_whole_and_no_other_check_digit_fits_it(is_whole, code):
    place = 10 if is_whole is is_s10 else len(code) - 1
    codes = [code[:place] + digit + code[place + 1 :] for digit in "0123456789"]
    assert [c for c in [*codes, code] if is_whole(c)] in ([code], [code, code])


@pytest.mark.parametrize(
    "attack",
    ["1", "1 ", "一", "路区", "a@", "a.", "-1", "浙江省", "12 Ab ", "1/", "62 22 ", "order no. ", "QH1234 ", "两", "二十 ", "twenty ", "11月"],
)  # fmt: skip
def test_a_number_behind_five_thousand_hostile_characters_is_still_found(attack):
    text = attack * (5000 // len(attack)) + "，电话13800138000"
    assert EXTRACTOR.extract(text, SUNDAY_NOON)[-1].value == "13800138000"


def test_the_demo_evaluation_table_is_well_formed():
    table = Path(__file__).parents[2] / "configs" / "demo" / "entities_eval.tsv"
    rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(rows) >= 150
    for text, marked in rows:
        for entity in json.loads(marked):
            assert entity["type"] in ENTITY_TYPES and text[entity["start"] : entity["end"]].strip()


def test_lunar_festivals_lie_where_the_moon_is():
    """New moon at 春节, a fortnight after it 元宵 and full moon at 中秋; 2033 is the year that simple rules get wrong."""
    new_moon, month = date(2000, 1, 6), 29.530588
    for year in range(2020, 2036):
        for name, age in {"春节": 0, "元宵节": 14, "端午": 4, "七夕": 6, "中元节": 14, "中秋": 14, "重阳": 8}.items():
            days = (lunar_day(name, year) - new_moon).days % month
            assert min(abs(days - age), month - abs(days - age)) < 1.6, (year, name, days)
        assert lunar_day("除夕", year) == lunar_day("春节", year) - timedelta(1)
        assert lunar_day("清明", year).strftime("%m-%d") in ("04-04", "04-05")
    assert lunar_day("中秋", 2033) == date(2033, 9, 8) and lunar_day("春节", 2034) == date(2034, 2, 19)


def test_a_year_that_the_table_does_not_hold_has_no_lunar_festival():
    assert values("2040年春节") == ["2040"]
