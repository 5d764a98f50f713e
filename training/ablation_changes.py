"""The changes that `training.ablations` tries: each makes another run out of the same material, all else equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from tokenizers import Tokenizer

from training.examples import read_written
from training.model import Shape
from training.multitask import Plan
from training.static import INITIAL_STD
from training.texts import MAX_TOKENS, Material, Tokenised
from training.tokenizer import SPECIALS


@dataclass(frozen=True)
class Run:
    """All that a run is made of. `dev`: the token ids of the texts that it is measured by; the others as in
    `training.encoder.assemble`."""

    material: Material
    tokens: Tokenised
    dev: Tokenised
    tokenizer: Tokenizer
    targets: np.ndarray
    target_row: np.ndarray
    table: np.ndarray
    plan: Plan
    shape: Shape = Shape()


@dataclass(frozen=True)
class Change:
    """`beside`: the run it is compared with; empty for a run that others are compared with.

    Word vectors alone (`static`) say in minutes what concerns words and pairs; the transformer is for the rest.
    """

    name: str
    says: str
    beside: str = ""
    static: bool = False
    make: Callable[[Run], Run] = lambda run: run


def random_table(run: Run) -> Run:
    table = np.random.default_rng(7).normal(0, INITIAL_STD, run.table.shape).astype(np.float32)
    table[: len(SPECIALS)] *= 0.1  # as skip-gram leaves them
    return replace(run, table=table)


def characters(run: Run) -> Run:
    """Chinese words fall to their characters; from a random table, since skip-gram was learned for words."""
    return replace(random_table(run), tokens=spelled(run.tokens, run.tokenizer), dev=spelled(run.dev, run.tokenizer))


def spelled(tokens: Tokenised, tokenizer: Tokenizer) -> Tokenised:
    """The token ids as a vocabulary without Chinese words would give them: every word's characters are entries too."""
    vocabulary = tokenizer.get_vocab()
    pieces: list[list[int]] = [[]] * (max(vocabulary.values()) + 1)
    for entry, number in vocabulary.items():
        pieces[number] = [number] if entry.isascii() else [vocabulary[character] for character in entry]
    lengths = np.array([len(piece) for piece in pieces])
    first, flat = np.cumsum(lengths) - lengths, np.concatenate(pieces)
    n = lengths[tokens.ids]
    ends = np.concatenate(([0], np.cumsum(n)))
    ids = flat[np.repeat(first[tokens.ids] - ends[:-1], n) + np.arange(ends[-1])]
    starts = ends[tokens.starts]
    within = np.arange(len(ids)) - np.repeat(starts[:-1], np.diff(starts))
    kept = np.minimum(np.diff(starts), MAX_TOKENS)
    return Tokenised(ids[within < MAX_TOKENS].astype(np.uint16), np.concatenate(([0], np.cumsum(kept))))


def without_matters(run: Run) -> Run:
    written = read_written()
    sources = {row.source for row in (*written.questions, *written.utterances)}
    topics = [topic for topic in run.material.topics if topic.source in sources]
    return replace(run, material=replace(run.material, topics=topics))


def without_translations(run: Run) -> Run:
    """Distillation into Chinese goes by the parallel pairs too, so our own questions and answers are all that is left to it."""
    none = run.material.parallel[:0]
    return without("parallel", "glosses")(replace(run, material=replace(run.material, parallel=none, glosses=none)))


def without(*tasks: str) -> Callable[[Run], Run]:
    def make(run: Run) -> Run:
        mixture = {name: share for name, share in run.plan.mixture.items() if name not in tasks}
        static = {name: share for name, share in run.plan.static_mixture.items() if name not in tasks}
        return replace(run, plan=replace(run.plan, mixture=mixture, static_mixture=static))

    return make


def planned(**fields: float) -> Callable[[Run], Run]:
    return lambda run: replace(run, plan=replace(run.plan, **fields))


def more_masked_words(run: Run) -> Run:
    mixture = dict(run.plan.mixture)
    mixture["words"] = tuple(3 * share for share in mixture["words"])
    return replace(run, plan=replace(run.plan, mixture=mixture))


def no_layers(run: Run) -> Run:
    """Word vectors learn all the tasks that need no context, for the whole time."""
    mixture = {name: sum(shares) / 2 for name, shares in run.plan.mixture.items() if name != "words"}
    return replace(run, plan=replace(run.plan, static_share=1.0, static_mixture=mixture))


def layers(n: int) -> Callable[[Run], Run]:
    return lambda run: replace(run, shape=replace(run.shape, num_hidden_layers=n))


def narrow_and_deep(run: Run) -> Run:
    """Six layers, three quarters as wide: word vectors and targets keep their main axes."""
    width = run.shape.hidden_size * 3 // 4
    axes = np.linalg.svd(run.table, full_matrices=False)[2][:width]
    table = run.table @ axes.T
    targets = run.targets[:, :width]  # principal components already
    shape = replace(
        run.shape, num_hidden_layers=6, hidden_size=width, intermediate_size=run.shape.intermediate_size * 3 // 4
    )
    return replace(
        run,
        shape=shape,
        table=table / table.std() * INITIAL_STD,
        targets=targets / np.maximum(np.linalg.norm(targets, axis=1, keepdims=True), 1e-9),
    )


CHANGES = (
    Change("words", "static tier alone, as it is", static=True),
    Change("random", "random word vectors to start from, not skip-gram", "words", True, random_table),
    Change("characters", "characters instead of words, both from random vectors", "random", True, characters),
    Change("no-teacher", "no distillation", "words", True, without("distil", "own_distil")),
    Change("no-translations", "no glosses, no parallel pairs", "words", True, without_translations),
    Change("no-matters", "without our matters (pairs_*.tsv)", "words", True, without_matters),
    Change("any-domain", "no batches from few domains (hard negatives)", "words", True, planned(few_domains=0.0)),
    Change("layers", "short static tier, then 4 layers x 256, as it is"),
    Change("no-labels", "no labels: intents, reviews, moods", "layers", make=without("intents", "reviews", "moods")),
    Change("late", "the late mixture from the start", "layers", make=planned(late_from=0.0)),
    Change("no-masked-words", "no masked words", "layers", make=without("words")),
    Change("masked-words", "masked words three times as often", "layers", make=more_masked_words),
    Change("no-static", "no static tier before the layers", "layers", make=planned(static_share=0.0)),
    Change("0-layers", "no layers, same time and tasks", "layers", make=no_layers),
    Change("2-layers", "2 layers x 256", "layers", make=layers(2)),
    Change("6-narrow", "6 layers x 192", "layers", make=narrow_and_deep),
)
