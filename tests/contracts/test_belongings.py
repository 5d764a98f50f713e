"""What belongs to one customer, in every table there is or will be, on SQLite and on a real PostgreSQL."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import JSON, CheckConstraint, Float, Integer, Text, func, select, update
from sqlalchemy.engine import make_url

from assistant.customer.profile import fold
from assistant.dossier import Dossiers
from assistant.errors import NotFound
from assistant.store import belongings, tables
from assistant.store.tables import Instant, metadata
from assistant.store.tables_people import audit_subjects
from assistant.values import Feedback, Order
from tests.assistant.turns import plain_turn

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
ANN, BOB = "canary-7f3a-ann", "canary-91c2-bob"

# what tells of the shop and of those who work there; every other table must say by its columns whose row is whose
SHOPS = {"meta", "faq_entries", "api_tokens", "users", "sessions", "audit", "canned_replies"}
OWNED = belongings.of_customer(ANN)


@pytest.fixture
def dossiers(store, tmp_path):
    return Dossiers(store, tmp_path / "customers")


def test_every_table_is_the_shops_or_can_be_searched_for_one_customer():
    assert {table.name for table in OWNED} | SHOPS == set(metadata.tables)
    assert not {table.name for table in OWNED} & SHOPS


def fill(store, customer_id: str) -> None:
    """Write one row into every table that can belong to a customer, with their id in every text of it."""
    with store.begin() as uow:
        for table in [table for table in OWNED if table is not audit_subjects]:
            row = {
                c.name: _value(c, customer_id) for c in table.columns if not (c.primary_key and c.autoincrement is True)
            }
            row |= dict(_allowed_words(table))
            if table is tables.orders:  # an order stays in the books: the shop's words, with a number of its own
                row |= {name: name for name in ("status", "carrier", "tracking_no")}
                row |= {"order_no": f"SO{len(customer_id)}{hash(customer_id) % 997}", "items": ["tea"]}
            uow.connection.execute(table.insert().values(row))


def _value(column, customer_id: str):
    if column.name == "customer_id":
        return customer_id
    if column.foreign_keys:
        column = next(iter(column.foreign_keys)).column
    if column.name == "conversation_id":
        return f"{customer_id} conversation"
    kinds = {Instant: NOW, JSON: {"said": customer_id}, Integer: 1, Float: 1.0, Text: f"{customer_id} {column.name}"}
    return next((value for kind, value in kinds.items() if isinstance(column.type, kind)), None)


def _allowed_words(table):
    """The first allowed word of every column that takes only some: "verdict IN ('up', 'down')"."""
    for check in table.constraints:
        if isinstance(check, CheckConstraint) and (met := re.match(r"(\w+) IN \('(\w+)'", str(check.sqltext))):
            yield met.groups()


def everything(store) -> str:
    with store.read() as uow:
        return str([uow.connection.execute(select(table)).all() for table in metadata.tables.values()])


def test_an_erased_customer_is_in_no_row_of_any_table_and_all_others_keep_theirs(store, dossiers):
    fill(store, BOB)
    before = dossiers.export(BOB, NOW)
    fill(store, ANN)
    assert everything(store).count(ANN) > 20
    receipt = dossiers.erase(ANN, "boss", "admin", NOW)
    assert ANN not in everything(store)
    assert dossiers.export(BOB, NOW) == before
    assert receipt.counts == {table.name: 1 for table in OWNED if table is not audit_subjects}
    with pytest.raises(NotFound):
        dossiers.erase(ANN, "boss", "admin", NOW)


def test_an_export_shows_exactly_what_an_erasure_removes(store, dossiers):
    fill(store, ANN)
    exported = dossiers.export(ANN, NOW)
    counts = {name: len(rows) for name, rows in exported["tables"].items()}
    assert counts == dossiers.erase(ANN, "boss", "admin", NOW).counts
    assert everything(store).count(ANN) == 0


def test_a_receipt_is_in_the_audit_and_names_nobody(store, dossiers):
    fill(store, ANN)
    with store.begin() as uow:
        uow.audit.add("mei", "agent", "read", "customer", ANN, NOW)
        uow.audit.add("mei", "agent", "read", "conversation", f"{ANN} conversation", NOW)
        read, _ = uow.audit.after(0, 10)
        assert read.subject_id == ANN
    receipt = dossiers.erase(ANN, "boss", "admin", NOW)
    with store.read() as uow:
        *reads, erased = uow.audit.after(0, 10)
        assert uow.audit.check(noted=receipt.receipt_id) == 3
    assert (erased.hash, erased.action, dict(erased.detail)) == (receipt.receipt_id, "erased", receipt.counts)
    assert [(entry.actor, entry.kind, entry.subject_id) for entry in reads] == [("mei", None, None)] * 2
    assert reads[0].subject == erased.subject  # that it was one and the same customer can still be seen
    assert ANN not in str(receipt)


def test_the_databases_own_files_hold_nothing_of_an_erased_customer(store, dossiers, database_url):
    fill(store, ANN)
    dossiers.erase(ANN, "boss", "admin", NOW)
    if store._engine.dialect.name == "sqlite":
        path = Path(make_url(database_url).database)
        files = [file for file in path.parent.glob(f"{path.name}*") if file.is_file()]
        assert path in files
        assert not [file for file in files if ANN.encode() in file.read_bytes()]


def test_messages_sent_before_the_customer_signed_in_are_theirs_too(store, dossiers):
    with store.begin() as uow:
        uow.conversations.open("c1", None, NOW)
        uow.turns.add(plain_turn("c1", 1, text="我是谁"))
        uow.conversations.open("c1", ANN, NOW)
        uow.turns.add(plain_turn("c1", 2, customer_id=ANN))
        uow.conversations.open("c2", None, NOW)
        uow.turns.add(plain_turn("c2", 1))
    assert dossiers.erase(ANN, "boss", "admin", NOW).counts["turns"] == 2
    with store.read() as uow:
        assert [turn.message.conversation_id for turn in uow.turns.all()] == ["c2"]


def test_an_order_stays_in_the_books_without_its_customer(store, dossiers):
    order = Order("SO1", ANN, "paid", ("tea",), 9.5, NOW)
    with store.begin() as uow:
        uow.orders.put([order])
    assert [known.order_no for known in dossiers.known(ANN).orders] == ["SO1"]
    assert dossiers.erase(ANN, "boss", "admin", NOW).counts == {"orders": 1}
    with store.read() as uow:
        assert uow.orders.get("SO1").customer_id is None
        assert uow.orders.get("SO1").amount_cny == 9.5


@pytest.mark.parametrize("customer_id", ["nobody", "' OR 1=1 --", "%", "_", ""])
def test_of_an_unknown_customer_nothing_is_held(store, dossiers, customer_id):
    fill(store, BOB)
    for ask in (dossiers.known, lambda name: dossiers.export(name, NOW)):
        with pytest.raises(NotFound):
            ask(customer_id)
    with pytest.raises(NotFound):
        dossiers.erase(customer_id, "boss", "admin", NOW)
    with store.read() as uow:
        assert uow.audit.after(0, 5) == []


def test_an_exported_copy_for_others_is_masked(store, dossiers):
    fill(store, ANN)
    said = str(dossiers.export(ANN, NOW, mask=lambda text: text.replace(ANN, "***")))
    assert ANN not in said and "***" in said


@pytest.fixture
def two_ages(store):
    """A conversation of ann's a hundred days old, one of today, both in her profile; and an old one of a guest."""
    old, new, guest = (
        plain_turn("old", 1, customer_id=ANN),
        plain_turn("new", 1, customer_id=ANN, mood="positive"),
        plain_turn("guest", 1),
    )
    with store.begin() as uow:
        for turn in (old, new, guest):
            uow.conversations.open(turn.message.conversation_id, turn.message.customer_id, NOW)
            uow.turns.add(turn)
        uow.feedback.add(Feedback("f1", old.turn_id, "down", "customer", "", NOW))
        uow.profiles.save(fold(fold(uow.profiles.open(ANN), old), new))
        days = tables.conversations.c.conversation_id.in_(["old", "guest"])
        long_ago = NOW - timedelta(days=100)
        uow.connection.execute(update(tables.conversations).where(days).values(last_turn_at=long_ago))
    return store


def test_what_outlived_its_time_goes_and_profiles_are_folded_from_what_remains(two_ages, dossiers):
    assert dossiers.prune(NOW - timedelta(days=101)) == {}
    counts = dossiers.prune(NOW - timedelta(days=99))
    assert {name: counts[name] for name in ("conversations", "turns", "feedback")} == {
        "conversations": 2,
        "turns": 2,
        "feedback": 1,
    }
    with two_ages.read() as uow:
        assert [turn.message.conversation_id for turn in uow.turns.all()] == ["new"]
        assert (uow.profiles.get(ANN).n_turns, dict(uow.profiles.get(ANN).n_sentiments)) == (1, {"positive": 1})


def test_a_customer_of_whom_no_turn_remains_has_no_profile(two_ages, dossiers):
    dossiers.prune(NOW + timedelta(days=1))
    with two_ages.read() as uow:
        rows = uow.connection.execute(select(func.count()).select_from(tables.profiles)).scalar_one()
    assert rows == 0
    assert dossiers.prune(NOW + timedelta(days=1)) == {}
