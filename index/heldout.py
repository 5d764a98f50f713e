"""Left-out queries: every variant searches for its own entry as if it had never been written down.

They stand in for customers' questions of which the truth is known, beside texts that no entry answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.entry import Entry
from index.fusion import LeftOut
from index.query import Hidden, Query, Tools
from index.sides import Sides, encoded

N_LEFT_OUT = 2_000  # enough for a bound of 0.05 with many wrong answers, and a minute at 100,000 entries


def left_out(
    entries: Sequence[Entry], sides: Sides, tools: Tools, none_texts: Sequence[str]
) -> list[tuple[LeftOut, Query, Hidden | None]]:
    """Search with every variant hidden (entry i has slot i), or N_LEFT_OUT spread evenly, and with `none_texts`."""
    places = [(slot, row) for slot, entry in enumerate(entries) for row in range(1, len(entry.wordings))]
    variants = [pair for place in spread(places, N_LEFT_OUT) if (pair := _hiding(entries, *place, tools))]
    nones = spread(list(none_texts), N_LEFT_OUT)
    texts = [text for text, _ in variants] + nones
    hiding: list[Hidden | None] = [hidden for _, hidden in variants] + [None] * len(nones)
    results = []
    for text, hidden, vector in zip(texts, hiding, encoded(texts, tools.encode), strict=True):
        query = tools.query(text, vector)
        group = entries[hidden.slot].faq_id if hidden else text
        results.append((LeftOut(sides.look(query, hidden), hidden.slot if hidden else None, group), query, hidden))
    return results


def _hiding(entries: Sequence[Entry], slot: int, row: int, tools: Tools) -> tuple[str, Hidden] | None:
    """A variant and what to hide: itself and the entry's wordings of the same tokens (退款? and 退款！).

    None when nothing would be left, or when an earlier variant of the same tokens stands for it.
    """
    wordings = entries[slot].wordings
    words = [tools.tokenise(text) for text in wordings]
    rows = tuple(other for other in range(len(words)) if words[other] == words[row])
    if len(rows) == len(words) or row != min(other for other in rows if other):
        return None
    sounds = [token for other in rows for token in tools.pinyin(wordings[other])]
    return wordings[row], Hidden(slot, rows, words[row] * len(rows), sounds)


def spread(items: list, n: int) -> list:
    """At most n items at even distances, in their order."""
    return items if len(items) <= n else [items[i * len(items) // n] for i in range(n)]
