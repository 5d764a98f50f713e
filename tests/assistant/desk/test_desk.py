"""The desk over a real store, SQLite and PostgreSQL: one owner, no lost entry, and what agents see."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.customer.score_book import ScoreBook
from assistant.desk.service import Desk
from assistant.desk.urgency import Weights
from assistant.errors import InputError, NotFound, OwnedByOther, TooLong
from assistant.hours import BusinessHours
from assistant.service import ChatService
from assistant.store import open_store
from assistant.store.users import User
from tests.assistant.desk.people import BOSS, MEI, TOM, Line, message
from tests.assistant.turns import START

N_RACES = 500
ALWAYS = BusinessHours.parse(("mon-sun=00:00-24:00",), "UTC")


def desk_over(store, tmp_path) -> Desk:
    return Desk(store, str.split, ALWAYS, ScoreBook(tmp_path / "scores"), Weights())


@pytest.fixture
def chat(store):
    return ChatService(store, Line())


@pytest.fixture
def desk(store, tmp_path):
    return desk_over(store, tmp_path)


def kinds(store, conversation_id="c1"):
    with store.read() as uow:
        return [change.kind for change in uow.journal.after(0, 1_000) if change.conversation_id == conversation_id]


def test_of_500_agents_who_take_it_at_once_one_gets_it(database_url, tmp_path):
    """Two servers with a store each: on SQLite they wait for the file, on PostgreSQL for the row."""
    stores = [open_store(database_url), open_store(database_url)]
    desks = [desk_over(store, tmp_path) for store in stores]
    ChatService(stores[0], Line()).chat(message(text="转人工"))
    barrier = threading.Barrier(8)

    def take(racer: int) -> list[str]:
        won = []
        barrier.wait()
        for n in range(racer, N_RACES, 8):
            person = User(f"agent{n}", f"Agent {n}", "agent", START)
            try:
                won.append(desks[n % 2].take("c1", person).conversation.owner)
            except OwnedByOther:
                continue
        return won

    with ThreadPoolExecutor(8) as pool:
        winners = [name for won in pool.map(take, range(8)) for name in won]
    assert len(winners) == 1
    assert desks[0].one("c1").conversation.owner == winners[0]
    assert kinds(stores[0]) == ["turn", "state", "state"]
    for store in stores:
        store.close()


def test_a_reply_that_the_bot_computed_while_an_agent_took_over_is_never_said(store, desk):
    taking = Line(before_it_answers=lambda: desk.take("c1", MEI))
    ChatService(store, Line()).chat(message(1))
    turn = ChatService(store, taking).chat(message(2))
    assert (turn.reply.kind, turn.decision.reasons[0]) == ("silent", "agent_owns")


def test_a_hand_over_that_the_bot_computed_while_an_agent_took_over_does_not_queue_it_again(store, desk):
    ChatService(store, Line()).chat(message(1))
    ChatService(store, Line(before_it_answers=lambda: desk.take("c1", MEI))).chat(message(2, "转人工"))
    assert desk.one("c1").conversation.owner == "mei"


def test_entries_come_in_one_order_whoever_wrote_them(chat, desk):
    chat.chat(message(1, "转人工"))
    desk.take("c1", MEI)
    desk.reply("c1", MEI, "您好", "a1", None)
    chat.chat(message(2, "还在吗"))
    desk.note("c1", TOM, "急", "n1")
    _, entries = desk.entries("c1", 0, MEI)
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [type(entry).__name__ for entry in entries] == ["Turn", "Post", "Post", "Post", "Turn", "Post"]
    assert [entry.sequence for entry in desk.entries("c1", 4, MEI)[1]] == [5, 6]
    shown = desk.public_entries("c1", 0)[1]
    assert [entry.sequence for entry in shown] == [1, 3, 4, 5]


def test_a_reply_is_kept_once_whoever_sends_it_again(chat, desk, store):
    chat.chat(message(1, "转人工"))
    desk.take("c1", MEI)
    with ThreadPoolExecutor(8) as pool:
        posts = list(pool.map(lambda _: desk.reply("c1", MEI, "您好", "a1", None), range(8)))
    assert len({post.post_id for post in posts}) == 1
    assert kinds(store) == ["turn", "state", "state", "post"]


def test_many_writers_at_once_leave_no_gap_in_sequence_and_journal(chat, desk, store):
    def write(n: int) -> None:
        chat.chat(message(n, "在吗")) if n % 2 else desk.note("c1", TOM, "记一下", f"n{n}")

    chat.chat(message(0))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(1, 31)))
    _, entries = desk.entries("c1", 0, MEI)
    assert [entry.sequence for entry in entries] == list(range(1, 32))
    with store.read() as uow:
        changes = uow.journal.after(0, 100)
    assert [change.sequence for change in changes] == list(range(1, 32))


def test_readers_of_the_journal_never_pass_over_a_late_commit(database_url, tmp_path):
    """On PostgreSQL numbers are drawn before commits: whoever reads meanwhile must not see 2 while 1 is still to come."""
    stores = [open_store(database_url) for _ in range(3)]
    desks, seen, done = [desk_over(store, tmp_path) for store in stores[:2]], [], threading.Event()
    for n in range(4):
        ChatService(stores[0], Line()).chat(message(1, conversation_id=f"c{n}"))

    def follow() -> None:
        while True:
            last_look = done.is_set()
            with stores[2].read() as uow:
                seen.extend(change.position for change in uow.journal.after(seen[-1] if seen else 0, 100))
            if last_look:
                return

    def write(n: int) -> None:
        for m in range(15):
            desks[n % 2].note(f"c{n}", TOM, "记", f"n{m}")

    with ThreadPoolExecutor(5) as pool:
        following = pool.submit(follow)
        for writing in [pool.submit(write, n) for n in range(4)]:
            writing.result()
        done.set()
        following.result()
    with stores[2].read() as uow:
        assert seen == [change.position for change in uow.journal.after(0, 1_000)]
    assert len(seen) == 4 + 4 * 15
    for store in stores:
        store.close()


def test_the_queue_puts_who_asked_for_a_person_first_and_leaves_out_what_is_closed(chat, desk):
    chat.chat(message(1, "怎么退货", "calm"))
    chat.chat(message(1, "转人工", "asks"))
    chat.chat(message(1, "转人工", "done"))
    desk.close("done", MEI, ask_csat=False)
    assert desk.queue("open", MEI)[0].conversation.conversation_id == "asks"
    assert [item.conversation.conversation_id for item in desk.queue("closed", MEI)] == ["done"]
    assert desk.queue("mine", MEI) == []
    desk.take("asks", MEI)
    assert [item.conversation.conversation_id for item in desk.queue("mine", MEI)] == ["asks"]
    assert desk.queue("mine", TOM) == []


def test_the_panel_of_a_known_customer_shows_profile_orders_and_moods(chat, desk):
    for n in (1, 2):
        chat.chat(message(n, "太差了", customer_id="ann"))
    panel = desk.view("c1", MEI).customer
    assert panel.profile.n_turns == 2 and len(panel.moods) == 2 and panel.score is None and panel.orders == ()


def test_reading_is_noted_once_and_what_the_owner_reads_is_read(chat, desk, store):
    chat.chat(message(1, "转人工"))
    desk.take("c1", MEI)
    chat.chat(message(2, "在吗"))
    desk.view("c1", TOM)
    assert desk.one("c1").conversation.card.n_unread == 1  # a colleague's glance does not count for the owner
    desk.view("c1", MEI)
    desk.entries("c1", 0, MEI)
    assert desk.one("c1").conversation.card.n_unread == 0
    with store.read() as uow:
        assert [(row.actor, row.action) for row in uow.audit.after(0, 10)] == [("tom", "read"), ("mei", "read")]


def test_a_transfer_goes_to_those_who_work_here(chat, desk, store):
    chat.chat(message(1, "转人工"))
    desk.take("c1", MEI)
    with store.begin() as uow:
        uow.users.add(BOSS, "no password fits")
        uow.users.add(User("gone", "Gone", "agent", START, disabled_at=START), "no password fits")
    with pytest.raises(NotFound):
        desk.transfer("c1", MEI, "nobody")
    with pytest.raises(InputError, match="any more"):
        desk.transfer("c1", MEI, "gone")
    assert desk.transfer("c1", MEI, "lin").conversation.card.agent_name == "林姐"


def test_what_is_too_long_or_cannot_be_stored_changes_nothing(chat, desk):
    chat.chat(message(1, "转人工"))
    desk.take("c1", MEI)
    with pytest.raises(TooLong):
        desk.reply("c1", MEI, "好" * 2_001, "a1", None)
    with pytest.raises(InputError):
        desk.note("c1", MEI, "half \ud83d", "n1")
    with pytest.raises(NotFound):
        desk.take("c2", MEI)
    assert desk.one("c1").conversation.n_turns == 3


def test_who_listens_is_told_after_each_commit_and_not_of_what_failed(chat, desk, store):
    told = []
    store.on_change = lambda: told.append(desk.one("c1").conversation.n_turns)
    chat.chat(message(1, "转人工"))
    desk.take("c1", MEI)
    with pytest.raises(OwnedByOther):
        desk.take("c1", TOM)
    desk.take("c1", MEI)
    assert told == [2, 3]
