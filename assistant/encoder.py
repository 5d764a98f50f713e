"""Texts to vectors: the shipped encoder as ONNX without torch, or any sentence-transformers model in its place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Protocol

import numpy as np
from safetensors import safe_open

from assistant.artifacts import load_manifest
from assistant.errors import ArtifactError
from assistant.text import Segmenter, normalise
from index.query import WordVectors

KIND = "encoder"
MAX_CHARACTERS = 600  # 128 tokens hold fewer; what lies beyond is not segmented either
ALIGNMENT = "alignment.safetensors"  # what training.alignment learned of single words
N_SPECIAL = 5  # the first rows of the vocabulary are marks, not words
N_REMEMBERED = 256  # texts whose tokens are kept
MAX_WORDS = 50_000  # whose ids are kept, about 10 MiB
BATCH_TOKENS = 512  # padded tokens of one forward pass; keeps activations in the cache
PASS_TOKENS = 8  # for how many padded tokens beginning another pass is worth it


class Encoder(Protocol):
    """One method: texts in, unit vectors out. `version` names the weights, so that an index knows whose vectors it holds."""

    dimension: int
    version: str

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (len(texts), dimension), rows of length 1; a blank text has a vector too."""
        ...


class OnnxEncoder:
    """The shipped encoder. Safe to share between threads.

    A text's vector does not depend on its neighbours: alone and in a batch agree to a cosine of 0.99999.
    n_threads: forward passes at once when many texts are given; each uses one core.
    """

    def __init__(self, folder: Path, segmenter: Segmenter, n_threads: int = 1):
        # since 1.29 the wheel reports every session to its maker, unless this is set before it is loaded
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime
        from tokenizers import Tokenizer

        manifest = load_manifest(folder, KIND)
        self.version, self.dimension = manifest.version, int(manifest.fields["dimension"])
        self._segmenter = segmenter
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._max_tokens = int(manifest.fields["max_tokens"])
        self._tokenizer.enable_truncation(self._max_tokens)
        self._first = self._tokenizer.encode([], is_pretokenized=True).ids  # the mark in front of every text
        self._pieces: dict[str, list[int]] = {}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._remembered = lru_cache(maxsize=N_REMEMBERED)(self._cut)  # a message is encoded, and then its words sought
        self._pool = ThreadPoolExecutor(n_threads, "encoder") if n_threads > 1 else None
        self.words = _words_of(folder, self._numbers)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = self._tokens(texts)
        vectors = np.empty((len(rows), self.dimension), dtype=np.float32)
        places = list(by_length([len(row) for row in rows], BATCH_TOKENS, PASS_TOKENS))
        run = self._pool.map if self._pool and len(places) > 1 else map
        for place, part in zip(places, run(lambda place: self._forward([rows[i] for i in place]), places), strict=True):
            vectors[place] = part
        return vectors

    def _tokens(self, texts: Sequence[str]) -> Sequence[Sequence[int]]:
        if len(texts) == 1:
            return self._remembered(texts[0])
        return self._cut(*texts)

    def _cut(self, *texts: str) -> list[list[int]]:
        """The ids of each text. Those of a word do not depend on its neighbours, so frequent words are kept."""
        rows = [self._segmenter.words(text[:MAX_CHARACTERS]) for text in texts]
        pieces = self._pieces
        if len(pieces) > MAX_WORDS:
            pieces = self._pieces = {}  # a new one: another thread may be reading the old one
        new = [[word] for word in {word for row in rows for word in row} if word not in pieces]
        if new:
            found = self._tokenizer.encode_batch_fast(new, is_pretokenized=True, add_special_tokens=False)
            pieces.update((word, encoding.ids) for [word], encoding in zip(new, found, strict=True))
        return [[*self._first, *chain.from_iterable(map(pieces.__getitem__, row))][: self._max_tokens] for row in rows]

    def _numbers(self, text: str) -> np.ndarray:
        """The rows of a text's words in the table of word vectors, uint16."""
        ids = np.array(self._tokens([normalise(text).text])[0], dtype=np.uint16)
        return ids[ids >= N_SPECIAL]

    def _forward(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        lengths = np.array([len(row) for row in rows])
        real = np.arange(lengths.max()) < lengths[:, None]
        ids = np.zeros(real.shape, dtype=np.int64)
        ids[real] = list(chain.from_iterable(rows))
        return self._session.run(None, {"input_ids": ids, "attention_mask": real.astype(np.int64)})[0]


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by folder or hub name; needs the [train] extra."""

    def __init__(self, name: str):
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ArtifactError(
                f"encoder {name!r} is a sentence-transformers model; install it with: pip install 'huida[train]'"
            ) from error
        try:
            self._model = SentenceTransformer(name, device="cpu")
        except Exception as error:  # the library raises whatever its loaders raise
            raise ArtifactError(f"encoder {name!r} cannot be loaded: {error}") from error
        self.dimension = int(self._model.get_embedding_dimension())
        probe = self.encode(["huida 慧答"]).round(3)
        self.version = f"{Path(name).name}-{hashlib.sha256(probe.tobytes()).hexdigest()[:8]}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def load_encoder(name: Path | str, segmenter: Segmenter, n_threads: int = 1) -> Encoder:
    """Load the encoder folder that `huida train encoder` wrote, or else a sentence-transformers model by folder or name.

    Raises ArtifactError when the folder is missing, edited, or of no kind that is known.
    """
    folder = Path(name)
    if (folder / "encoder.onnx").exists() or (folder / "manifest.json").exists():
        return OnnxEncoder(folder, segmenter, n_threads)
    if folder.is_absolute() and not folder.is_dir():
        raise ArtifactError(
            f"encoder folder {folder} does not exist; reinstall huida or set `encoder` to another folder"
        )
    return SentenceTransformerEncoder(str(name))


def word_table(path: Path) -> np.ndarray:
    """What the network makes of each word before its first layer: float32 (vocabulary, d), rows of length 1.

    path: the weights, model.safetensors.
    """
    with safe_open(path, framework="numpy") as weights:
        table = weights.get_tensor("embeddings.tok_embeddings.weight").astype(np.float32)
        for norm in ("embeddings.norm.weight", "final_norm.weight"):
            table -= table.mean(axis=1, keepdims=True)
            table *= weights.get_tensor(norm) / np.sqrt(table.var(axis=1, keepdims=True) + 1e-5)
    table[:N_SPECIAL] = 0
    return _of_length_one(table)


def _words_of(folder: Path, numbers: Callable[[str], np.ndarray]) -> WordVectors:
    """The word vectors as alignment compares them, turned and weighed where that was learned."""
    table = word_table(folder / "model.safetensors")
    if not (folder / ALIGNMENT).exists():
        return WordVectors(table, numbers, np.ones(len(table), dtype=np.float32))
    with safe_open(folder / ALIGNMENT, framework="numpy") as learned:
        turn, weight = (learned.get_tensor(name).astype(np.float32) for name in ("turn", "weight"))
    return WordVectors(_of_length_one(table @ turn), numbers, weight)


def _of_length_one(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def by_length(lengths: Sequence[int], most_tokens: int, pass_tokens: int) -> Iterator[np.ndarray]:
    """Positions in order of length, in parts that a forward pass each reads soonest.

    A part costs its padded tokens, and `pass_tokens` for being a pass of its own: the cheapest cuts between lengths are
    found by dynamic programming. A part of more than `most_tokens` is cut again, a single longer text stands apart.
    """
    order = np.argsort(lengths, kind="stable")
    sizes, starts = np.unique(np.asarray(lengths)[order], return_index=True)
    ends = np.append(starts, len(order))
    cost, came_from = np.zeros(len(ends)), np.zeros(len(ends), dtype=int)  # of the texts below each end
    for k in range(1, len(ends)):
        costs = cost[:k] + pass_tokens + sizes[k - 1] * (ends[k] - ends[:k])
        came_from[k] = costs.argmin()
        cost[k] = costs[came_from[k]]
    bounds, k = [], len(sizes)
    while k:
        bounds.append((came_from[k], k))
        k = came_from[k]
    for first, last in reversed(bounds):
        part, at_once = order[ends[first] : ends[last]], max(1, most_tokens // max(1, sizes[last - 1]))
        yield from (part[i : i + at_once] for i in range(0, len(part), at_once))
