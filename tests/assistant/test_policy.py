from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue import Context
from assistant.policy import Rules, choose, decide
from assistant.values import Decision, Entity
from tests.assistant.readings import after, hit, reading, turn

RULES = Rules(p_answer=0.8)
SURE, UNSURE = (hit("a", 0.9), hit("b", 0.05)), (hit("a", 0.05), hit("b", 0.04))


def outcome(read, hits=(), context=None, rules=RULES):
    decision = decide(read, hits, context or Context(), rules)
    return decision.outcome, decision.reasons[0]


def test_a_sure_hit_is_answered():
    assert outcome(reading(), SURE) == ("answer", "confident_answer")


def test_a_hit_under_the_threshold_is_never_answered():
    assert outcome(reading(), (hit("a", 0.799),))[0] != "answer"


def test_two_close_entries_are_offered_as_buttons():
    decision = decide(reading(), (hit("a", 0.4), hit("b", 0.35), hit("c", 0.02)), Context(), RULES)
    assert (decision.outcome, decision.reasons[0]) == ("clarify", "close_entries")
    assert [found.faq_id for found in decision.hits] == ["a", "b"]


def test_no_more_than_four_entries_are_offered():
    decision = decide(reading(), [hit(name, 0.19) for name in "abcde"], Context(), RULES)
    assert len(decision.hits) == 4


def test_what_looks_like_a_greeting_is_asked_about_where_an_entry_is_likelier():
    asked = reading("你们半夜有人值班吗", {"greet": 0.56})
    assert outcome(asked, (hit("hours", 0.7), hit("b", 0.05))) == ("clarify", "close_entries")
    assert outcome(asked, (hit("hours", 0.4), hit("b", 0.3))) == ("smalltalk", "greeting")


def test_praise_is_answered_with_thanks_beside_likely_entries():
    praise = reading("你们家客服真好", {"out_of_scope": 0.3}, positive=0.95)
    assert outcome(praise, (hit("a", 0.5), hit("b", 0.2))) == ("smalltalk", "compliment")


def test_two_close_intents_are_asked_about():
    read = reading("退", {"return_goods": 0.42, "refund_status": 0.40})
    assert outcome(read, UNSURE) == ("clarify", "close_intents")


def test_it_says_that_it_does_not_know_rather_than_improvise():
    assert outcome(reading("量子力学是什么"), UNSURE) == ("unknown", "no_confident_answer")
    assert outcome(reading("量子力学是什么"), ()) == ("unknown", "no_confident_answer")


def test_the_second_unknown_in_a_row_is_handed_over():
    assert outcome(reading(), UNSURE, after(turn("x", "unknown"))) == ("handoff", "repeated_failure")
    assert outcome(reading(), UNSURE, after(turn("x", "unknown"), turn("y", "answer")))[0] == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "转人工",
        "我要找真人",
        "能不能转接人工客服",
        "人工",
        "人工人工人工",
        "找个活人来",
        "zhuan ren gong",
        "human agent please",
        "I want to speak to a real person",
        "let me talk to an agent",
        "不要机器人，转人工",
    ],
)
def test_who_asks_for_a_human_gets_one_even_when_an_answer_is_sure(text):
    assert outcome(reading(text), SURE) == ("handoff", "asked_for_human")


@pytest.mark.parametrize(
    "text",
    [
        "先别转人工",
        "不用转人工，你告诉我就行",
        "don't transfer me to an agent",
        "人工费多少钱",
        "this fabric is man-made?",
    ],
)
def test_who_does_not_ask_for_a_human_is_not_handed_over(text):
    assert outcome(reading(text), SURE)[0] == "answer"


def test_a_complaint_goes_to_a_person():
    assert outcome(reading("我要投诉", {"complaint": 0.8}), SURE) == ("handoff", "complaint")


def test_a_strong_negative_mood_twice_goes_to_a_person():
    angry = turn("气死我了", negative=0.85)
    assert outcome(reading("还没好？！", negative=0.85), SURE, after(angry)) == ("handoff", "mood_twice")
    assert outcome(reading("还没好？！", negative=0.85), SURE, after(turn("好吧", negative=0.2)))[0] == "answer"


def test_one_very_strong_mood_goes_to_a_person_when_no_answer_is_sure():
    furious = reading("垃圾！！！", negative=0.97)
    assert outcome(furious, UNSURE) == ("handoff", "mood_without_answer")
    assert outcome(furious, SURE)[0] == "answer"


