"""The chat service over a real store, SQLite and PostgreSQL; the line in its middle is a small one that we can hold."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from assistant.customer.profile import rebuild
from assistant.errors import InputError, NotFound, StoreFull, TooLong
from assistant.pipeline import Draft
from assistant.service import ChatService
from assistant.store import open_store
from assistant.store.log import Turns
from assistant.values import Message
from tests import strategies
from tests.assistant.turns import START, plain_turn

HELLO = Message("c1", "m1", "怎么退货", START, customer_id="ann")


class Line:
    """Answers everything with the text's own length, and notes what it was asked."""

    def __init__(self):
        self.contexts, self.may_answer = [], threading.Event()
        self.may_answer.set()
        self.started = threading.Semaphore(0)

    def run(self, message, context) -> Draft:
        self.contexts.append(context)
        self.started.release()
        assert self.may_answer.wait(10)
        mood = ("negative", "neutral", "positive")[len(message.text) % 3]
        turn = plain_turn(text=message.text, mood=mood)
        reply = replace(turn.reply, text=f"{len(message.text)} 个字")
        return Draft(turn.reading, turn.decision, reply, turn.versions)


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def chat(store, line):
    return ChatService(store, line)


def n_turns(store) -> int:
    with store.read() as uow:
        return uow.turns.count()


def test_a_message_is_answered_and_kept(chat, store):
    turn = chat.chat(HELLO)
    assert (turn.sequence, turn.message, turn.reply.text) == (1, HELLO, "4 个字")
    assert turn.versions.model == "encoder-1" and turn.versions.index == "faq-1"
    assert chat.history("c1") == (turn,)
    assert chat.conversation("c1").n_turns == 1
    assert [c.conversation_id for c in chat.conversations()] == ["c1"]


def test_a_retry_gets_the_stored_turn_and_is_not_computed_again(chat, store, line):
    first = chat.chat(HELLO)
    assert chat.chat(HELLO) == first
    assert chat.chat(replace(HELLO, text="something else")) == first
    assert len(line.contexts) == n_turns(store) == 1


def test_the_line_sees_the_last_turns_oldest_first(store, line):
    chat = ChatService(store, line, n_context_turns=2)
    for n in range(4):
        chat.chat(replace(HELLO, message_id=f"m{n}"))
    assert [[t.sequence for t in context.turns] for context in line.contexts] == [[], [1], [1, 2], [2, 3]]


def test_the_line_sees_what_another_server_answered_and_the_log_as_it_stands(database_url, line):
    stores = [open_store(database_url), open_store(database_url)]
    one, other = (ChatService(store, line, n_context_turns=3) for store in stores)
    for n, server in enumerate((one, one, other, other, one, one)):
        server.chat(replace(HELLO, message_id=f"m{n}"))
    log = one.history("c1")
    assert [context.turns for context in line.contexts] == [log[max(0, n - 3) : n] for n in range(6)]
    for store in stores:
        store.close()


def test_a_conversation_of_which_the_turns_are_known_is_not_read_again(chat, monkeypatch):
    chat.chat(HELLO)
    monkeypatch.setattr(Turns, "last", lambda *_: pytest.fail("the turns were read again"))
    assert chat.chat(replace(HELLO, message_id="m2")).sequence == 2


def test_copies_of_one_message_at_once_make_one_turn(chat, store, line):
    line.may_answer.clear()
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(chat.chat, HELLO) for _ in range(8)]
        line.started.acquire()
        line.may_answer.set()
        turns = {answer.result().turn_id for answer in answers}
    assert len(turns) == n_turns(store) == len(line.contexts) == 1


def test_copies_of_one_message_at_two_servers_make_one_turn(database_url, line):
    """Each server has a store of its own; both compute, one commits, the other returns what was committed."""
    stores = [open_store(database_url), open_store(database_url)]
    line.may_answer.clear()
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(ChatService(store, line).chat, HELLO) for store in stores]
        for _ in stores:
            line.started.acquire()
        line.may_answer.set()
        first, second = (answer.result() for answer in answers)
    assert first == second and n_turns(stores[0]) == 1
    with stores[0].read() as uow:
        assert uow.profiles.get("ann").n_turns == 1
    for store in stores:
        store.close()


def test_a_message_that_another_server_overtook_is_answered_again_with_what_was_said(database_url, line):
    stores = [open_store(database_url), open_store(database_url)]
    line.may_answer.clear()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ChatService(stores[0], line).chat, replace(HELLO, message_id="m2"))
        line.started.acquire()
        first = ChatService(stores[1], Line()).chat(HELLO)
        line.may_answer.set()
        second = answer.result()
    assert (first.sequence, second.sequence) == (1, 2)
    assert [context.turns for context in line.contexts] == [(), (first,)]
    for store in stores:
        store.close()


