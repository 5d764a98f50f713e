"""A scorer for tests of everything around the models: quick, and as touchy about its batches as the encoder is."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from assistant.batch.scoring import Message, Read
from assistant.characters import language


class WordScorer:
    """坏 and bad are negative. p depends on the messages read in one call, as quantised activations do."""

    version = "words-1"

    def read(self, messages: Sequence[Message]) -> list[Read]:
        noise = sum(len(text) for text, _ in messages) % 997 / 10_000
        return [self._read(text, days, noise) for text, days in messages]

    def mask(self, cells: Sequence[str]) -> list[str]:
        return ["***" if "13800138000" in cell else cell for cell in cells]

    def _read(self, text: str, days: Sequence[int], noise: float) -> Read:
        bad = "坏" in text or "bad" in text
        p = (0.8, 0.1 + noise, 0.1 - noise) if bad else (0.1 - noise, 0.1, 0.8 + noise)
        entities = [
            json.dumps([{"type": "date", "value": date.fromordinal(d).isoformat()}]) if "昨天" in text else "[]"
            for d in days
        ]
        return Read(language(text), "negative" if bad else "positive", *p, "complaint" if bad else "thanks", 0.9,
                    tuple(entities), "", None, text.replace("13800138000", "138****8000"), "昨天" in text)  # fmt: skip


class MortalScorer(WordScorer):
    """Its process dies by SIGKILL at the first call, once: `mark` is a file that says that it happened."""

    def __init__(self, mark: Path):
        self._mark = mark

    def read(self, messages: Sequence[Message]) -> list[Read]:
        try:
            self._mark.touch(exist_ok=False)
        except FileExistsError:
            return super().read(messages)
        os.kill(os.getpid(), signal.SIGKILL)


class DoomedScorer(WordScorer):
    """Its process dies at every call."""

    def read(self, messages: Sequence[Message]) -> list[Read]:
        os.kill(os.getpid(), signal.SIGKILL)
