import numpy as np
import pytest

from assistant.errors import ArtifactError, InputError
from assistant.gazetteer import Gazetteer
from assistant.heads import IntentHead, SentimentHead
from assistant.intents import Name
from assistant.values import OUT_OF_SCOPE, SENTIMENTS
from tests.encoders import HashedWords

ENCODER = HashedWords(32)
THINGS = ["快递", "客服", "包装", "质量", "价格", "屏幕", "衣服", "耳机", "退款", "物流", "发票", "鞋子"]
MOODS = {"negative": "{}太差了，生气", "neutral": "请问{}怎么办", "positive": "{}真好，谢谢"}
INTENTS = {
    "return_goods": "{}不合适想退货",
    "order_status": "{}到哪里了什么时候送到",
    "invoice": "{}能开发票吗抬头写公司",
    "shipping_fee": "{}运费多少钱包邮吗",
}
BANK = [
    "今天天气怎么样",
    "讲个笑话",
    "明天股票会涨吗",
    "帮我写首诗",
    "世界杯谁赢了",
    "你喜欢唱歌吗",
    "红烧肉怎么做",
    "几点日出",
]


def mood_rows(things):
    rows = [(text.format(thing), mood) for thing in things for mood, text in MOODS.items()]
    return [text for text, _ in rows], [mood for _, mood in rows]


def intent_rows(things):
    rows = [(text.format(thing), intent) for thing in things for intent, text in INTENTS.items()]
    return [text for text, _ in rows], [intent for _, intent in rows]


@pytest.fixture(scope="module")
def sentiment():
    texts, moods = mood_rows(THINGS[:9])
    return SentimentHead(min_df=1, encoder_version=ENCODER.version).fit(ENCODER.encode(texts), texts, moods)


@pytest.fixture(scope="module")
def intents():
    texts, labels = intent_rows(THINGS[:9])
    texts, labels = texts + BANK, labels + [OUT_OF_SCOPE] * len(BANK)
    names = Gazetteer([Name("product", "耳机", "山雀耳机")], [("code", r"[A-Z]{2}\d{3}")])
    return IntentHead(n_folds=3, gazetteer=names).fit(ENCODER.encode(texts), texts, labels)


@pytest.fixture(params=["sentiment", "intents"])
def head(request):
    return request.getfixturevalue(request.param)


def test_moods_of_things_never_seen_are_told_apart(sentiment):
    texts, moods = mood_rows(THINGS[9:])
    p = sentiment.predict_proba(ENCODER.encode(texts), texts)
    assert [SENTIMENTS[i] for i in p.argmax(axis=1)] == moods


def test_intents_of_things_never_seen_are_told_apart(intents):
    texts, labels = intent_rows(THINGS[9:])
    p = intents.predict_proba(ENCODER.encode(texts), texts)
    assert [intents.classes_[i] for i in p[:, :-1].argmax(axis=1)] == labels


def test_what_belongs_nowhere_is_likelier_out_of_scope_than_what_belongs(intents):
    inside, _ = intent_rows(THINGS[9:])
    outside = ["你会跳舞吗", "后天会下雨吗", "推荐一部电影", "谁发明了电灯"]
    p_inside, p_outside = (intents.predict_proba(ENCODER.encode(texts), texts)[:, -1] for texts in (inside, outside))
    assert p_inside.mean() < p_outside.mean()


def test_probabilities_sum_to_one_for_any_text(head):
    texts = ["", "👍", "xyz", "怎么退货" * 50]
    p = head.predict_proba(ENCODER.encode(texts), texts)
    assert np.allclose(p.sum(axis=1), 1) and (p >= 0).all()


def test_one_row_alone_scores_as_in_a_batch(head):
    texts = ["快递太差了", "请问运费", "hello", "退货"]
    batch = head.predict_proba(ENCODER.encode(texts), texts)
    alone = np.vstack([head.predict_proba(ENCODER.encode([text]), [text]) for text in texts])
    assert np.abs(batch - alone).max() < 1e-5


def test_parts_and_their_sum_can_be_shown(head):
    texts = ["快递太差了"]
    parts = head.predict_parts(ENCODER.encode(texts), texts)
    assert {"vector", "ngrams", "both"} <= parts.keys()


def test_a_saved_head_scores_as_the_fitted_one(head, tmp_path):
    version = head.save(tmp_path / "head")
    loaded = type(head).load(tmp_path / "head")
    texts = ["快递太差了", "请问运费多少", "ok thanks"]
    before, after = (each.predict_proba(ENCODER.encode(texts), texts) for each in (head, loaded))
    assert np.abs(before - after).max() < 1e-4
    assert (loaded.version_, loaded.encoder_version) == (version, head.encoder_version)


def test_the_shop_names_travel_with_the_intents(intents, tmp_path):
    intents.save(tmp_path / "intents")
    found = IntentHead.load(tmp_path / "intents").gazetteer.find("耳机 AB123")
    assert [(entity.type, entity.value) for entity in found] == [("product", "山雀耳机"), ("code", "AB123")]


def test_an_edited_or_missing_head_is_refused(head, tmp_path):
    head.save(tmp_path / "head")
    weights = tmp_path / "head" / "weights.safetensors"
    raw = weights.read_bytes()
    weights.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(ArtifactError, match=r"weights\.safetensors"):
        type(head).load(tmp_path / "head")
    with pytest.raises(ArtifactError):
        type(head).load(tmp_path / "nothing")


def test_the_two_kinds_of_heads_are_not_mistaken(sentiment, tmp_path):
    sentiment.save(tmp_path / "head")
    with pytest.raises(ArtifactError, match="'sentiment'"):
        IntentHead.load(tmp_path / "head")


def test_fitting_twice_gives_the_same_head():
    texts, moods = mood_rows(THINGS[:6])
    vectors = ENCODER.encode(texts)
    head = SentimentHead(min_df=1)
    first = head.fit(vectors, texts, moods).predict_proba(vectors, texts)
    assert head.fit(vectors, texts, moods) is head
    assert np.array_equal(first, head.predict_proba(vectors, texts))


def test_star_reviews_do_not_drive_out_neutral():
    texts, moods = mood_rows(THINGS[:9])
    reviews = [f"{thing}{word}" for thing in THINGS for word in ("不错", "很烂")] * 3
    labels = moods + ["positive", "negative"] * (len(reviews) // 2)
    polar = np.arange(len(labels)) >= len(moods)
    texts = texts + reviews
    head = SentimentHead(min_df=1).fit(ENCODER.encode(texts), texts, labels, polar=polar)
    asked = ["请问物流怎么办", "请问发票怎么办"]
    assert (head.predict_proba(ENCODER.encode(asked), asked).argmax(axis=1) == SENTIMENTS.index("neutral")).all()


def test_one_intent_alone_is_refused():
    with pytest.raises(InputError, match="two or more"):
        IntentHead().fit(ENCODER.encode(["a", "b"]), ["a", "b"], ["greet", "greet"])


def test_intents_without_a_none_bank_are_fitted_too():
    texts, labels = intent_rows(THINGS[:6])
    head = IntentHead(n_folds=3).fit(ENCODER.encode(texts), texts, labels)
    assert head.predict_proba(ENCODER.encode(["你好"]), ["你好"]).shape == (1, 5)
