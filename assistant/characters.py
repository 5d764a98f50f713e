"""Characters as they are typed, made comparable: normalised text with its offsets, repair, and the language.

Everything here is a function of the text alone and linear in its length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.errors import InputError
from assistant.values import Language

N_REMEMBERED = 256  # texts: what checks, reads and searches a message asks eight times for its normal form
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # the inside of a character class
HAN_RUN = re.compile(f"[{HAN}]+")
_REFUSED = re.compile("[\0\ud800-\udfff]")
_LATIN = "A-Za-z\u00c0-\u024f"
_LATIN_RUN = re.compile(r"[A-Za-zªµºÀ-ÖØ-öø-\u024f]+")  # every letter below U+0250
_CODE = re.compile(r"\w*\d\w*")
_LATIN_WORD = re.compile(rf"(?<![\w@.])[{_LATIN}]{{2,}}(?![\d_@])")
_NOT_PROSE = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w.-]+", re.ASCII)
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0")  # fillers, ignorable


class _Forms(dict[int, str]):
    """Code point -> what it becomes: NFKC, white space as one space, "" for what nobody sees. Fills itself on use."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isspace():
            form = " "
        elif (
            character in _INVISIBLE or 0xFE00 <= code <= 0xFE0F or unicodedata.category(character) in ("Cc", "Cf", "Cs")
        ):
            form = ""
        else:
            form = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFKC", character))
        self[code] = form
        return form


_FORMS = _Forms({ord("’"): "'", ord("‘"): "'", 0xFF07: "'"})


def fold(text: str) -> str:
    """The normalised form without offsets, for callers that drop white space anyway; refuses nothing."""
    return text.translate(_FORMS).lower()


def lowered(text: str) -> str:
    """The text for a first look without regard to case: with an `i` where patterns that ignore case take İ and ı for one."""
    return text.replace("İ", "i").replace("ı", "i").lower()


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text[i]` came from `raw[offsets[i]]`; `offsets` has one more number than text has characters: the end."""

    text: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the raw text that became `text[start:end]`; start < end."""
        return self.offsets[start], self.offsets[end - 1] + 1


@lru_cache(maxsize=N_REMEMBERED)
def normalise(raw: str) -> Normalised:
    """NFKC per character, invisible characters dropped, runs of white space folded to one space, ends trimmed.

    Raises InputError for NUL and lone surrogates, which no store and no JSON document can carry.
    """
    refused = _REFUSED.search(raw)
    if refused:
        raise InputError(
            f"the text holds U+{ord(refused[0]):04X} at character {refused.start()}: NUL and lone surrogates are not "
            "text; send valid UTF-8 (batch files can be repaired with assistant.text.repair)"
        )
    folded = raw.translate(_FORMS)
    if (
        all(len(_FORMS[code]) == 1 for code in map(ord, set(raw)))
        and "  " not in folded
        and folded == folded.strip(" ")
    ):
        return Normalised(folded, range(len(folded) + 1))  # one for one, as nearly all messages are
    text: list[str] = []
    offsets: list[int] = []
    for position, character in enumerate(raw):
        for form in _FORMS[ord(character)]:
            if form != " " or (text and text[-1] != " "):
                text.append(form)
                offsets.append(position)
    if text and text[-1] == " ":
        text.pop()
        offsets.pop()
    return Normalised("".join(text), (*offsets, offsets[-1] + 1 if offsets else 0))


def repair(raw: str) -> str:
    """The text without NUL and lone surrogates: for batch files, where one bad cell must not stop the rest."""
    return _REFUSED.sub("", raw)


@lru_cache(maxsize=N_REMEMBERED)
def language(text: str) -> Language:
    """Which script carries the text: Han characters against Latin words, codes and addresses not counted.

    "mixed" when Han is between a tenth and seven tenths of both; "other" for neither, or mostly a third script.
    """
    n_han = sum(map(len, HAN_RUN.findall(text)))
    n_latin = sum(map(len, _LATIN_RUN.findall(text)))
    n_letters = sum(map(str.isalpha, text))
    if n_letters == 0 or n_letters - n_han - n_latin > n_han + n_latin:
        return "other"
    if n_han == 0:  # an order number alone is written so in every language
        return "en" if any(map(str.isalpha, _CODE.sub(" ", _NOT_PROSE.sub(" ", text)))) else "other"
    n_words = len(_LATIN_WORD.findall(_NOT_PROSE.sub(" ", text))) if n_latin else 0
    share = n_han / (n_han + n_words)
    return "zh" if share > 0.7 else "mixed" if share > 0.1 else "en"
