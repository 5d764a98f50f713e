"""How often the mood is wrong, on labelled messages of many kinds: what the reports correct their shares with.

Only counts are kept. `huida train errors --data DIR` measures the models in use; they need it again when they change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from assistant.artifacts import seal
from assistant.characters import normalise
from assistant.encoder import Encoder
from assistant.heads import SentimentHead
from assistant.reports.shares import KIND, Errors
from assistant.values import SENTIMENTS
from training.examples import read_written
from training.public import public_split, read_set

N_ROWS = 1_200  # of a kind; its own rates are then known to 3 points, and kinds differ by 10
# name -> set, file, and whether only the hash split's test rows are free of training
KINDS = {
    "takeaway": ("waimai_10k", "all", True), "hotels": ("chnsenticorp_htl_all", "all", True),
    "books, hotels, notebooks": ("chnsenticorp", "test", False), "e-commerce": ("eprstmt", "test", False),
    "tweets": ("semeval2017_4a_en", "test", False),
    "online shopping": ("online_shopping_10_cats", "all", True), "airlines": ("twitter_us_airline_en", "all", False),
    "bank": ("bdci2021_bank_reviews", "train", True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """Labelled messages of one kind: which are negative, and which the reader takes for negative; bool (n,) both."""

    name: str
    truth: np.ndarray
    flagged: np.ndarray

    @property
    def errors(self) -> Errors:
        truth, flagged = self.truth, self.flagged
        return Errors(
            self.name,
            int(truth.sum()),
            int((truth & flagged).sum()),
            int((~truth).sum()),
            int((~truth & flagged).sum()),
        )


def judged(encoder: Encoder, head: SentimentHead, data: Path, n_rows: dict[str, int] | None = None) -> Iterator[Judged]:
    """Every kind, read by the models in use; n_rows: kind -> rows, where N_ROWS are not enough."""
    written = read_written().of("test").utterances
    for language in ("zh", "en"):
        rows = [(u.text, u.sentiment) for u in written if u.language == language]
        yield _judged(f"support chat, {language}", rows, encoder, head, N_ROWS)
    for name, (folder, file, split) in KINDS.items():
        rows = [(row["text"], row["label"]) for row in read_set(data, folder, file) if row["label"] in SENTIMENTS]
        rows = [row for row in rows if not split or public_split(row[0]) == "test"]
        yield _judged(name, rows, encoder, head, (n_rows or {}).get(name, N_ROWS))


def save(kinds: list[Errors], sentiment_version: str, folder: Path) -> str:
    """Write the artifact that assistant.reports.shares reads; return its version."""
    listed = [asdict(kind) for kind in kinds]
    version = f"errors-{hashlib.sha256(json.dumps([listed, sentiment_version]).encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    seal(folder, KIND, version, {"kinds": listed, "sentiment": sentiment_version})
    return version


def _judged(name: str, rows: list[tuple[str, str]], encoder: Encoder, head: SentimentHead, n: int) -> Judged:
    chosen = np.random.default_rng(0).permutation(len(rows))[:n]
    plain = [normalise(rows[i][0]).text for i in chosen]
    flagged = head.predict_proba(encoder.encode(plain), plain).argmax(axis=1) == SENTIMENTS.index("negative")
    return Judged(name, np.array([rows[i][1] == "negative" for i in chosen]), flagged)
