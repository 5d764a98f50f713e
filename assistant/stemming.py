"""English word endings, cut off lightly so that a search for refunding finds refunds; and words that find nothing."""

from __future__ import annotations

import re
from functools import lru_cache

STOP_WORDS = frozenset(
    (
        "the a an is are am was were be been do does did to of in on at for and or it its this that i my me you your we"
        " our 的 了 呢 吗 啊 吧 呀 哦 么 是 我 你 您 请 请问 一下 在"
    ).split()
)


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
