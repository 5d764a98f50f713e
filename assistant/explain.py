"""Which words of a message moved its mood and its intent: each is left out in turn, and the reader asked again.

[explanation] = explain(reader, reader.read([text], at))
[text[word.start : word.end] for word in explanation.speaking("sentiment")]

Occlusion (Zeiler & Fergus 2014, arXiv:1311.2901) asks the model that serves, whatever encoder and heads it is made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assistant.reader import Reader
from assistant.text import Normalised, Segmenter, normalise
from assistant.values import SENTIMENTS, Reading

MAX_PARTS = 48  # that a message is cut into; of a longer one neighbouring words are left out together
N_SHOWN = 4  # words of a message that are marked
MIN_SHARE = 0.3  # of the heaviest word's weight: lighter ones say little
MIN_WEIGHT = 0.1  # log odds; a message whose words all weigh less has no word that moved it
_MARKS = "，。、,.;；:：~～…”）)》」“（(《「"
_BOUND_LEFT = frozenset("了 的 着 过 吗 呢 吧 啊 呀 嘛 哦 ， 。 、 , . ; ； : ： ~ ～ … ” ） ) 》 」".split())
_BOUND_RIGHT = frozenset("不 没 没有 别 太 很 真 好 最 更 非常 not no never too very so “ （ ( 《 「".split())
_SURE = 1e-4  # log odds end here: beyond it they tell rounding apart


@dataclass(frozen=True, slots=True)
class WordWeight:
    """`text[start:end]` and by how much it moved what was read, in log odds: above 0 it spoke for it, below against."""

    start: int
    end: int
    sentiment: float
    intent: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The words of one message in their order, white space left out; none for a blank one."""

    words: tuple[WordWeight, ...]

    def speaking(self, what: Literal["sentiment", "intent"]) -> tuple[WordWeight, ...]:
        """The words that spoke for what was read, heaviest first: those worth marking."""
        heaviest = sorted(self.words, key=lambda word: -getattr(word, what))[:N_SHOWN]
        floor = max(MIN_WEIGHT, MIN_SHARE * max((getattr(word, what) for word in heaviest), default=0))
        return tuple(word for word in heaviest if getattr(word, what) >= floor)


def explain(reader: Reader, readings: Sequence[Reading]) -> list[Explanation]:
    """Explain readings of this very reader. One pass over all texts without each of their words: cost of so many texts."""
    plain = [normalise(reading.text) for reading in readings]
    parts = [_parts(text, reader.segmenter) for text in plain]
    without = [
        " ".join((text.text[:start] + text.text[end:]).split())
        for text, spans in zip(plain, parts, strict=True)
        for start, end in spans
    ]
    if not without:
        return [Explanation(()) for _ in readings]
    _, whole_moods, whole_intents = reader.scores([text.text for text in plain])
    _, moods, intents = reader.scores(without)
    explanations, done = [], 0
    for i, (reading, text, spans) in enumerate(zip(readings, plain, parts, strict=True)):
        rows = slice(done, done := done + len(spans))
        mood, intent = SENTIMENTS.index(reading.sentiment.label), reader.intents.index(reading.intent.name)
        by_mood = _log_odds(whole_moods[i, mood]) - _log_odds(moods[rows, mood])
        by_intent = _log_odds(whole_intents[i, intent]) - _log_odds(intents[rows, intent])
        places = (text.span(*_without_marks(text.text, *span)) for span in spans)
        explanations.append(Explanation(tuple(map(_word, places, by_mood, by_intent))))
    return explanations


def _word(place: tuple[int, int], sentiment: float, intent: float) -> WordWeight:
    return WordWeight(*place, float(sentiment), float(intent))


def _without_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """The word itself, for showing: the comma that was left out with it is not what moved the reading."""
    word = text[start:end]
    inner = word.strip(_MARKS) or word
    start += word.index(inner)
    return start, start + len(inner)


def _log_odds(p: np.ndarray | float) -> np.ndarray:
    p = np.clip(p, _SURE, 1 - _SURE)
    return np.log(p) - np.log1p(-p)


def _parts(text: Normalised, segmenter: Segmenter) -> list[tuple[int, int]]:
    """Spans of the normalised text's words; of a long one, of runs of words.

    不满意 is left out as one: 不 alone weighs what the pair means, and 满意 alone the opposite. Particles and commas go
    with the word before them.
    """
    spans: list[tuple[int, int]] = []
    lower, end, is_open = text.text.lower(), 0, False
    for word in segmenter.words(text.text):
        start = lower.find(word, end)
        if start < 0:  # a letter that changes its length in lower case: leave it in every text
            continue
        end = start + len(word)
        # ¼ was typed as one and is read as three
        is_inside = spans and text.offsets[start] < text.span(*spans[-1])[1]
        if is_inside or is_open or (spans and word in _BOUND_LEFT):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        is_open = word in _BOUND_RIGHT
    size = -(-len(spans) // MAX_PARTS) or 1
    return [(spans[i][0], spans[min(i + size, len(spans)) - 1][1]) for i in range(0, len(spans), size)]
