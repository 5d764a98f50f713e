"""The hand-over note: what the customer said that matters, what was named, and what is still open. Extractive, no LLM.

Sentences are ranked by TextRank (Mihalcea and Tarau 2004, aclanthology.org/W04-3252): two sentences are as near as the
content words they share, |A and B| / (ln|A| + ln|B|), and a sentence matters when it is near to those that matter,

    s(i) = (1 - d) / n + d * sum_j w(j, i) / sum_k w(j, k) * s(j)        d = 0.85

The best are shown in the order in which they were said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.phrases import asks_for_human
from assistant.stemming import STOP_WORDS
from assistant.values import Entity, Entry, Post, Turn

N_SENTENCES = 3  # what an agent reads before the first word to the customer
DAMPING = 0.85  # Brin and Page 1998, kept by Mihalcea and Tarau
MAX_SENTENCES = 200  # the matrix has their square: the latest are ranked
_STEPS, _TOLERANCE = 50, 1e-6
_SMALLTALK = {"greet", "thanks", "goodbye", "affirm", "deny"}
_SENTENCE = re.compile(r"[^。！？!?；;\n…]+(?:[。！？!?；;…]+|(?=\n)|$)|[^。！？!?；;\n…]+")
_WORD = re.compile(r"\w")
_ASKS = re.compile(
    r"[?？]|吗|呢$|怎么|如何|多少|多久|什么|几时|几天|哪|能不能|可不可以|能否|是否|为啥|"
    r"^(?:how|what|when|where|why|who|which|can|could|do|does|is|are|will)\b",
    re.IGNORECASE,
)
_EMPTY_ZH = frozenset(
    "的 了 是 我 你 您 他 她 它 我们 你们 在 有 也 都 就 和 与 啊 吧 呀 呢 吗 哦 嗯 这 那 这个 那个 个 一 一个 不 没 "
    "没有 还 又 很 太 要 想 说 请 请问 你好 您好 给 把 被 让 从 到 去 来 会 能 可以".split()
)


@dataclass(frozen=True, slots=True)
class Summary:
    """`open_question` is what the customer asked last and nobody answered; None when nothing is open."""

    sentences: tuple[str, ...]
    entities: tuple[Entity, ...]
    open_question: str | None


def summarise(entries: Sequence[Entry], words: Callable[[str], list[str]], n: int = N_SENTENCES) -> Summary:
    """Sum up a conversation. `words` cuts a text, as assistant.text.Segmenter.words does; entries come oldest first."""
    turns = [entry for entry in entries if isinstance(entry, Turn)]
    said = [sentence for turn in turns if _matters(turn) for sentence in sentences(turn.message.text)]
    bags = [_content(words(sentence)) for sentence in said]
    kept = [i for i in _first_of_each(bags) if bags[i]][-MAX_SENTENCES:]
    weights = textrank([bags[i] for i in kept])
    best = sorted(range(len(kept)), key=lambda i: (-round(weights[i], 9), -len(bags[kept[i]]), kept[i]))[:n]
    chosen = tuple(said[kept[i]] for i in sorted(best))
    return Summary(chosen, _named(turns), _open_question(entries))


def sentences(text: str) -> list[str]:
    """Cut a message where it ends a sentence; what holds no word is left out."""
    return [part.strip() for part in _SENTENCE.findall(text) if _WORD.search(part)]


def textrank(bags: Sequence[frozenset[str]]) -> np.ndarray:
    """Return the weight of each sentence, float64 (n,), in sum 1. A sentence that shares no word keeps a base weight."""
    n = len(bags)
    if n == 0:
        return np.zeros(0)
    near = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            near[i, j] = near[j, i] = _nearness(bags[i], bags[j])
    out = near.sum(axis=1)
    flow = np.divide(near, out[:, None], out=np.full((n, n), 1 / n), where=out[:, None] > 0)
    weights = np.full(n, 1 / n)
    for _ in range(_STEPS):
        stepped = (1 - DAMPING) / n + DAMPING * (weights @ flow)
        if np.abs(stepped - weights).max() < _TOLERANCE:
            break
        weights = stepped
    return weights


def _nearness(left: frozenset[str], right: frozenset[str]) -> float:
    """One is added inside the logarithms, which would be 0 for two sentences of one word each."""
    shared = len(left & right)
    return shared / (math.log(1 + len(left)) + math.log(1 + len(right))) if shared else 0.0


def _content(words: list[str]) -> frozenset[str]:
    return frozenset(w for w in words if _WORD.search(w) and w not in STOP_WORDS and w not in _EMPTY_ZH)


def _first_of_each(bags: Sequence[frozenset[str]]) -> list[int]:
    """The places at which a bag is met for the first time: a customer who repeats himself fills no note."""
    first: dict[frozenset[str], int] = {}
    for place, bag in enumerate(bags):
        first.setdefault(bag, place)
    return sorted(first.values())


def _matters(turn: Turn) -> bool:
    smalltalk = turn.decision.outcome == "smalltalk" or turn.reading.intent.name in _SMALLTALK
    return not smalltalk and not asks_for_human(turn.message.text)


def _named(turns: Sequence[Turn]) -> tuple[Entity, ...]:
    """Each value once, in the order in which it was first named."""
    met: dict[tuple[str, str], Entity] = {}
    for turn in turns:
        for entity in turn.reading.entities:
            met.setdefault((entity.type, entity.value), entity)
    return tuple(met.values())


def _open_question(entries: Sequence[Entry]) -> str | None:
    """The latest question since the last answer of bot or agent; what sounds like a question goes before what does not."""
    waiting: list[str] = []
    for entry in entries:
        if isinstance(entry, Post):
            waiting = [] if entry.role == "agent" else waiting
        elif entry.decision.outcome in ("answer", "action"):
            waiting = []
        elif _matters(entry):
            waiting.append(entry.message.text.strip())
    questions = [text for text in waiting if _ASKS.search(text)]
    return next(reversed(questions or [text for text in waiting if text]), None)
