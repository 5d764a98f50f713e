"""The three to show: candidates from all sources, ranked by probability, none of them twice in other words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.suggestions.features import REPLY_WIDTH, alike, features
from assistant.suggestions.items import Item
from assistant.suggestions.learned import Learned
from assistant.suggestions.memory import Memory
from assistant.suggestions.situation import Situation

N_SUGGESTIONS = 3  # what the desk shows without scrolling
N_EARLIER = 15  # earlier replies that are looked at
MIN_P = 0.02  # below this a suggestion only distracts
SAME = 0.6  # replies alike from here on say the same


@dataclass(frozen=True, slots=True)
class Ranked:
    """A suggestion before it is shown; `row` are its features, kept so that a verdict can teach."""

    item: Item
    p: float
    row: tuple[float, ...]


def suggest(
    situation: Situation,
    items: Sequence[Item],
    learned: Learned,
    vectors: Callable[[Sequence[str]], np.ndarray],
    k: int = N_SUGGESTIONS,
    min_p: float = MIN_P,
) -> list[Ranked]:
    """Return at most k of the items and of agents' earlier replies, likeliest first. items: FAQ hits and canned replies."""
    items = [*items, *earlier_replies(situation, learned.memory)]
    if not items:
        return []
    texts = vectors([item.text for item in items])
    rows = features(
        situation,
        items,
        vectors([item.title for item in items]),
        texts,
        learned.memory,
        learned.verdicts.log_odds(items),
    )
    p = learned.ranker.p(rows)
    same = alike(texts @ texts.T, REPLY_WIDTH) >= SAME
    chosen: list[int] = []
    for place in np.argsort(-p, kind="stable"):
        if len(chosen) == k or p[place] < min_p:
            break
        if not same[place, chosen].any():
            chosen.append(int(place))
    return [Ranked(items[i], float(p[i]), tuple(float(value) for value in rows[i])) for i in chosen]


def earlier_replies(situation: Situation, memory: Memory) -> list[Item]:
    """What agents wrote in their own words in the likest situations, in the language of this one."""
    likeness = memory.message @ situation.message + 0.3 * (memory.previous @ situation.previous)
    found: dict[str, Item] = {}
    for place in np.argsort(-likeness, kind="stable"):
        if len(found) == N_EARLIER:
            break
        own_words = not memory.item_ids[place] and memory.languages[place] == situation.language
        if own_words and memory.conversation_ids[place] != situation.conversation_id:
            text = memory.replies[place]
            found.setdefault(text, Item("agent", reply_id(text), text[:40], text))
    return list(found.values())


def reply_id(text: str) -> str:
    """Names a reply by its words, so that the same words are one item."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
