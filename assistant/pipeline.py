"""The line: message -> reading -> hits -> decision -> reply. It computes and touches no database.

What an action looks up (a customer's order) comes through the door that it was given, assistant.actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from assistant.actions import Orders, look_up
from assistant.dialogue import Context, choice_of, query_of
from assistant.policy import Rules, choose, decide
from assistant.reader import Reader
from assistant.replies import Replies
from assistant.values import Decision, Hit, Message, Reading, Reply, Versions
from index.calibration import Threshold

N_HITS = 5  # what a decision looks at


class Faq(Protocol):
    """What the line needs of an FAQ; assistant.faq.FaqService is one."""

    version: str

    def search(self, vectors: np.ndarray, texts: Sequence[str], k: int) -> list[list[Hit]]: ...

    def threshold_for(self, max_wrong: float) -> Threshold: ...

    def hit(self, faq_id: str) -> Hit | None: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A turn before it is stored."""

    reading: Reading
    decision: Decision
    reply: Reply
    versions: Versions


class Pipeline:
    """Safe for threads. `rules.p_answer` is set anew for each version of the index, from rules.max_wrong_answers."""

    def __init__(self, reader: Reader, faq: Faq, rules: Rules, replies: Replies, orders: Orders | None = None):
        """orders: where they are looked up; without it `rules.action_intents` must be empty."""
        self._reader, self._faq, self._rules, self._replies, self._orders = reader, faq, rules, replies, orders
        self._fitted: tuple[str, Rules] | None = None  # replaced whole, so that threads need no lock

    @property
    def versions(self) -> Versions:
        """What would produce a turn now."""
        return Versions(self._reader.version, self._faq.version)

    def run(self, message: Message, context: Context) -> Draft:
        version = self._faq.version
        reading = self._reader.read([message.text], message.received_at)[0]
        decision = self._decide(message, reading, context, version)
        if decision.outcome == "action":
            looked = look_up(self._orders, message.customer_id, reading)
            decision = replace(decision, reasons=(*decision.reasons, looked.reason))
            reply = self._replies.looked_up(looked, reading, message.conversation_id, context)
        else:
            reply = self._replies.render(decision, reading, message.conversation_id, context)
        return Draft(reading, decision, reply, Versions(self._reader.version, version))

    def _decide(self, message: Message, reading: Reading, context: Context, version: str) -> Decision:
        chosen = choice_of(message.text, message.faq_id, context)
        if chosen and (hit := self._faq.hit(chosen)):
            return choose(hit)
        query = query_of(message.text, reading, context)
        vectors = reading.vector[None] if query == message.text else self._reader.encode(query)
        hits = self._faq.search(vectors, [query], N_HITS)[0]
        return decide(reading, hits, context, self._rules_of(version), identified=message.customer_id is not None)

    def _rules_of(self, version: str) -> Rules:
        if self._fitted is None or self._fitted[0] != version:
            threshold = self._faq.threshold_for(self._rules.max_wrong_answers).threshold
            self._fitted = (version, replace(self._rules, p_answer=threshold))
        return self._fitted[1]
