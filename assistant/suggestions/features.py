"""How well each item fits a situation, as named numbers.

Evidence from the memory is a share: of what was replied in situations like this one, how much was this item? Situations
count by a kernel exp((cosine - 1) / width), replies by the same over their texts, so that an edited canned reply counts
as that reply. A share leans towards the item's share everywhere by `m` situations' worth, and enters as the log of how
much it exceeds that: 0 where nothing is known. Source of the shrinkage: Efron & Morris 1975.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.suggestions.items import Item
from assistant.suggestions.memory import Memory
from assistant.suggestions.situation import Situation

FEATURES = (
    *("bias", "is_faq", "is_agent", "faq_log_odds", "title_cosine", "text_cosine", "label", "first_label"),
    *("prior", "near", "follows", "so_far", "state", "state_and_so_far", "verdicts"),
)
MESSAGE_WIDTH, CONTEXT_WIDTH, REPLY_WIDTH, STATE_WIDTH = 0.12, 0.2, 0.15, 0.7  # chosen on learning halves
MIN_P = 0.001  # of an FAQ hit: its log odds begin at 0 there


def alike(cosines: np.ndarray, width: float) -> np.ndarray:
    """The kernel: 1 for the same text, exp(-1) where the cosine is `width` lower."""
    return np.exp((np.minimum(cosines, 1.0) - 1.0) / width)


def features(
    situation: Situation,
    items: Sequence[Item],
    titles: np.ndarray,
    texts: np.ndarray,
    memory: Memory,
    verdicts: np.ndarray,
) -> np.ndarray:
    """float64 (len(items), len(FEATURES)).

    titles, texts: the items' vectors, float32 (len(items), d). verdicts: each item's log odds of being taken.
    """
    n, m = len(items), len(memory)
    used = alike(texts @ memory.reply.T, REPLY_WIDTH)
    places = {item.item_id: place for place, item in enumerate(items)}
    for column, item_id in enumerate(memory.item_ids):
        if item_id in places:
            used[places[item_id], column] = 1.0
    everywhere = (used.sum(axis=1) + 1) / (m + n)

    def share(weights: np.ndarray, leaning: float) -> np.ndarray:
        here = (used @ weights + leaning * everywhere) / (weights.sum() + leaning)
        return np.log(here / everywhere)

    near = alike(memory.message @ situation.message, MESSAGE_WIDTH)
    follows = alike(memory.previous @ situation.previous, CONTEXT_WIDTH)
    so_far = alike(memory.so_far @ situation.so_far, CONTEXT_WIDTH)
    state = np.exp(-np.square(memory.state - situation.state).sum(axis=1) / STATE_WIDTH)
    p_faq = np.clip([item.p_faq for item in items], MIN_P, 0.999)
    is_faq = np.array([item.source == "faq" for item in items], dtype=float)
    columns = (
        np.ones(n),
        is_faq,
        np.array([item.source == "agent" for item in items], dtype=float),
        is_faq * (np.log(p_faq / (1 - p_faq)) - np.log(MIN_P / (1 - MIN_P))),
        titles @ situation.message,
        texts @ situation.message,
        np.array([sum(situation.intents.get(label, 0.0) for label in item.labels) for item in items]),
        np.array([sum(situation.first_intents.get(label, 0.0) for label in item.labels) for item in items]),
        np.log(everywhere * n),
        share(near, 0.3),
        share(follows, 0.5),
        share(so_far, 0.5),
        share(state, 1.0),
        share(state * so_far, 0.15),
        verdicts,
    )
    return np.stack(columns, axis=1)
