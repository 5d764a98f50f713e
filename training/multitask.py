"""Trains the encoder by wall clock: a static tier (word vectors alone), then the transformer over all tasks.

The mixture shifts from broad material (distillation, pairs, labels, masked words) to our own support text; the learning
rate falls linearly over the last two fifths, where the weights are also averaged. State is saved every few minutes as
safetensors, and a killed run goes on from there.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from training.model import SupportEncoder, mean_pool
from training.muon import Muon
from training.tasks import FEW_DOMAINS, Heads, Tasks, vectors_of
from training.texts import Tokenised

logger = logging.getLogger(__name__)

NEW_SHARE = 0.6  # of a later round in the weights: their mean with those before beats either (Wortsman et al. 2022)
# share of the batches by task: early, late
MIXTURE = {
    "distil": (0.36, 0.12), "own_distil": (0.02, 0.05), "parallel": (0.06, 0.02), "glosses": (0.06, 0.00), "answers": (0.08, 0.02),
    "neighbours": (0.04, 0.00), "topics": (0.10, 0.40), "intents": (0.10, 0.08), "reviews": (0.06, 0.08), "moods": (0.04, 0.22),
    "words": (0.08, 0.01),
}  # fmt: skip
STATIC_MIXTURE = {"distil": 0.45, "own_distil": 0.07, "parallel": 0.1, "glosses": 0.08, "answers": 0.1, "topics": 0.2}
BATCH = {"distil": 192, "own_distil": 160, "parallel": 128, "glosses": 256, "answers": 96, "neighbours": 96, "topics": 128,
         "intents": 192, "reviews": 64, "moods": 192, "words": 128}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Rates and shares of one run; minutes are those of `clock`, wall clock unless another is given."""

    minutes: float
    static_share: float = 0.3  # of the minutes; the cheapest part of the quality, see README.md
    late_from: float = 0.55  # share of the transformer's time after which the mixture is the late one
    rate: float = 1.5e-3
    embedding_rate: float = 5e-4
    static_rate: float = 4e-3
    tasks_per_step: int = 3  # a step of Muon costs half a batch; more than one batch shares it
    n_static_beside: int = 2  # batches of the static tier in every later step: the word vectors serve by themselves
    average_from: float = 0.7
    average_decay: float = 0.998
    save_every_s: float = 180.0
    seed: int = 7
    few_domains: float = FEW_DOMAINS  # share of the batches of topics
    mixture: Mapping[str, tuple[float, float]] = field(default_factory=lambda: MIXTURE)
    static_mixture: Mapping[str, float] = field(default_factory=lambda: STATIC_MIXTURE)
    clock: Callable[[], float] = time.monotonic  # seconds


