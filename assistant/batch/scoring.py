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
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NOON = time(12)
Message = tuple[str, tuple[int, ...]]  # a text, and the days (ordinals, the shop's zone) on which somebody wrote it
_BLANK = ("neutral", 0.0, 1.0, 0.0), (OUT_OF_SCOPE, 1.0)  # mood and intent of a message of which nothing is visible
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
        languages = [language(text) for text in words]
        vectors, moods, intents = self._reader.scores(words, languages)
        hits = self._search(vectors, words, 1) if self._search else [[]] * len(words)
        parts = zip(messages, plain, languages, _moods(moods), self._named(intents), hits, strict=True)
        return [self._read(*message, *rest) for message, *rest in parts]

    def mask(self, cells: Sequence[str]) -> list[str]:
        at = self._noon(1)
        return [mask(cell, self._extractor.extract(cell, at)) for cell in cells]

    def _read(self, text, days, plain, spoken, mood, intent, hits) -> Read:
        if not plain.text:
            mood, intent = _BLANK
        entities = self._reader.found(plain, self._noon(days[0]))
        dated = any(entity.type == "date" for entity in entities)
        on_days = [entities, *(self._reader.found(plain, self._noon(day)) for day in (days[1:] if dated else ()))]
        faq = (hits[0].faq_id, round(float(hits[0].p_correct), N_DIGITS)) if hits else ("", None)
        shown = mask(text, entities) if self._masked else None
        return Read(spoken, *mood, *intent, tuple(map(self._json, on_days)), *faq, shown, dated)

    def _named(self, p: np.ndarray) -> list[tuple[str, float]]:
        """Of each row the likeliest intent and its probability, `out_of_scope` only where that is likelier than all."""
        best, p_strange = p[:, :-1].argmax(axis=1), p[:, -1]
        p_best = p[range(len(p)), best]
        best[p_best < p_strange] = p.shape[1] - 1
        names = map(self._reader.intents.__getitem__, best.tolist())
        return list(zip(names, p_best.clip(p_strange).round(N_DIGITS).tolist(), strict=True))

    def _json(self, entities: Sequence[Entity]) -> str:
        if self._masked:  # spans of the text as it was would say how long is what is hidden
            found = [
                {"type": e.type, "value": mask(e.value, [Entity(e.type, e.value, 0, len(e.value))])} for e in entities
            ]
        else:
            found = [{"type": e.type, "value": e.value, "start": e.start, "end": e.end} for e in entities]
        return _as_json(found) if found else "[]"

    def _noon(self, day: int) -> datetime:
        return datetime.combine(datetime.fromordinal(day), _NOON, self._zone)


def _moods(p: np.ndarray) -> list[tuple[str, float, float, float]]:
    """Of each row the likeliest mood and the probabilities of all."""
    best = map(SENTIMENTS.__getitem__, p.argmax(axis=1).tolist())
    return [(mood, *row) for mood, row in zip(best, p.round(N_DIGITS).tolist(), strict=True)]
