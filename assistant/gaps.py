"""What the FAQ lacks: messages that nothing answered, grouped by meaning, the most conversations first.

A group's question is its most central message; its draft comes from the reply that an agent gave to one of the group. A
gap that an FAQ entry or a larger gap already asks is flagged, so that nobody writes an entry twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.clusters import centres, clusters
from assistant.values import Language

N_EXAMPLES = 5
SAME_QUESTION = 0.9  # cosine of two central messages from which on they ask the same
MIN_ALIKE = 0.5  # cosine to the group's centre below which a message stands for itself


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A message that nothing answered, impersonal already; `reply` is what an agent then said, if one did."""

    conversation_id: str
    text: str
    language: Language
    vector: np.ndarray
    reply: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class GapDraft:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Gap:
    """`n_conversations` would have been resolved by an answer; `duplicate_of` names an FAQ entry or an earlier gap.

    `conversation_id` and `sequence` are of the message that stands for the group.
    """

    gap_id: str
    question: str
    language: Language
    n_conversations: int
    examples: tuple[str, ...]
    draft: GapDraft | None
    conversation_id: str
    sequence: int
    duplicate_of: str | None = None


def find_gaps(messages: Sequence[Unanswered], faq_ids: Sequence[str], faq_vectors: np.ndarray) -> list[Gap]:
    """Group the messages, each language by itself. faq_vectors: float32 (len(faq_ids), d), of the entries' questions."""
    found: list[tuple[Gap, np.ndarray]] = []
    for language in sorted({message.language for message in messages}):
        own = [message for message in messages if message.language == language]
        found += _groups(own)
    found.sort(key=lambda pair: (-pair[0].n_conversations, pair[0].gap_id))
    gaps: list[Gap] = []
    for place, (gap, vector) in enumerate(found):
        gaps.append(_flagged(gap, vector, found[:place], faq_ids, faq_vectors))
    return gaps


def _groups(messages: Sequence[Unanswered]) -> list[tuple[Gap, np.ndarray]]:
    vectors = np.stack([message.vector for message in messages])
    groups = clusters(vectors)
    middle = centres(vectors, groups)
    # a message far from its group's centre was merged for want of anything nearer: it is a gap of its own
    alone = np.einsum("nd,nd->n", vectors, middle[groups]) < MIN_ALIKE
    groups[alone] = groups.max(initial=-1) + 1 + np.arange(alone.sum())
    return [_gap([messages[i] for i in np.flatnonzero(groups == group)]) for group in np.unique(groups)]


def _gap(messages: Sequence[Unanswered]) -> tuple[Gap, np.ndarray]:
    vectors = np.stack([message.vector for message in messages])
    order = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")
    central = messages[order[0]]
    texts = tuple(dict.fromkeys(messages[i].text for i in order))[:N_EXAMPLES]
    answered = next((messages[i] for i in order if messages[i].reply), None)
    draft = answered and GapDraft(central.text, answered.reply)
    gap_id = hashlib.sha256(f"{central.language} {central.text}".encode("utf-8", "replace")).hexdigest()[:12]
    n_conversations = len({message.conversation_id for message in messages})
    at = (central.conversation_id, central.sequence)
    return Gap(gap_id, central.text, central.language, n_conversations, texts, draft, *at), vectors[order[0]]


def _flagged(
    gap: Gap,
    vector: np.ndarray,
    earlier: Sequence[tuple[Gap, np.ndarray]],
    faq_ids: Sequence[str],
    faq_vectors: np.ndarray,
) -> Gap:
    names = [*faq_ids, *(other.gap_id for other, _ in earlier)]
    if not names:
        return gap
    others = np.stack([*faq_vectors, *(other for _, other in earlier)])
    likeness = others @ vector
    best = int(likeness.argmax())
    if likeness[best] < SAME_QUESTION:
        return gap
    return replace(gap, duplicate_of=names[best])
