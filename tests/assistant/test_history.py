"""Past conversations in the log: read once, answered as they were, and folded as if they had been said here."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.customer.profile import fold, rebuild
from assistant.errors import InputError
from assistant.history import import_history, read_history, rebuild_profiles
from tests.api.conftest import reader  # noqa: F401
from tests.assistant.turns import plain_turn

ZONE = ZoneInfo("Asia/Shanghai")
CHATS = """会话编号,客户编号,发送时间,内容,发送方
s1,ann,2026-03-02 09:00,怎么退货,客户
s1,,2026-03-02 09:01,七天内可以退。,客服
s1,,2026-03-02 09:05,谢谢你,客户
s2,bob,2026-03-01 08:00,太差了,客户
s2,bob,2099-03-01 08:00,以后再说,客户
s3,,2026-03-01 08:00,运费多少,客户
"""


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "chats.csv"
    path.write_text(CHATS, "utf-8")
    return read_history(path, {}, tmp_path / "rejects.csv", ZONE)


def test_a_row_of_the_future_is_kept_in_the_rejects_file(rows, tmp_path):
    assert len(rows) == 5
    assert "lies in the future" in (tmp_path / "rejects.csv").read_text("utf-8-sig")
    assert rows[0].at == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_messages_become_turns_with_the_answers_of_then(store, reader, rows):  # noqa: F811
    done = import_history(store, reader, rows)
    assert (done.n_turns, done.n_known, done.n_replies, done.n_customers) == (4, 0, 1, 2)
    with store.read() as uow:
        first, second = uow.turns.last("s1", 9)
        ann = uow.profiles.get("ann")
    assert (first.reply.text, first.decision.outcome) == ("七天内可以退。", "answer")
    assert second.message.customer_id == "ann"  # a conversation has one customer, in every row
    assert (ann.n_turns, sum(ann.n_sentiments.values()), ann.open_issues) == (2, 2, ())


def test_a_second_import_changes_nothing(store, reader, rows):  # noqa: F811
    import_history(store, reader, rows)
    with store.read() as uow:
        before = list(uow.profiles.since())
    again = import_history(store, reader, rows)
    with store.read() as uow:
        assert (again.n_turns, again.n_known, list(uow.profiles.since())) == (0, 4, before)


def test_what_was_said_before_is_folded_before_what_was_said_here(store, reader, rows):  # noqa: F811
    here = plain_turn("live", 1, customer_id="ann", mood="negative")
    with store.begin() as uow:
        uow.conversations.open("live", "ann", here.created_at)
        uow.turns.add(here)
        uow.profiles.save(fold(uow.profiles.open("ann"), here))
    import_history(store, reader, rows)
    with store.read() as uow:
        turns = list(uow.turns.of_customer("ann"))
        past = [turn for turn in turns if turn.message.conversation_id == "s1"]
        assert uow.profiles.get("ann") == fold(rebuild("ann", past), here)
    assert turns[0].message.conversation_id == "live"  # first in the log, last in the fold


def test_profiles_rebuilt_from_the_log_are_the_live_ones(store, reader, rows):  # noqa: F811
    import_history(store, reader, rows)
    with store.begin() as uow:
        ann = uow.profiles.open("ann")
    assert rebuild_profiles(store) == (2, 0)
    with store.begin() as uow:
        assert uow.profiles.get("ann") == ann
        uow.profiles.save(fold(ann, plain_turn("s1", 9, customer_id="ann")))  # a turn that the log does not hold
    assert rebuild_profiles(store) == (2, 1)
    with store.read() as uow:
        assert uow.profiles.get("ann") == ann


def test_somebody_elses_conversation_is_refused(store, reader, rows):  # noqa: F811
    with store.begin() as uow:
        uow.conversations.open("s1", "eve", rows[0].at)
    with pytest.raises(InputError, match="'s1' belongs to another customer"):
        import_history(store, reader, rows)


def test_moods_of_the_log_are_those_of_its_turns(store, reader, rows):  # noqa: F811
    import_history(store, reader, rows)
    with store.read() as uow:
        found = {(who, at): (mood, outcome) for who, at, mood, outcome in uow.turns.moods()}
        for turn in uow.turns.all():
            if who := turn.message.customer_id:
                p = turn.reading.sentiment.p
                mood, outcome = found[who, turn.message.received_at]
                assert mood == pytest.approx(p["positive"] - p["negative"]) and outcome == turn.decision.outcome
    assert len(found) == 3
