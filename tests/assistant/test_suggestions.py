"""Suggested replies, from the distance of an edit to what a verdict teaches."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import ArtifactError
from assistant.suggestions import Entry, Example, Item, ItemVectors, Learned, Memory, Verdicts, situation_of, suggest
from assistant.suggestions.edits import edit_distance, kept_share
from assistant.suggestions.features import FEATURES
from assistant.suggestions.impersonal import impersonal
from assistant.suggestions.ranker import DEFAULTS, fit
from assistant.values import Entity, IntentScore, Reading, Sentiment
from tests.encoders import HashedWords

ENCODER = HashedWords(64)
ORDER = Item("canned", "order", "要订单号", "麻烦把订单号发给我。", ("order_status",))
BYE = Item("canned", "bye", "结束语", "不客气，祝您愉快。", ("thanks",))
ITEMS = [ORDER, BYE]


def reading(text, intent="order_status"):
    mood = Sentiment("neutral", {"negative": 0.1, "neutral": 0.8, "positive": 0.1})
    return Reading(text, "zh", mood, (IntentScore(intent, 0.9),), 0.1, (), np.empty(0, np.float32))


def faced(*texts, conversation_id="c1", intent="order_status"):
    """The situation after customer and agent spoke in turn, beginning with the customer."""
    entries = [
        Entry("agent", text) if i % 2 else Entry("customer", text, reading(text, intent))
        for i, text in enumerate(texts)
    ]
    return situation_of(conversation_id, entries, ENCODER.encode)


def known(*pairs):
    """What was learned from (message, reply, item id) of other conversations."""
    examples = [
        Example(faced(message, conversation_id=f"past-{i}"), reply, ENCODER.encode([reply])[0], item_id)
        for i, (message, reply, item_id) in enumerate(pairs)
    ]
    return Learned(Memory.empty(64).plus(examples), encoder_version=ENCODER.version)


def shown(situation, learned, items=ITEMS):
    return suggest(situation, items, learned, ItemVectors(ENCODER.encode))


def test_at_most_three_are_shown_likeliest_first_and_none_twice():
    twice = [Item("canned", f"order-{i}", ORDER.title, ORDER.text, ORDER.labels) for i in range(4)]
    many = [*ITEMS, *twice, Item("faq", "f1", "多久发货", "两天内发货。", p_faq=0.9)]
    found = shown(faced("我的快递到哪了"), known(), many)
    assert len(found) <= 3
    assert [one.p for one in found] == sorted((one.p for one in found), reverse=True)
    assert all(0 < one.p < 1 for one in found)
    assert len({one.item.text for one in found}) == len(found)


def test_without_any_experience_the_labels_of_canned_replies_speak():
    assert shown(faced("快递呢"), known())[0].item == ORDER
    assert shown(faced("谢谢你", intent="thanks"), known())[0].item == BYE


def test_a_reply_of_an_earlier_like_situation_is_suggested_to_another_customer():
    learned = known(("台灯有点闪怎么办", "您换个插座试试。", ""), ("台灯有点闪呀", "您换个插座试试。", ""))
    found = shown(faced("台灯有点闪"), learned)
    assert ("agent", "您换个插座试试。") in {(one.item.source, one.item.text) for one in found}


def test_a_conversations_own_replies_are_not_suggested_in_it_again():
    learned = known(("台灯有点闪", "您换个插座试试。", ""))
    found = shown(faced("台灯有点闪", conversation_id="past-0"), learned)
    assert "agent" not in {one.item.source for one in found}


def test_what_agents_took_here_before_rises():
    def p_of_bye(learned):
        return {one.item.source_id: one.p for one in shown(faced("先这样吧"), learned)}["bye"]

    taught = known(*[("先这样吧", BYE.text, BYE.item_id)] * 5, *[("快递到哪了", ORDER.text, ORDER.item_id)] * 5)
    assert p_of_bye(taught) > p_of_bye(known())


def test_rejected_items_sink_and_accepted_ones_rise():
    verdicts = Verdicts()
    for _ in range(10):
        verdicts = verdicts.plus(ORDER.item_id, 0.0).plus(BYE.item_id, 1.0)
    order, bye, unknown = verdicts.log_odds([*ITEMS, Item("canned", "new", "", "")])
    assert order < unknown < bye and unknown == 0


def test_nothing_to_answer_is_no_situation():
    assert faced("你好", "您好，请讲") is None
    assert situation_of("c1", [], ENCODER.encode) is None


def test_messages_since_the_last_reply_count_as_one_question():
    entries = [Entry("customer", text, reading(text)) for text in ("在吗", "灯坏了")]
    assert situation_of("c1", entries, ENCODER.encode).text == "在吗 灯坏了"


def test_few_verdicts_move_the_ranker_little_and_many_as_far_as_they_say():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2_000, len(FEATURES)))
    rows[:, 0] = 1
    wanted = np.array([0.5, *np.linspace(-1, 1, len(FEATURES) - 1)])
    taken = (rng.random(2_000) < 1 / (1 + np.exp(-rows @ wanted))).astype(float)
    defaults = np.array(list(DEFAULTS.values()))
    few, many = (np.array(fit(rows[:n], taken[:n]).coefficients) for n in (5, 2_000))
    assert np.abs(few - defaults).max() < np.abs(wanted - defaults).max() / 2
    assert np.linalg.norm(many - wanted) < np.linalg.norm(few - wanted) / 2


def test_no_verdicts_leave_the_defaults():
    nothing = fit(np.zeros((0, len(FEATURES))), np.zeros(0))
    assert nothing.coefficients == pytest.approx(tuple(DEFAULTS.values()))
    assert tuple(DEFAULTS) == FEATURES


def test_what_was_learned_comes_back_as_it_was_saved(tmp_path):
    learned = known(("灯不亮", "换个插座。", ""), ("谢谢", BYE.text, BYE.item_id))
    learned = replace(
        learned, verdicts=Verdicts().plus("canned:bye", 1.0), upto={"posts": 7}, ignored=(("posts", 2, 3),)
    )
    learned.save(tmp_path / "v1")
    back = Learned.load(tmp_path / "v1", ENCODER.version)
    assert (back.memory.replies, back.verdicts, back.upto, back.ignored) == (
        learned.memory.replies,
        learned.verdicts,
        learned.upto,
        learned.ignored,
    )
    before, after = (shown(faced("灯不亮了"), one) for one in (learned, back))
    assert [one.p for one in before] == pytest.approx([one.p for one in after], abs=1e-6)


def test_an_edited_folder_and_a_foreign_encoder_are_refused(tmp_path):
    known(("灯不亮", "换个插座。", "")).save(tmp_path / "v1")
    with pytest.raises(ArtifactError, match="huida train suggestions"):
        Learned.load(tmp_path / "v1", "another encoder")
    (tmp_path / "v1" / "examples.jsonl").write_text("[]\n")
    with pytest.raises(ArtifactError, match="manifest says"):
        Learned.load(tmp_path / "v1", ENCODER.version)


def test_the_memory_forgets_whole_conversations():
    learned = known(("灯不亮", "换个插座。", ""), ("谢谢", "不客气。", ""))
    assert learned.without(["past-0"]).memory.replies == ("不客气。",)


def test_what_belongs_to_one_customer_is_blanked():
    text = "张先生的QH20261119002发到13812345678了，退您89.90元，单号73218840559126"
    order, phone = text.index("QH"), text.index("138")
    entities = [
        Entity("order_no", "QH20261119002", order, order + 13),
        Entity("phone", "13812345678", phone, phone + 11),
    ]
    entities.append(Entity("amount", "89.90 CNY", text.index("89"), text.index("89") + 6))
    assert impersonal(text, entities) == "张先生的{order_no}发到___了，退您___，单号___"


@given(st.text(max_size=80).map(lambda text: text.replace("{", "")))
def test_no_long_number_survives_even_where_no_entity_was_found(text):
    blanked = impersonal(f"{text} 4012888888881881 {text}", [])
    assert "4012888888881881" not in blanked


@pytest.mark.parametrize(
    ("a", "b", "distance"), [("kitten", "sitting", 3), ("", "退货", 2), ("退货", "换货吧", 2), ("a", "a", 0)]
)
def test_edit_distance_of_known_pairs(a, b, distance):
    assert edit_distance(a, b) == edit_distance(b, a) == distance


@given(st.text("ab退货", max_size=30), st.text("ab退货", max_size=30))
def test_edit_distance_is_levenshteins(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, left = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(left[j] + 1, row[-1] + 1, left[j - 1] + (x != y)))
    assert edit_distance(a, b) == row[-1]
    assert 0 <= kept_share(a, b) <= 1
