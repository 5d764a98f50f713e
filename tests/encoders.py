"""A small real encoder for tests: hashed words, averaged. It passes the same contract test as the shipped one."""

import zlib
from collections.abc import Sequence

import numpy as np

from index.query import WordVectors

N_CHARACTERS = 4_096  # of the hash under which characters have a vector


class HashedWords:
    """Texts to unit vectors by adding one pseudo-random direction per character bigram; deterministic everywhere."""

    def __init__(self, dimension: int = 64):
        self.dimension = dimension
        self.version = f"hashed-words-{dimension}"
        table = np.random.default_rng(7).standard_normal((N_CHARACTERS, dimension), dtype=np.float32)
        table /= np.linalg.norm(table, axis=1, keepdims=True)
        self.words = WordVectors(table, _characters, np.ones(N_CHARACTERS, dtype=np.float32))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            padded = f" {text.lower()} "
            for gram in (padded[i : i + 2] for i in range(len(padded) - 1)):
                seed = zlib.crc32(gram.encode("utf-8", "replace"))
                row += np.random.default_rng(seed).standard_normal(self.dimension, dtype=np.float32)
            row /= np.linalg.norm(row) or 1.0
        return rows


def _characters(text: str) -> np.ndarray:
    """The numbers of a text's characters, its words here, blanks left out."""
    return np.array(
        [zlib.crc32(c.encode("utf-8", "replace")) % N_CHARACTERS for c in text.lower() if not c.isspace()],
        dtype=np.uint16,
    )
