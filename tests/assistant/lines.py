"""A small line made of real parts: heads fitted on a dozen sentences, an FAQ index over four entries."""

from functools import lru_cache

from assistant.actions import Orders
from assistant.entities import EntityExtractor
from assistant.gazetteer import Gazetteer
from assistant.heads import IntentHead, SentimentHead
from assistant.index_versions import tools_of
from assistant.intents import Name
from assistant.pipeline import Pipeline
from assistant.policy import Rules
from assistant.reader import Reader
from assistant.replies import Replies
from assistant.settings import configs_folder
from assistant.text import Segmenter
from assistant.values import OUT_OF_SCOPE, Hit
from index.entry import Entry
from index.faq_index import FaqIndex
from tests.encoders import HashedWords

ENCODER = HashedWords(32)
THINGS = ["快递", "客服", "包装", "质量", "价格", "屏幕", "衣服", "耳机"]
MOODS = {"negative": "{}太差了，生气", "neutral": "请问{}怎么办", "positive": "{}真好，谢谢"}
INTENTS = {
    "return_goods": "{}不合适想退货",
    "order_status": "{}到哪里了什么时候送到",
    "complaint": "{}我要投诉你们",
    "greet": "你好{}在吗",
}
BANK = ["今天天气怎么样", "讲个笑话", "明天股票会涨吗", "帮我写首诗", "世界杯谁赢了", "你喜欢唱歌吗"]
ENTRIES = [
    Entry("returns", "怎么退货？", ("想退货怎么操作", "退货流程是什么"), "七天内可以退货。"),
    Entry("return-fee", "退货运费谁出？", ("退货的运费怎么算", "退回去邮费谁付"), "质量问题我们出运费。"),
    Entry("invoice", "怎么开发票？", ("发票在哪里开", "能开发票吗"), "在订单页申请电子发票。"),
    Entry("hours", "客服几点上班？", ("客服工作时间", "什么时候有人工"), "每天九点到二十二点。"),
]


@lru_cache(maxsize=1)
def heads() -> tuple[SentimentHead, IntentHead]:
    moods = [(text.format(thing), mood) for thing in THINGS for mood, text in MOODS.items()]
    intents = [(text.format(thing), name) for thing in THINGS for name, text in INTENTS.items()]
    intents += [(text, OUT_OF_SCOPE) for text in BANK]
    names = Gazetteer([Name("product", "耳机", "山雀耳机")])
    return _fitted(SentimentHead(min_df=1), moods), _fitted(IntentHead(n_folds=3, gazetteer=names), intents)


def make_reader(segmenter: Segmenter) -> Reader:
    return Reader(ENCODER, *heads(), EntityExtractor(), segmenter)


class IndexedFaq:
    """The index as the line sees it, without a store behind it."""

    def __init__(self, segmenter: Segmenter):
        self._index = FaqIndex.build(ENTRIES, tools_of(ENCODER, segmenter), ENCODER.version, BANK)
        self.threshold_for = self._index.threshold_for

    @property
    def version(self) -> str:
        return self._index.version

    def search(self, vectors, texts, k):
        found = self._index.search(vectors, texts, k)
        return [[Hit(c.faq_id, c.question, c.answer, c.score, c.p_correct) for c in row] for row in found]

    def hit(self, faq_id):
        entry = self._index.get(faq_id)
        return entry and Hit(entry.faq_id, entry.question, entry.answer, 1.0, 1.0)


def make_pipeline(segmenter: Segmenter, rules: Rules | None = None, orders: Orders | None = None) -> Pipeline:
    replies = Replies.load(configs_folder() / "replies" / "zh.toml", configs_folder() / "replies" / "en.toml")
    rules = rules or Rules(max_wrong_answers=0.5)
    return Pipeline(make_reader(segmenter), IndexedFaq(segmenter), rules, replies, orders)


def _fitted(head, rows):
    texts, labels = map(list, zip(*rows, strict=True))
    return head.fit(ENCODER.encode(texts), texts, labels)
