"""Users, sessions and the audit, on SQLite and on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, text, update

from assistant.errors import InputError, NotFound, StoreError
from assistant.store.tables_people import audit, audit_subjects
from assistant.store.users import User

NOW = datetime(2026, 11, 22, 8, 30, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=12)
MEI, BOSS = User("mei", "小美", "agent", NOW), User("boss", "Boss", "admin", NOW)


@pytest.fixture
def people(store):
    with store.begin() as uow:
        uow.users.add(BOSS, "hash of boss")
        uow.users.add(MEI, "hash of mei")
    return store


def test_users_come_back_by_name_and_a_name_is_taken_once(people):
    with people.begin() as uow:
        assert uow.users.get("mei") == MEI
        assert uow.users.all() == [BOSS, MEI]
        with pytest.raises(InputError, match="already"):
            uow.users.add(replace(MEI, role="admin"), "another hash")
        with pytest.raises(NotFound):
            uow.users.get("nobody")


def test_a_disabled_user_has_no_password_and_no_session(people):
    with people.begin() as uow:
        secret = uow.sessions.create("mei", NOW, LATER)
        assert uow.sessions.find(secret, NOW) == MEI
        assert uow.users.change("mei", disabled_at=NOW) == replace(MEI, disabled_at=NOW)
        assert uow.sessions.find(secret, NOW) is None
        assert uow.users.password_hash("mei") is None


def test_the_last_administrator_stays(people):
    for change in ({"disabled_at": NOW}, {"role": "agent"}):
        with pytest.raises(InputError, match="last working administrator"), people.begin() as uow:
            uow.users.change("boss", **change)
    with people.read() as uow:
        assert uow.users.get("boss") == BOSS


def test_a_session_ends_at_its_time_and_when_it_is_ended(people):
    with people.begin() as uow:
        one, other = uow.sessions.create("mei", NOW, LATER), uow.sessions.create("mei", NOW, LATER)
        assert uow.sessions.find(one, LATER - timedelta(microseconds=1)) == MEI
        assert uow.sessions.find(one, LATER) is None
        uow.sessions.end(one)
        assert uow.sessions.find(one, NOW) is None
        assert uow.sessions.find(other, NOW) == MEI
        assert uow.sessions.end_all("mei") == 1
        assert uow.sessions.find(other, NOW) is None


def test_no_secret_of_a_session_is_stored(people):
    with people.begin() as uow:
        secret = uow.sessions.create("mei", NOW, LATER)
    with people.read() as uow:
        assert secret not in str(uow.connection.execute(text("SELECT * FROM sessions")).all())
        assert uow.sessions.find("\ud83d", NOW) is None


def reads(store, n: int = 4) -> list[str]:
    """Let mei read n conversations; the hashes of the rows."""
    hashes = []
    for i in range(n):
        with store.begin() as uow:
            hashes.append(uow.audit.add("mei", "agent", "read", "conversation", f"c{i}", NOW, {"n": i}))
    return hashes


def test_the_audit_says_who_read_what_in_order(people):
    hashes = reads(people)
    with people.read() as uow:
        entries = uow.audit.after(0, 10)
        assert [(e.actor, e.action, e.kind, e.subject_id, e.at, e.hash) for e in entries] == [
            ("mei", "read", "conversation", f"c{i}", NOW, hashes[i]) for i in range(4)
        ]
        assert uow.audit.after(entries[2].position, 10) == entries[3:]
        assert uow.audit.check() == 4
        assert uow.audit.check(noted=hashes[1]) == 4


def test_an_empty_audit_is_a_sound_one(store):
    with store.read() as uow:
        assert uow.audit.check() == 0


@pytest.mark.parametrize("change", [update(audit).values(actor="somebody else"), delete(audit)])
def test_the_database_refuses_to_rewrite_the_audit(people, change):
    reads(people)
    with pytest.raises(StoreError, match="append-only|another row"), people.begin() as uow:
        uow.connection.execute(change)


COLUMNS = {
    "at": NOW + timedelta(microseconds=1),
    "actor": "boss",
    "role": "admin",
    "action": "exported",
    "subject": "0" * 64,
    "detail": {"n": 9},
    "hash": "1" * 64,
}


@pytest.mark.parametrize("column", COLUMNS)
def test_an_edited_row_is_found_whichever_column_it_was(people, column):
    reads(people)
    _as_an_intruder(people, update(audit).where(audit.c.position == 2).values({column: COLUMNS[column]}))
    with people.read() as uow, pytest.raises(StoreError, match="row [23] does not fit"):
        uow.audit.check()


@pytest.mark.parametrize(("position", "said"), [(1, "row 2"), (3, "row 4"), (4, "it ends with")])
def test_a_removed_row_is_found_wherever_it_stood(people, position, said):
    reads(people)
    _as_an_intruder(people, delete(audit).where(audit.c.position == position))
    with people.read() as uow, pytest.raises(StoreError, match=said):
        uow.audit.check()


def test_a_chain_written_anew_lacks_the_hash_that_was_noted(people):
    noted = reads(people)[-1]
    _as_an_intruder(people, delete(audit))
    with people.begin() as uow:
        uow.meta.set("audit_head", "0" * 64)
    reads(people, 2)
    with people.read() as uow:
        assert uow.audit.check() == 2
        with pytest.raises(StoreError, match="written anew"):
            uow.audit.check(noted)


def test_another_name_put_on_a_row_is_found(people):
    reads(people)
    with people.begin() as uow:
        uow.connection.execute(
            update(audit_subjects).where(audit_subjects.c.subject_id == "c0").values(subject_id="c9")
        )
    with people.read() as uow, pytest.raises(StoreError, match="another's name"):
        uow.audit.check()


def test_many_readers_at_once_make_one_chain(people):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: reads(people, 5), range(8)))
    with people.read() as uow:
        assert uow.audit.check() == 40
        assert len({e.subject for e in uow.audit.after(0, 100)}) == 5


def _as_an_intruder(store, change) -> None:
    """Change the audit as somebody would who owns the database and takes the triggers away."""
    with store.begin() as uow:
        connection = uow.connection
        for name in ("audit_refuses_update", "audit_refuses_delete"):
            on = " ON audit" if connection.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER {name}{on}"))
        connection.execute(change)
