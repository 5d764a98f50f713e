"""Toneless pinyin of Han text, and Latin text read back as pinyin: what lets tuihuo and 浙将 find 退货 and 浙江.

The syllable set is that of standard Mandarin (GB/T 16159), written without tones and with v for ü.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from assistant.characters import HAN

_FINALS = {
    "": "a o e ai ei ao ou an en ang eng er",
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ia ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan v ve ue",
    "l": "a o e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un v ve ue",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "q": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh": "a e i ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "ch": "a e i ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "sh": "a e i ai ei ao ou an en ang eng u ua uo uai ui uan un uang",
    "r": "e i ao ou an en ang eng ong u ua uo ui uan un",
    "z": "a e i ai ei ao ou an en ang eng ong u uo ui uan un",
    "c": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "s": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "y": "a o e ai ao ou an ang ong i in ing u ue uan un",
    "w": "a o ai ei an en ang eng u",
}
SYLLABLES = frozenset(initial + final for initial, finals in _FINALS.items() for final in finals.split())
_LONGEST_SYLLABLE = max(map(len, SYLLABLES))
_LONGEST_RUN = 48  # letters; a longer Latin run is an address or a key, not typed pinyin
_RUN = re.compile(rf"(?P<han>[{HAN}]+)|[a-z]+(?>(?:[ '][a-z]+)*)")
# a function word that is no syllable tells an English phrase from typed pinyin
_ENGLISH = (
    frozenset(
        (
            "the is are am was were been do does did to of in on at for and or it its this that i my your our how what"
            " women when where why which who will would could should please not no with from have has had if but so there"
        ).split()
    )
    - SYLLABLES
)


def stretches(text: str) -> Iterator[tuple[str, ...]]:
    """Stretches of neighbouring syllables of lower-cased text: Han characters and pinyin may touch or be a space apart.

    A phrase of Latin words that holds an English function word (how, the, my) is not read as pinyin.
    """
    stretch: list[str] = []
    end = 0
    for run in _RUN.finditer(text):
        if text[end : run.start()].strip():
            yield tuple(stretch)
            stretch = []
        end = run.end()
        if run["han"]:
            stretch.extend(syllables_of_han(run["han"]))
            continue
        words = re.split("[ ']", run[0])
        for word in () if is_english(words) else words:
            syllables = syllables_of_latin(word)
            stretch.extend(syllables)
            if not syllables:
                yield tuple(stretch)
                stretch = []
    yield tuple(stretch)


def is_english(words: Iterable[str]) -> bool:
    """Whether a word among these shows that the phrase is English."""
    return not _ENGLISH.isdisjoint(words)


def is_pinyin(text: str) -> bool:
    """Whether all words of a lower-cased text can be read as pinyin; so can a few English ones, such as change."""
    words = re.findall("[a-z]+", text)
    return bool(words) and not is_english(words) and all(map(syllables_of_latin, words))


@lru_cache(maxsize=50_000)
def syllables_of_han(run: str) -> tuple[str, ...]:
    """The toneless syllables of a run of Han characters; characters without a reading are left out."""
    from pypinyin import Style, lazy_pinyin  # a quarter of a second: not for who only reads and never searches

    return tuple(lazy_pinyin(run, style=Style.NORMAL, errors="ignore", v_to_u=False))


@lru_cache(maxsize=50_000)
def syllables_of_latin(run: str) -> tuple[str, ...]:
    """Split a lower-case Latin run wholly into pinyin syllables, in as few as possible; () when that is impossible.

    Of two splits with equally many syllables the one whose first syllable is longer wins (fangan -> fang an).
    """
    if len(run) > _LONGEST_RUN:
        return ()
    best: list[tuple[str, ...] | None] = [None] * len(run) + [()]
    for start in range(len(run) - 1, -1, -1):
        for end in range(min(len(run), start + _LONGEST_SYLLABLE), start, -1):
            rest = best[end]
            known = best[start]
            if rest is not None and run[start:end] in SYLLABLES and (known is None or len(rest) + 1 < len(known)):
                best[start] = (run[start:end], *rest)
    return best[0] or ()