@pytest.mark.parametrize(
    ("intent", "reason"),
    [("greet", "greeting"), ("thanks", "thanks"), ("goodbye", "bye"), ("affirm", "yes"), ("deny", "no")],
)
def test_small_talk_is_answered_in_kind(intent, reason):
    assert outcome(reading("嗯", {intent: 0.9}), UNSURE) == ("smalltalk", reason)


@pytest.mark.parametrize("text", ["你是谁", "你是机器人吗", "who are you?", "are you a robot"])
def test_who_asks_who_it_is_learns_that(text):
    assert outcome(reading(text), UNSURE) == ("smalltalk", "who_are_you")


def test_a_greeting_with_a_question_in_it_is_answered():
    assert outcome(reading("你好，怎么退货", {"greet": 0.6}), SURE) == ("answer", "confident_answer")


def test_praise_that_asks_nothing_is_thanked_for():
    assert outcome(reading("你们真棒", positive=0.9), UNSURE) == ("smalltalk", "compliment")


def test_praise_is_not_taken_for_a_complaint():
    assert outcome(reading("great service!", {"complaint": 0.8}, negative=0, positive=0.99), UNSURE) == (
        "smalltalk",
        "compliment",
    )


def test_a_content_customer_with_a_question_is_answered():
    assert outcome(reading("很满意，再问下怎么开发票", {"invoice": 0.8}, positive=0.9, negative=0), SURE)[0] == "answer"


def test_asking_whether_it_is_a_bot_is_not_asking_for_a_human():
    assert outcome(reading("are you a bot?", {"human_agent": 0.64}), UNSURE) == ("smalltalk", "who_are_you")


def test_a_blank_message_is_asked_for_again():
    assert outcome(reading("  ", {})) == ("clarify", "blank")


NUMBER = (Entity("order_no", "QH20261119042", 0, 13),)
ASKED = {"order_status": 0.9}
LOOKS_UP = Rules(p_answer=0.8, action_intents=frozenset({"order_status"}))


def looked_up(read, hits=UNSURE, context=None, identified=True):
    decision = decide(read, hits, context or Context(), LOOKS_UP, identified)
    return decision.outcome, decision.reasons[0]


def test_an_order_is_looked_up_once_its_number_is_there():
    assert looked_up(reading("到哪了", ASKED)) == ("clarify", "ask_order_no")
    assert looked_up(reading("QH20261119042", ASKED, entities=NUMBER)) == ("action", "order_lookup")


def test_the_number_alone_is_enough_after_it_was_asked_for():
    asked = after(replace(turn("到哪了"), decision=Decision("clarify", ("ask_order_no",))))
    read = reading("QH20261119042", {"coupon": 0.4}, entities=NUMBER)
    assert looked_up(read, context=asked) == ("action", "order_lookup")
    assert looked_up(read)[0] != "action"


def test_a_guest_is_asked_to_sign_in_before_any_order_is_opened():
    for read in (reading("到哪了", ASKED), reading("QH20261119042", ASKED, entities=NUMBER)):
        assert looked_up(read, identified=False) == ("clarify", "sign_in_first")


def test_how_orders_are_tracked_in_general_is_answered_from_the_faq():
    assert looked_up(reading("在哪看订单", ASKED), SURE) == ("answer", "confident_answer")
    assert looked_up(reading("在哪看订单", ASKED), SURE, identified=False) == ("answer", "confident_answer")


def test_nothing_is_looked_up_where_no_intent_is_served():
    assert outcome(reading("QH20261119042", ASKED, entities=NUMBER), SURE) == ("answer", "confident_answer")


def test_the_chosen_option_is_the_answer():
    assert choose(hit("a", 1.0)).hits[0].faq_id == "a"


@given(
    st.lists(st.floats(0, 1), max_size=5),
    st.floats(0, 1),
    st.floats(0.05, 1),
    st.sampled_from(["你好", "退货", "agent", "", "?"]),
)
def test_an_answer_is_only_ever_given_at_or_over_the_threshold(ps, negative, p_answer, text):
    hits = [hit(str(i), p) for i, p in enumerate(sorted(ps, reverse=True))]
    read = reading(text, negative=negative, positive=0)
    decision = decide(read, hits, Context(), Rules(p_answer=p_answer))
    assert decision.reasons
    if decision.outcome == "answer":
        assert decision.hits[0].p_correct >= p_answer
