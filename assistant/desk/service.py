"""The desk's side of a conversation: the queue, one conversation with all beside it, and what agents do with it.

Every change locks the conversation, asks assistant.desk.ownership what follows, and commits entries, card and journal
together. What is written behind a transaction's back (jieba, summaries) runs outside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from assistant.customer.score_book import ScoreBook
from assistant.desk import canned, ownership
from assistant.desk.figures import Asked, Figures, figures
from assistant.desk.ownership import Outcome, Person
from assistant.desk.search import Search
from assistant.desk.urgency import Weights, urgency, waiting_s
from assistant.desk.views import CustomerPanel, Item, View, is_public, merged, mood_of
from assistant.errors import InputError, NotFound, TooLong
from assistant.hours import BusinessHours
from assistant.person import last_turns, orders_of, others, profile_of
from assistant.store import Store, UnitOfWork
from assistant.summaries import summarise
from assistant.text import normalise
from assistant.values import CannedReply, Conversation, Entry, Post

if TYPE_CHECKING:
    from assistant.customer.scores import Score

Queue = Literal["open", "mine", "closed"]

N_QUEUE = 300  # conversations that one desk shows; with more waiting than that, the list is not the problem
N_ENTRIES = 200  # of one answer; a client asks for more with the last sequence
N_MOODS, N_ORDERS = 50, 10  # of the customer panel
LIVE_BOT_MINUTES = 30.0  # a conversation with the bot is open to the desk for so long after its last message
AUDIT_AGAIN = timedelta(minutes=10)  # somebody who reads on is noted once in so long
N_READS = 10_000  # remembered at most; then the audit merely notes some reads twice
MAX_LABELS, MAX_LABEL_CHARS = 10, 40


class Desk:
    """Safe for threads. `words` cuts a text into words, as assistant.text.Segmenter.words does."""

    def __init__(
        self,
        store: Store,
        words: Callable[[str], list[str]],
        hours: BusinessHours,
        scores: ScoreBook,
        weights: Weights,
        max_text_chars: int = 2_000,
    ):
        self.hours, self.search, self.scores = hours, Search(store, words), scores
        self._store, self._words, self._weights = store, words, weights
        self._max_text_chars = max_text_chars
        self._reads: dict[tuple[str, str], datetime] = {}  # who read what of late: the audit has it already

    def queue(self, which: Queue, person: Person) -> list[Item]:
        """The most urgent first; of equals the one that waits longest. Closed ones come with the latest first."""
        at = datetime.now(UTC)
        with self._store.read() as uow:
            found = _listed(uow, which, person, at)
        score_of = self.scores.finder()
        items = [self._item(conversation, at, score_of(conversation.customer_id)) for conversation in found]
        if which != "closed":
            items.sort(key=lambda item: (-item.urgency, -item.waiting_s, item.conversation.conversation_id))
        return items

    def item(self, conversation: Conversation) -> Item:
        return self._item(conversation, datetime.now(UTC), self.scores.of(conversation.customer_id))

    def _item(self, conversation: Conversation, at: datetime, score: Score | None) -> Item:
        amount, reasons = urgency(conversation, at, score.p_churn if score else None, self._weights)
        return Item(conversation, amount, reasons, waiting_s(conversation, at))

    def one(self, conversation_id: str) -> Item:
        """Raises NotFound."""
        with self._store.read() as uow:
            return self.item(uow.conversations.get(conversation_id))

    def view(self, conversation_id: str, person: Person) -> View:
        """Open a conversation. The audit notes who read it; what its owner, or anybody while it has none, opens is read.

        Raises NotFound.
        """
        self._opened(conversation_id, person)
        with self._store.read() as uow:
            conversation = uow.conversations.get(conversation_id)
            entries = _entries(uow, conversation_id, max(0, conversation.n_turns - N_ENTRIES), N_ENTRIES)
            panel = self._panel(uow, conversation.customer_id)
        summary = summarise(entries, self._words) if entries else None
        return View(self.item(conversation), entries, panel, summary)

    def customer(self, customer_id: str, person: Person) -> CustomerPanel:
        """What agents see of a customer, in touch or not; the audit notes who looked. Raises NotFound for a stranger."""
        with self._store.read() as uow:
            panel = self._panel(uow, customer_id)
        if not (panel.profile.n_turns or panel.orders or panel.score or self.scores.people.knows(customer_id)):
            raise NotFound(f"nothing is known of a customer {customer_id[:80]!r}")
        with self._store.begin() as uow:
            uow.audit.add(person.name, person.role, "read", "customer", customer_id, datetime.now(UTC))
        return panel

    def entries(self, conversation_id: str, after: int, person: Person) -> tuple[Item, tuple[Entry, ...]]:
        """Turns and posts that follow sequence `after`, oldest first. The audit notes it as `view` does.

        Raises NotFound.
        """
        self._opened(conversation_id, person)
        with self._store.read() as uow:
            conversation = uow.conversations.get(conversation_id)
            entries = _entries(uow, conversation_id, after, N_ENTRIES)
        return self.item(conversation), entries

    def public_entries(self, conversation_id: str, after: int) -> tuple[Conversation, tuple[Entry, ...]]:
        """What the visitor may see of what follows `after`: no notes, and of the events those that concern them.

        Raises NotFound. Sequence numbers have gaps where something was left out.
        """
        with self._store.read() as uow:
            conversation = uow.conversations.get(conversation_id)
            shown: list[Entry] = []
            while after < conversation.n_turns and len(shown) < N_ENTRIES:
                some = _entries(uow, conversation_id, after, N_ENTRIES)
                if not some:
                    break
                shown += filter(is_public, some)
                after = some[-1].sequence
        return conversation, tuple(shown[:N_ENTRIES])

    def take(self, conversation_id: str, person: Person) -> Item:
        return self._change(conversation_id, lambda c, at: ownership.take(c, person, at))

    def release(self, conversation_id: str, person: Person) -> Item:
        return self._change(conversation_id, lambda c, at: ownership.release(c, person, at))

    def close(self, conversation_id: str, person: Person, ask_csat: bool) -> Item:
        return self._change(conversation_id, lambda c, at: ownership.close(c, person, at, ask_csat))

    def transfer(self, conversation_id: str, person: Person, to: str | None) -> Item:
        """Raises NotFound for an unknown colleague and InputError for one who cannot sign in any more."""
        colleague = None
        if to is not None:
            with self._store.read() as uow:
                colleague = uow.users.get(to)
            if colleague.disabled_at is not None:
                raise InputError(f"{to!r} does not work here any more; transfer to somebody else")
        return self._change(conversation_id, lambda c, at: ownership.transfer(c, person, colleague, at))

    def label(self, conversation_id: str, labels: Sequence[str]) -> Item:
        names = tuple(label.strip() for label in labels if label.strip())
        if len(names) > MAX_LABELS or any(len(name) > MAX_LABEL_CHARS for name in names):
            raise InputError(f"at most {MAX_LABELS} labels of {MAX_LABEL_CHARS} characters are taken")
        return self._change(conversation_id, lambda c, at: ownership.label(c, names, at))

    def reply(
        self, conversation_id: str, person: Person, text: str, message_id: str, suggestion_id: str | None
    ) -> Post:
        """Say something to the customer, once: a retry of the same message returns the stored post."""
        data = {"suggestion_id": suggestion_id} if suggestion_id else {}
        return self._post(
            conversation_id,
            text,
            message_id,
            lambda c, at: ownership.reply(c, person, text, message_id, at, **data),
        )

    def note(self, conversation_id: str, person: Person, text: str, message_id: str) -> Post:
        """Leave a note for colleagues, once."""
        return self._post(
            conversation_id, text, message_id, lambda c, at: ownership.note(c, person, text, message_id, at)
        )

    def rate(self, conversation_id: str, score: int, comment: str) -> None:
        """The customer's rating after the close."""
        self._check(comment)
        self._change(conversation_id, lambda c, at: ownership.rate(c, score, comment, at))

    def note_reading(self, conversation_id: str, person: Person) -> None:
        """Tell the audit who read a conversation, which stays unread. Raises NotFound."""
        self._opened(conversation_id, person, counts_as_read=False)

    def _opened(self, conversation_id: str, person: Person, counts_as_read: bool = True) -> None:
        """Write what reading changes; nothing when the same person just read it and nothing new has come."""
        at = datetime.now(UTC)
        with self._store.read() as uow:
            conversation = uow.conversations.get(conversation_id)
        unread = counts_as_read and conversation.card.n_unread > 0 and conversation.owner in (None, person.name)
        noted = self._reads.get(key := (person.name, conversation_id), at - AUDIT_AGAIN) > at - AUDIT_AGAIN
        if noted and not unread:
            return
        with self._store.begin() as uow:
            conversation = uow.conversations.lock(conversation_id)
            if unread:
                uow.conversations.save(replace(conversation, card=replace(conversation.card, n_unread=0)))
            if not noted:
                uow.audit.add(person.name, person.role, "read", "conversation", conversation_id, at)
        if not noted:
            if len(self._reads) >= N_READS:
                self._reads.clear()
            self._reads[key] = at

    def canned(self) -> list[CannedReply]:
        """Every canned reply, by shortcut."""
        with self._store.read() as uow:
            return uow.canned.all()

    def put_canned(self, reply: CannedReply) -> CannedReply:
        """Keep a canned reply, over the older one of its shortcut. Raises InputError for what cannot be used."""
        self._check(reply.text)
        with self._store.begin() as uow:
            uow.canned.put(canned.checked(reply), datetime.now(UTC))
        return reply

    def delete_canned(self, shortcut: str) -> None:
        """Raises NotFound."""
        with self._store.begin() as uow:
            uow.canned.delete(shortcut)

    def figures(self, days: int) -> Figures:
        """What a supervisor looks at, over the last `days` days of the shop's calendar, today included."""
        now = datetime.now(UTC)
        first = now.astimezone(self.hours.zone).date() - timedelta(days=days - 1)
        since = datetime.combine(first, time(), self.hours.zone)
        with self._store.read() as uow:
            asked = [Asked(*row) for row in uow.turns.outcomes_since(since)]
            return figures(asked, uow.posts.since(since), uow.feedback.since(since), days, now, self.hours.zone)

    def _panel(self, uow: UnitOfWork, customer_id: str | None) -> CustomerPanel | None:
        if customer_id is None:
            return None
        also = self.scores.people.also(customer_id)
        ids = [customer_id, *(one.customer_id for one in also)]
        moods, orders = tuple(map(mood_of, last_turns(uow, ids, N_MOODS))), orders_of(uow, ids, N_ORDERS)
        score = self.scores.of(customer_id)
        return CustomerPanel(profile_of(uow, ids), orders, moods, score, others(uow, also))

    def _post(
        self, conversation_id: str, text: str, message_id: str, happen: Callable[[Conversation, datetime], Outcome]
    ) -> Post:
        self._check(text)
        with self._store.begin() as uow:
            conversation = uow.conversations.lock(conversation_id)
            if stored := uow.posts.find(conversation_id, message_id):
                return stored
            [post] = _write(uow, happen(conversation, datetime.now(UTC))).entries
        return post

    def _change(self, conversation_id: str, happen: Callable[[Conversation, datetime], Outcome]) -> Item:
        with self._store.begin() as uow:
            outcome = _write(uow, happen(uow.conversations.lock(conversation_id), datetime.now(UTC)))
        return self.item(outcome.conversation)

    def _check(self, text: str) -> None:
        if len(text) > self._max_text_chars:
            raise TooLong(f"the text has {len(text)} characters, at most {self._max_text_chars} are taken")
        normalise(text)  # refuses what no store can hold


def _write(uow: UnitOfWork, outcome: Outcome) -> Outcome:
    if outcome.changes:
        uow.write(outcome.conversation, outcome.entries)
        uow.journal.add(outcome.changes)
    return outcome


def _listed(uow: UnitOfWork, which: Queue, person: Person, at: datetime) -> list[Conversation]:
    if which == "closed":
        return uow.conversations.in_states(["closed"], N_QUEUE)
    if which == "mine":
        return uow.conversations.in_states(["agent"], N_QUEUE, owner=person.name)
    people = uow.conversations.in_states(["waiting", "agent"], N_QUEUE)
    since = at - timedelta(minutes=LIVE_BOT_MINUTES)
    return people + uow.conversations.in_states(["bot"], max(0, N_QUEUE - len(people)), since=since)


def _entries(uow: UnitOfWork, conversation_id: str, after: int, limit: int) -> tuple[Entry, ...]:
    turns = uow.turns.after(conversation_id, after, limit)
    return merged(turns, uow.posts.after(conversation_id, after, limit), limit)
