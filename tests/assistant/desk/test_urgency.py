"""The order of the queue: a documented sum of reasons."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.desk.urgency import Weights, urgency, waiting_s
from tests.assistant.desk.people import START, new

WEIGHTS = Weights(patience_s=100.0)
CALM = new()


def after(seconds: float):
    return START + timedelta(seconds=seconds)


def waiting(reason: str = "mood_twice", **card):
    return replace(CALM, state="waiting", waiting_since=START, card=replace(CALM.card, handoff=reason, **card))


def test_a_conversation_that_goes_well_is_not_urgent():
    assert urgency(CALM, after(50), None, WEIGHTS) == (0.0, ())


def test_the_sum_is_that_of_the_formula():
    angry = waiting("asked_for_human", p_negative=0.9, n_failures=1, unanswered_since=START)
    total, reasons = urgency(angry, after(50), 0.75, WEIGHTS)
    assert total == pytest.approx(2 * 1 + 3 * (0.25 + 0.75 * 0.5) + 1 * 0.5 + 2 * 0.8 + 1 * 0.5 + 1 * 0.5)
    assert {reason.code: reason.value for reason in reasons} == pytest.approx(
        {
            "asked_for_human": 1,
            "waiting": 0.625,
            "unanswered": 0.5,
            "negative_mood": 0.8,
            "churn_risk": 0.5,
            "repeated_failure": 0.5,
        }
    )


def test_the_heaviest_reason_stands_first():
    _, reasons = urgency(waiting("asked_for_human", p_negative=0.6), after(1), None, WEIGHTS)
    assert [reason.code for reason in reasons] == ["asked_for_human", "waiting", "negative_mood"]


def test_who_waits_longer_goes_first_until_our_patience_is_over():
    assert urgency(waiting(), after(10), None, WEIGHTS)[0] < urgency(waiting(), after(90), None, WEIGHTS)[0]
    assert urgency(waiting(), after(100), None, WEIGHTS)[0] == urgency(waiting(), after(900), None, WEIGHTS)[0]


def test_a_closed_conversation_is_never_urgent():
    closed = replace(waiting("asked_for_human", p_negative=1.0), state="closed")
    assert urgency(closed, after(500), 1.0, WEIGHTS) == (0.0, ())


def test_somebody_waits_in_the_queue_or_for_the_owner_but_not_for_the_bot():
    asked = replace(CALM.card, unanswered_since=after(5))
    assert waiting_s(waiting(), after(9)) == 9
    assert waiting_s(replace(CALM, state="agent", owner="mei", card=asked), after(9)) == 4
    assert waiting_s(replace(CALM, card=asked), after(9)) == 0


@given(
    seconds=st.floats(-10, 1e6), p_churn=st.none() | st.floats(0, 1), p_negative=st.floats(0, 1), n=st.integers(0, 9)
)
def test_every_value_lies_between_zero_and_one(seconds, p_churn, p_negative, n):
    conversation = waiting("asked_for_human", p_negative=p_negative, n_failures=n, unanswered_since=START)
    total, reasons = urgency(conversation, after(seconds), p_churn, WEIGHTS)
    assert all(0 < reason.value <= 1 for reason in reasons)
    assert total == pytest.approx(sum(getattr(WEIGHTS, reason.code) * reason.value for reason in reasons))
