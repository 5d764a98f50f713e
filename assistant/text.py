"""Words of Chinese and English text: for the encoder, for BM25, and by their sound.

`normalise`, `repair` and `language` live in assistant.characters and are offered here too.
"""

from __future__ import annotations

import logging
import marshal
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from math import inf, log
from pathlib import Path

import jieba

from assistant.characters import HAN, HAN_RUN, Normalised, fold, language, normalise, repair
from assistant.pinyin import stretches
from assistant.private_folder import private_folder
from assistant.stemming import STOP_WORDS, stem
from assistant.userdict import read_userdict

__all__ = ["Normalised", "Segmenter", "language", "normalise", "repair"]

_PIECE = re.compile(
    rf"[A-Za-z0-9]*+[{HAN}][A-Za-z0-9+#&._%\-{HAN}]*+"  # jieba's own block: product names mix both, T恤, 小米14Pro
    rf"|[^\W_{HAN}]++(?>(?:'[^\W_{HAN}]++)*)"  # a Latin word or number stays whole, don't too
    rf"|\S"
)
_JIEBA_BLOCK = re.compile(r"[\u4e00-\u9fd5a-zA-Z0-9+#&._%\-]+")  # what jieba looks up in its dictionary
_WORD_CHARACTER = re.compile(r"[^\W_]")


class Segmenter:
    """Words from a jieba tokenizer of our own, never the global one; safe to share between threads.

    userdict: see assistant.userdict; a word added there is cut out whole, in either case.
    cache_dir: a folder that only this user can write, because jieba reads its cache with marshal, which trusts what it
    reads; by default a 0700 folder in the user's cache directory.
    """

    def __init__(self, userdict: Path | None = None, cache_dir: Path | None = None):
        self._jieba = _tokenizer(private_folder(cache_dir))
        capital = [(word, n) for word, n in self._jieba.FREQ.items() if n and word != word.lower()]
        for word, frequency in capital:  # so that t恤 is the word that T恤 is
            self._jieba.add_word(word.lower(), frequency)
        for word, frequency in read_userdict(userdict) if userdict else ():
            self._jieba.add_word(word, frequency)
        self._cut = lru_cache(maxsize=20_000)(self._cut_block)  # words and search tokens of one text share the work

    def words(self, text: str) -> list[str]:
        """Lower-cased words and punctuation marks in their order, white space left out; raw text may be given."""
        words: list[str] = []
        for piece in _PIECE.findall(fold(text)):
            if HAN_RUN.search(piece):
                words += self._cut(piece)
            else:
                words.append(piece)
        return words

    def search_tokens(self, text: str) -> list[str]:
        """Tokens for BM25: words, the shorter words inside them, Han bigrams, lightly stemmed Latin words."""
        tokens: list[str] = []
        for word in self.words(text):
            if _WORD_CHARACTER.match(word) and word not in STOP_WORDS:
                tokens += self._words_inside(word) if HAN_RUN.match(word) else ()
                tokens.append(stem(word))
        for run in HAN_RUN.findall(fold(text)):
            tokens += (run[i : i + 2] for i in range(len(run) - 1))
        return tokens

    def pinyin_tokens(self, text: str) -> list[str]:
        """Toneless syllables and pairs of neighbours (tui huo tui_huo) of Han text and of Latin text typed as pinyin."""
        tokens: list[str] = []
        for stretch in stretches(fold(text)):
            tokens += stretch
            tokens += (f"{left}_{right}" for left, right in pairwise(stretch))
        return tokens

    @property
    def frequencies(self) -> Mapping[str, int]:
        """How often the dictionary met each word; 0 of what only begins one."""
        return self._jieba.FREQ

    @property
    def total_frequency(self) -> int:
        """The sum of all words' frequencies."""
        return self._jieba.total

    def _cut_block(self, block: str) -> tuple[str, ...]:
        """As jieba cuts without its model of unknown words, in a third of the time."""
        if not _JIEBA_BLOCK.fullmatch(block):
            return tuple(self._jieba.cut(block, HMM=False))
        words: list[str] = []
        start, single = 0, 0  # single: letters and digits alone in a row, which make one word
        for end in self._likeliest_ends(block):
            if end == start + 1 and block[start].isascii() and block[start].isalnum():
                single += 1
            else:
                if single:
                    words.append(block[start - single : start])
                words.append(block[start:end])
                single = 0
            start = end
        if single:
            words.append(block[start - single : start])
        return tuple(words)

    def _likeliest_ends(self, block: str) -> list[int]:
        """Where the words end whose probabilities have the greatest product; of equal ones the longer word."""
        frequency, log_total, n = self._jieba.FREQ.get, log(self._jieba.total), len(block)
        best, ends = [0.0] * (n + 1), [0] * n
        for start in range(n - 1, -1, -1):
            end, top, stop = start + 1, -inf, start + 1
            count = frequency(block[start:stop])
            while count is not None and stop <= n:
                if count and (p := log(count) - log_total + best[stop]) >= top:
                    end, top = stop, p
                stop += 1
                count = frequency(block[start:stop])
            best[start], ends[start] = (top if top > -inf else best[start + 1] - log_total), end
        path, place = [], 0
        while place < n:
            place = ends[place]
            path.append(place)
        return path

    def _words_inside(self, word: str) -> list[str]:
        """The dictionary's words of two and three characters inside a longer one, as jieba's search mode has them."""
        return [
            part
            for size in (2, 3)
            for start in range(len(word) - size + 1)
            if size < len(word) and self._jieba.FREQ.get(part := word[start : start + size])
        ]


def _tokenizer(folder: Path) -> jieba.Tokenizer:
    """jieba over its cache in the folder, read whole: jieba's marshal.load asks the file anew for each of a million pieces,
    which takes three times as long."""
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir, tokenizer.cache_file = str(folder), f"jieba-{jieba.__version__}.cache"
    try:
        tokenizer.FREQ, tokenizer.total = marshal.loads((folder / tokenizer.cache_file).read_bytes())
        tokenizer.initialized = True
    except (OSError, EOFError, ValueError, TypeError):  # none yet, or a broken one, which jieba writes anew
        tokenizer.initialize()
    return tokenizer
