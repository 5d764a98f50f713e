"""A supervisor's figures over a day that was worked out by hand."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from assistant.desk.figures import Answered, Asked, figures
from assistant.values import Feedback, Post
from tests.assistant.turns import START

ZONE = ZoneInfo("Asia/Shanghai")


def post(conversation_id, sequence, minute, role="system", event="", author="", **data):
    made = START + timedelta(minutes=minute)
    return Post(f"{conversation_id}{sequence}", conversation_id, sequence, role, author, "", made, None, event, data)


def reply(conversation_id, sequence, minute, author="mei"):
    return post(conversation_id, sequence, minute, "agent", author=author, display_name=author.title())


# c1 waits 2 minutes, hears mei after 3, and rates her 5 after 1; c2 waits 4 and hears tom after 10; c3 waits for ever
POSTS = [
    post("c1", 2, 0, event="waiting"),
    post("c1", 3, 2, event="joined", author="mei"),
    reply("c1", 4, 3),
    reply("c1", 6, 5),
    post("c1", 7, 6, event="closed", author="mei"),
    post("c1", 8, 7, event="csat_given", score=1),
    post("c1", 9, 8, event="csat_given", score=5),
    post("c2", 2, 10, event="waiting"),
    post("c2", 3, 14, event="joined", author="tom"),
    reply("c2", 4, 20, "tom"),
    post("c3", 2, 30, event="waiting"),
]
ASKED = [
    Asked("c0", 1, "answer", START),
    Asked("c0", 2, "clarify", START),
    Asked("c1", 1, "handoff", START),
    Asked("c1", 5, "silent", START),
    Asked("c2", 1, "handoff", START),
    Asked("c3", 1, "handoff", START),
    Asked("c4", 1, "unknown", START),
]


@pytest.fixture(scope="module")
def day():
    votes = [Feedback(str(n), turn, vote, who, "", START) for n, (turn, vote, who) in enumerate(
        [("t1", "down", "customer"), ("t1", "up", "customer"), ("t2", "down", "customer"), ("t3", "up", "mei")])]  # fmt: skip
    return figures(ASKED, POSTS, votes, 2, START + timedelta(hours=2), ZONE)


def test_waiting_ends_when_an_agent_joins_and_who_still_waits_is_left_out(day):
    assert (day.waiting.n, day.waiting.p50_s, day.waiting.p90_s) == (2, 180, pytest.approx(120 + 0.9 * 120))


def test_the_first_reply_counts_from_the_wish_for_a_person(day):
    assert (day.first_reply.n, day.first_reply.p50_s) == (2, (180 + 600) / 2)


def test_a_message_is_answered_by_the_bot_or_by_whoever_wrote_after_it(day):
    assert day.answered == Answered(bot=2, agent=3, unanswered=2)


def test_the_last_rating_and_the_last_vote_count(day):
    assert (day.csat.n, day.csat.mean, day.csat.scores["5"], day.csat.scores["1"]) == (1, 5, 1, 0)
    assert (day.thumbs.up, day.thumbs.down) == (1, 1)


def test_every_day_has_its_line_even_one_without_a_message(day):
    assert [line.day.isoformat() for line in day.by_day] == ["2026-11-21", "2026-11-22"]
    assert (day.by_day[0].waiting.n, day.by_day[0].answered) == (0, Answered(0, 0, 0))
    assert (day.by_day[1].waiting, day.by_day[1].answered) == (day.waiting, day.answered)


def test_every_agent_has_a_line(day):
    mei, tom = day.by_agent
    assert (mei.name, mei.display_name, mei.n_conversations, mei.n_replies) == ("mei", "Mei", 1, 2)
    assert (mei.first_reply.p50_s, mei.csat.mean) == (180, 5)
    assert (tom.name, tom.n_replies, tom.first_reply.p50_s, tom.csat.n) == ("tom", 1, 600, 0)


def test_an_agent_who_joins_where_nobody_waited_is_timed_from_joining():
    posts = [post("c1", 1, 0, event="joined", author="mei"), reply("c1", 2, 1)]
    assert figures([], posts, [], 1, START, ZONE).first_reply.p50_s == 60


def test_who_is_sent_back_to_the_queue_waits_again():
    posts = [post("c1", 1, 0, event="joined", author="mei"), post("c1", 2, 1, event="transferred", author="mei", to=None),
             post("c1", 3, 6, event="transferred", author="lin", to="tom")]  # fmt: skip
    assert figures([], posts, [], 1, START, ZONE).waiting.p50_s == 300


def test_days_without_anything_are_empty_and_not_wrong():
    empty = figures([], [], [], 7, START, ZONE)
    assert (empty.waiting.n, empty.waiting.p50_s, empty.csat.mean, len(empty.by_day)) == (0, None, None, 7)
