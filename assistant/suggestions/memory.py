"""What agents replied in earlier situations: one row an example, as arrays, so that all are compared at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from assistant.suggestions.situation import N_STATE, Situation
from assistant.values import Language

MAX_EXAMPLES = (
    5_000  # the latest are kept: what was replied two seasons ago is stale, and each look costs 1 ms a thousand
)


@dataclass(frozen=True, slots=True)
class Example:
    """A reply that an agent sent. Texts are impersonal already (assistant.privacy.impersonal).

    `item_id` names the item it came from when an agent took a suggestion, else it is empty.
    """

    situation: Situation
    reply: str
    reply_vector: np.ndarray
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """Examples, oldest first. Arrays have one row each: float32 (n, d), state (n, N_STATE)."""

    conversation_ids: tuple[str, ...]
    languages: tuple[Language, ...]
    replies: tuple[str, ...]
    item_ids: tuple[str, ...]
    message: np.ndarray
    so_far: np.ndarray
    previous: np.ndarray
    reply: np.ndarray
    state: np.ndarray

    @classmethod
    def empty(cls, dimension: int) -> Memory:
        none = np.zeros((0, dimension), np.float32)
        return cls((), (), (), (), none, none, none, none, np.zeros((0, N_STATE), np.float32))

    def __len__(self) -> int:
        return len(self.replies)

    def plus(self, examples: Sequence[Example]) -> Memory:
        """The memory with these examples; the oldest make room."""
        if not examples:
            return self
        seen = [example.situation for example in examples]
        grown = Memory(
            (*self.conversation_ids, *(s.conversation_id for s in seen)),
            (*self.languages, *(s.language for s in seen)),
            (*self.replies, *(e.reply for e in examples)),
            (*self.item_ids, *(e.item_id for e in examples)),
            np.concatenate([self.message, [s.message for s in seen]]).astype(np.float32),
            np.concatenate([self.so_far, [s.so_far for s in seen]]).astype(np.float32),
            np.concatenate([self.previous, [s.previous for s in seen]]).astype(np.float32),
            np.concatenate([self.reply, [e.reply_vector for e in examples]]).astype(np.float32),
            np.concatenate([self.state, [s.state for s in seen]]).astype(np.float32),
        )
        return grown.rows(np.arange(len(grown))[-MAX_EXAMPLES:])

    def without(self, conversation_ids: Collection[str]) -> Memory:
        """The memory without what was learned in these conversations: for an erasure, and for an honest test."""
        gone = set(conversation_ids)
        return self.rows(np.array([i for i, name in enumerate(self.conversation_ids) if name not in gone], dtype=int))

    def rows(self, places: np.ndarray) -> Memory:
        def some(value):
            return value[places] if isinstance(value, np.ndarray) else tuple(value[i] for i in places)

        return replace(self, **{column.name: some(getattr(self, column.name)) for column in fields(self)})
