"""The shop's own words: configs/userdict.txt, one `word [frequency] [tag]` a line as jieba has it, # for comments."""

from __future__ import annotations

import re
from pathlib import Path

from assistant.characters import normalise
from assistant.errors import InputError

_LINE = re.compile(r"(?P<word>\S+)(?: (?P<frequency>[0-9]{1,9}))?(?: [a-z]+)?")


def read_userdict(path: Path) -> list[tuple[str, int | None]]:
    """Lower-cased words with their frequency; None: as high as the word needs to be cut out whole.

    Raises InputError that names the file and the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"user dictionary {path} cannot be read as UTF-8 text: {error}") from error
    entries: list[tuple[str, int | None]] = []
    for number, raw in enumerate(lines, 1):
        line = normalise(raw).text.lower()
        if not line or line.startswith("#"):
            continue
        fields = _LINE.fullmatch(line)
        if not fields:
            raise InputError(f"user dictionary {path}, line {number}: {raw!r} is not `word [frequency] [tag]`")
        entries.append((fields["word"], int(fields["frequency"]) if fields["frequency"] else None))
    return entries
