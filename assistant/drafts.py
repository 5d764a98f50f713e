"""From the desk into the FAQ: drafts of entries made of agents' answers, and the gaps that want one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from assistant.errors import InputError, NotFound
from assistant.faq import FaqService
from assistant.gaps import Gap, Unanswered, find_gaps
from assistant.reader import Reader
from assistant.store import Store, UnitOfWork
from assistant.suggestions.impersonal import impersonal
from assistant.values import DraftState, FaqDraft, FaqEntry, Post, Turn

MAX_UNANSWERED = 5_000  # the latest are looked at
_FACTS = ("amount",)  # of the shop and not of a customer, where an answer names them
UNANSWERED = ("no_confident_answer", "repeated_failure", "mood_without_answer")


class FaqDrafts:
    """Safe for threads."""

    def __init__(self, store: Store, reader: Reader, faq: FaqService):
        self._store, self._reader, self._faq = store, reader, faq

    def draft(
        self, conversation_id: str, sequence: int, author: str, question: str | None = None, answer: str | None = None
    ) -> FaqDraft:
        """Make a draft of an agent's reply; what the customer wrote before it is the question.

        With `answer` given, `sequence` may also be the customer's message that nobody answered. Raises NotFound when
        neither stands there, InputError when nobody asked anything before the reply.
        """
        with self._store.read() as uow:
            post = next((p for p in uow.posts.after(conversation_id, sequence - 1, 1) if p.sequence == sequence), None)
            if post is not None and post.role == "agent":
                asked = _asked_before(uow, post)
            else:
                turns = uow.turns.after(conversation_id, sequence - 1, 1) if answer else ()
                asked = next((turn for turn in turns if turn.sequence == sequence), None)
                if asked is None:
                    raise NotFound(f"conversation {conversation_id!r} has no agent's reply at {sequence}")
        if asked is None and question is None:
            raise InputError("no customer's message stands before this reply; give the question")
        now = datetime.now(UTC)
        draft = FaqDraft(
            draft_id=uuid4().hex,
            conversation_id=conversation_id,
            sequence=sequence,
            question=question or impersonal(asked.message.text, asked.reading.entities),
            answer=answer or impersonal(post.text, self._reader.entities(post.text, now), keep=_FACTS),
            language="en" if asked is not None and asked.reading.language == "en" else "zh",
            state="open",
            author=author,
            created_at=now,
        )
        with self._store.begin() as uow:
            uow.faq_drafts.add(draft)
        return draft

    def all(self, state: DraftState | None = "open") -> list[FaqDraft]:
        with self._store.read() as uow:
            return uow.faq_drafts.all(state)

    def publish(self, draft_id: str, by: str) -> FaqDraft:
        """Put the draft into the FAQ. Raises NotFound, and Conflict when somebody decided already."""
        with self._store.begin() as uow:  # decided first: of two who publish at once, one does
            faq_id = f"desk-{draft_id[:12]}"
            uow.faq_drafts.decide(draft_id, "published", by, datetime.now(UTC), faq_id)
            draft = uow.faq_drafts.get(draft_id)
            uow.faq.upsert([FaqEntry(faq_id, draft.question, draft.answer, language=draft.language)], datetime.now(UTC))
        self._faq.refresh()
        return draft

    def discard(self, draft_id: str, by: str) -> FaqDraft:
        """Raises NotFound, and Conflict when somebody decided already."""
        with self._store.begin() as uow:
            uow.faq_drafts.decide(draft_id, "discarded", by, datetime.now(UTC))
            return uow.faq_drafts.get(draft_id)

    def gaps(self, days: float) -> list[Gap]:
        """What was asked in the last days and not answered, the most conversations first."""
        since = datetime.now(UTC) - timedelta(days=days)
        with self._store.read() as uow:
            turns = [turn for turn in uow.turns.all() if turn.created_at >= since and _is_unanswered(turn)]
            turns = turns[-MAX_UNANSWERED:]
            replies = {(t.message.conversation_id, t.sequence): _reply_after(uow, t) for t in turns}
        texts = [impersonal(turn.message.text, turn.reading.entities) for turn in turns]
        if not texts:
            return []
        vectors = self._reader.encoder.encode(texts)
        messages = [
            Unanswered(
                t.message.conversation_id,
                text,
                "en" if t.reading.language == "en" else "zh",
                vector,
                self._said(reply),
                t.sequence,
            )
            for t, text, vector in zip(turns, texts, vectors, strict=True)
            for reply in [replies[t.message.conversation_id, t.sequence]]
        ]
        entries = self._faq.entries()
        return find_gaps(
            messages, [e.faq_id for e in entries], self._reader.encoder.encode([e.question for e in entries])
        )

    def _said(self, post: Post | None) -> str:
        return impersonal(post.text, self._reader.entities(post.text, post.created_at), keep=_FACTS) if post else ""


def _is_unanswered(turn: Turn) -> bool:
    return bool(turn.reading.intent_ranking) and any(reason in UNANSWERED for reason in turn.decision.reasons)


def _asked_before(uow: UnitOfWork, post: Post) -> Turn | None:
    turns = uow.turns.after(post.conversation_id, max(0, post.sequence - 20), 20)
    return next((turn for turn in reversed(turns) if turn.sequence < post.sequence), None)


def _reply_after(uow: UnitOfWork, turn: Turn) -> Post | None:
    """The first reply of an agent among the next entries."""
    posts = uow.posts.after(turn.message.conversation_id, turn.sequence, 10)
    return next((post for post in posts if post.role == "agent"), None)
