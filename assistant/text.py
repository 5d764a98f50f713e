"""Text as it is typed, made comparable: normalised characters with their offsets, the language, and words.

Everything here is a function of the text alone and linear in its length; `Segmenter` holds jieba's dictionary.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import jieba

from assistant.errors import InputError
from assistant.pinyin import SYLLABLES, syllables_of_han, syllables_of_latin
from assistant.private_folder import private_folder
from assistant.values import Language

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_REFUSED = re.compile("[\0\ud800-\udfff]")
_HAN_RUN = re.compile(f"[{_HAN}]+")
_LATIN = "A-Za-z\u00c0-\u024f"
_LATIN_WORD = re.compile(rf"(?<![\w@.])[{_LATIN}]{{2,}}(?![\d_@])")
_NOT_PROSE = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w.-]+", re.ASCII)
_PIECE = re.compile(
    rf"[A-Za-z0-9]*+[{_HAN}][A-Za-z0-9+#&._%\-{_HAN}]*+"  # jieba's own block: product names mix both, T恤, 小米14Pro
    rf"|[^\W_{_HAN}]++(?:'[^\W_{_HAN}]++)*+"  # a Latin word or number stays whole, don't too
    rf"|\S"
)
_WORD_CHARACTER = re.compile(r"[^\W_]")
_LATIN_STRETCH = re.compile(r"[a-z]+(?:[ '][a-z]+)*")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0")  # fillers, ignorable

STOP_WORDS = frozenset(
    "the a an is are am was were be been do does did to of in on at for and or it its this that i my me you your we our "
    "的 了 呢 吗 啊 吧 呀 哦 么 是 我 你 您 请 请问 一下 在".split()
)
_ENGLISH_MARKERS = (
    frozenset(
        "the is are am was were be been do does did to of in on at for and or it its this that i my your our how what when "
        "where why which who will would could should please not no with from have has had if but so there".split()
    )
    - SYLLABLES
)


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


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text[i]` came from `raw[offsets[i]]`; `offsets` has one more number than text has characters: the end."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the raw text that became `text[start:end]`; start < end."""
        return self.offsets[start], self.offsets[end - 1] + 1


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


def language(text: str) -> Language:
    """Which script carries the text: Han characters against Latin words, codes and addresses not counted.

    "mixed" when Han is between a tenth and seven tenths of both; "other" for neither, or mostly a third script.
    """
    n_han = sum(map(len, _HAN_RUN.findall(text)))
    n_latin = sum(c.isalpha() and c < "\u0250" for c in text)
    n_letters = sum(map(str.isalpha, text))
    if n_letters == 0 or n_letters - n_han - n_latin > n_han + n_latin:
        return "other"
    if n_han == 0:
        return "en"
    share = n_han / (n_han + len(_LATIN_WORD.findall(_NOT_PROSE.sub(" ", text))))
    return "zh" if share > 0.7 else "mixed" if share > 0.1 else "en"


class Segmenter:
    """Chinese and English words from a jieba tokenizer of our own; safe to share between threads.

    userdict: lines `word [frequency] [tag]`; a line that begins with # is a comment. Case does not matter.
    cache_dir: a folder that only this user can write (jieba reads its cache with marshal, which runs what it is told);
    by default a 0700 folder of the user's cache directory.
    """

    def __init__(self, userdict: Path | None = None, cache_dir: Path | None = None):
        jieba.setLogLevel(logging.WARNING)
        self._jieba = jieba.Tokenizer()
        self._jieba.tmp_dir = str(private_folder(cache_dir))
        self._jieba.cache_file = "huida-jieba-0.42.cache"
        self._jieba.initialize()
        for word in [word for word in self._jieba.FREQ if word != word.lower()]:  # so that t恤 is the word T恤 is
            if (frequency := self._jieba.FREQ[word]) > 0:
                self._jieba.add_word(word.lower(), frequency)
        for word, frequency in _read_userdict(userdict) if userdict else ():
            self._jieba.add_word(word, frequency)

    def words(self, text: str) -> list[str]:
        """Lower-cased words and punctuation marks in their order, white space left out; raw text may be given."""
        words: list[str] = []
        for piece in _PIECE.findall(text.translate(_FORMS).lower()):
            if _HAN_RUN.search(piece):
                words += self._jieba.cut(piece, HMM=False)
            else:
                words.append(piece)
        return words

    def search_tokens(self, text: str) -> list[str]:
        """Tokens for BM25: words, the shorter words inside them, Han bigrams, lightly stemmed Latin words."""
        tokens: list[str] = []
        clean = text.translate(_FORMS).lower()
        for piece in _PIECE.findall(clean):
            if _HAN_RUN.search(piece):
                found = self._jieba.cut_for_search(piece, HMM=False)
                tokens += (word for word in found if _WORD_CHARACTER.match(word))
            elif _WORD_CHARACTER.match(piece):
                tokens.append(piece)
        tokens = [stem(token) for token in tokens if token not in STOP_WORDS]
        for run in _HAN_RUN.findall(clean):
            tokens += (run[i : i + 2] for i in range(len(run) - 1))
        return tokens

    def pinyin_tokens(self, text: str) -> list[str]:
        """Toneless syllables and pairs of neighbours (tui huo tui_huo) of Han text and of Latin text typed as pinyin.

        A stretch of Latin words that holds an English function word (how, the, my ...) is not read as pinyin.
        """
        tokens: list[str] = []
        for stretch in _sounds(text.translate(_FORMS).lower()):
            tokens += stretch
            tokens += (f"{left}_{right}" for left, right in pairwise(stretch))
        return tokens


def _sounds(text: str) -> Iterable[list[str]]:
    """Stretches of neighbouring syllables: Han and pinyin may touch, anything else between them ends a stretch."""
    stretch: list[str] = []
    end = 0
    for match in re.finditer(rf"[{_HAN}]+|{_LATIN_STRETCH.pattern}", text):
        if text[end : match.start()].strip(" '"):
            yield stretch
            stretch = []
        end = match.end()
        words = re.split("[ ']", match[0])
        if _HAN_RUN.match(match[0]):
            stretch.extend(syllables_of_han(match[0]))
        elif _ENGLISH_MARKERS.isdisjoint(words):
            for word in words:
                syllables = syllables_of_latin(word)
                stretch.extend(syllables)
                if not syllables:
                    yield stretch
                    stretch = []
    yield stretch


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Strip an English plural, -'s, -ing, -ed or final e, so that refunds, refunding and refunded meet."""
    word = word.removesuffix("'s")
    if not word.isascii() or not word.isalpha() or len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and re.search("[aeiouy].", word[: -len(ending)]):
            word = word[: -len(ending)]
            break
    word = word.removesuffix("e")
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def _read_userdict(path: Path) -> list[tuple[str, int | None]]:
    """Words with their frequency (None: as high as needed). Raises InputError naming the file and line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"user dictionary {path} cannot be read as UTF-8 text: {error}") from error
    entries: list[tuple[str, int | None]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        fields = normalise(line).text.lower().split(" ")
        if len(fields) > 3 or (len(fields) > 1 and not fields[1].isascii()):
            raise InputError(f"user dictionary {path}, line {number}: {line!r} is not `word [frequency] [tag]`")
        entries.append((fields[0], int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else None))
    return entries
