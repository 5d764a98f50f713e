"""What can be suggested, and the vectors of its texts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assistant.values import Hit

Source = Literal["faq", "canned", "agent"]
MAX_VECTORS = 20_000  # texts whose vectors are kept: 20 MB


@dataclass(frozen=True, slots=True)
class Item:
    """One reply that could be sent. `labels` of a canned reply name intents that it serves; `p_faq` is the FAQ's own."""

    source: Source
    source_id: str
    title: str
    text: str
    labels: tuple[str, ...] = ()
    p_faq: float = 0.0

    @property
    def item_id(self) -> str:
        return f"{self.source}:{self.source_id}"


def of_hit(hit: Hit) -> Item:
    return Item("faq", hit.faq_id, hit.question, hit.answer, p_faq=hit.p_correct)


class ItemVectors:
    """Vectors of items' texts, each encoded once. Safe for threads: a race encodes a text twice and nothing else."""

    def __init__(self, encode):
        self._encode = encode
        self._known: OrderedDict[str, np.ndarray] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (len(texts), d)."""
        found = {text: self._known.get(text) for text in texts}
        if missing := [text for text, vector in found.items() if vector is None]:
            for text, vector in zip(missing, self._encode(missing), strict=True):
                found[text] = self._known[text] = vector
            while len(self._known) > MAX_VECTORS:
                self._known.popitem(last=False)
        return np.stack([found[text] for text in texts])
