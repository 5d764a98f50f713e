from datetime import UTC, datetime

import pytest

from assistant.dialogue import Context
from assistant.policy import Rules
from assistant.values import Message, Turn
from tests.assistant.lines import make_pipeline

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def pipeline(segmenter):
    return make_pipeline(segmenter)


def message(text, faq_id=None):
    return Message("c1", f"m-{text}", text, AT, faq_id=faq_id)


def talk(pipeline, *texts):
    """The drafts of a conversation, each turn knowing those before it."""
    turns, drafts = (), []
    for number, text in enumerate(texts, 1):
        sent = text if isinstance(text, Message) else message(text)
        draft = pipeline.run(sent, Context(turns))
        turns += (Turn(f"t{number}", number, sent, draft.reading, draft.decision, draft.reply, draft.versions, AT),)
        drafts.append(draft)
    return drafts


def test_a_question_of_the_faq_is_answered_by_its_entry(pipeline):
    (draft,) = talk(pipeline, "怎么退货")
    assert (draft.reply.kind, draft.reply.faq_id, draft.reply.text) == ("answer", "returns", "七天内可以退货。")


def test_a_follow_up_is_looked_up_with_the_question_before_it(pipeline):
    _, draft = talk(pipeline, "怎么退货", "那运费呢")
    assert [hit.faq_id for hit in draft.decision.hits][:1] == ["return-fee"]


def test_a_pressed_button_gets_its_entry_whatever_the_text(pipeline):
    (draft,) = talk(pipeline, message("这个", faq_id="invoice"))
    assert (draft.reply.faq_id, draft.decision.reasons) == ("invoice", ("chosen_option",))


def test_a_button_whose_entry_is_gone_is_read_as_text(pipeline):
    (draft,) = talk(pipeline, message("怎么退货", faq_id="deleted"))
    assert draft.reply.faq_id == "returns"


def test_asking_for_a_human_hands_over(pipeline):
    (draft,) = talk(pipeline, "转人工")
    assert draft.reply.kind == "handoff"


def test_two_failures_in_a_row_hand_over(segmenter):
    offers_nothing = make_pipeline(segmenter, Rules(max_wrong_answers=0.05, p_offer_sum=1.1))
    first, second = talk(offers_nothing, "薛定谔方程", "qwrtp zzkx")
    assert first.decision.outcome == "unknown"
    assert (second.decision.outcome, second.decision.reasons[0]) == ("handoff", "repeated_failure")


def test_a_blank_message_is_asked_for_again(pipeline):
    (draft,) = talk(pipeline, "   ")
    assert draft.decision.reasons == ("blank",)


def test_the_draft_names_model_and_index(pipeline):
    (draft,) = talk(pipeline, "怎么退货")
    assert draft.versions.model.startswith("hashed-words-32+") and draft.versions.index.startswith("faq-")


def test_the_same_message_gets_the_same_draft(pipeline):
    assert talk(pipeline, "你好在吗", "怎么退货") == talk(pipeline, "你好在吗", "怎么退货")
