"""`huida train encoder`: from the data folder to the shipped encoder, stage after stage, each kept so that a run resumes.

    leak filter -> words -> vocabulary -> skip-gram -> static tier -> transformer -> export

The folder `out` holds what is costly: tokenizer.json, skipgram.npy, teacher/, state.safetensors. Material is collected
anew at each start, so text written meanwhile joins a resumed run.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from assistant.errors import InputError
from assistant.text import Segmenter
from training import material as materials
from training.examples import read_matters, read_written
from training.model import Shape, SupportEncoder
from training.multitask import Plan, Trainer
from training.ship import ship
from training.static import skip_gram
from training.tasks import Heads, Tasks
from training.teacher import TeacherVectors, english_texts
from training.texts import Material, TokenCache, Tokenised, segment
from training.tokenizer import VOCABULARY_SIZE, build_tokenizer, count_words, save

logger = logging.getLogger(__name__)

OWN_WEIGHT = 20  # our own text decides which domain words are entries
VOCABULARY_SAMPLE = 250_000  # texts; more of them change only the rarest entries


@dataclass(frozen=True, slots=True)
class Prepared:
    texts: list[str]
    tokens: Tokenised
    material: Material
    tokenizer: Tokenizer
    counts: dict[str, int]


def prepare(data: Path, demo: Path, out: Path, without: Collection[str] = ()) -> Prepared:
    """Collect and tokenise; the vocabulary is made once and then kept, since the weights belong to it."""
    out.mkdir(parents=True, exist_ok=True)
    texts, material, counts = materials.collect(data, demo, without)
    logger.info("material: %s", counts)
    segmenter = Segmenter()
    path = out / "tokenizer.json"
    if not path.exists():
        some = np.random.default_rng(7).permutation(len(texts))[:VOCABULARY_SAMPLE]
        own = [texts[n] for topic in material.topics for lang in topic.messages.values() for n in lang]
        counts_of_words = count_words(segment([texts[n] for n in some], segmenter))
        tokenizer = build_tokenizer(counts_of_words + count_words(segment(own, segmenter), OWN_WEIGHT))
        save(tokenizer, out)
        logger.info("vocabulary: %d entries", tokenizer.get_vocab_size())
    tokenizer = Tokenizer.from_file(str(path))
    tokens = TokenCache(out / "tokens.npz").tokenise(texts, segmenter, tokenizer)
    materials.save_counts(counts | {"tokens": len(tokens.ids)}, out / "counts.json")
    return Prepared(texts, tokens, material, tokenizer, counts)


def run(
    data: Path, demo: Path, out: Path, folder: Path, plan: Plan, shape: Shape = Shape(), without: Collection[str] = ()
) -> str:
    """The whole of `huida train encoder`; returns the version of the encoder written to `folder`."""
    own = read_written().of("train").texts() + [text for matter in read_matters() for text in matter.texts()]
    english = english_texts(data, [text for text in own if text.isascii()])
    TeacherVectors(out / "teacher").extend(english)
    trainer, prepared = train(data, demo, out, plan, shape, without=without)
    record = {
        "minutes": (trainer.earlier_s + trainer.elapsed_s) / 60,
        "steps": trainer.earlier_steps + trainer.step,
        "tokens": len(prepared.tokens.ids),
        **prepared.counts,
    }
    return ship(trainer.averaged(), prepared.material.topics, prepared.tokens, data, out, folder, record)


def teacher_targets(texts: list[str], material: Material, folder: Path, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The teacher's vectors turned into the student's width by principal components: float32 (m, width), row of each text."""
    teacher = TeacherVectors(folder)
    row = np.full(len(texts), -1, dtype=np.int64)
    known = [n for n in range(len(texts)) if texts[n].isascii() and texts[n] in teacher]
    if not known:
        raise InputError(f"{folder} holds no teacher vectors of these texts; remove the folder and run again")
    row[known] = np.arange(len(known))
    vectors = np.stack([teacher[texts[n]] for n in known]).astype(np.float32)
    path = folder / "axes.npy"
    if not path.exists():  # kept, since a resumed student lives in the space that they span
        sample = vectors[np.random.default_rng(7).permutation(len(vectors))[:40_000]]
        np.save(path, np.linalg.eigh(sample.T @ sample)[1])  # not centred: cosines are what counts
    axes = np.load(path, allow_pickle=False)
    targets = vectors @ axes[:, ::-1][:, :width]
    kept = float((targets**2).sum(1).mean())
    logger.info("teacher: %d vectors, %.1f %% of their length kept in %d dimensions", len(known), 100 * kept, width)
    return targets / np.linalg.norm(targets, axis=1, keepdims=True), row


def train(
    data: Path,
    demo: Path,
    out: Path,
    plan: Plan,
    shape: Shape = Shape(),
    seed: int = 7,
    without: Collection[str] = (),
) -> tuple[Trainer, Prepared]:
    """Train for plan.minutes of wall clock in all, going on from a checkpoint when `out` holds one."""
    torch.manual_seed(seed)
    prepared = prepare(data, demo, out, without)
    targets, target_row = teacher_targets(prepared.texts, prepared.material, out / "teacher", shape.hidden_size)
    initial = out / "skipgram.npy"
    if not initial.exists():
        np.save(initial, skip_gram(prepared.tokens, VOCABULARY_SIZE, shape.hidden_size))
    table = np.load(initial)
    trainer = assemble(prepared.material, prepared.tokens, targets, target_row, table, plan, shape, out, seed)
    logger.info("resumed at %.0f s", trainer.elapsed_s) if trainer.resume() else logger.info("a fresh run")
    trainer.run()
    return trainer, prepared


def assemble(
    material: Material,
    tokens: Tokenised,
    targets: np.ndarray,
    target_row: np.ndarray,
    table: np.ndarray,
    plan: Plan,
    shape: Shape,
    folder: Path,
    seed: int = 7,
) -> Trainer:
    """A trainer at its first step. table: float32 (vocabulary, hidden), where the word vectors start from."""
    model = SupportEncoder(shape)
    with torch.no_grad():
        model.embeddings.tok_embeddings.weight.copy_(torch.from_numpy(table))
    heads = Heads(shape.hidden_size, material.n_classes, shape.hidden_size)
    tasks = Tasks(material, tokens, targets, target_row, heads, seed, plan.few_domains)
    return Trainer(model, heads, tasks, tokens, plan, folder)
