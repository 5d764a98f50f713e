"""What each part of the encoder's training is worth: small runs from scratch with one thing changed, on dev texts alone.

    python -m training.ablations --data DIR --work WORK --out ablations.jsonl
    python -m training.ablations --list

WORK is a copy of the folder of an earlier `huida train encoder` (tokenizer.json, skipgram.npy, tokens.npz, teacher/): what
every run shares is made once. A run's time is seconds of CPU on one thread, so that halts do not count. Neighbours that
share a core's arithmetic still make each step dearer; beside them give --steps, which counts --static and --layers in
steps, fair where a step costs the same.
Finished runs stand in the file --out, one a line, and a series that was stopped goes on after them.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np
import torch

from assistant import bootstrap
from assistant.encoder import Encoder
from assistant.errors import InputError
from assistant.settings import configs_folder, load
from assistant.text import Segmenter
from training.ablation_changes import CHANGES, Change, Run
from training.ablation_figures import Dev, Figures, by_head, by_vector
from training.encoder import assemble, prepare, teacher_targets
from training.model import Shape
from training.multitask import Plan
from training.tasks import vectors_of
from training.texts import segment, tokenise

logger = logging.getLogger(__name__)
Clock = Callable[[], float]

STATIC_S, LAYERS_S = 150.0, 300.0  # CPU seconds of word vectors alone, and of the layers
BEFORE_LAYERS = 0.5  # of the static tier's: what of it stands in front of the layers
CHUNK = 2_000  # texts of one call when measuring
HEADS = (
    Change("vector", "heads of the served encoder: vector alone, nothing trained anew"),
    Change("n-grams", "n-grams beside the vector in the heads", "vector"),
)
PARTS = {"vector": "vector", "n-grams": "both"}
COLUMNS = ("hit", "mood", "topics", "clinc")
KEPT = ("tokenizer.json", "skipgram.npy", "tokens.npz", "teacher")


@dataclass(frozen=True, slots=True)
class Outcome:
    """seconds: CPU of the training; n_steps: steps of the optimisers in them."""

    name: str
    figures: Figures
    seconds: float = 0.0
    n_steps: int = 0


@dataclass(frozen=True)
class Start:
    """What every run shares."""

    dev: Dev
    run: Run
    encoder: Encoder


def series(
    start: Start, changes: Sequence[Change], out: Path, static: float, layers: float, clock: Clock = time.process_time
) -> Iterator[tuple[Change, Outcome, Outcome | None]]:
    """Yield each change with its outcome and that of the run beside it; what `out` holds already is not run again."""
    done = read_outcomes(out)
    for change in changes:
        if change.name not in done:
            logger.info("%s: %s", change.name, change.says)
            plan = _plan(static, 0, clock) if change.static else _plan(BEFORE_LAYERS * static, layers, clock)
            done[change.name] = outcome(start, change, plan)
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(done[change.name])) + "\n")
        yield change, done[change.name], done.get(change.beside)


def _plan(static: float, layers: float, clock: Clock) -> Plan:
    whole, never = static + layers, float("inf")  # no checkpoints and no averaging in minutes
    return Plan(whole / 60, static / whole, average_from=never, save_every_s=never, clock=clock)


def outcome(start: Start, change: Change, plan: Plan) -> Outcome:
    if change in HEADS:
        return Outcome(change.name, by_head(start.dev, start.encoder, PARTS[change.name]))
    torch.manual_seed(7)
    run = change.make(replace(start.run, plan=plan))
    with tempfile.TemporaryDirectory(prefix="huida-ablation-") as folder:
        trainer = assemble(
            run.material, run.tokens, run.targets, run.target_row, run.table, run.plan, run.shape, Path(folder)
        )
        began = time.process_time()
        trainer.run()
        seconds = time.process_time() - began
    forward = trainer.static if run.plan.static_share == 1 else trainer.model.eval()
    with torch.no_grad():
        places = np.array_split(np.arange(len(run.dev)), range(CHUNK, len(run.dev), CHUNK))
        vectors = np.concatenate([vectors_of(forward, run.dev, place).numpy() for place in places])
    known = dict(zip(start.dev.texts(), vectors, strict=True))
    figures = by_vector(start.dev, lambda texts: np.stack([known[text] for text in texts]))
    return Outcome(change.name, figures, seconds, trainer.step)


def read_outcomes(path: Path) -> dict[str, Outcome]:
    if not path.exists():
        return {}
    return {row["name"]: Outcome(**row) for row in map(json.loads, path.read_text("utf-8").splitlines())}


def begin(data: Path, work: Path) -> Start:
    """Read everything once, two minutes. Raises InputError when the work folder lacks what an earlier run left."""
    if missing := [name for name in KEPT if not (work / name).exists()]:
        raise InputError(f"{work} holds no {missing[0]}; copy the work folder of an earlier huida train encoder there")
    settings, shape, dev = load(None), Shape(), Dev.read(data)
    prepared = prepare(data, configs_folder() / "demo", work)
    targets, target_row = teacher_targets(prepared.texts, prepared.material, work / "teacher", shape.hidden_size)
    tokens = tokenise(dev.texts(), segment(dev.texts(), Segmenter()), prepared.tokenizer)
    run = Run(
        prepared.material, prepared.tokens, tokens, prepared.tokenizer, targets, target_row,
        np.load(work / "skipgram.npy"), Plan(0), shape,
    )  # fmt: skip
    return Start(dev, run, bootstrap.build_encoder(settings)[1])


def chosen(names: Sequence[str]) -> list[Change]:
    """The named changes, or all, each after the run that it is compared with."""
    known = {change.name: change for change in (*CHANGES, *HEADS)}
    wanted = set(names or known)
    while beside := {known[name].beside for name in wanted} - wanted - {""}:
        wanted |= beside
    return [change for name, change in known.items() if name in wanted]


def line(change: Change, after: Outcome, before: Outcome | None) -> str:
    """A row of the table: change, each column's zh / en before and after, CPU seconds, steps."""
    cells = []
    for column in COLUMNS:
        shown = [_shown(one.figures, column) for one in (before, after) if one]
        cells.append(" -> ".join(filter(None, shown)))
    return f"| {change.says} | {' | '.join(cells)} | {after.seconds:.0f} | {after.n_steps:,} |"


