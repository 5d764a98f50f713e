"""The store: one database, opened once, used through units of work.

store = open_store("sqlite:///var/huida.db")
with store.begin() as uow:          # one commit when the block ends, nothing at all when it raises
    uow.turns.add(turn)
with store.read() as uow:           # one snapshot, no lock taken
    uow.turns.last(conversation_id, 6)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from assistant.errors import StoreBusy
from assistant.store import engine as engines
from assistant.store import sqlite, upgrades
from assistant.store.audit import AuditLog
from assistant.store.catalog import FaqEntries, Meta, Orders
from assistant.store.desk import CannedReplies, EntryWords, Journal, Posts
from assistant.store.failures import said_clearly
from assistant.store.log import Conversations, FeedbackLog, Turns
from assistant.store.people import ApiTokens, Profiles
from assistant.store.teaching import FaqDrafts, Suggestions
from assistant.store.users import Sessions, Users
from assistant.values import Conversation, Entry, Turn


class UnitOfWork:
    """The repositories over one transaction."""

    def __init__(self, connection: Connection):
        self.connection = connection
        self.conversations = Conversations(connection)
        self.turns = Turns(connection)
        self.posts = Posts(connection)
        self.journal = Journal(connection)
        self.feedback = FeedbackLog(connection)
        self.profiles = Profiles(connection)
        self.faq = FaqEntries(connection)
        self.orders = Orders(connection)
        self.tokens = ApiTokens(connection)
        self.users = Users(connection)
        self.sessions = Sessions(connection)
        self.audit = AuditLog(connection)
        self.canned = CannedReplies(connection)
        self.words = EntryWords(connection)
        self.suggestions = Suggestions(connection)
        self.faq_drafts = FaqDrafts(connection)
        self.meta = Meta(connection)

    def write(self, conversation: Conversation, entries: Iterable[Entry]) -> None:
        """Append the entries to their opened or locked conversation and save what they make of it."""
        for entry in entries:
            if isinstance(entry, Turn):
                self.turns.append(entry)
            else:
                self.posts.add(entry)
        self.conversations.save(conversation)


class Store:
    """Safe for threads. Every failure of the database leaves as a StoreError with one clear line.

    `on_change` is called, in the thread of the writer, after each commit that wrote to the journal.
    """

    def __init__(self, engine: Engine, where: str, busy_timeout_ms: int):
        self.on_change: Callable[[], None] | None = None
        self.where = where  # the database in words, without its password
        self._engine = engine
        self._busy_timeout_s = busy_timeout_ms / 1000
        self._is_sqlite = engine.dialect.name == "sqlite"
        # SQLite's waiting writers poll with growing naps; ours in this process queue up and are woken in turn
        self._writer = threading.Lock() if self._is_sqlite else None

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """A unit of work that writes: commits when the block ends, rolls back when it raises."""
        with said_clearly(self.where), self._turn_to_write(), self._engine.begin() as connection:
            self._take_lock(connection)
            uow = UnitOfWork(connection)
            yield uow
        if uow.journal.n_written and self.on_change:
            self.on_change()

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A unit of work that only reads, from one snapshot on SQLite and committed rows on PostgreSQL."""
        with said_clearly(self.where), self._engine.connect() as connection:
            if self._is_sqlite:
                connection.exec_driver_sql(sqlite.BEGIN_READING)
            yield UnitOfWork(connection)

    def revision(self) -> str | None:
        """The migration that the database stands at; None before the first."""
        with said_clearly(self.where), self._engine.connect() as connection:
            return upgrades.revision(connection)

    def upgrade(self) -> None:
        """Apply the migrations that are missing, all or none."""
        with said_clearly(self.where), self._turn_to_write(), self._engine.begin() as connection:
            self._take_lock(connection)
            upgrades.upgrade(connection, self.where)

    def scrub(self) -> None:
        """Leave no trace of what was deleted: SQLite's log keeps it for a while; PostgreSQL's VACUUM sees to it."""
        if self._is_sqlite:
            with said_clearly(self.where), self._turn_to_write():
                sqlite.truncate_log(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    def _take_lock(self, connection: Connection) -> None:
        if self._is_sqlite:
            connection.exec_driver_sql(sqlite.BEGIN_WRITING)

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=self._busy_timeout_s):
            raise StoreBusy(f"the database {self.where} has too many writers waiting; try again shortly")
        try:
            yield
        finally:
            self._writer.release()


def open_store(url: str, *, check: bool = True, busy_timeout_ms: int = sqlite.BUSY_TIMEOUT_MS) -> Store:
    """Open the database under an SQLAlchemy URL; an empty one gets its tables.

    A database of an older version is left alone: StoreError names `huida db upgrade`, which opens it with
    `check=False` and calls `upgrade()`. Raises InputError for a URL that is none.
    """
    parsed = engines.parse(url)
    where = parsed.render_as_string(hide_password=True)
    with said_clearly(where):
        store = Store(engines.connect(parsed, busy_timeout_ms), where, busy_timeout_ms)
    if check:
        try:
            with said_clearly(where), store._engine.connect() as connection:
                empty = upgrades.is_empty(connection)
                if not empty:
                    upgrades.check(connection, where)
            if empty:
                store.upgrade()
        except BaseException:
            store.close()
            raise
    return store
