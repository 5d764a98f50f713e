"""What the FAQ lacks: unanswered messages grouped, ranked, drafted and checked against what is there."""

import numpy as np

from assistant.gaps import GapDraft, Unanswered, find_gaps
from tests.encoders import HashedWords

ENCODER = HashedWords(64)
NO_FAQ = ((), np.zeros((0, 64), np.float32))


def asked(*texts, reply=""):
    """One message a conversation."""
    vectors = ENCODER.encode(texts)
    return [
        Unanswered(f"{text}-{n}", text, "zh", vector, reply)
        for n, (text, vector) in enumerate(zip(texts, vectors, strict=True))
    ]


ENGRAVING = asked("杯底能刻名字吗", "杯底可以刻名字吗", "杯底能刻名字么")
OTHERS = asked(
    *(
        "扫地机的滤网多久换一次",
        "周末有人上班吗",
        "支持货到付款不",
        "积分清零是几号",
        "茶叶放冰箱行吗",
        "台灯能连小爱吗",
    ),
    *("发顺丰要补多少", "会员日有啥活动", "纸箱回收吗", "毛巾掉色怎么回事", "电饭锅内胆单卖吗", "门店在哪条路"),
)  # enough for the likest twentieth of all pairs to be those about one matter


def test_the_gap_of_most_conversations_comes_first():
    gaps = find_gaps([*OTHERS, *ENGRAVING], *NO_FAQ)
    assert [gap.n_conversations for gap in gaps][:1] == [3]
    assert gaps[0].question in {message.text for message in ENGRAVING}
    assert set(gaps[0].examples) == {message.text for message in ENGRAVING}


def test_one_customer_who_repeats_is_one_conversation():
    again = [Unanswered("c1", m.text, "zh", m.vector) for m in ENGRAVING]
    found = {gap.question: gap.n_conversations for gap in find_gaps([*again, *OTHERS], *NO_FAQ)}
    assert {n for question, n in found.items() if question in {m.text for m in ENGRAVING}} == {1}


def test_a_draft_is_what_an_agent_replied_to_one_of_the_group():
    answered = asked("杯底能刻名字吗呀", reply="可以，十元一件。")
    gap = find_gaps([*ENGRAVING, *answered, *OTHERS], *NO_FAQ)[0]
    assert gap.draft == GapDraft(gap.question, "可以，十元一件。")
    assert find_gaps([*ENGRAVING, *OTHERS], *NO_FAQ)[0].draft is None


def test_a_gap_that_an_entry_asks_already_is_flagged():
    gaps = find_gaps([*ENGRAVING, *OTHERS], ("zh-9",), ENCODER.encode([ENGRAVING[0].text]))
    assert [gap.duplicate_of for gap in gaps][:1] == ["zh-9"]


def test_languages_are_not_mixed():
    one = ENGRAVING[0]
    gaps = find_gaps([one, Unanswered("e", one.text, "en", one.vector)], *NO_FAQ)
    assert {gap.language for gap in gaps} == {"zh", "en"}
    assert [gap.duplicate_of for gap in gaps] == [None, gaps[0].gap_id]


def test_no_messages_are_no_gaps():
    assert find_gaps([], *NO_FAQ) == []
