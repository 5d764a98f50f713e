"""A small real encoder for tests: hashed words, averaged. It passes the same contract test as the shipped one."""

import zlib
from collections.abc import Sequence

import numpy as np


class HashedWords:
    """Texts to unit vectors by adding one pseudo-random direction per character bigram; deterministic everywhere."""

    def __init__(self, dimension: int = 64):
        self.dimension = dimension
        self.version = f"hashed-words-{dimension}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            padded = f" {text.lower()} "
            for gram in (padded[i : i + 2] for i in range(len(padded) - 1)):
                seed = zlib.crc32(gram.encode("utf-8", "replace"))
                row += np.random.default_rng(seed).standard_normal(self.dimension, dtype=np.float32)
            row /= np.linalg.norm(row) or 1.0
        return rows
