"""Entities: exact type, value and span against hand-written messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from assistant.entities import EntityExtractor
from assistant.text import language
from training.rows import Row, resampled

SUITE = "entities"
SENT_AT = datetime(2026, 11, 22, 4, tzinfo=UTC)  # as the file's first lines say
Found = tuple[str, str, int, int]


def suite(extractor: EntityExtractor, demo: Path) -> Iterator[Row]:
    messages = read_entities(demo / "entities_eval.tsv")
    found = [
        {(entity.type, entity.value, entity.start, entity.end) for entity in extractor.extract(text, SENT_AT)}
        for text, _ in messages
    ]
    truth = [entities for _, entities in messages]
    spoken = np.array(["en" if language(text) == "en" else "zh" for text, _ in messages])
    for name in ("zh", "en"):
        rows = np.flatnonzero(spoken == name)
        counts = np.array([_counts(found[i], truth[i]) for i in rows])
        yield resampled(counts, _f1, "micro-F1").row(SUITE, "entities_eval", name, "huida")
    for kind in sorted({entity[0] for entities in truth for entity in entities}):
        counts = np.array([_counts(_of(kind, f), _of(kind, t)) for f, t in zip(found, truth, strict=True)])
        counts = counts[counts.sum(axis=1) > 0]
        yield resampled(counts, _f1, "micro-F1").row(SUITE, f"entities_eval, {kind}", "zh + en", "huida")


def read_entities(path: Path) -> list[tuple[str, set[Found]]]:
    """Messages with their (type, value, start, end); lines that begin with # are comments."""
    messages = []
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            text, entities = line.rsplit("\t", 1)
            messages.append((text, {(e["type"], e["value"], e["start"], e["end"]) for e in json.loads(entities)}))
    return messages


def _of(kind: str, entities: set[Found]) -> set[Found]:
    return {entity for entity in entities if entity[0] == kind}


def _counts(found: set[Found], truth: set[Found]) -> tuple[int, int, int]:
    """Right, found too much, missed."""
    return len(found & truth), len(found - truth), len(truth - found)


def _f1(counts: np.ndarray) -> float:
    right, extra, missed = counts
    return float(2 * right / max(1, 2 * right + extra + missed))
