"""What goes wrong with a database, and the one clear line that it gets. The contract is in tests/contracts."""

import os
import sqlite3
import stat
import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from assistant.errors import InputError, StoreBusy, StoreError, StoreFull
from assistant.store import open_store, sqlite
from tests.assistant.turns import START, plain_turn


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'huida.db'}"


def save(store, turn):
    with store.begin() as uow:
        uow.conversations.open(turn.message.conversation_id, None, START)
        uow.turns.add(turn)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 6, 23), True),
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_sqlite_builds_with_the_wal_reset_bug_are_known(version, safe):
    assert sqlite.is_safe(version) is safe


def test_the_store_runs_on_a_sqlite_without_the_bug(url):
    store = open_store(url)
    with store.read() as uow:
        version = uow.connection.execute(text("SELECT sqlite_version()")).scalar_one()
    store.close()
    assert sqlite.is_safe(tuple(map(int, version.split("."))))


def test_without_a_safe_sqlite_the_error_names_what_was_met(monkeypatch):
    old = SimpleNamespace(sqlite_version_info=(3, 40, 1), sqlite_version="3.40.1")
    monkeypatch.setattr(sqlite.importlib, "import_module", lambda name: old)
    with pytest.raises(
        StoreError,
        match=r"sqlite3 has SQLite 3\.40\.1, pysqlite3 has SQLite 3\.40\.1.*pip install",
    ):
        sqlite.driver()


def test_commits_are_durable_and_keys_are_checked(url):
    store = open_store(url)
    with store.begin() as uow:
        pragmas = {
            name: uow.connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    store.close()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_the_database_file_is_the_owners_alone(url, tmp_path):
    open_store(url).close()
    assert stat.S_IMODE(os.stat(tmp_path / "huida.db").st_mode) == 0o600


def test_a_path_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write the database file .*/file/huida.db"):
        open_store(f"sqlite:///{tmp_path}/file/huida.db")
    with pytest.raises(StoreError, match="cannot write the database file"):
        open_store(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("bad", ["mysql://u@h/d", "nonsense", ""])
def test_a_url_of_another_kind_is_refused(bad):
    with pytest.raises(InputError, match="expected sqlite:///FILE or postgresql://"):
        open_store(bad)


def test_a_database_in_memory_is_refused():
    with pytest.raises(StoreError, match="lives in memory"):
        open_store("sqlite://")


def test_a_file_that_is_no_database_is_refused_and_kept(url, tmp_path):
    (tmp_path / "huida.db").write_bytes(b"these are my notes, not a database" * 100)
    with pytest.raises(StoreError, match="is not a SQLite database"):
        open_store(url)
    assert (tmp_path / "huida.db").read_bytes().startswith(b"these are my notes")


def test_a_database_of_something_else_is_left_alone(url, tmp_path):
    other = sqlite3.connect(tmp_path / "huida.db")
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.commit()
    for attempt in (
        lambda: open_store(url),
        lambda: open_store(url, check=False).upgrade(),
    ):
        with pytest.raises(StoreError, match="not Huida's"):
            attempt()
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


def test_another_connection_that_holds_the_lock_makes_the_store_busy_not_stuck(url, tmp_path):
    store = open_store(url, busy_timeout_ms=50)
    # the same library as the store's: POSIX locks do not keep two libraries of one process apart
    holder = sqlite.driver().connect(tmp_path / "huida.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="try again shortly"):
        save(store, plain_turn())
    with store.read() as uow:  # reading goes on
        assert uow.turns.count() == 0
    holder.execute("ROLLBACK")
    save(store, plain_turn())
    store.close()


def test_a_writer_of_this_process_that_takes_too_long_makes_the_others_busy(url):
    store = open_store(url, busy_timeout_ms=50)
    failures = []

    def try_to_write():
        try:
            save(store, plain_turn())
        except StoreBusy as error:
            failures.append(error)

    with store.begin():
        thread = threading.Thread(target=try_to_write)
        thread.start()
        thread.join()
    assert len(failures) == 1
    save(store, plain_turn())
    store.close()


def test_a_full_disk_is_said_and_the_store_recovers_without_a_restart(url):
    store = open_store(url)
    with store.begin() as uow:  # one connection serves this thread, so its page limit holds for what follows
        used = uow.connection.execute(text("PRAGMA page_count")).scalar_one()
        uow.connection.execute(text(f"PRAGMA max_page_count = {used}"))
    with pytest.raises(StoreFull, match="free some disk space"):
        save(store, plain_turn(text="长" * 100_000))
    with store.read() as uow:
        assert uow.turns.count() == 0
        uow.connection.execute(text("PRAGMA max_page_count = 1000000"))
    save(store, plain_turn(text="长" * 100_000))
    with store.read() as uow:
        assert uow.turns.count() == 1
    store.close()


def test_an_error_line_holds_neither_password_nor_the_customers_words(url):
    with pytest.raises(StoreBusy) as caught:
        open_store("postgresql://huida:tulip@127.0.0.1:1/shop")
    assert "cannot be reached" in str(caught.value) and "tulip" not in str(caught.value)
    assert "\n" not in str(caught.value)

    store = open_store(url)
    save(store, plain_turn(text="我的秘密"))
    with pytest.raises(StoreError) as caught:
        save(store, plain_turn(text="我的秘密"))
    assert "秘密" not in str(caught.value)
    store.close()


def test_postgresql_may_restart_under_an_open_store(postgres_cluster):
    store = open_store(postgres_cluster.new_database())
    save(store, plain_turn())
    postgres_cluster.stop()
    with pytest.raises(StoreBusy, match="cannot be reached"):
        save(store, plain_turn(sequence=2))
    postgres_cluster.start()
    save(store, plain_turn(sequence=2))
    with store.read() as uow:
        assert uow.turns.count() == 2
    store.close()


def test_postgresql_cannot_hold_nul_and_says_so(postgres_cluster):
    store = open_store(postgres_cluster.new_database())
    with pytest.raises(InputError, match="NUL"):
        save(store, plain_turn(text="a\0b"))
    store.close()
