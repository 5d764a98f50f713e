"""Skip-gram vectors of the vocabulary's entries: where the embedding table starts from.

Mikolov et al. 2013, arXiv:1310.4546, by gensim, over the same tokens that the encoder will read. Unscaled vectors start
worse than random ones do, so the table is brought to one small standard deviation.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np

from training.texts import Tokenised
from training.tokenizer import CLS, SPECIALS

logger = logging.getLogger(__name__)

INITIAL_STD = 0.06


class _Sentences:
    def __init__(self, tokens: Tokenised):
        self._tokens = tokens
        self._names = np.array([str(i) for i in range(int(tokens.ids.max()) + 1)])

    def __iter__(self) -> Iterator[list[str]]:
        for number in range(len(self._tokens)):
            ids = self._tokens[number]
            yield self._names[ids[ids != CLS]].tolist()


def skip_gram(
    tokens: Tokenised, n_entries: int, width: int, epochs: int = 2, workers: int = 2, seed: int = 7
) -> np.ndarray:
    """Return float32 (n_entries, width); entries never met get small random rows."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        _Sentences(tokens), vector_size=width, window=5, min_count=2, sg=1, negative=5, sample=1e-4, epochs=epochs, workers=workers, seed=seed
    )  # fmt: skip
    table = np.random.default_rng(seed).normal(0, INITIAL_STD, (n_entries, width)).astype(np.float32)
    met = np.array([int(name) for name in model.wv.index_to_key])
    vectors = model.wv.vectors
    table[met] = (vectors - vectors.mean(0)) / vectors.std() * INITIAL_STD
    table[: len(SPECIALS)] *= 0.1
    logger.info("skip-gram: %d of %d entries met, %d tokens", len(met), n_entries, len(tokens.ids))
    return table
