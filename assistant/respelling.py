"""A query that was typed as pinyin, written in characters: tuihuo 退货, tuikuan duojiu 退款多久, 寄回去 youfei 谁出.

Candidates are the words of the segmenter's dictionary that sound so, found by walking its prefixes; the likeliest sequence
wins, words that the asked index knows before all others (a one-gram language model, as in an input method). Letters are
read so when all of them are pinyin and the index knows none of the words as an English one.

Characters in the place of others that sound alike (浙将, 运废) stay: the side `sounds` of the index finds their entries,
and put right by the same means eight of ten such pairs in our messages were changed that were no mistake at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import repeat
from math import log

from pypinyin.constants import PINYIN_DICT

from assistant.characters import fold
from assistant.pinyin import is_english, syllables_of_latin
from assistant.text import Segmenter

Known = Callable[[str], bool]  # whether a word stands in the index that is asked

KNOWN = log(1_000)  # how much likelier a word of the index is than its share of all Chinese text
RARE = 1.0  # the frequency of a word that the dictionary has but never counted
MAX_SYLLABLES = 4  # of a word; the dictionary's longer ones are proverbs
_LATIN = re.compile(r"(?<![\w@.\-/])[a-z]+(?:[ '][a-z]+)*(?![\w@\-/])", re.ASCII)


class Respelling:
    """Safe for threads: what it holds is read-only after the first query."""

    def __init__(self, segmenter: Segmenter):
        self._frequencies = segmenter.frequencies
        self._log_total = log(segmenter.total_frequency)
        self._sounding = lru_cache(maxsize=20_000)(self._words)

    def __call__(self, text: str, known: Known) -> str:
        """The text with its pinyin in characters; the very same text when it holds none."""
        plain = fold(text)
        written = _LATIN.sub(lambda run: self._latin(run[0], known), plain)
        return text if written == plain else written

    def _latin(self, run: str, known: Known) -> str:
        words = re.split("[ ']", run)
        if is_english(words):  # your box, site or chance: nobody means 盒, 台式 or 单侧
            return run
        read = [syllables_of_latin(word) for word in words]
        if all(read) and not any(map(self._stands, words, read, repeat(known))):
            said = [syllable for syllables in read for syllable in syllables]
            return self._written(said, known) or run
        # beside other letters a word of pinyin must be one that the index knows, and no syllable alone
        return re.sub("[a-z]+", lambda word: self._one_word(word[0], known), run)

    def _one_word(self, word: str, known: Known) -> str:
        return self._known_word(syllables_of_latin(word), known) or word

    def _stands(self, word: str, syllables: tuple[str, ...], known: Known) -> bool:
        """Whether the index knows a Latin word as it is typed, and not because somebody typed pinyin there too."""
        return known(word) and not self._known_word(syllables, known)

    def _known_word(self, syllables: tuple[str, ...], known: Known) -> str | None:
        words = self._sounding(syllables) if len(syllables) > 1 else ()
        return next(filter(known, words), None)

    def _written(self, syllables: Sequence[str], known: Known) -> str | None:
        """The likeliest words of these sounds; None when they are no one word and the index knows none of two or more.

        Many an English word can be read so: lan gua ge 蓝瓜葛.
        """
        best: list[tuple[float, list[str]]] = [(0.0, [])]
        for end in range(1, len(syllables) + 1):
            ways = [
                (p + self._log_p(word, known), [*words, word])
                for start in range(max(0, end - MAX_SYLLABLES), end)
                for p, words in (best[start],)
                for word in self._sounding(tuple(syllables[start:end]))
            ]
            best.append(max(ways, default=(-1e9, best[-1][1]), key=lambda way: way[0]))
        p, words = best[-1]
        meant = len(words) == 1 or any(len(word) > 1 and known(word) for word in words)
        return "".join(words) if p > -1e8 and meant else None

    def _log_p(self, word: str, known: Known) -> float:
        # a character stands in some word of the index almost always, which says nothing of this one
        return log(self._frequencies.get(word) or RARE) - self._log_total + KNOWN * (len(word) > 1 and known(word))

    def _words(self, syllables: tuple[str, ...]) -> tuple[str, ...]:
        """The dictionary's words of these sounds, the most frequent first; ties in the order of their characters."""
        begun, known = [""], self._frequencies
        for syllable in syllables:
            last = _characters().get(syllable, "")
            begun = [word for start in begun for character in last if (word := start + character) in known]
        return tuple(sorted(filter(known.get, begun), key=lambda word: (-known[word], word)))


@lru_cache(maxsize=1)
def _characters() -> dict[str, str]:
    """Toneless syllable -> every character that can be read so."""
    sounds: dict[str, list[str]] = defaultdict(list)
    for code, readings in PINYIN_DICT.items():
        # tones are marks on letters, and so are the dots of ü, which is written v
        plain = unicodedata.normalize("NFD", readings).replace("u\u0308", "v").encode("ascii", "ignore").decode()
        for syllable in set(plain.split(",")):
            sounds[syllable].append(chr(code))
    return {syllable: "".join(characters) for syllable, characters in sounds.items()}
