from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.entities import EntityExtractor
from assistant.privacy import mask

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
EXTRACTOR = EntityExtractor()


def masked(text, keep=()):
    return mask(text, EXTRACTOR.extract(text, AT), keep)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("打13800138000给我", "打138****8000给我"),
        ("+86 １３８ ００１３ ８０００", "138****8000"),
        ("call +1 415 555 2671", "call +14*****2671"),
        ("身份证11010519491231002X", "身份证110***********002X"),
        ("卡6222 0212 3456 7890 128", "卡6222***********0128"),
        ("发lin.wei@example.com", "发l***@example.com"),
        ("寄浙江省杭州市西湖区文三路478号", "寄浙江省杭州市西湖区***"),
        ("寄文三路478号5幢201室", "寄***"),
        ("to 221B Baker Street, London", "to ***"),
        ("订单QH12345678901退99元，昨天，SF1234567890123", "订单QH12345678901退99元，昨天，SF1234567890123"),
        ("你好", "你好"),
    ],
)
def test_personal_data_is_masked_and_the_rest_stays(text, expected):
    assert masked(text) == expected


def test_a_type_that_the_reader_may_see_stays_readable():
    assert masked("13800138000 a@example.com", keep={"phone"}) == "13800138000 a***@example.com"


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["13800138000", "11010519491231002X", "6222021234567890128", "canary.wei@example.com"]),
            st.text(alphabet="请退款到，。 !", min_size=1, max_size=6),
        )
    ).map("，".join)
)
def test_no_personal_number_survives_masking(text):
    result = masked(text)
    assert not any(
        secret in result for secret in ("13800138000", "11010519491231002X", "6222021234567890128", "canary")
    )
    assert masked(result) == result
