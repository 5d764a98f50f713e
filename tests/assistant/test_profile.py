import json

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.customer.profile import N_OPEN_ISSUES, Profile, fold, rebuild
from assistant.store.codec import dumps, profile_from_json, profile_to_json
from tests import strategies
from tests.assistant.turns import START, plain_turn

logs = st.lists(strategies.turns(customer_id="ann"), max_size=8)


@settings(deadline=None)
@given(logs)
def test_the_live_profile_equals_the_one_rebuilt_from_the_log(turns):
    live = Profile("ann")
    for turn in turns:  # between two turns the live one goes through the store
        live = fold(profile_from_json(json.loads(dumps(profile_to_json(live)))), turn)
    assert live == rebuild("ann", turns)
    assert live.n_turns == len(turns) == sum(live.n_sentiments.values()) == sum(live.n_intents.values())
    assert -1 <= live.mood <= 1 and -1 <= live.usual_mood <= 1


def moods(*labels: str) -> Profile:
    return rebuild(
        "ann",
        [plain_turn(sequence=n, mood=mood) for n, mood in enumerate(labels, start=1)],
    )


def test_a_customer_who_turns_angry_is_declining_and_one_who_calms_down_is_improving():
    assert moods(*["positive"] * 5, "negative", "negative").sentiment_trend == "declining"
    assert moods(*["negative"] * 5, "positive", "positive").sentiment_trend == "improving"
    assert moods(*["negative"] * 5).sentiment_trend == "steady"
    assert Profile("ann").sentiment_trend == "steady"


def test_one_worked_example():
    profile = moods("positive", "negative")
    assert profile.mood == 0.7 * 0.75 + 0.3 * -0.75
    assert profile.n_sentiments == {"positive": 1, "negative": 1}
    assert profile.n_intents == {"refund": 2}
    assert (profile.last_contact_at - profile.first_contact_at).total_seconds() == 60
    assert profile.last_contact_at.date() == START.date()


def test_the_language_is_the_one_they_write_in_most():
    languages = ["en", "zh", "zh", "other", "other", "other"]
    turns = [plain_turn(sequence=n, language=name) for n, name in enumerate(languages, start=1)]
    assert rebuild("ann", turns).language == "zh"
    assert Profile("ann").language == "other"


def test_an_unanswered_question_is_open_until_it_is_answered_in_its_conversation():
    unknown = plain_turn("c1", 1, outcome="unknown", intent="warranty")
    elsewhere = plain_turn("c2", 1, outcome="answer")
    here = plain_turn("c1", 2, outcome="answer")
    (issue,) = rebuild("ann", [unknown, elsewhere]).open_issues
    assert (issue.conversation_id, issue.turn_id, issue.intent, issue.kind) == (
        "c1",
        "c1-t1",
        "warranty",
        "unknown",
    )
    assert rebuild("ann", [unknown, elsewhere, here]).open_issues == ()


def test_a_hand_over_stays_open_until_the_customer_is_glad():
    handed = plain_turn("c1", 1, outcome="handoff")
    assert len(rebuild("ann", [handed, plain_turn("c1", 2)]).open_issues) == 1
    assert rebuild("ann", [handed, plain_turn("c1", 2, mood="positive", outcome="smalltalk")]).open_issues == ()


def test_a_profile_keeps_the_latest_issues_only():
    turns = [plain_turn("c1", n, outcome="unknown") for n in range(1, N_OPEN_ISSUES + 4)]
    issues = rebuild("ann", turns).open_issues
    assert [issue.turn_id for issue in issues] == [turn.turn_id for turn in turns[-N_OPEN_ISSUES:]]
