"""Names for groups of messages."""

import numpy as np

from assistant.keywords import keywords, telling_words


def test_a_group_is_named_by_what_it_says_and_others_do_not(segmenter):
    texts = [
        "耳机充不进电",
        "耳机只有左边充电",
        "充电盒坏了耳机没声音",
        "发票抬头写错了",
        "电子发票怎么下载",
        "发票还没收到",
    ]
    first, second = keywords(segmenter, texts, np.array([0, 0, 0, 1, 1, 1]))
    assert first[0] == "耳机" and second[0] == "发票"


def test_words_that_any_message_may_hold_name_nothing(segmenter):
    assert telling_words(segmenter, "请问你们这个怎么了 what can I do 123") == []
    assert keywords(segmenter, ["请问怎么办", "怎么办呢"], np.array([0, 0])) == [()]


def test_messages_of_no_group_count_as_those_of_others(segmenter):
    texts = ["快递 驿站", "快递 驿站", "快递 破损", "快递 丢件", "快递 延误"]
    assert keywords(segmenter, texts, np.array([0, 0, -1, -1, -1]), n_words=1) == [("驿站",)]
