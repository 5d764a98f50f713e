"""Whether a head just trained takes the place of the one in use: yes, unless it is measured worse beyond chance.

Both are asked texts that neither learned from: the intents' own examples held out fold by fold, of these the ones that
both heads know; for the mood our messages of test topics.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder
from assistant.errors import AssistantError
from assistant.heads import IntentHead, SentimentHead
from assistant.held_out import Comparison, HeldOut, compare
from assistant.model_versions import ModelVersions
from assistant.values import SENTIMENTS
from training.examples import read_written

logger = logging.getLogger(__name__)


def keep(versions: ModelVersions, encoder: Encoder, kind: str, folder: Path) -> dict[str, object]:
    """Take a head just saved in as a version, promote it if it may, and return what to tell its owner."""
    compared = _compared(versions, encoder, kind, folder)
    version = versions.add(kind, folder).version
    told: dict[str, object] = {"version": version, "folder": versions.root / kind / version}
    if compared:
        share = {"new": compared.n_new / compared.n, "in use": compared.n_old / compared.n}
        told["held out"] = ", ".join(f"{name} {100 * right:.1f} %" for name, right in share.items())
        told["held out"] += f" of the {compared.n:,} texts that both were asked"
    if compared and compared.is_worse:
        return told | {"promoted": False, "to promote it all the same": f"huida models promote {version}"}
    versions.promote(kind, version, encoder.version)
    return told | {"promoted": True, "to go back": f"huida models rollback {kind}"}


def understood(encoder: Encoder, *heads: SentimentHead) -> list[HeldOut]:
    """Which of our messages of test topics each head reads in the mood of their writers."""
    messages = read_written().of("test").utterances
    texts = [message.text for message in messages]
    truth = np.array([SENTIMENTS.index(message.sentiment) for message in messages])
    vectors = encoder.encode(texts)
    return [HeldOut.of(texts, head.predict_proba(vectors, texts).argmax(axis=1) == truth) for head in heads]


def _compared(versions: ModelVersions, encoder: Encoder, kind: str, folder: Path) -> Comparison | None:
    """None when there is nothing to compare with: no head in use, a damaged one, or one of another encoder."""
    load = {"sentiment": SentimentHead.load, "intents": IntentHead.load}[kind]
    try:
        old = load(versions.live(kind, encoder.version))
    except AssistantError as error:
        logger.info("no %s to compare with: %s", kind, error)
        return None
    if old.encoder_version != encoder.version:
        return None
    new = load(folder)
    asked = (new.held_out_, old.held_out_) if kind == "intents" else understood(encoder, new, old)
    compared = compare(*asked)
    return compared if compared.n else None
