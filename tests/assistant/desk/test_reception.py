"""What a customer hears outside opening hours: in their language, with the hour of the next opening, once."""

from datetime import datetime

import pytest

from assistant.desk.reception import Reception
from assistant.hours import BusinessHours
from assistant.replies import Replies
from assistant.service import ChatService
from assistant.settings import configs_folder
from assistant.values import Message
from tests.assistant.desk.people import Line

NIGHT, DAY = datetime.fromisoformat("2026-11-22T23:30+08:00"), datetime.fromisoformat("2026-11-22T12:00+08:00")
EARLY = datetime.fromisoformat("2026-11-22T06:00+08:00")


@pytest.fixture(scope="module")
def reception():
    folder = configs_folder() / "replies"
    hours = BusinessHours.parse(("mon-sun=09:00-22:00",), "Asia/Shanghai")
    return Reception(hours, Replies.load(folder / "zh.toml", folder / "en.toml"))


def wish(n: int, at: datetime, text: str = "转人工") -> Message:
    return Message("c1", f"m{n}", text, at)


def test_while_somebody_works_nothing_is_said(reception):
    assert reception.closed_text(wish(1, DAY), "zh") == ""


@pytest.mark.parametrize(
    ("at", "language", "when"),
    [
        (NIGHT, "zh", "11月23日 09:00"),
        (NIGHT, "en", "09:00 on 11/23"),
        (EARLY, "zh", " 09:00"),
        (EARLY, "mixed", " 09:00"),
    ],
)
def test_the_next_opening_is_named_with_its_day_unless_that_is_today(reception, at, language, when):
    said = reception.closed_text(wish(1, at), language)
    assert when in said and "{" not in said
    assert ("月" in said) == (language != "en" and at is NIGHT)


def test_a_shop_that_never_opens_names_no_hour(reception):
    never = Reception(BusinessHours.parse((), "Asia/Shanghai"), reception.replies)
    assert "{" not in never.closed_text(wish(1, NIGHT), "zh")


def test_a_night_in_the_queue_hears_it_once_and_is_answered_in_the_morning(store, reception):
    chat = ChatService(store, Line(), reception=reception)
    night = [chat.chat(wish(n, NIGHT, text)) for n, text in enumerate(["怎么退货", "转人工", "有人吗", "转人工"])]
    assert [turn.reply.kind for turn in night] == ["answer", "handoff", "silent", "silent"]
    assert "09:00" in night[1].reply.text
    morning = chat.chat(wish(9, DAY, "有人吗"))
    assert morning.reply.kind == "silent" and chat.conversation("c1").state == "waiting"


def test_who_already_waits_when_the_shop_closes_is_told_then(store, reception):
    chat = ChatService(store, Line(), reception=reception)
    assert "转接" in chat.chat(wish(1, DAY)).reply.text
    told, after = chat.chat(wish(2, NIGHT, "还有人吗")), chat.chat(wish(3, NIGHT, "在吗"))
    assert "09:00" in told.reply.text and after.reply.kind == "silent"
