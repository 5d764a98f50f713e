"""Conversations of the time before Huida: read as if they had come in, put into the log, folded into profiles.

    rows = read_history(Path("chats.csv"), {}, rejects, zone)
    report = import_history(store, reader, rows)

A customer's message becomes a turn; what the shop's people answered before the next one is that turn's reply. Messages
imported again are known by their id, or by what they say and when, and change nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from assistant.customer.import_cells import Unusable, instant
from assistant.customer.import_columns import CONVERSATIONS, places
from assistant.customer.import_files import Rejects, clean_id, readable, records_of
from assistant.customer.profile import IMPORTED, rebuild
from assistant.errors import InputError
from assistant.reader import Reader
from assistant.records import is_blank
from assistant.store import Store, UnitOfWork
from assistant.text import normalise
from assistant.values import Decision, Message, Reading, Reply, Turn, Versions

BATCH = 256  # messages read and stored at once: a commit each, and a run cut short goes on there
MAX_TEXT_CHARS = 2_000
_NEED = (("conversation",), ("at",), ("text",))
_CUSTOMER_SIDE = frozenset("customer user visitor buyer client guest 客户 用户 买家 顾客 访客 incoming".split())


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a past conversation; `customer_id` is None for a guest. `by_customer`: else the shop's people."""

    conversation_id: str
    customer_id: str | None
    at: datetime
    text: str
    by_customer: bool
    message_id: str


@dataclass(frozen=True, slots=True)
class HistoryReport:
    n_turns: int  # added
    n_known: int  # they stood in the log already
    n_replies: int  # of the shop's people, kept with the turn that they answered
    n_customers: int  # whose profiles were folded again


def read_history(
    path: Path, columns: Mapping[str, str], rejects: Path, zone: ZoneInfo, tick: Callable[[int], None] = lambda n: None
) -> list[Said]:
    """The messages of a file, by conversation and time. zone: of times that name none.

    Raises InputError when the file is of no known format or a needed column is missing; rows that cannot be taken go to
    the rejects file.
    """
    with records_of(path) as records:
        header = next((cells for _, cells, _ in records if cells and any(cell.strip() for cell in cells)), None)
        if header is None:
            raise InputError(f"{path.name} is empty; expected a header and one line per message")
        at = places(path.name, header, columns, CONVERSATIONS, _NEED)
        found, now = [], datetime.now(UTC)
        with Rejects(rejects, header) as rejected:
            for row, cells, raw in records:
                if cells is not None and is_blank(cells):
                    continue
                tick(row)
                try:
                    found.append(_said(cells, at, zone, now))
                except Unusable as error:
                    rejected.write(row, str(error), cells, raw)
    return _numbered(sorted(found, key=lambda said: (said.conversation_id, said.at)))


def import_history(
    store: Store, reader: Reader, rows: Iterable[Said], tick: Callable[[int], None] = lambda n: None
) -> HistoryReport:
    """Put the messages into the log and fold the profiles of their customers again from all of it."""
    pairs = [pair for _, said in groupby(rows, key=lambda one: one.conversation_id) for pair in _paired(list(said))]
    n, customers = 0, set()
    for first in range(0, len(pairs), BATCH):
        batch = pairs[first : first + BATCH]
        with store.read() as uow:
            new = [pair for pair in batch if not uow.turns.find(pair[0].conversation_id, pair[0].message_id)]
        readings = _read(reader, [said for said, _ in new])
        with store.begin() as uow:
            for (said, reply), reading in zip(new, readings, strict=True):
                n += _added(uow, said, reply, reading, reader.version)
                customers |= {said.customer_id} - {None}
        tick(n)
    with store.begin() as uow:
        for customer_id in sorted(customers):
            uow.profiles.open(customer_id)
            uow.profiles.replace(rebuild(customer_id, uow.turns.of_customer(customer_id)))
    return HistoryReport(n, len(pairs) - n, sum(bool(reply) for _, reply in pairs), len(customers))


