"""Repositories of the desk: posts, the journal that live channels follow, canned replies, and the words to search by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, func, select, text

from assistant.errors import NotFound
from assistant.store.tables import conversations
from assistant.store.tables_desk import canned_replies, entry_words, journal, posts
from assistant.store.upsert import insert, replace_rows
from assistant.values import CannedReply, Change, Post

_JOURNAL_LOCK = 0x6A6F75726E616C  # "journal": any number that PostgreSQL's other advisory locks do not use

_ADD_POST, _ADD_CHANGE = posts.insert(), journal.insert()
_POSTS_AFTER = (
    select(posts)
    .where(posts.c.conversation_id == bindparam("id"), posts.c.sequence > bindparam("sequence"))
    .order_by(posts.c.sequence)
    .limit(bindparam("n"))
)
_CHANGES_AFTER = (
    select(journal).where(journal.c.position > bindparam("position")).order_by(journal.c.position).limit(bindparam("n"))
)
_POST_NAMES = Post.__slots__


@dataclass(frozen=True, slots=True)
class Posts:
    connection: Connection

    def add(self, post: Post) -> None:
        """Append a post to its locked conversation. Raises Conflict when its message or sequence is stored already."""
        self.connection.execute(_ADD_POST, {name: getattr(post, name) for name in _POST_NAMES})

    def find(self, conversation_id: str, message_id: str) -> Post | None:
        """Return the post that this message already led to."""
        c = posts.c
        query = select(posts).where(c.conversation_id == conversation_id, c.message_id == message_id)
        row = self.connection.execute(query).first()
        return row and _post(row)

    def after(self, conversation_id: str, sequence: int, limit: int) -> tuple[Post, ...]:
        """Return up to `limit` posts that follow `sequence`, oldest first."""
        place = {"id": conversation_id, "sequence": sequence, "n": limit}
        return tuple(_post(row) for row in self.connection.execute(_POSTS_AFTER, place))

    def since(self, at: datetime) -> Iterable[Post]:
        """Yield the posts made since an instant, in the order of their conversations."""
        query = select(posts).where(posts.c.created_at >= at).order_by(posts.c.conversation_id, posts.c.sequence)
        return (_post(row) for row in self.connection.execute(query))


@dataclass(slots=True)
class Journal:
    """Positions come in the order of the commits, so "everything after this position" leaves nothing out."""

    connection: Connection
    n_written: int = 0

    def add(self, changes: Sequence[Change]) -> None:
        """Append the changes; the last statement of a transaction, because on PostgreSQL it waits for all before it."""
        if not changes:
            return
        if self.connection.dialect.name == "postgresql":
            # a sequence is drawn from at once, but commits come in any order: a reader would pass over the late ones
            self.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _JOURNAL_LOCK})
        rows = [dict(conversation_id=c.conversation_id, kind=c.kind, sequence=c.sequence, at=c.at) for c in changes]
        self.connection.execute(_ADD_CHANGE, rows)
        self.n_written += len(rows)

    def after(self, position: int, limit: int) -> list[Change]:
        """Return up to `limit` changes that follow `position`, oldest first."""
        rows = self.connection.execute(_CHANGES_AFTER, {"position": position, "n": limit})
        return [Change(row.conversation_id, row.kind, row.sequence, row.at, row.position) for row in rows]

    def position(self) -> int:
        """Return the newest position; 0 before the first."""
        return self.connection.execute(select(func.max(journal.c.position))).scalar_one() or 0


@dataclass(frozen=True, slots=True)
class CannedReplies:
    connection: Connection

    def put(self, reply: CannedReply, at: datetime) -> None:
        """Write the reply, over an older one of the same shortcut."""
        row = dict(shortcut=reply.shortcut, title=reply.title, text=reply.text, language=reply.language)
        replace_rows(self.connection, canned_replies, [row | {"labels": list(reply.labels), "updated_at": at}])

    def delete(self, shortcut: str) -> None:
        """Raises NotFound."""
        where = canned_replies.c.shortcut == shortcut
        if not self.connection.execute(delete(canned_replies).where(where)).rowcount:
            raise NotFound(f"there is no canned reply {shortcut!r}")

    def all(self) -> list[CannedReply]:
        """Return every reply by shortcut, in the order of code points."""
        rows = self.connection.execute(select(canned_replies))
        found = (CannedReply(row.shortcut, row.title, row.text, row.language, tuple(row.labels)) for row in rows)
        return sorted(found, key=lambda reply: reply.shortcut)


@dataclass(frozen=True, slots=True)
class EntryWords:
    """The words of every entry, written behind the journal by whoever searches."""

    connection: Connection

    def add(self, found: Iterable[tuple[str, int, str]]) -> None:
        """Write (conversation id, sequence, word); what stands there is left: two servers may index the same entry.

        Raises Conflict when one of the conversations was erased meanwhile.
        """
        rows = [dict(conversation_id=found_in, sequence=sequence, word=word) for found_in, sequence, word in found]
        if rows:
            statement = insert(self.connection.dialect.name, entry_words).on_conflict_do_nothing()
            self.connection.execute(statement, rows)

    def find(self, words: Iterable[str], n: int) -> list[tuple[str, int]]:
        """Return (conversation id, sequence) of the entries that hold the most of these words, at most n.

        An entry holds half of them at least; of equals those of the conversation with the latest turn come first.
        """
        wanted = sorted(set(words))
        c, n_met, latest = entry_words.c, func.count(), conversations.c.last_turn_at
        query = select(c.conversation_id, c.sequence).join(conversations).where(c.word.in_(wanted))
        query = query.group_by(c.conversation_id, c.sequence, latest).having(n_met >= (len(wanted) + 1) // 2)
        query = query.order_by(n_met.desc(), latest.desc(), c.conversation_id, c.sequence.desc())
        return [(row.conversation_id, row.sequence) for row in self.connection.execute(query.limit(n))]


def _post(row: Row) -> Post:
    return Post(**{name: row._mapping[name] for name in _POST_NAMES})
