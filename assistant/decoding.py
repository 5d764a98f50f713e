"""Bytes of a text file to text: UTF-8 (with or without BOM), UTF-16 with BOM, GB18030; all else is named and refused.

UTF-8 with a few broken bytes stays UTF-8, with U+FFFD in their place, so that the caller can report just those rows.
"""

from __future__ import annotations

import codecs
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from assistant.errors import InputError

BROKEN = "\ufffd"
_BROKEN_SHARE = 0.1  # of the characters beyond ASCII: GB18030 read as UTF-8 is broken nearly everywhere
_COMMON_SHARE = 0.5  # of the Han characters among GB2312's 3,755 most frequent: Chinese has 0.9, other bytes about 0.2
_ZERO_SHARE = 0.01  # of the bytes: a stray one is a broken cell, many are a picture or a program
_SAMPLE_BYTES = 1 << 16  # enough for the guess that goes into a message
_PART_BYTES = 1 << 20  # of a large file, from which its encoding is told
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .xls


def decode(raw: bytes, name: str) -> str:
    """Raises InputError when it is no text, or text of another encoding."""
    return raw.decode(encoding_of(raw, name), "replace")


def open_text(path: Path) -> TextIO:
    """A text file opened for reading line by line, its encoding told from the first part that is not plain ASCII.

    Raises InputError as `decode` does, and when the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            start = sample = file.read(_PART_BYTES)
            while sample.isascii() and (more := file.read(_PART_BYTES)):
                sample = more
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path") from error
    # from a line's end to a line's end, where no character is cut in two
    begin = sample.find(b"\n") + 1 if sample is not start else 0
    end = sample.rfind(b"\n") + 1 if len(sample) == _PART_BYTES else 0
    encoding = _of_part(sample[begin : end if end > begin else None], path.name)
    return path.open(encoding=encoding, errors="replace", newline="")


def encoding_of(raw: bytes, name: str) -> str:
    """The codec to read these bytes with. Raises InputError when they are no text, or text of another encoding."""
    if raw.startswith(_WORKBOOKS):
        raise InputError(f"{name} is an Excel workbook, not text; save it as .xlsx and import that")
    if raw.startswith(_MARKS):
        return "utf-16"
    if raw.count(0) > _ZERO_SHARE * len(raw):
        raise InputError(f"{name} holds zero bytes, so it is no text file; expected CSV, JSONL or Markdown in UTF-8")
    text = raw.decode("utf-8-sig", "replace")
    n_broken = text.count(BROKEN)
    if not n_broken or n_broken <= _BROKEN_SHARE * sum(character > "\x7f" for character in text):
        return "utf-8-sig"
    try:
        if _is_chinese(raw.decode("gb18030")):
            return "gb18030"
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes

    guess = from_bytes(raw[:_SAMPLE_BYTES]).best()
    seems = f", it seems to be {guess.encoding}" if guess else ""
    raise InputError(f"{name} is neither UTF-8 nor GB18030{seems}; save it as UTF-8 and import it again")


_of_part = lru_cache(maxsize=4)(encoding_of)  # a run opens its file five times; whole files are not kept


def _is_chinese(text: str) -> bool:
    """Bytes of other encodings often decode as GB18030 too, but into rare characters."""
    beyond_ascii = [character for character in text if character > "\x7f"]
    letters = [character for character in beyond_ascii if character.isalpha()]
    return sum(map(_is_common, letters)) >= _COMMON_SHARE * max(1, len(letters)) if letters else bool(beyond_ascii)


def _is_common(character: str) -> bool:
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False
