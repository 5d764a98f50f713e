"""The FAQ index on disk: versioned folders under one root, and what to serve when the newest cannot be used."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np

from assistant.encoder import Encoder
from assistant.errors import ArtifactError
from assistant.respelling import Respelling
from assistant.text import Segmenter, language
from assistant.values import FaqEntry
from index import folder as folders
from index.entry import Entry
from index.errors import RetrievalError
from index.faq_index import FaqIndex
from index.query import Encode, Tools

logger = logging.getLogger(__name__)

WORDS_ONLY = "words-only"  # stands for the encoder's version in an index that uses none
_FORGOTTEN_AFTER_S = 24 * 3600  # an unfinished build of that age is nobody's any more


class IndexVersions:
    """Builds, publishes and opens FAQ indexes of one encoder."""

    def __init__(
        self,
        root: Path,
        encoder: Encoder,
        segmenter: Segmenter,
        none_texts: Sequence[str] = (),
        n_versions: int = 3,
        ready_made: Path | None = None,
    ):
        """none_texts: messages that no FAQ answers, for the calibration; n_versions: folders that are kept.

        ready_made: a saved index that stands for a build of the very same entries, such as the demo shop's.
        """
        self._root, self._encoder, self._segmenter = root, encoder, segmenter
        self._none_texts, self._n_versions = tuple(none_texts), n_versions
        self._ready_made = ready_made

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (len(texts), d), as the indexes expect their queries."""
        return self._encoder.encode(texts)

    def current(self) -> str | None:
        """The version that was published last, by this process or another."""
        try:
            return folders.current(self._root).name
        except RetrievalError:
            return None

    def open(self) -> tuple[FaqIndex | None, str | None]:
        """Return the newest index that can be read, and why it is not the current one: None when it is."""
        refusals = []
        for folder in folders.versions(self._root):
            try:
                index = FaqIndex.open(folder, self._tools(self._encoder.encode), self._encoder.version)
            except RetrievalError as error:
                logger.warning("faq index refused", extra={"folder": folder.name, "reason": str(error)})
                refusals.append(str(error))
            else:
                return index, f"{refusals[0]} (serving {index.version!r} meanwhile)" if refusals else None
        return None, refusals[0] if refusals else "the FAQ has no index yet"

    def build(self, entries: Sequence[FaqEntry]) -> FaqIndex:
        """Encode the entries and learn from their variants: seconds for a thousand, minutes for a hundred thousand."""
        return self._made_before(entries) or self._built(entries, self._encoder.encode, self._encoder.version)

    def build_words_only(self, entries: Sequence[FaqEntry]) -> FaqIndex:
        """An index without vectors, made at once: every cosine is 0, so that words and sounds decide."""
        no_meaning = np.zeros((1, self._encoder.dimension), dtype=np.float32)
        return self._built(entries, lambda texts: no_meaning.repeat(len(texts), axis=0), WORDS_ONLY)

    def publish(self, index: FaqIndex) -> None:
        """Save the index as the current version, whole or not at all, and remove the versions that are too many."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            incoming = self._root / f".incoming-{uuid4().hex}"
            folders.publish(self._root, incoming, index.save(incoming))
            self._tidy()
        except OSError as error:
            raise ArtifactError(
                f"the FAQ index cannot be written to {self._root} ({error.strerror}); make room, or make it writable"
            ) from error

    def _made_before(self, entries: Sequence[FaqEntry]) -> FaqIndex | None:
        if self._ready_made is None or not entries:
            return None
        try:
            index = FaqIndex.open(self._ready_made, self._tools(self._encoder.encode), self._encoder.version)
        except RetrievalError:  # made with another encoder, or for another release
            return None
        wanted = {entry.faq_id: as_entry(entry) for entry in entries}
        return index if {entry.faq_id: entry for entry in index.entries} == wanted else None

    def _built(self, entries: Sequence[FaqEntry], encode, encoder_version: str) -> FaqIndex:
        indexed = [as_entry(entry) for entry in entries]
        return FaqIndex.build(indexed, self._tools(encode), encoder_version, self._none_texts)

    def _tools(self, encode) -> Tools:
        return tools_of(self._encoder, self._segmenter, encode)

    def _tidy(self) -> None:
        for old in folders.versions(self._root)[self._n_versions :]:
            shutil.rmtree(old, ignore_errors=True)
        for left in self._root.glob(".incoming-*"):
            if time.time() - left.stat().st_mtime > _FORGOTTEN_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)


def tools_of(encoder: Encoder, segmenter: Segmenter, encode: Encode | None = None) -> Tools:
    """What an index borrows of the encoder and the segmenter; `encode` stands in for the encoder's own."""
    words = getattr(encoder, "words", None)  # a sentence-transformers model has no vectors of single words
    return Tools(
        encode or encoder.encode,
        segmenter.search_tokens,
        segmenter.pinyin_tokens,
        language,
        words,
        Respelling(segmenter),
    )


def as_entry(entry: FaqEntry) -> Entry:
    """The store's entry as the index knows it."""
    return Entry(entry.faq_id, entry.question, entry.variants, entry.answer, entry.category, entry.language)
