"""Messages to what is written about each: the one function that every engine runs.

    scorer.read([("快递昨天就该到了", (739942,))])     -> [Read(language="zh", sentiment="negative", ...)]

Floats are summed in another order among other neighbours, so a text's last digits depend on them: whoever wants the same
figures twice hands over the same messages in the same calls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from assistant.characters import language, normalise
from assistant.privacy import mask
from assistant.values import OUT_OF_SCOPE, SENTIMENTS, Entity

if TYPE_CHECKING:  # who only counts rows loads no models
    import numpy as np

    from assistant.entities import EntityExtractor
    from assistant.reader import Reader

N_DIGITS = 4  # of a probability: more than its batch lets it keep, and what a person can read
_NOON = time(12)
Message = tuple[str, tuple[int, ...]]  # a text, and the days (ordinals, the shop's zone) on which somebody wrote it
Search = Callable[["np.ndarray", Sequence[str], int], list[list[Any]]]  # FaqIndex.search


class Read(NamedTuple):
    """What is written about one message. `entities`: one JSON list, or one for each of its days where it is `dated`: 昨天
    is counted from the day of the message."""

    language: str
    sentiment: str
    p_negative: float
    p_neutral: float
    p_positive: float
    intent: str
    p_intent: float
    entities: tuple[str, ...]
    faq_id: str
    p_correct: float | None
    shown: str | None  # the text without personal data, when it was asked for
    dated: bool = False


class Scorer(Protocol):
    """What a worker holds: the models. `version` names them all."""

    version: str

    def read(self, messages: Sequence[Message]) -> list[Read]: ...

    def mask(self, cells: Sequence[str]) -> list[str]:
        """Cells of other columns without personal data."""
        ...


class ModelScorer:
    """The reader, and the FAQ's index where there is one. masked: hide personal data in what is written."""

    def __init__(
        self, reader: Reader, extractor: EntityExtractor, search: Search | None, faq_version: str, masked: bool
    ):
        self._reader, self._extractor, self._search, self._masked = reader, extractor, search, masked
        self._zone: ZoneInfo = extractor.rules.zone()
        self.version = f"{reader.version}+{faq_version}" if search else reader.version

    def read(self, messages: Sequence[Message]) -> list[Read]:
        """One Read a message, in order. Texts are free of NUL and lone surrogates."""
        plain = [normalise(text) for text, _ in messages]
        words = [text.text for text in plain]
        vectors, moods, intents = self._reader.scores(words)
        hits = self._search(vectors, words, 1) if self._search else [[]] * len(words)
        return [
            self._read(text, days, plain, mood, scores, found)
            for (text, days), plain, mood, scores, found in zip(messages, plain, moods, intents, hits, strict=True)
        ]

    def mask(self, cells: Sequence[str]) -> list[str]:
        at = self._noon(1)
        return [mask(cell, self._extractor.extract(cell, at)) for cell in cells]

    def _read(self, text, days, plain, mood, scores, hits) -> Read:
        words = plain.text
        p = [round(float(value), N_DIGITS) for value in mood] if words else [0.0, 1.0, 0.0]
        best = int(scores[:-1].argmax()) if words else -1
        if not words or scores[best] < scores[-1]:
            intent, p_intent = OUT_OF_SCOPE, float(scores[-1]) if words else 1.0
        else:
            intent, p_intent = self._reader.intents[best], float(scores[best])
        entities = self._reader.found(plain, self._noon(days[0]))
        dated = any(entity.type == "date" for entity in entities)
        on_days = [entities, *(self._reader.found(plain, self._noon(day)) for day in (days[1:] if dated else ()))]
        return Read(
            language(words), SENTIMENTS[int(mood.argmax())] if words else "neutral", *p, intent, round(p_intent, N_DIGITS),
            tuple(map(self._json, on_days)), hits[0].faq_id if hits else "", round(float(hits[0].p_correct), N_DIGITS) if hits else None,
            mask(text, entities) if self._masked else None, dated,
        )  # fmt: skip

    def _json(self, entities: Sequence[Entity]) -> str:
        if self._masked:  # spans of the text as it was would say how long is what is hidden
            found = [
                {"type": e.type, "value": mask(e.value, [Entity(e.type, e.value, 0, len(e.value))])} for e in entities
            ]
        else:
            found = [{"type": e.type, "value": e.value, "start": e.start, "end": e.end} for e in entities]
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else "[]"

    def _noon(self, day: int) -> datetime:
        return datetime.combine(datetime.fromordinal(day), _NOON, self._zone)