class Trainer:
    def __init__(self, model: SupportEncoder, heads: Heads, tasks: Tasks, tokens: Tokenised, plan: Plan, folder: Path):
        self.model, self.heads, self.tasks, self.tokens, self.plan, self.folder = (
            model,
            heads,
            tasks,
            tokens,
            plan,
            folder,
        )
        hidden = [p for p in model.layers.parameters() if p.ndim == 2]
        table = [model.embeddings.tok_embeddings.weight]
        norms = [p for p in model.parameters() if p.ndim == 1]
        self.muon = Muon(hidden, lr=plan.rate)
        self.adam = torch.optim.AdamW(
            [
                {"params": table, "rate": plan.embedding_rate, "weight_decay": 0.0},
                {"params": norms, "rate": plan.rate, "weight_decay": 0.0},
                {"params": list(heads.parameters()), "rate": 2 * plan.rate, "weight_decay": 0.01},
            ],
            betas=(0.9, 0.98),
        )
        self.average: dict[str, Tensor] | None = None
        self.before: dict[str, Tensor] | None = None  # what the round before this one ended with
        self.elapsed_s, self.step = 0.0, 0
        self.earlier_s, self.earlier_steps = 0.0, 0  # of rounds before this one, on the same weights

    def run(self) -> None:
        """Train for the rest of the plan's minutes; progress and losses go to the log."""
        total_s = self.plan.minutes * 60
        said = saved = started = self.plan.clock()
        before_s = self.elapsed_s
        losses: dict[str, list[float]] = {}
        while self.elapsed_s < total_s:
            for name, value in self._one(self.elapsed_s / total_s):
                losses.setdefault(name, []).append(value)
            self.step += 1
            now = self.plan.clock()
            self.elapsed_s = before_s + now - started
            if now - said > 60:
                said = now
                means = " ".join(f"{k}={np.mean(v):.2f}" for k, v in sorted(losses.items()))
                logger.info("%.0f%% step %d  %s", 100 * self.elapsed_s / total_s, self.step, means)
                losses.clear()
            if now - saved > self.plan.save_every_s:
                saved = now
                self.save()
        self.save()

    def _one(self, done: float) -> list[tuple[str, float]]:
        """One step of the optimisers over a batch of each of several tasks; returns the tasks with their losses."""
        static = done < self.plan.static_share
        layers_share = 1 - self.plan.static_share  # 0: word vectors alone to the end
        progress = max(0.0, (done - self.plan.static_share) / layers_share) if layers_share else 0.0
        losses = [self._backward(name, static) for name in self._choose(progress, static)]
        if not static:
            beside = [self._backward(*self._choose(progress, True), True) for _ in range(self.plan.n_static_beside)]
            losses += [(f"static-{name}", loss) for name, loss in beside]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._rates(done, progress, static)
        for optimiser in (self.adam,) if static else (self.adam, self.muon):
            optimiser.step()
        self.adam.zero_grad()
        self.muon.zero_grad()
        if progress >= self.plan.average_from:
            self._fold_average()
        return losses

    def _backward(self, name: str, static: bool) -> tuple[str, float]:
        n = BATCH[name] * (2 if static else 1)  # without layers a text costs a fiftieth
        if name == "words":
            loss = self.tasks.masked_words(self.model.tokens, self.model.embeddings.tok_embeddings.weight, n)
        else:
            forward = self.static if static else self.model
            loss = self.tasks.loss(name, lambda numbers: vectors_of(forward, self.tokens, numbers), n)
        loss.backward()
        return name, float(loss.detach())

    def static(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The transformer without its layers: what remains is the mean of word vectors."""
        return F.normalize(mean_pool(self.model.final_norm(self.model.embeddings(ids)), mask), dim=-1)

    def _choose(self, progress: float, static: bool) -> list[str]:
        late = progress > self.plan.late_from
        mixture = self.plan.mixture
        shares = self.plan.static_mixture if static else {name: share[late] for name, share in mixture.items()}
        weights = np.array(list(shares.values()))
        n_tasks = 1 if static else self.plan.tasks_per_step
        return list(self.tasks.rng.choice(list(shares), size=n_tasks, p=weights / weights.sum()))

    def _rates(self, done: float, progress: float, static: bool) -> None:
        warm = min(1.0, (self.step + 1) / 60)
        fall = min(1.0, max(0.04, (1 - progress) / 0.4))
        static_rate = (
            self.plan.static_rate * min(1.0, max(0.1, (1 - done / self.plan.static_share) / 0.5)) if static else 0.0
        )
        for group in self.adam.param_groups:
            group["lr"] = warm * (static_rate if static else group["rate"] * fall)
        for group in self.muon.param_groups:
            group["lr"] = self.plan.rate * fall

    @torch.no_grad()
    def _fold_average(self) -> None:
        state = self.model.state_dict()
        if self.average is None:
            self.average = {name: value.clone() for name, value in state.items()}
        for name, value in state.items():
            self.average[name].lerp_(value, 1 - self.plan.average_decay)

    def averaged(self) -> SupportEncoder:
        """A copy of the model with the averaged weights, or the plain ones before averaging began; of a later round
        NEW_SHARE, the rest of what the round before it ended with."""
        state = self.average or self.model.state_dict()
        if self.before is not None:
            state = {name: NEW_SHARE * value + (1 - NEW_SHARE) * self.before[name] for name, value in state.items()}
        copy = SupportEncoder(self.model.shape)
        copy.load_state_dict(state)
        return copy.eval()

    def save(self) -> None:
        tensors = dict(
            _named(
                ("model", self.model.state_dict()),
                ("heads", self.heads.state_dict()),
                ("average", self.average or {}),
                ("before", self.before or {}),
            )
        )
        for name, optimiser in (("adam", self.adam), ("muon", self.muon)):
            for number, state in optimiser.state_dict()["state"].items():
                tensors |= {f"{name}/{number}/{key}": value for key, value in state.items()}
        temporary = self.folder / "state.tmp"
        save_file({name: value.contiguous().clone() for name, value in tensors.items()}, temporary)
        temporary.replace(self.folder / "state.safetensors")
        (self.folder / "state.json").write_text(
            json.dumps({name: getattr(self, name) for name in ("elapsed_s", "step", "earlier_s", "earlier_steps")})
        )

    def resume(self) -> bool:
        """Go on from the last checkpoint of the folder; False when there is none.

        A run that had reached its minutes begins another round: the same weights, rates and mixture from the start.
        """
        path = self.folder / "state.safetensors"
        if not path.exists():
            return False
        tensors = load_file(path)
        part = {kind: {} for kind in ("model", "heads", "average", "before", "adam", "muon")}
        for name, value in tensors.items():
            kind, rest = name.split("/", 1)
            part[kind][rest] = value
        self.model.load_state_dict(part["model"])
        self.heads.load_state_dict(part["heads"])
        self.average, self.before = part["average"] or None, part["before"] or None
        for name, optimiser in (("adam", self.adam), ("muon", self.muon)):
            state: dict[int, dict[str, Tensor]] = {}
            for rest, value in part[name].items():
                number, key = rest.split("/")
                state.setdefault(int(number), {})[key] = value
            optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
        saved = json.loads((self.folder / "state.json").read_text())
        self.elapsed_s, self.step = saved["elapsed_s"], saved["step"]
        self.earlier_s, self.earlier_steps = saved.get("earlier_s", 0.0), saved.get("earlier_steps", 0)
        if self.elapsed_s >= 60 * self.plan.minutes:
            self.before = self.averaged().state_dict()
            self.earlier_s, self.earlier_steps = self.earlier_s + self.elapsed_s, self.earlier_steps + self.step
            self.elapsed_s, self.step, self.average = 0.0, 0, None
        self.tasks.rng.bit_generator.advance(self.step * 10_000)  # other batches than those already seen
        return True


def _named(*groups: tuple[str, dict[str, Tensor]]) -> Iterator[tuple[str, Tensor]]:
    for kind, tensors in groups:
        yield from ((f"{kind}/{name}", value) for name, value in tensors.items())
