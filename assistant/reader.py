"""Texts to readings: normalise, encode everything once, and let each head read the same vectors."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain

import numpy as np

from assistant.encoder import Encoder
from assistant.entities import EntityExtractor
from assistant.errors import ArtifactError
from assistant.features import Hashed
from assistant.gazetteer import apart
from assistant.heads import IntentHead, SentimentHead
from assistant.text import Normalised, Segmenter, language, normalise
from assistant.together import Together
from assistant.values import SENTIMENTS, Entity, IntentScore, Language, Reading, Sentiment

BLOCK = 512  # texts of a long list that one thread reads at a time
MAX_TOGETHER = 32  # texts of several callers in one forward pass: above, latency grows and speed does not
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
        n_threads: int = 1,
    ):
        """n_threads: cores that read a long list of texts."""
        for name, head in (("sentiment", sentiment), ("intents", intents)):
            if head.encoder_version and head.encoder_version != encoder.version:
                raise ArtifactError(
                    f"the {name} head was fitted on vectors of {head.encoder_version!r}, the encoder is "
                    f"{encoder.version!r}; fit it again with: huida train {name}"
                )
        self.encoder, self.segmenter, self._n_threads = encoder, segmenter, n_threads
        self._sentiment, self._intents, self._extractor = sentiment, intents, extractor
        self._together = Together(self._score_each, MAX_TOGETHER)

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
        if len(texts) <= BLOCK or self._n_threads == 1:
            return self._read(texts, at)
        blocks = [texts[start : start + BLOCK] for start in range(0, len(texts), BLOCK)]
        with ThreadPoolExecutor(
            self._n_threads, "reader"
        ) as pool:  # one block's words are cut while another is encoded
            return list(chain.from_iterable(pool.map(lambda block: self._read(block, at), blocks)))

    def _read(self, texts: Sequence[str], at: datetime) -> list[Reading]:
        if not texts:
            return []
        plain = [normalise(text) for text in texts]
        languages = [language(text.text) for text in plain]
        vectors, moods, intents = self.scores([text.text for text in plain], languages)
        return [
            Reading(
                text=text,
                language=spoken,
                sentiment=_mood(mood) if words.text else _BLANK_MOOD,
                intent_ranking=self._ranking(scores) if words.text else (),
                p_out_of_scope=float(scores[-1]) if words.text else 1.0,
                entities=self.found(words, at),
                vector=vector,
            )
            for text, words, spoken, vector, mood, scores in zip(
                texts, plain, languages, vectors, moods, intents, strict=True
            )
        ]

    def scores(
        self, plain: Sequence[str], languages: Sequence[Language] | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Vectors (n, d) of normalised texts, their moods (n, 3) as in SENTIMENTS, their intents (n, m) as in `intents`.

        languages: of the texts, for those who know them.
        """
        languages = languages or [language(text) for text in plain]
        if len(plain) > MAX_TOGETHER:  # a file's rows must not keep a customer waiting
            return self._score(plain, languages)
        rows = self._together(list(zip(plain, languages, strict=True)))
        vectors, moods, intents = (np.array(column) for column in zip(*rows, strict=True))
        return vectors, moods, intents

    def _score(self, plain: Sequence[str], languages: Sequence[Language]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One forward pass, whose vectors both heads read."""
        vectors, hashed = self.encoder.encode(plain), Hashed.of(plain)
        return vectors, self._sentiment.score(vectors, hashed, languages), self._intents.score(vectors, hashed)

    def _score_each(self, texts: Sequence[tuple[str, Language]]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Of each text its vector, mood and intents."""
        return list(zip(*self._score(*zip(*texts, strict=True)), strict=True))

    def _ranking(self, scores: np.ndarray) -> tuple[IntentScore, ...]:
        order = np.argsort(-scores[:-1], kind="stable")
        classes = self._intents.classes_
        return tuple(IntentScore(classes[i], p) for i, p in zip(order.tolist(), scores[order].tolist(), strict=True))

    def entities(self, text: str, at: datetime) -> tuple[Entity, ...]:
        """Built-in entities first: a name of the shop never cuts an order number or an address apart."""
        return self.found(normalise(text), at)

    def found(self, plain: Normalised, at: datetime) -> tuple[Entity, ...]:
        """`entities` of a text normalised before."""
        return apart((*self._extractor.find(plain, at), *self._intents.gazetteer.find_in(plain)))


def _mood(p: np.ndarray) -> Sentiment:
    return Sentiment(SENTIMENTS[int(p.argmax())], dict(zip(SENTIMENTS, p.tolist(), strict=True)))
