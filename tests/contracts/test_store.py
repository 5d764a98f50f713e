"""What every store keeps to: each test runs on SQLite and on a real PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from assistant.customer.profile import Profile, fold
from assistant.errors import Conflict, InputError, NotFound, StoreError
from assistant.store import open_store, tables, upgrades
from assistant.values import FaqEntry, Feedback, Order, Turn
from tests import strategies
from tests.assistant.turns import plain_turn

NOW = datetime(2026, 11, 22, 8, 30, 0, 123456, tzinfo=UTC)
ONE_STORE = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def save(store, turn: Turn) -> None:
    with store.begin() as uow:
        uow.conversations.open(
            turn.message.conversation_id,
            turn.message.customer_id,
            turn.message.received_at,
        )
        uow.turns.add(turn)


def conversation(n: int, conversation_id: str = "c1", customer_id: str | None = None) -> list[Turn]:

    return [plain_turn(conversation_id, sequence, customer_id=customer_id) for sequence in range(1, n + 1)]


@ONE_STORE
@given(turn=strategies.turns())
def test_a_turn_comes_back_exactly_as_it_was_said(store, turn):
    save(store, turn)
    with store.read() as uow:
        found = uow.turns.get(turn.turn_id)
    assert found == turn
    assert found.message.text.encode() == turn.message.text.encode()
    assert found.reading.vector.size == 0


@ONE_STORE
@given(
    entry=st.builds(
        FaqEntry,
        strategies.words,
        strategies.texts,
        strategies.texts,
        st.just(("a", "👩‍👩‍👧‍👦")),
        strategies.texts,
    )
)
def test_an_faq_entry_comes_back_exactly_as_it_was_written(store, entry):
    with store.begin() as uow:
        uow.faq.upsert([entry], NOW)
    with store.read() as uow:
        assert uow.faq.get(entry.faq_id) == entry


def test_half_a_surrogate_pair_is_refused_and_nothing_is_saved(store):
    turn = conversation(1)[0]
    with pytest.raises(InputError):
        save(store, replace(turn, message=replace(turn.message, text="half \ud83d emoji")))
    with store.read() as uow:
        assert uow.turns.count() == 0
        assert uow.conversations.latest(5) == []


def test_the_last_turns_come_oldest_first(store):
    for turn in conversation(5):
        save(store, turn)
    with store.read() as uow:
        assert [t.sequence for t in uow.turns.last("c1", 3)] == [3, 4, 5]
        assert [t.sequence for t in uow.turns.after("c1", 2, limit=2)] == [3, 4]
        assert uow.turns.last("nobody", 3) == ()


def test_the_same_message_cannot_be_stored_twice(store):
    first, second = conversation(2)
    save(store, first)
    with pytest.raises(Conflict):
        save(
            store,
            replace(
                second,
                message=replace(second.message, message_id=first.message.message_id),
            ),
        )
    with pytest.raises(Conflict):
        save(store, replace(second, sequence=1))
    with store.read() as uow:
        assert uow.turns.find("c1", first.message.message_id) == first
        assert uow.turns.count() == 1


def test_a_turn_of_no_conversation_is_refused(store):
    with pytest.raises(Conflict), store.begin() as uow:
        uow.turns.add(conversation(1)[0])


@pytest.mark.parametrize("table", ["turns", "feedback"])
def test_the_log_cannot_be_rewritten(store, table):
    turn = conversation(1)[0]
    save(store, turn)
    with store.begin() as uow:
        uow.feedback.add(Feedback("f1", turn.turn_id, "up", "customer", "", NOW))
    column = {"turns": "text", "feedback": "comment"}[table]
    with (
        pytest.raises((StoreError), match="append-only|another row"),
        store.begin() as uow,
    ):
        uow.connection.execute(update(tables.metadata.tables[table]).values({column: "rewritten"}))


def test_an_error_in_the_block_leaves_nothing_behind(store):
    with pytest.raises(ZeroDivisionError), store.begin() as uow:
        uow.conversations.open("c1", None, NOW)
        uow.turns.add(conversation(1)[0])
        raise ZeroDivisionError
    with store.read() as uow:
        assert uow.turns.count() == 0


def test_a_conversation_counts_its_turns_and_keeps_its_first_customer(store):
    for turn in conversation(2, customer_id=None):
        save(store, turn)
    with store.begin() as uow:
        assert uow.conversations.open("c1", "ann", NOW).customer_id == "ann"
        assert uow.conversations.open("c1", "bob", NOW).customer_id == "ann"
    with store.read() as uow:
        found = uow.conversations.get("c1")
        assert (found.n_turns, found.customer_id) == (2, "ann")
        assert uow.conversations.latest(5) == [found]
        assert uow.conversations.latest(5, customer_id="bob") == []
        with pytest.raises(NotFound):
            uow.conversations.get("c2")


def test_instants_come_back_in_utc_whatever_zone_they_had(store):
    beijing = NOW.astimezone(timezone(timedelta(hours=8)))
    with store.begin() as uow:
        uow.conversations.open("c1", None, beijing)
    with store.read() as uow:
        started = uow.conversations.get("c1").started_at
    assert started == NOW and started.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(store):
    with pytest.raises(InputError, match="time zone"), store.begin() as uow:
        uow.conversations.open("c1", None, NOW.replace(tzinfo=None))


def test_feedback_is_kept_in_order(store):
    turn = conversation(1)[0]
    save(store, turn)
    given_feedback = [
        Feedback(f"f{n}", turn.turn_id, v, "customer", "好 👍", NOW) for n, v in enumerate(["up", "down"])
    ]
    for feedback in given_feedback:
        with store.begin() as uow:
            uow.feedback.add(feedback)
    with store.read() as uow:
        assert uow.feedback.of_turns([turn.turn_id]) == given_feedback == list(uow.feedback.all())
    with pytest.raises(Conflict), store.begin() as uow:
        uow.feedback.add(Feedback("f9", "no such turn", "up", "customer", "", NOW))


def test_each_change_of_the_faq_raises_its_revision(store):
    a, b = (
        FaqEntry("a", "退货?", "七天内。", ("怎么退",)),
        FaqEntry("b", "Shipping?", "Free.", language="en"),
    )
    with store.begin() as uow:
        assert uow.faq.revision() == 0
        uow.faq.upsert([b, a], NOW)
        assert uow.faq.revision() == 1
        uow.faq.upsert([replace(a, answer="十天内。")], NOW)
    with store.begin() as uow:
        assert uow.faq.all() == [replace(a, answer="十天内。"), b]
        assert uow.faq.delete(["b", "never there"]) == 1
        assert uow.faq.delete(["b"]) == 0
        assert (uow.faq.revision(), uow.faq.count()) == (3, 1)
        with pytest.raises(NotFound):
            uow.faq.get("b")


def test_many_entries_are_deleted_at_once(store):
    with store.begin() as uow:
        uow.faq.upsert([FaqEntry(f"e{n}", "q", "a") for n in range(1200)], NOW)
        assert uow.faq.delete([f"e{n}" for n in range(1100)]) == 1100
        assert uow.faq.count() == 100


def test_orders_are_found_by_number_and_by_customer(store):
    old = Order(
        "SO1",
        "ann",
        "delivered",
        ("水杯", "mug"),
        59.9,
        NOW - timedelta(days=9),
        "顺丰",
        "SF123",
    )
    new = replace(old, order_no="SO2", status="packed", ordered_at=NOW)
    with store.begin() as uow:
        uow.orders.put([old, new])
        uow.orders.put([replace(new, status="shipped")])
    with store.read() as uow:
        assert uow.orders.get("SO1") == old
        assert uow.orders.of_customer("ann", 5) == [replace(new, status="shipped"), old]
        with pytest.raises(NotFound):
            uow.orders.get("SO3")


def test_a_profile_comes_back_as_it_was_saved(store):
    turns = conversation(3, customer_id="ann")
    profile = Profile("ann")
    for turn in turns:
        save(store, turn)
        profile = fold(profile, turn)
    with store.begin() as uow:
        assert uow.profiles.open("ann") == Profile("ann")
        uow.profiles.save(profile)
    with store.read() as uow:
        assert uow.profiles.get("ann") == profile
        assert uow.profiles.get("bob") == Profile("bob")
        assert list(uow.turns.of_customer("ann")) == turns == list(uow.turns.all())


def test_a_token_is_found_by_its_secret_until_it_is_revoked(store):
    with store.begin() as uow:
        token, secret = uow.tokens.create("laptop", "admin", NOW)
        assert uow.tokens.find(secret) == token
        assert uow.tokens.find(secret + "x") is None
        assert uow.tokens.find("\ud83d") is None
    with store.read() as uow:
        rows = uow.connection.execute(text("SELECT * FROM api_tokens")).all()
    assert secret not in str(rows)
    with store.begin() as uow:
        uow.tokens.revoke(token.token_id, NOW)
        assert uow.tokens.find(secret) is None
        assert uow.tokens.all() == [replace(token, revoked_at=NOW)]
        with pytest.raises(NotFound):
            uow.tokens.revoke(token.token_id, NOW)


def test_writers_in_many_threads_wait_for_each_other(store):
    barrier = threading.Barrier(8)

    def add_one(n: int) -> None:
        barrier.wait()
        for _ in range(5):
            with store.begin() as uow:
                uow.conversations.open("c1", None, NOW)  # on PostgreSQL this is what they queue for
                uow.meta.set("count", str(int(uow.meta.get("count", "0")) + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(8)))
    with store.read() as uow:
        assert uow.meta.get("count") == "40"


def test_the_migrations_make_exactly_the_tables_of_the_code(store):
    with store.read() as uow:
        context = MigrationContext.configure(uow.connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    assert store.revision() == upgrades.NEWEST


def test_opening_again_keeps_everything(store, database_url):
    save(store, conversation(1)[0])
    again = open_store(database_url)
    with again.read() as uow:
        assert uow.turns.count() == 1
    assert again.revision() == store.revision()
    again.close()


def test_a_database_of_an_older_or_newer_version_is_left_alone(store, database_url):
    for version, advice in (("9999", "install the newer"), (None, "not Huida's")):
        with store.begin() as uow:
            uow.connection.execute(text("DELETE FROM alembic_version"))
            if version:
                uow.connection.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": version})
        with pytest.raises(StoreError, match=advice):
            open_store(database_url)


def test_two_servers_may_start_on_one_empty_database(database_url):
    barrier = threading.Barrier(2)

    def start(_):
        barrier.wait()
        store = open_store(database_url)
        store.close()
        return store

    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(start, range(2)))) == 2
