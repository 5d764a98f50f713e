"""The words that tell one group of messages from all others: names for topics and for groups of unanswered questions.

Class-based tf-idf (Grootendorst 2022, arXiv:2203.05794) over jieba's words; each message counts a word once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from assistant.characters import HAN_RUN
from assistant.stemming import STOP_WORDS
from assistant.text import Segmenter

MIN_SHARE = 0.1  # of a group's messages that a word stands in, and at least two, to name the group
_WORD = re.compile(r"[^\W\d_]+")
_SAY_NOTHING = STOP_WORDS | frozenset(
    # what any message to a shop may hold, whatever its matter
    "怎么 怎么办 咋 咋办 咋样 怎么样 怎样 如何 什么 什么时候 啥时候 为什么 为啥 啥 哪里 哪儿 哪个 多少 多久 几天 是不是 有没有 能不能 可不可以 可以 不能 能 会 要 想 需要 应该 "
    "这个 那个 这 那 这么 那么 这样 那样 这里 那里 这边 那边 这种 那种 一个 一下 一直 一次 一点 一样 一种 两个 几个 第一 第二 "
    "还是 还有 还 也 都 就 就是 才 又 再 很 太 真 真的 好 好的 非常 特别 比较 有点 已经 现在 今天 昨天 明天 刚刚 刚才 之前 之后 以后 时候 后来 "
    "没有 没 不 不是 不会 不要 不到 不了 别 无法 有 和 跟 与 给 把 被 让 对 从 到 去 来 上 下 里 用 做 说 看 问 问题 东西 事情 "
    "自己 我们 你们 他们 她 他 它 大家 人家 别人 我家 您好 你好 谢谢 感谢 麻烦 帮 帮我 帮忙 请问 知道 觉得 感觉 结果 但是 但 不过 而且 所以 因为 "
    "如果 的话 或者 只是 只有 只能 只 其实 居然 竟然 终于 反正 到底 哈哈 哈哈哈 嗯 哎 唉 哪有 起来 出来 下来 过来 回来 出去 进去 "
    "得 着 过 地 而 或 及 等 被 将 为 以 所 之 于 并 则 却 且 时 后 前 中 内 外 个 次 天 件 款 本 点 半 每 各 该 此 其 "
    "what when where why how who which can could will would should may might must have has had not no yes but if then than so too "
    "very just only also still now today there here they them he she his her us me mine yours with from by about into out up down "
    "over after before again more most some any all each one two get got getting go going went come been being make made want need "
    "like know see say said tell told please thanks thank hi hello hey ok okay dont don't didn't doesn't can't won't isn't it's i'm "
    "i've i'd you're that's there's really even ever never much many lot thing things way im ive didnt cant wont u ur pls".split()
)


def keywords(segmenter: Segmenter, texts: Sequence[str], groups: np.ndarray, n_words: int = 3) -> list[tuple[str, ...]]:
    """Up to n_words for each group 0, 1, ..., the most telling first; () where nothing but common words was said.

    groups: int (n,), the group of each text, -1 for none: its texts count as those of everybody else.
    """
    n_groups = int(groups.max(initial=-1)) + 1
    said = [Counter[str]() for _ in range(n_groups + 1)]  # the last one is that of the group -1
    for text, group in zip(texts, groups, strict=True):
        said[group].update(set(telling_words(segmenter, text)))
    everywhere = sum(said, Counter[str]())
    mean = sum(everywhere.values()) / max(1, len(said))
    sizes = np.bincount(groups[groups >= 0], minlength=n_groups)
    return [
        _names(
            {w: n**1.5 * np.log1p(mean / everywhere[w]) for w, n in counts.items() if n >= max(2, MIN_SHARE * size)},
            n_words,
        )
        for counts, size in zip(said[:-1], sizes, strict=True)
    ]


def telling_words(segmenter: Segmenter, text: str) -> list[str]:
    """The words of a text that may name a matter: Chinese ones of two characters or more, Latin ones of three."""
    return [word for word in segmenter.words(text) if _may_name(word)]


def _may_name(word: str) -> bool:
    enough = 2 if HAN_RUN.search(word) else 3
    return len(word) >= enough and word not in _SAY_NOTHING and _WORD.fullmatch(word) is not None


def _names(weights: dict[str, float], n_words: int) -> tuple[str, ...]:
    """The heaviest words, ties by the alphabet, none a part of another."""
    chosen: list[str] = []
    for word in sorted(weights, key=lambda word: (-weights[word], word)):
        if not _overlaps(word, chosen):
            chosen.append(word)
        if len(chosen) == n_words:
            break
    return tuple(chosen)


def _overlaps(word: str, chosen: Iterable[str]) -> bool:
    return any(word in other or other in word for other in chosen)
