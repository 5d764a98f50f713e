"""A fitted head as a folder: weights.safetensors and a sealed manifest with its labels and learned numbers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from assistant.artifacts import Manifest, load_manifest, seal
from assistant.errors import ArtifactError

WEIGHTS = "weights.safetensors"


def save_head(
    folder: Path, kind: str, weights: dict[str, np.ndarray], fields: dict[str, Any], made_from: str = ""
) -> str:
    """Write the folder (made if missing, the head in it replaced) and return the version: kind and weights' hash.

    made_from: a digest that makes a version of its own although the weights are the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(array) for name, array in weights.items()}, folder / WEIGHTS)
    with (folder / WEIGHTS).open("rb") as file:  # weights may take half the memory: no second copy of them
        digest = hashlib.file_digest(file, "sha256")
    digest.update(made_from.encode())
    version = f"{kind}-{digest.hexdigest()[:12]}"
    seal(folder, kind, version, fields)
    return version


def load_head(folder: Path, kind: str) -> tuple[dict[str, np.ndarray], Manifest]:
    """Return weights and manifest. Raises ArtifactError when the folder is missing, edited or of another kind."""
    try:
        manifest = load_manifest(folder, kind)
        return load_file(folder / WEIGHTS), manifest
    except (ArtifactError, SafetensorError, FileNotFoundError) as error:
        raise ArtifactError(f"{error} (fit it again with: huida train {kind})") from error
