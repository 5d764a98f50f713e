"""Who speaks to the customer after each thing that can happen: pure moves from one conversation to the next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.desk import ownership
from assistant.errors import InputError, OwnedByOther
from assistant.values import Post, Turn
from tests.assistant.desk.people import BOSS, MEI, TOM, at, draft, message, new

CLOSED = "现在不在服务时间。"


def waiting():
    return ownership.receive(new(), message(), draft("handoff", "asked_for_human"), at(1)).conversation


def taken():
    return ownership.take(waiting(), MEI, at(2)).conversation


def closed():
    return ownership.close(taken(), MEI, at(3)).conversation


def events(outcome):
    return [entry.event for entry in outcome.entries if isinstance(entry, Post)]


def test_an_answer_leaves_the_conversation_with_the_bot():
    outcome = ownership.receive(new(), message(), draft(), at(1))
    assert outcome.conversation.state == "bot"
    assert (outcome.turn.sequence, outcome.turn.reply.kind, outcome.conversation.n_turns) == (1, "answer", 1)
    assert [(change.kind, change.sequence) for change in outcome.changes] == [("turn", 1)]
    assert outcome.conversation.card.unanswered_since is None


def test_a_hand_over_puts_the_conversation_into_the_queue():
    outcome = ownership.receive(new(), message(), draft("handoff", "mood_twice"), at(1))
    assert (outcome.conversation.state, outcome.conversation.waiting_since) == ("waiting", at(1))
    assert outcome.conversation.card.handoff == "mood_twice"
    assert outcome.turn.reply.kind == "handoff"
    assert events(outcome) == ["waiting"]
    assert [(change.kind, change.sequence) for change in outcome.changes] == [("turn", 1), ("state", 2)]


@pytest.mark.parametrize(("conversation", "reason"), [(waiting(), "waiting"), (taken(), "agent_owns")])
def test_the_bot_is_silent_while_a_person_has_or_will_have_it(conversation, reason):
    outcome = ownership.receive(conversation, message(2), draft(), at(4))
    assert (outcome.turn.reply.text, outcome.turn.reply.kind) == ("", "silent")
    assert outcome.turn.decision.reasons == (reason, "confident_answer")
    assert outcome.turn.decision.hits  # an agent's suggestions lean on them
    assert outcome.conversation.state == conversation.state
    assert outcome.conversation.card.n_unread == conversation.card.n_unread + 1
    assert outcome.conversation.card.unanswered_since is not None


def test_outside_opening_hours_the_hand_over_says_so_instead_of_promising_somebody():
    outcome = ownership.receive(new(), message(), draft("handoff", "asked_for_human"), at(1), CLOSED)
    assert outcome.turn.reply.text == CLOSED
    assert outcome.turn.decision.reasons == ("out_of_hours", "asked_for_human")
    assert outcome.conversation.card.handoff == "asked_for_human"
    after = ownership.receive(outcome.conversation, message(2), draft(), at(2), CLOSED)
    assert after.turn.reply.kind == "silent"  # said once


def test_outside_opening_hours_the_bot_still_answers_what_it_knows():
    assert ownership.receive(new(), message(), draft(), at(1), CLOSED).turn.reply.kind == "answer"


def test_who_waits_when_the_shop_closes_is_told_once_and_by_nobody_while_an_agent_writes():
    told = ownership.receive(waiting(), message(2), draft(), at(2), CLOSED)
    assert told.turn.reply.text == CLOSED
    again = ownership.receive(told.conversation, message(3), draft(), at(3), CLOSED)
    assert again.turn.reply.kind == "silent"
    assert ownership.receive(taken(), message(3), draft("handoff"), at(3), CLOSED).turn.reply.kind == "silent"


def test_of_two_agents_the_first_gets_it_and_the_second_is_told_who_has_it():
    with pytest.raises(OwnedByOther, match=r"小美 \(mei\)"):
        ownership.take(taken(), TOM, at(3))
    assert ownership.take(taken(), MEI, at(3)).changes == ()


def test_an_agent_may_take_what_nobody_asked_a_person_for():
    assert ownership.take(new(), MEI, at(1)).conversation.state == "agent"


@pytest.mark.parametrize("move", [ownership.release, ownership.close])
def test_another_agent_may_not_move_it_but_a_supervisor_may(move):
    with pytest.raises(OwnedByOther):
        move(taken(), TOM, at(3))
    assert move(taken(), BOSS, at(3)).conversation.owner is None


def test_handed_back_the_bot_answers_again():
    outcome = ownership.release(taken(), MEI, at(3))
    assert (outcome.conversation.state, events(outcome)) == ("bot", ["handed_back"])
    assert ownership.receive(outcome.conversation, message(2), draft(), at(4)).turn.reply.kind == "answer"


def test_a_transfer_names_the_colleague_or_goes_back_to_the_queue():
    given_on = ownership.transfer(taken(), MEI, TOM, at(3))
    assert (given_on.conversation.owner, given_on.conversation.card.agent_name) == ("tom", "Tom")
    back = ownership.transfer(taken(), MEI, None, at(3))
    assert (back.conversation.state, back.conversation.owner, back.conversation.waiting_since) == (
        "waiting",
        None,
        at(3),
    )
    with pytest.raises(InputError):
        ownership.transfer(closed(), MEI, TOM, at(4))
    with pytest.raises(OwnedByOther):
        ownership.transfer(taken(), TOM, TOM, at(3))


def test_closing_asks_for_a_rating_once_unless_told_not_to():
    assert events(ownership.close(taken(), MEI, at(3))) == ["closed", "csat_asked"]
    assert events(ownership.close(taken(), MEI, at(3), ask_csat=False)) == ["closed"]
    assert ownership.close(closed(), MEI, at(4)).changes == ()


def test_a_closed_conversation_that_is_written_in_returns_to_the_bot():
    outcome = ownership.receive(closed(), message(2), draft(), at(4))
    assert outcome.conversation.state == "bot" and outcome.turn.reply.kind == "answer"
    assert [type(entry) for entry in outcome.entries] == [Post, Turn]
    assert not outcome.conversation.card.csat_asked
    again = ownership.receive(closed(), message(2), draft("handoff", "complaint"), at(4))
    assert again.conversation.state == "waiting" and events(again) == ["reopened", "waiting"]


def test_only_the_owner_replies_and_the_question_is_answered_then():
    with pytest.raises(OwnedByOther, match="take it first"):
        ownership.reply(waiting(), MEI, "您好", "a1", at(2))
    with pytest.raises(OwnedByOther, match="小美"):
        ownership.reply(taken(), TOM, "您好", "a1", at(3))
    asked = ownership.receive(taken(), message(2), draft(), at(3)).conversation
    outcome = ownership.reply(asked, MEI, "您好", "a1", at(4), suggestion_id="s1")
    card = outcome.conversation.card
    assert (card.unanswered_since, card.n_unread, card.last_sender, card.last_text) == (None, 0, "agent", "您好")
    assert outcome.entries[0].data == {"display_name": "小美", "suggestion_id": "s1"}


def test_a_note_leaves_the_card_as_it_was():
    outcome = ownership.note(waiting(), TOM, "老客户", "n1", at(2))
    assert outcome.conversation.card == waiting().card
    assert [change.kind for change in outcome.changes] == ["note"]


def test_a_rating_is_taken_when_it_was_asked_for():
    assert ownership.rate(closed(), 5, "好", at(4)).entries[0].data == {"score": 5}
    with pytest.raises(InputError, match="nobody asked"):
        ownership.rate(taken(), 5, "", at(4))


MOVES = st.sampled_from(
    ["message", "handoff", "take", "take2", "release", "transfer", "queue", "close", "reply", "note"]
)


@given(st.lists(MOVES, max_size=25))
def test_whatever_happens_sequences_have_no_gap_and_only_an_owner_silences_for_good(moves):
    conversation, entries = new(), []
    for n, move in enumerate(moves, 1):
        try:
            outcome = _moved(conversation, move, n)
        except (OwnedByOther, InputError):
            continue
        was, conversation = conversation, outcome.conversation
        entries += outcome.entries
        assert (conversation.owner is not None) == (conversation.state == "agent")
        assert (conversation.waiting_since is not None) == (conversation.state == "waiting")
        assert (conversation.card.agent_name != "") == (conversation.state == "agent")
        if move in ("message", "handoff"):
            assert (outcome.turn.reply.kind == "silent") == (was.state in ("waiting", "agent"))
    assert [entry.sequence for entry in entries] == list(range(1, conversation.n_turns + 1))


def _moved(conversation, move, n):
    match move:
        case "message" | "handoff":
            return ownership.receive(conversation, message(n), draft("answer" if move == "message" else move), at(n))
        case "take" | "take2":
            return ownership.take(conversation, MEI if move == "take" else TOM, at(n))
        case "release":
            return ownership.release(conversation, MEI, at(n))
        case "transfer" | "queue":
            return ownership.transfer(conversation, MEI, TOM if move == "transfer" else None, at(n))
        case "close":
            return ownership.close(conversation, TOM, at(n))
        case "reply":
            return ownership.reply(conversation, MEI, "好的", f"a{n}", at(n))
        case "note":
            return ownership.note(conversation, TOM, "注意", f"n{n}", at(n))
