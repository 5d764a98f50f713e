"""The messages that are looked at one by one, with their vectors: all of a small file, a random sample of a large one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.characters import normalise, repair
from assistant.clusters import MAX_LINKED, clusters
from assistant.reader import Reader
from assistant.reports.rows import Rows

AT_ONCE = 1_024  # texts between two steps of the progress bar; enough for every core to have some


@dataclass(frozen=True, slots=True)
class Sample:
    """rows: those chosen, in their order; vectors: float32 (len(rows), d); n_all: the messages they stand for."""

    rows: Rows
    vectors: np.ndarray
    n_all: int


def by_meaning(texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """The group of each message, int (n,), the largest first. Every wording is compared once, however often it was sent:
    a slogan sent a hundred times would else decide what counts as alike."""
    _, first, wording = np.unique(np.asarray(texts, str), return_index=True, return_inverse=True)
    groups = clusters(vectors[first])[wording]
    sizes = np.bincount(groups, minlength=1)
    rank = np.empty(len(sizes), int)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return rank[groups]


def take_sample(
    rows: Rows, reader: Reader, tick: Callable[[int], None] = lambda n: None, at_most: int = MAX_LINKED, seed: int = 0
) -> Sample:
    """Messages that hold more than white space; `tick` is told how many more were encoded."""
    written = np.flatnonzero([bool(text.strip()) for text in rows.text])
    n_all = len(written)
    if n_all > at_most:
        written = np.sort(np.random.default_rng(seed).choice(written, at_most, replace=False))
    chosen = rows.where(written)
    texts = [normalise(repair(text)).text for text in chosen.text]
    parts = [np.zeros((0, reader.encoder.dimension), np.float32)]
    for start in range(0, len(texts), AT_ONCE):
        parts.append(reader.encoder.encode(texts[start : start + AT_ONCE]))
        tick(len(parts[-1]))
    return Sample(chosen, np.concatenate(parts), n_all)
