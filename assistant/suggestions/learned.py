"""All that suggestions have learned, as one frozen value, and its sealed folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from assistant import artifacts
from assistant.errors import ArtifactError
from assistant.suggestions.features import FEATURES
from assistant.suggestions.items import Item
from assistant.suggestions.memory import Memory
from assistant.suggestions.ranker import Ranker

KIND = "suggestions"
N_LEANING = 4.0  # verdicts' worth by which an item leans towards the mean item
ARRAYS = ("message", "so_far", "previous", "reply", "state")
COLUMNS = ("conversation_ids", "languages", "replies", "item_ids")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How often each item was shown and taken; `taken` counts an edited one by the share that was kept."""

    shown: Mapping[str, float] = field(default_factory=dict)
    taken: Mapping[str, float] = field(default_factory=dict)

    def plus(self, item_id: str, taken: float) -> Verdicts:
        return Verdicts(
            {**self.shown, item_id: self.shown.get(item_id, 0.0) + 1},
            {**self.taken, item_id: self.taken.get(item_id, 0.0) + taken},
        )

    def log_odds(self, items: Sequence[Item]) -> np.ndarray:
        """(len(items),): log odds of being taken over those of the mean item; 0 for an item never shown."""
        mean = (sum(self.taken.values()) + 1) / (sum(self.shown.values()) + 2)
        shown = np.array([self.shown.get(item.item_id, 0.0) for item in items])
        taken = np.array([self.taken.get(item.item_id, 0.0) for item in items])
        share = (taken + N_LEANING * mean) / (shown + N_LEANING)
        return np.log(share / (1 - share)) - np.log(mean / (1 - mean))


@dataclass(frozen=True, slots=True)
class Learned:
    """`upto`: positions in the log up to which verdicts and posts were read. `rows`, `labels`: what the ranker was
    fitted on. `ignored`: stretches of the log, (from, to] by table, that a rollback took back."""

    memory: Memory
    ranker: Ranker = field(default_factory=Ranker)
    verdicts: Verdicts = field(default_factory=Verdicts)
    rows: np.ndarray = field(default_factory=lambda: np.zeros((0, len(FEATURES))))
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0))
    upto: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[tuple[str, int, int], ...] = ()
    encoder_version: str = ""

    def save(self, folder: Path) -> str:
        """Write a sealed folder that does not exist yet and return its version."""
        folder.mkdir(parents=True)
        arrays = {name: np.ascontiguousarray(getattr(self.memory, name), np.float32) for name in ARRAYS}
        save_file(
            {**arrays, "rows": self.rows.astype(np.float32), "labels": self.labels.astype(np.float32)},
            folder / "arrays.safetensors",
        )
        columns = {name: list(getattr(self.memory, name)) for name in COLUMNS}
        lines = [json.dumps(row, ensure_ascii=False) for row in zip(*columns.values(), strict=True)]
        (folder / "examples.jsonl").write_text("".join(line + "\n" for line in lines), "utf-8")
        fields = {
            "features": list(FEATURES),
            "coefficients": list(self.ranker.coefficients),
            "shown": dict(self.verdicts.shown),
            "taken": dict(self.verdicts.taken),
            "upto": dict(self.upto),
            "ignored": [list(stretch) for stretch in self.ignored],
            "encoder_version": self.encoder_version,
            "n_examples": len(self.memory),
        }
        digest = hashlib.sha256(
            json.dumps(fields, sort_keys=True).encode() + "\n".join(lines).encode("utf-8", "replace")
        )
        version = f"suggestions-{digest.hexdigest()[:12]}"
        artifacts.seal(folder, KIND, version, fields)
        return version

    @classmethod
    def load(cls, folder: Path, encoder_version: str) -> Learned:
        """Raises ArtifactError when the folder was altered, or was learned with another encoder or other features."""
        fields = artifacts.load_manifest(folder, KIND).fields
        if (fields["encoder_version"], tuple(fields["features"])) != (encoder_version, FEATURES):
            raise ArtifactError(
                f"{folder} was learned with encoder {fields['encoder_version']!r}, the present one is "
                f"{encoder_version!r}; learn again with: huida train suggestions"
            )
        arrays = load_file(folder / "arrays.safetensors")
        lines = (folder / "examples.jsonl").read_text("utf-8").split("\n")[:-1]
        columns = tuple(zip(*map(json.loads, lines), strict=True)) if lines else ((),) * len(COLUMNS)
        return cls(
            Memory(*columns, *(arrays[name] for name in ARRAYS)),
            Ranker(tuple(fields["coefficients"])),
            Verdicts(fields["shown"], fields["taken"]),
            arrays["rows"].astype(float),
            arrays["labels"].astype(float),
            fields["upto"],
            tuple((table, start, stop) for table, start, stop in fields["ignored"]),
            encoder_version,
        )

    def without(self, conversation_ids: Sequence[str]) -> Learned:
        return replace(self, memory=self.memory.without(conversation_ids))
