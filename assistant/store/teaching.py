"""Repositories of what agents teach: suggestions with their verdicts, and drafts of FAQ entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, update

from assistant.errors import Conflict, NotFound
from assistant.store.tables import conversations
from assistant.store.tables_desk import posts
from assistant.store.tables_feedback import faq_drafts, suggestions, verdicts
from assistant.values import DraftState, FaqDraft, Post, Suggestion, Verdict, Versions

_IDS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Suggestions:
    connection: Connection

    def add(self, shown: Iterable[Suggestion]) -> None:
        if rows := [_columns_of(suggestion) for suggestion in shown]:
            self.connection.execute(suggestions.insert(), rows)

    def get(self, suggestion_id: str) -> Suggestion:
        row = self.connection.execute(select(suggestions).where(suggestions.c.suggestion_id == suggestion_id)).first()
        if row is None:
            raise NotFound(f"there is no suggestion {suggestion_id!r}")
        return _suggestion(row)

    def of_turn(self, turn_id: str) -> list[Suggestion]:
        """Those shown for a turn, best first."""
        query = select(suggestions).where(suggestions.c.turn_id == turn_id).order_by(suggestions.c.position)
        return [_suggestion(row) for row in self.connection.execute(query)]

    def judge(self, verdict: Verdict) -> None:
        """Append what an agent made of a suggestion; the latest verdict by one author counts."""
        self.connection.execute(verdicts.insert(), {name: getattr(verdict, name) for name in verdict.__slots__})

    def verdicts_after(self, position: int, limit: int) -> list[tuple[int, Verdict, Suggestion]]:
        """(position, verdict, its suggestion) of up to `limit` verdicts that follow a position, oldest first."""
        query = select(verdicts).where(verdicts.c.position > position).order_by(verdicts.c.position).limit(limit)
        rows = self.connection.execute(query).all()
        judged = {row.suggestion_id for row in rows}
        found = self.connection.execute(select(suggestions).where(suggestions.c.suggestion_id.in_(judged)))
        shown = {row.suggestion_id: _suggestion(row) for row in found}
        return [(row.position, _verdict(row), shown[row.suggestion_id]) for row in rows]

    def replies_after(self, position: int, limit: int) -> list[tuple[int, Post]]:
        """(position, post) of up to `limit` agents' replies that follow a position, oldest first."""
        where = (posts.c.position > position) & (posts.c.role == "agent")
        rows = self.connection.execute(select(posts).where(where).order_by(posts.c.position).limit(limit))
        return [(row.position, Post(**{name: row._mapping[name] for name in Post.__slots__})) for row in rows]

    def heads(self) -> dict[str, int]:
        """The newest position of either table that is learned from; 0 before the first."""
        newest = {
            name: select(func.max(table.c.position)) for name, table in {"verdicts": verdicts, "posts": posts}.items()
        }
        return {name: self.connection.execute(query).scalar_one() or 0 for name, query in newest.items()}

    def known_conversations(self, conversation_ids: Iterable[str]) -> set[str]:
        """Those of the conversations that are still there."""
        ids, c = sorted(set(conversation_ids)), conversations.c.conversation_id
        parts = (ids[start : start + _IDS_A_STATEMENT] for start in range(0, len(ids), _IDS_A_STATEMENT))
        return {found for part in parts for found in self.connection.execute(select(c).where(c.in_(part))).scalars()}


@dataclass(frozen=True, slots=True)
class FaqDrafts:
    connection: Connection

    def add(self, draft: FaqDraft) -> None:
        self.connection.execute(faq_drafts.insert(), {name: getattr(draft, name) for name in draft.__slots__})

    def get(self, draft_id: str) -> FaqDraft:
        row = self.connection.execute(select(faq_drafts).where(faq_drafts.c.draft_id == draft_id)).first()
        if row is None:
            raise NotFound(f"there is no draft {draft_id!r}")
        return FaqDraft(**row._mapping)

    def all(self, state: DraftState | None = "open") -> list[FaqDraft]:
        """The drafts in a state, oldest first; of all states for None."""
        query = select(faq_drafts).order_by(faq_drafts.c.created_at, faq_drafts.c.draft_id)
        if state is not None:
            query = query.where(faq_drafts.c.state == state)
        return [FaqDraft(**row._mapping) for row in self.connection.execute(query)]

    def decide(self, draft_id: str, state: DraftState, by: str, at: datetime, faq_id: str | None = None) -> None:
        """Publish or discard an open draft. Raises NotFound, and Conflict when somebody decided already."""
        open_one = (faq_drafts.c.draft_id == draft_id) & (faq_drafts.c.state == "open")
        change = update(faq_drafts).where(open_one).values(state=state, decided_by=by, decided_at=at, faq_id=faq_id)
        if not self.connection.execute(change).rowcount:
            raise Conflict(f"the draft {draft_id!r} was {self.get(draft_id).state} already")


def _columns_of(suggestion: Suggestion) -> dict:
    names = [name for name in suggestion.__slots__ if name not in ("versions", "features")]
    return {name: getattr(suggestion, name) for name in names} | {
        "features": list(suggestion.features),
        "model_version": suggestion.versions.model,
        "index_version": suggestion.versions.index,
    }


def _suggestion(row: Row) -> Suggestion:
    names = [name for name in Suggestion.__slots__ if name not in ("versions", "features")]
    values = {name: row._mapping[name] for name in names}
    return Suggestion(**values, features=tuple(row.features), versions=Versions(row.model_version, row.index_version))


def _verdict(row: Row) -> Verdict:
    return Verdict(**{name: row._mapping[name] for name in Verdict.__slots__})
