from datetime import timedelta

import numpy as np
import pytest

from assistant.customer.next_action import next_actions
from assistant.customer.profile import OpenIssue, Profile
from assistant.customer.reasons import REASONS
from assistant.customer.scores import COLUMNS, Scores
from tests.assistant.turns import START


def scored(*customers: tuple[str, float, float]) -> Scores:
    """Scores of (id, p_churn, expected spend in CNY), everything else 0."""
    numbers = np.zeros((len(customers), len(COLUMNS)))
    numbers[:, COLUMNS.index("p_churn")] = [p for _, p, _ in customers]
    numbers[:, COLUMNS.index("expected_spend_cny")] = [spend for _, _, spend in customers]
    ids = tuple(who for who, _, _ in customers)
    return Scores("2026-11-22", 90, "churn model", 0.0, ids, numbers, np.zeros((len(ids), len(REASONS))))


NOW = START + timedelta(days=3, hours=1)


def complaint(kind="handoff", about="refund", since_at=START):
    return OpenIssue("c1", "t1", about, kind, since_at)


def test_one_worked_example():
    ann = Profile("ann", n_turns=3, mood=-0.5, usual_mood=0.5, open_issues=(complaint(),))
    (action,) = next_actions([ann], scored(("ann", 0.6, 1_000.0)), NOW)
    # 1 - (1 - .6)(1 - .3)(1 - .2 * 1.0 / 2)
    assert action.p_loss == pytest.approx(1 - 0.4 * 0.7 * 0.9)
    assert action.at_stake_cny == pytest.approx(748.0)
    assert [(why.cause, pytest.approx(why.p_loss)) for why in action.reasons] == [
        ("risk", 0.6),
        ("complaint", 0.3),
        ("mood", 0.1),
    ]
    assert action.reasons[1].en == "an open complaint: refund, waiting for 3 days"
    assert action.reasons[1].zh == "有未解决的投诉: refund, 已等待 3 天"
    assert action.step == "settle_complaint"  # before any offer


def test_risk_counts_by_what_the_customer_is_worth():
    scores = scored(("poor", 0.9, 100.0), ("rich", 0.6, 5_000.0), ("safe", 0.1, 9_000.0))
    actions = next_actions([], scores, NOW)
    assert [(action.customer_id, action.step) for action in actions] == [("rich", "win_back"), ("poor", "win_back")]


def test_a_loyal_customer_with_a_complaint_is_called_and_one_without_a_reason_is_not():
    scores = scored(("ann", 0.1, 1_000.0), ("bob", 0.1, 1_000.0))
    actions = next_actions([Profile("ann", open_issues=(complaint(),)), Profile("bob")], scores, NOW)
    assert [action.customer_id for action in actions] == ["ann"]
    assert actions[0].p_loss == pytest.approx(1 - 0.9 * 0.7)


def test_a_falling_mood_alone_asks_for_a_call():
    (action,) = next_actions([Profile("ann", mood=-0.4, usual_mood=0.4)], scored(("ann", 0.2, 500.0)), NOW)
    assert action.step == "call" and action.reasons[0].en == "mood falling (+0.4 → -0.4)"


def test_somebody_without_purchases_counts_as_the_usual_customer():
    scores = scored(("a", 0.1, 100.0), ("b", 0.1, 300.0), ("c", 0.1, 900.0))
    (action,) = next_actions([Profile("new", open_issues=(complaint("unknown"),))], scores, NOW)
    assert (action.value_cny, action.value_is_known, action.step) == (300.0, False, "answer_question")
    assert action.at_stake_cny == pytest.approx(30.0)


def test_two_complaints_weigh_more_than_one_and_who_was_contacted_is_left_out():
    profiles = [
        Profile("one", open_issues=(complaint(),)),
        Profile("two", open_issues=(complaint(about="late"), complaint(about="refund"))),
        Profile("done", open_issues=(complaint(),)),
    ]
    actions = next_actions(profiles, None, NOW, leave_out={"done"})
    assert [action.customer_id for action in actions] == ["two", "one"]
    assert actions[0].p_loss == pytest.approx(1 - 0.7**2) and "late, refund" in actions[0].reasons[0].en


def test_the_order_of_the_input_changes_nothing_and_ties_go_by_id():
    actions = next_actions([], scored(*((name, 0.7, 100.0) for name in "cab")), NOW, n=2)
    assert [action.customer_id for action in actions] == ["a", "b"]
    assert actions == next_actions([], scored(*((name, 0.7, 100.0) for name in "bac")), NOW, n=2)
    assert next_actions([], None, NOW) == []


def test_who_never_wrote_ranks_with_those_who_did():
    scores = scored(*((f"s{i}", 0.9, 10.0 * i) for i in range(30)), ("ann", 0.8, 150.0))
    found = next_actions([Profile("ann", open_issues=(complaint(),))], scores, NOW, n=20)
    whole = next_actions([Profile("ann", open_issues=(complaint(),))], scores, NOW, n=40)
    assert found == whole[:20] and "ann" in {action.customer_id for action in found}
    assert next_actions([], scores, NOW, n=1, leave_out={"s29"})[0].customer_id == "s28"
