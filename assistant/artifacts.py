"""Trained artifacts: sealed folders that are read back whole and unchanged, or refused with the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ArtifactError
from index import folder as sealed
from index.errors import CorruptFolder


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder says of itself; `fields` are the numbers learned with it (temperatures, thresholds, labels)."""

    kind: str
    version: str
    fields: Mapping[str, Any]


def load_manifest(folder: Path, kind: str) -> Manifest:
    """Return the manifest after checking size and SHA-256 of every file. Raises ArtifactError."""
    if not folder.is_dir():
        raise ArtifactError(
            f"{folder} does not exist; expected a folder of kind {kind!r} (reinstall huida, or train it)"
        )
    try:
        body = sealed.verify(folder, kind)
    except CorruptFolder as error:
        raise ArtifactError(str(error)) from error
    return Manifest(kind, body["version"], {k: v for k, v in body.items() if k not in ("kind", "version", "files")})


def seal(folder: Path, kind: str, version: str, fields: Mapping[str, Any]) -> None:
    """Write the manifest over the files of `folder`: the last step of saving an artifact."""
    sealed.seal(folder, kind, version, dict(fields))
