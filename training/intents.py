"""Fit the intent head from the owner's nlu.yml files; a shop's two dozen intents take seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from assistant.encoder import Encoder
from assistant.gazetteer import Gazetteer
from assistant.heads import IntentHead
from assistant.intents import read_nlu
from assistant.values import OUT_OF_SCOPE
from training.examples import Written, read_written

FEW = 5  # examples an intent below which it is named in the report


def train_intents(
    encoder: Encoder, paths: Iterable[Path], folder: Path, written_bank: bool = False, seed: int = 0
) -> dict[str, object]:
    """Fit on the files (or folders), save into `folder` and return what it was made from.

    written_bank: add our own collection of messages that belong nowhere to the owner's, for the shipped head.
    """
    examples = read_nlu(paths)
    texts, labels = examples.texts, examples.labels
    if written_bank:
        bank = none_bank(read_written().of("train", "dev"))
        texts, labels = texts + bank, labels + [OUT_OF_SCOPE] * len(bank)
    gazetteer = Gazetteer(examples.names, examples.regexes)
    head = IntentHead(seed=seed, gazetteer=gazetteer, encoder_version=encoder.version, examples_digest=examples.digest)
    version = head.fit(encoder.encode(texts), texts, labels).save(folder)
    counts = Counter(labels)
    n_none = counts.pop(OUT_OF_SCOPE, 0)
    return {
        "version": version,
        "intents": len(counts),
        "examples": sum(counts.values()),
        "none bank": n_none,
        "few examples": sorted(name for name, n in counts.items() if n < FEW),
    }


def none_bank(written: Written) -> list[str]:
    """Our own messages that no shop's intents cover: other matters, near misses, chit-chat."""
    return [utterance.text for utterance in written.utterances if utterance.topic.startswith("none-")]