def _shown(figures: Figures, column: str) -> str:
    return " / ".join(f"{value:.3f}" for name, value in figures.items() if name.split()[0] == column)


def budget_of(change: Change, static: float, layers: float) -> float:
    if change in HEADS:
        return 0.0
    return static if change.static else BEFORE_LAYERS * static + layers


def main() -> None:
    names = [change.name for change in (*CHANGES, *HEADS)]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder of the public sets")
    parser.add_argument("--work", type=Path, help="a copy of an earlier run's work folder")
    parser.add_argument("--out", type=Path, default=Path("ablations.jsonl"), help="finished runs, one a line")
    parser.add_argument("--only", nargs="+", choices=names, default=[], metavar="NAME", help=", ".join(names))
    parser.add_argument("--list", action="store_true", help="say what would be run, and how long")
    parser.add_argument("--static", type=float, default=STATIC_S, help="CPU seconds of word vectors alone (150)")
    parser.add_argument("--layers", type=float, default=LAYERS_S, help="CPU seconds of the layers (300)")
    parser.add_argument("--steps", action="store_true", help="these two are steps of the optimisers, not seconds")
    asked = parser.parse_args()
    changes = chosen(asked.only)
    if asked.list:
        for change in changes:
            print(f"{change.name:16} {budget_of(change, asked.static, asked.layers):5.0f}  {change.says}")
        return
    if not asked.data or not asked.work:
        parser.error("--data DIR and --work DIR are needed")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(1)
    try:
        start = begin(asked.data, asked.work)
    except InputError as error:
        parser.error(str(error))
    clock = count().__next__ if asked.steps else time.process_time  # the trainer asks once a step
    print(f"| change | {' | '.join(COLUMNS)} | CPU s | steps |\n|{'---|' * (len(COLUMNS) + 3)}")
    for row in series(start, changes, asked.out, asked.static, asked.layers, clock):
        print(line(*row), flush=True)


if __name__ == "__main__":
    main()