def rebuild_profiles(store: Store, tick: Callable[[int], None] = lambda n: None) -> tuple[int, int]:
    """Fold every customer's profile again from the log; returns how many there are and how many were another before."""
    with store.read() as uow:
        customers = sorted({*uow.turns.customers(), *(profile.customer_id for profile in uow.profiles.since())})
    changed = 0
    for number, customer_id in enumerate(customers, 1):
        with store.begin() as uow:
            before = uow.profiles.open(customer_id)  # a turn of theirs that is being written waits
            after = rebuild(customer_id, uow.turns.of_customer(customer_id))
            changed += before != after
            uow.profiles.replace(after)
        tick(number)
    return len(customers), changed


def _said(cells: list[str] | None, at: Mapping[str, int], zone: ZoneInfo, now: datetime) -> Said:
    cells = readable(cells, at)
    cell = {name: cells[place] if place < len(cells) else "" for name, place in at.items()}
    conversation, customer, message = (clean_id(n, cell.get(n, "")) for n in ("conversation", "customer", "message"))
    when = instant(cell["at"], None)
    when = when if isinstance(when, datetime) else datetime.combine(when, time())
    when = (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)
    if not conversation:
        raise Unusable("the row names no conversation")
    if when > now:
        raise Unusable(f"the time {cell['at']!r} lies in the future")
    text = cell["text"].strip()
    if not text or len(text) > MAX_TEXT_CHARS:
        raise Unusable(f"the text has {len(text)} characters, expected 1 to {MAX_TEXT_CHARS}")
    try:
        normalise(text)
    except InputError as error:
        raise Unusable(str(error)) from error
    sender = cell.get("sender", "").strip().casefold()
    return Said(conversation, customer or None, when, text, not sender or sender in _CUSTOMER_SIDE, message)


def _numbered(rows: list[Said]) -> list[Said]:
    """A message without an id gets one made of what it says, when, and how often that was said before."""
    seen: Counter[tuple] = Counter()
    done = []
    for said in rows:
        if not said.message_id:
            key = (said.conversation_id, said.at.isoformat(), said.text)
            digest = hashlib.blake2b("\x1f".join((*key, str(seen[key]))).encode(), digest_size=12).hexdigest()
            seen[key] += 1
            said = replace(said, message_id=f"past-{digest}")
        done.append(said)
    return done


def _paired(said: list[Said]) -> Iterator[tuple[Said, str]]:
    """Each message of the customer with what was answered before the next one; who is one of a conversation's ids
    is its customer throughout, also where a row leaves it empty."""
    customer_id = next((one.customer_id for one in said if one.customer_id), None)
    asked: Said | None = None
    replies: list[str] = []
    for one in said:
        if one.by_customer:
            if asked:
                yield asked, "\n".join(replies)
            asked, replies = replace(one, customer_id=customer_id), []
        else:
            replies.append(one.text)
    if asked:
        yield asked, "\n".join(replies)


def _read(reader: Reader, said: list[Said]) -> list[Reading]:
    """One pass for all; 昨天 in a text is the day before that message."""
    readings = reader.read([one.text for one in said], datetime.now(UTC))
    pairs = zip(readings, said, strict=True)
    return [replace(reading, entities=reader.entities(one.text, one.at)) for reading, one in pairs]


def _added(uow: UnitOfWork, said: Said, reply: str, reading: Reading, version: str) -> int:
    conversation = uow.conversations.open(said.conversation_id, said.customer_id, said.at)
    if conversation.customer_id != said.customer_id:
        raise InputError(f"conversation {said.conversation_id!r} belongs to another customer already; check the file")
    outcome = "answer" if reply else "silent"
    turn = Turn(
        hashlib.blake2b(f"{said.conversation_id}\x1f{said.message_id}".encode(), digest_size=16).hexdigest(),
        conversation.n_turns + 1,
        Message(said.conversation_id, said.message_id, said.text, said.at, said.customer_id),
        reading, Decision(outcome, (IMPORTED,)), Reply(reply, outcome), Versions(version, IMPORTED), said.at,
    )  # fmt: skip
    uow.turns.append(turn)
    last = max(said.at, conversation.last_turn_at or said.at)
    uow.conversations.save(replace(conversation, n_turns=turn.sequence, last_turn_at=last))
    return 1