def test_no_transaction_is_open_while_the_line_computes(chat, store, line):
    line.may_answer.clear()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(chat.chat, HELLO)
        line.started.acquire()
        with store.begin() as uow:  # would wait for the other writer, and fail
            uow.meta.set("written", "meanwhile")
        line.may_answer.set()
        answer.result()
    assert n_turns(store) == 1


def test_many_customers_at_once_lose_nothing_and_keep_their_order(chat, store):
    def talk(customer: int) -> None:
        for n in range(6):
            message = Message(f"c{customer}-{n % 2}", f"m{n}", "好" * n, START, customer_id=f"u{customer % 3}")
            chat.chat(message)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(talk, range(6)))
    assert n_turns(store) == 36
    with store.read() as uow:
        for customer in ("u0", "u1", "u2"):
            assert uow.profiles.get(customer) == rebuild(customer, uow.turns.of_customer(customer))
        for conversation in uow.conversations.latest(50):
            turns = uow.turns.last(conversation.conversation_id, 50)
            assert [turn.sequence for turn in turns] == list(range(1, conversation.n_turns + 1))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=strategies.texts, ids=st.tuples(strategies.new_ids, strategies.new_ids))
def test_any_text_comes_back_byte_for_byte_and_the_profile_can_be_rebuilt(chat, store, text, ids):
    conversation, customer = ids
    chat.chat(Message(conversation, "m1", text, START, customer_id=customer))
    (turn,) = chat.history(conversation)
    assert turn.message.text.encode() == text.encode()
    with store.read() as uow:
        assert uow.profiles.get(customer) == rebuild(customer, uow.turns.of_customer(customer))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"text": "a\0"}, InputError),
        ({"text": "half \ud83d"}, InputError),
        ({"text": "长" * 2001}, TooLong),
        ({"message_id": ""}, InputError),
        ({"message_id": "a\nb"}, InputError),
        ({"conversation_id": "\0"}, InputError),
        ({"conversation_id": "c" * 129}, InputError),
        ({"customer_id": "\ud83d"}, InputError),
        ({"faq_id": ""}, InputError),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_computed(chat, store, line, wrong, error):
    with pytest.raises(error, match="not usable|at most|not text"):
        chat.chat(replace(HELLO, **wrong))
    assert n_turns(store) == len(line.contexts) == 0


def test_another_customer_cannot_write_in_a_conversation(chat, store):
    chat.chat(HELLO)
    for message_id in ("m1", "m2"):
        with pytest.raises(NotFound, match="no conversation 'c1'"):
            chat.chat(replace(HELLO, message_id=message_id, customer_id="bob"))
    assert n_turns(store) == 1


def test_a_guest_who_signs_in_keeps_the_conversation(chat, store):
    chat.chat(replace(HELLO, customer_id=None))
    chat.chat(replace(HELLO, message_id="m2"))
    assert chat.conversation("c1").customer_id == "ann"
    with store.read() as uow:
        assert uow.profiles.get("ann").n_turns == 1  # what they said as a guest is not proven to be theirs


def test_a_turn_that_cannot_be_saved_leaves_nothing_and_the_retry_succeeds(tmp_path, line):
    store = open_store(f"sqlite:///{tmp_path / 'huida.db'}")
    chat = ChatService(store, line, max_text_chars=300_000)
    long = replace(HELLO, text="长" * 200_000)
    with store.begin() as uow:
        uow.connection.execute(text("PRAGMA max_page_count = 60"))
    with pytest.raises(StoreFull):
        chat.chat(long)
    assert chat.history("c1") == ()
    with store.begin() as uow:
        uow.connection.execute(text("PRAGMA max_page_count = 100000"))
    assert chat.chat(long).sequence == 1
    store.close()


def test_feedback_is_kept_with_its_turn(chat, store):
    turn = chat.chat(HELLO)
    given_feedback = chat.feedback(turn.turn_id, "down", comment="不对")
    with store.read() as uow:
        assert uow.feedback.of_turns([turn.turn_id]) == [given_feedback]
    assert (given_feedback.verdict, given_feedback.author, given_feedback.comment) == ("down", "customer", "不对")


def test_feedback_that_makes_no_sense_is_refused(chat):
    turn = chat.chat(HELLO)
    with pytest.raises(NotFound, match="no turn 'nowhere'"):
        chat.feedback("nowhere", "up")
    with pytest.raises(InputError, match="expected up or down"):
        chat.feedback(turn.turn_id, "meh")
    with pytest.raises(TooLong):
        chat.feedback(turn.turn_id, "up", comment="x" * 2001)
    with pytest.raises(InputError):
        chat.feedback(turn.turn_id, "up", comment="\0")
