"""Texts to readings: normalise, encode everything once, and let each head read the same vectors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from assistant.encoder import Encoder
from assistant.entities import EntityExtractor
from assistant.errors import ArtifactError
from assistant.gazetteer import apart
from assistant.heads import IntentHead, SentimentHead
from assistant.text import Segmenter, language, normalise
from assistant.values import SENTIMENTS, Entity, IntentScore, Reading, Sentiment

_BLANK_MOOD = Sentiment("neutral", {"negative": 0.0, "neutral": 1.0, "positive": 0.0})


class Reader:
    """Safe for threads: everything it holds is read-only. Raises ArtifactError when a head belongs to another encoder."""

    def __init__(
        self,
        encoder: Encoder,
        sentiment: SentimentHead,
        intents: IntentHead,
        extractor: EntityExtractor,
        segmenter: Segmenter,
    ):
        for name, head in (("sentiment", sentiment), ("intents", intents)):
            if head.encoder_version and head.encoder_version != encoder.version:
                raise ArtifactError(
                    f"the {name} head was fitted on vectors of {head.encoder_version!r}, the encoder is "
                    f"{encoder.version!r}; fit it again with: huida train {name}"
                )
        self.encoder, self.segmenter = encoder, segmenter
        self._sentiment, self._intents, self._extractor = sentiment, intents, extractor

    @property
    def version(self) -> str:
        """Names the encoder and both heads, e.g. encoder-2f3a+sentiment-91c0+intents-77b2."""
        heads = (getattr(head, "version_", "fitted") for head in (self._sentiment, self._intents))
        return "+".join((self.encoder.version, *heads))

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents it can tell apart, sorted, `out_of_scope` last."""
        return self._intents.classes_

    def encode(self, text: str) -> np.ndarray:
        """float32 (1, d), for a query that is not the message itself."""
        return self.encoder.encode([normalise(text).text])

    def read(self, texts: Sequence[str], at: datetime) -> list[Reading]:
        """One reading a text, in order. `at`: aware instant of the messages, against which 昨天 is resolved.

        Raises InputError for a text that holds NUL or lone surrogates.
        """
        if not texts:
            return []
        plain = [normalise(text).text for text in texts]
        vectors, moods, intents = self.scores(plain)
        return [
            Reading(
                text=text,
                language=language(text),
                sentiment=_mood(mood) if words else _BLANK_MOOD,
                intent_ranking=self._ranking(scores) if words else (),
                p_out_of_scope=float(scores[-1]) if words else 1.0,
                entities=self.entities(text, at),
                vector=vector,
            )
            for text, words, vector, mood, scores in zip(texts, plain, vectors, moods, intents, strict=True)
        ]

    def scores(self, plain: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Vectors (n, d) of normalised texts, their moods (n, 3) as in SENTIMENTS, their intents (n, m) as in `intents`."""
        vectors = self.encoder.encode(plain)
        return vectors, self._sentiment.predict_proba(vectors, plain), self._intents.predict_proba(vectors, plain)

    def _ranking(self, scores: np.ndarray) -> tuple[IntentScore, ...]:
        order = np.argsort(-scores[:-1], kind="stable")
        return tuple(IntentScore(self._intents.classes_[i], float(scores[i])) for i in order)

    def entities(self, text: str, at: datetime) -> tuple[Entity, ...]:
        """Built-in entities first: a name of the shop never cuts an order number or an address apart."""
        return apart((*self._extractor.extract(text, at), *self._intents.gazetteer.find(text)))


def _mood(p: np.ndarray) -> Sentiment:
    return Sentiment(SENTIMENTS[int(p.argmax())], {label: float(p[i]) for i, label in enumerate(SENTIMENTS)})
