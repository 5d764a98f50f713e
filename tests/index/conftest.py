"""A small bilingual shop FAQ and the real parts that index it."""

from dataclasses import replace

import pytest

from assistant.text import Segmenter, language
from index.entry import Entry
from index.faq_index import FaqIndex
from index.query import Tools
from tests.encoders import HashedWords

_TABLE = """
return | 怎么退货？ | 退货流程是什么 | 我想把东西退了 | 在“我的订单”里点“申请退货”，七天内寄回即可。 | zh
freight | 运费多少钱？ | 邮费怎么算 | 要付快递费吗 | 满 99 元包邮，不满收 8 元。 | zh
province | 发货到浙江要几天？ | 浙江多久能到 | 寄浙江几天送达 | 江浙沪一般次日达。 | zh
invoice | 可以开发票吗？ | 怎么开电子发票 | 需要发票报销 | 下单时勾选“开具发票”，电子发票发到邮箱。 | zh
size | 衣服尺码怎么选？ | 我该买多大的 | 尺码表在哪看 | 商品页有尺码表，按身高和体重选择。 | zh
password | 忘记密码怎么办？ | 登录密码想不起来了 | 重置密码 | 在登录页点“忘记密码”，用手机号重设。 | zh
refund-en | When do I get my refund? | refund not received | how long does a refund take | Within five working days. | en
track-en | Where is my parcel? | track my order | my package has not arrived | Open My Orders and tap Track. | en
"""
NONE_TEXTS = (
    "今天天气真好",
    "你喜欢吃火锅吗",
    "给我讲个笑话",
    "who won the match",
    "what is the capital of France",
    "帮我写首诗",
)


def _entry(line):
    faq_id, question, *variants, answer, language = line.split(" | ")
    return Entry(faq_id, question, tuple(variants), answer, "", language)


@pytest.fixture(scope="session")
def segmenter(tmp_path_factory):
    return Segmenter(cache_dir=tmp_path_factory.mktemp("jieba"))


@pytest.fixture(scope="session")
def encoder():
    return HashedWords(64)


@pytest.fixture(scope="session")
def tools(encoder, segmenter):
    return Tools(encoder.encode, segmenter.search_tokens, segmenter.pinyin_tokens, language)


@pytest.fixture(scope="session")
def shop():
    return tuple(map(_entry, _TABLE.strip().splitlines()))


@pytest.fixture(scope="session")
def none_texts():
    return NONE_TEXTS


@pytest.fixture
def build(encoder, tools):
    """Entries -> FaqIndex with the real segmenter and a small real encoder."""

    def build(entries, none_texts=NONE_TEXTS):
        return FaqIndex.build(entries, tools, encoder.version, none_texts)

    return build


@pytest.fixture
def reopen(encoder, tools):
    """A folder -> FaqIndex."""

    def reopen(folder, encode=None, version=None):
        return FaqIndex.open(folder, replace(tools, encode=encode or tools.encode), version or encoder.version)

    return reopen


@pytest.fixture
def ask(encoder):
    """(index, text) -> ids of the candidates, best first."""

    def ask(index, text, k=3):
        return [candidate.faq_id for candidate in index.search(encoder.encode([text]), [text], k)[0]]

    return ask
