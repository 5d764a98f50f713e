"""What was typed as pinyin is written in characters, and what was not stays as it is, letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.respelling import Respelling
from assistant.text import Segmenter

IN_THE_INDEX = {
    "退货",
    "退款",
    "运费",
    "多久",
    "发票",
    "优惠",
    "优惠券",
    "客服",
    "gift",
    "card",
    "size",
    "浙江",
    "kefu",
}


@pytest.fixture(scope="module")
def respell():
    put_right = Respelling(Segmenter())
    return lambda text: put_right(text, IN_THE_INDEX.__contains__)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tuihuo", "退货"),
        ("tui huo", "退货"),
        ("Tuikuan duojiu?", "退款多久?"),
        ("youhuiquan", "优惠券"),
        ("zhejiang", "浙江"),
        ("VIP fapiao", "vip 发票"),
        ("iphone tuihuo", "iphone 退货"),
        ("kefu zai ma", "客服在吗"),
        ("寄回去 youhui 吗", "寄回去 优惠 吗"),
        ("fapiao怎么开", "发票怎么开"),
    ],
)
def test_pinyin_becomes_the_words_that_the_index_knows(respell, typed, meant):
    assert respell(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "怎么退货",
        "Gift card size",
        "how do I return this",
        "the parcel did not come",
        "language",
        "QH20261122001",
        "joe@tuihuo.example",
        "我要换货",
        "hello!!",
        "women size",
        "did the tuihuo arrive",
        "",
        "  ",
        "运废多少",
        "玻璃换好了",
        "好 的\tＯＫ",
    ],
)
def test_what_is_no_pinyin_stays_letter_by_letter(respell, text):
    assert respell(text) == text


@given(st.text(max_size=40))
def test_any_text_can_be_asked(text):
    assert isinstance(PUT_RIGHT(text, IN_THE_INDEX.__contains__), str)


PUT_RIGHT = Respelling(Segmenter())
