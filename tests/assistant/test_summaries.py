"""The hand-over note of conversations whose point is known beforehand."""

import numpy as np
import pytest

from assistant.summaries import sentences, summarise, textrank
from assistant.values import Entity, Post
from tests.assistant.readings import AT, turn


@pytest.fixture
def words(segmenter):
    return segmenter.words


def agent_said(text: str) -> Post:
    return Post("p", "c1", 9, "agent", "mei", text, AT)


def test_messages_are_cut_where_sentences_end():
    assert sentences("快递到哪了？我等了三天！\n还没到…… ok") == ["快递到哪了？", "我等了三天！", "还没到……", "ok"]
    assert sentences("?!。") == []


def test_a_sentence_near_to_many_others_weighs_most_and_the_weights_sum_to_one():
    bags = [frozenset("ab"), frozenset("abcd"), frozenset("cd"), frozenset("xyz")]
    weights = textrank(bags)
    assert np.argmax(weights) == 1
    assert np.argmin(weights) == 3
    assert weights.sum() == pytest.approx(1)
    assert textrank([]).size == 0


def test_two_sentences_alike_weigh_the_same():
    """By hand: the matrix is symmetric under exchange of the two, so each has half."""
    assert textrank([frozenset("ab"), frozenset("bc")]) == pytest.approx([0.5, 0.5])


def test_the_note_tells_the_matter_and_leaves_out_greetings_and_the_call_for_a_person(words):
    said = ["你好", "我的山雀耳机左耳没有声音", "耳机左耳昨天开始没声音，重启也没用", "左耳坏了想换新耳机", "转人工"]
    turns = [turn(text, "smalltalk" if text == "你好" else "unknown") for text in said]
    note = summarise(turns, words)
    assert note.sentences == tuple(said[1:4])


def test_a_note_is_in_the_order_in_which_it_was_said_and_repeats_nothing(words):
    said = ["退款什么时候到账", "退款什么时候到账", "订单退款三天了还没到账", "发票也没收到"]
    note = summarise([turn(text, "unknown") for text in said], words, n=3)
    assert note.sentences == ("退款什么时候到账", "订单退款三天了还没到账", "发票也没收到")


def test_english_is_summed_up_too(words):
    said = ["Hello!", "My parcel has not arrived. The parcel was due on Monday.", "Where is the parcel?"]
    note = summarise([turn(said[0], "smalltalk"), turn(said[1], "unknown"), turn(said[2], "unknown")], words, n=2)
    assert all("parcel" in sentence for sentence in note.sentences)
    assert note.open_question == "Where is the parcel?"


def test_entities_are_listed_once(words):
    order = Entity("order_no", "QH1", 0, 3)
    phone = Entity("phone", "13800138000", 0, 11)
    turns = [turn("QH1 没发货", entities=(order,)), turn("QH1 电话 13800138000", entities=(order, phone))]
    assert [entity.value for entity in summarise(turns, words).entities] == ["QH1", "13800138000"]


def test_the_open_question_is_the_last_one_that_nobody_answered(words):
    asked = [
        turn("怎么退货？", "answer"),
        turn("运费谁出？", "silent"),
        turn("快一点", "silent"),
        turn("谢谢", "smalltalk"),
    ]
    assert summarise(asked, words).open_question == "运费谁出？"
    assert summarise([*asked, agent_said("我们出运费")], words).open_question is None
    assert summarise([*asked[:2], agent_said("我们出"), turn("我要投诉", "handoff")], words).open_question == "我要投诉"


def test_an_empty_conversation_has_an_empty_note(words):
    note = summarise([], words)
    assert (note.sentences, note.entities, note.open_question) == ((), (), None)
