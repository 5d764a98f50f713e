"""Keep held-out texts out of training: exact matches after normalisation, and texts that share half of their 8-grams.

An 8-gram is eight neighbouring tokens; a token is one Han character or one run of Latin letters or digits. Texts of
fewer than eight tokens leak only by exact match. A text leaks in either direction: half of its own 8-grams are
held out, or it carries half of the 8-grams of one longer held-out text (a review quoted inside a longer one).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

GRAM = 8
OVERLAP = 0.5
MIN_QUOTED = 9  # 8-grams of a held-out text before quoting half of it counts: a shorter one is a common phrase
CHUNK = 20_000  # texts scanned at a time; bounds memory
_TOKEN = re.compile(r"[a-z0-9]+|[^\W_]")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def fingerprint(text: str) -> str:
    """The text without punctuation, case, width and spacing; a text of symbols only (emoji) stays as it is."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(_TOKEN.findall(folded)) or folded.strip()


@dataclass(frozen=True)
class LeakReport:
    """`keep` has one bool per text checked; the counts are of those dropped, exact matches counted first."""

    keep: np.ndarray
    n_exact: int
    n_overlap: int

    @property
    def n_dropped(self) -> int:
        return self.n_exact + self.n_overlap


class LeakFilter:
    """Holds the 8-grams of the held-out texts as sorted 64-bit hashes: a million texts pass in about a minute."""

    def __init__(self, protected: Mapping[str, Iterable[str]] | Iterable[str]):
        groups = protected.values() if isinstance(protected, Mapping) else [protected]
        tokens = {}
        for text in (text for group in groups for text in group):
            tokens.setdefault(fingerprint(text), _tokens(text))
        self._exact = frozenset(tokens)
        grams, owners = _grams(list(tokens.values()))
        self._grams, first = np.unique(grams, return_index=True)
        self._owners = owners[first]
        # Grams that several held-out texts share count for the first of them only, so quotas count owned grams.
        self._owned = np.bincount(self._owners, minlength=max(len(tokens), 1))

    def check(self, texts: Sequence[str]) -> LeakReport:
        exact = np.fromiter((fingerprint(text) in self._exact for text in texts), bool, len(texts))
        overlap = np.zeros(len(texts), bool)
        for start in range(0, len(texts), CHUNK):
            overlap[start : start + CHUNK] = self._overlaps(texts[start : start + CHUNK])
        overlap &= ~exact
        return LeakReport(~(exact | overlap), int(exact.sum()), int(overlap.sum()))

    def _overlaps(self, texts: Sequence[str]) -> np.ndarray:
        grams, owners = _grams([_tokens(text) for text in texts])
        leaking = np.zeros(len(texts), bool)
        if not len(grams) or not len(self._grams):
            return leaking
        place = np.minimum(np.searchsorted(self._grams, grams), len(self._grams) - 1)
        held_out = self._grams[place] == grams
        n_grams = np.bincount(owners, minlength=len(texts))
        n_shared = np.bincount(owners[held_out], minlength=len(texts))
        leaking |= (n_grams > 0) & (n_shared >= OVERLAP * n_grams)

        quotes = np.unique(np.stack([owners[held_out], place[held_out]]), axis=1)
        pairs, counts = np.unique(np.stack([quotes[0], self._owners[quotes[1]]]), axis=1, return_counts=True)
        n_owned = self._owned[pairs[1]]
        leaking[pairs[0][(n_owned >= MIN_QUOTED) & (counts >= OVERLAP * n_owned)]] = True
        return leaking


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())


def _grams(texts: Sequence[list[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of all 8-grams, uint64 (n,), and the index of the text each comes from, int64 (n,)."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    hashes = np.fromiter((hash(token) for tokens in texts for token in tokens), np.int64, int(lengths.sum()))
    if len(hashes) < GRAM:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    hashes = hashes.astype(np.uint64)
    owners = np.repeat(np.arange(len(texts)), lengths)
    n = len(hashes) - GRAM + 1
    rolled = np.zeros(n, np.uint64)
    for step in range(GRAM):  # a polynomial hash modulo 2**64
        rolled = rolled * _MULTIPLIER + hashes[step : step + n]
    inside = owners[:n] == owners[GRAM - 1 :]
    return rolled[inside], owners[:n][inside]
