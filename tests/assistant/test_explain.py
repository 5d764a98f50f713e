"""The words that moved a reading: known ones are found, and leaving them out changes more than leaving out others."""

import shutil
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import bootstrap
from assistant import settings as all_settings
from assistant.explain import MAX_PARTS, N_SHOWN, explain
from assistant.text import Segmenter
from assistant.values import SENTIMENTS
from tests.assistant.lines import make_reader
from training.examples import WRITTEN, read_written

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
SEGMENTER = Segmenter()
READER = make_reader(SEGMENTER)


def words_of(text: str, what: str) -> list[str]:
    [explanation] = explain(READER, READER.read([text], AT))
    return [text[word.start : word.end] for word in explanation.speaking(what)]


def test_the_word_that_carries_the_mood_weighs_most():
    assert words_of("包装太差了，生气", "sentiment")[0] in ("生气", "太差了")
    assert words_of("质量真好，谢谢", "sentiment")[0] in ("谢谢", "真好")
    assert "包装" not in words_of("包装太差了，生气", "sentiment")


def test_a_negation_is_weighed_with_the_word_that_it_turns():
    [explanation] = explain(READER, READER.read(["衣服不好，客服没有道歉"], AT))
    words = ["衣服不好，客服没有道歉"[word.start : word.end] for word in explanation.words]
    assert "不好" in words and "没有道歉" in words


def test_mood_and_intent_may_be_moved_by_different_words():
    assert "退货" in words_of("屏幕不合适想退货", "intent")


def test_spans_index_into_the_text_as_it_was_typed():
    text = "　ＱＱ音乐\u200b 太差了，生气！"
    [explanation] = explain(READER, READER.read([text], AT))
    words = [text[word.start : word.end] for word in explanation.words]
    assert "生气" in words and "ＱＱ音乐" in "".join(words)
    assert [word.start for word in explanation.words] == sorted(word.start for word in explanation.words)


def test_a_blank_message_has_no_words_and_stands_in_its_place_among_others():
    blank, other = explain(READER, READER.read(["  ", "快递太差了"], AT))
    assert blank.words == () and blank.speaking("sentiment") == ()
    [alone] = explain(READER, READER.read(["快递太差了"], AT))
    assert [word.sentiment for word in other.words] == pytest.approx([word.sentiment for word in alone.words])


def test_no_messages_have_no_explanations():
    assert explain(READER, []) == []


def test_a_long_message_costs_a_bounded_number_of_readings():
    [explanation] = explain(READER, READER.read(["快递太差了，生气。" * 60], AT))
    assert 0 < len(explanation.words) <= MAX_PARTS


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20))
def test_any_text_is_explained_by_words_of_its_own(text):
    [explanation] = explain(READER, READER.read([text], AT))
    ends = [0, *(edge for word in explanation.words for edge in (word.start, word.end))]
    assert ends == sorted(ends) and ends[-1] <= len(text)
    assert len(explanation.speaking("intent")) <= N_SHOWN


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    return bootstrap.build_reader(
        all_settings.load(environment={"HUIDA_DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    )


@pytest.fixture(scope="module")
def messages(tmp_path_factory):
    """Forty held-out messages of customers, Chinese and English."""
    folder = tmp_path_factory.mktemp("written")
    for name in ("aftersales.tsv", "enshop.tsv"):
        shutil.copy(WRITTEN / name, folder)
    said = [row.text for row in read_written(folder).of("test").utterances if len(row.text) >= 10]
    return [said[i] for i in np.random.default_rng(3).permutation(len(said))[:40]]


@pytest.mark.parametrize("what", ["sentiment", "intent"])
def test_leaving_out_the_two_heaviest_words_costs_the_reading_more_than_two_others(shipped, messages, what):
    """Deletion against random words (DeYoung et al. 2020, arXiv:1911.03429): here .3 of p against .05."""
    readings = shipped.read(messages, AT)
    explanations = explain(shipped, readings)
    chosen = np.random.default_rng(0)
    heavy = [sorted(e.words, key=lambda word: -getattr(word, what))[:2] for e in explanations]
    others = [chosen.permutation(np.array(e.words, object))[:2] for e in explanations]

    def lost(words) -> float:
        after = shipped.read([without(r.text, w) for r, w in zip(readings, words, strict=True)], AT)
        return float(np.mean([p_of(r, r, what) - p_of(a, r, what) for r, a in zip(readings, after, strict=True)]))

    assert lost(heavy) > 3 * max(lost(others), 0.01)


def without(text: str, words) -> str:
    for word in sorted(words, key=lambda word: -word.start):
        text = text[: word.start] + text[word.end :]
    return text


def p_of(reading, read, what: str) -> float:
    """What `reading` gives to the label that `read` has."""
    if what == "sentiment":
        return dict(zip(SENTIMENTS, map(reading.sentiment.p.get, SENTIMENTS), strict=True))[read.sentiment.label]
    ranking = {intent.name: intent.p for intent in reading.intent_ranking}
    return ranking.get(read.intent.name, reading.p_out_of_scope)
