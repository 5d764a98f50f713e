from datetime import UTC, datetime

import numpy as np
import pytest

from assistant.entities import EntityExtractor
from assistant.errors import ArtifactError, InputError
from assistant.heads import SentimentHead
from assistant.reader import Reader
from assistant.values import SENTIMENTS
from tests.assistant.lines import ENCODER, make_reader

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def reader(segmenter):
    return make_reader(segmenter)


def test_a_reading_holds_everything_about_one_text(reader):
    (read,) = reader.read(["你好，我的耳机订单QH20261119042怎么退货？"], AT)
    assert read.language == "zh"
    assert set(read.sentiment.p) == set(SENTIMENTS)
    assert [(entity.type, entity.value) for entity in read.entities] == [
        ("product", "山雀耳机"),
        ("order_no", "QH20261119042"),
    ]
    assert read.text[read.entities[1].start : read.entities[1].end] == "QH20261119042"
    assert np.linalg.norm(read.vector) == pytest.approx(1)


def test_ranking_and_out_of_scope_sum_to_one_best_first(reader):
    for read in reader.read(["怎么退货", "hello", "👍"], AT):
        ps = [intent.p for intent in read.intent_ranking]
        assert sum(ps) + read.p_out_of_scope == pytest.approx(1)
        assert ps == sorted(ps, reverse=True)
        assert sum(read.sentiment.p.values()) == pytest.approx(1)
        assert read.sentiment.p[read.sentiment.label] == max(read.sentiment.p.values())


@pytest.mark.parametrize("blank", ["", "  \n", "\u200b"])
def test_a_blank_text_has_no_intent_and_no_mood(reader, blank):
    (read,) = reader.read([blank], AT)
    assert read.intent_ranking == () and read.p_out_of_scope == 1
    assert (read.sentiment.label, read.language) == ("neutral", "other")


def test_many_texts_are_encoded_in_one_call(segmenter):
    reader = make_reader(segmenter)
    calls = []
    encode = reader.encoder.encode
    reader.encoder = type(
        "Counted", (), {"version": "v", "encode": lambda _, texts: calls.append(len(texts)) or encode(texts)}
    )()
    reader.read(["怎么退货", "快递太差了", "hello"], AT)
    assert calls == [3]


def test_one_text_alone_is_read_as_among_others(reader):
    texts = ["怎么退货", "快递太差了，生气", "能开发票吗"]
    for alone, among in zip([reader.read([text], AT)[0] for text in texts], reader.read(texts, AT), strict=True):
        assert alone.intent.name == among.intent.name
        assert alone.sentiment.p == pytest.approx(among.sentiment.p, abs=1e-5)


def test_text_that_nobody_can_store_is_refused(reader):
    with pytest.raises(InputError, match=r"U\+0000"):
        reader.read(["怎么\0退货"], AT)


def test_nothing_is_read_from_nothing(reader):
    assert reader.read([], AT) == []


def test_a_head_of_another_encoder_is_refused(reader, segmenter):
    other = SentimentHead(encoder_version="another-1")
    with pytest.raises(ArtifactError, match="another-1"):
        Reader(ENCODER, other, reader._intents, EntityExtractor(), segmenter)


def test_a_long_list_reads_the_same_on_two_threads(reader):
    texts = [f"{text} {n}" for n in range(400) for text in ("怎么退货", "where is my parcel", "订单QH20261103001")]
    on_two = Reader(ENCODER, reader._sentiment, reader._intents, EntityExtractor(), reader.segmenter, n_threads=2)
    for one, other in zip(on_two.read(texts, AT), reader.read(texts, AT), strict=True):
        assert (one.text, one.language, one.entities) == (other.text, other.language, other.entities)
        assert one.sentiment.p == pytest.approx(other.sentiment.p, abs=1e-4)
        assert one.intent.name == other.intent.name
