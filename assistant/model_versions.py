"""Versions of the owner's models beside each other, and the list of those that were promoted: the last one serves.

    models/sentiment/PROMOTED               one version a line, replaced as a whole
    models/sentiment/sentiment-1f0c2a91/    manifest.json  weights.safetensors

Promoting adds a line, rolling back takes the last one away, and below the first line lies the shipped model. A head reads
the vectors of one encoder alone, so of the promoted heads the last one that fits serves: an encoder that is rolled back
has its heads again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.artifacts import Manifest, load_manifest
from assistant.errors import ArtifactError, InputError
from index import folder as sealed
from index.errors import RetrievalError

PROMOTED = "PROMOTED"
KINDS = ("encoder", "sentiment", "intents")
ENCODER = "encoder"


@dataclass(frozen=True, slots=True)
class ModelVersions:
    """root: the folder `models` of the data folder, which need not exist; shipped: the one of the package."""

    root: Path
    shipped: Path

    def live(self, kind: str, encoder_version: str = "") -> Path:
        """Return the folder that serves, the shipped one when nothing promoted fits the encoder.

        Raises ArtifactError when a promoted folder was edited or lost since.
        """
        return next(iter(self._fitting(kind, encoder_version)), self.shipped / kind)

    def promoted(self, kind: str) -> list[str]:
        """The versions in the order of their promotion, the last one newest."""
        try:
            return (self.root / kind / PROMOTED).read_text("utf-8").split()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise ArtifactError(
                f"{self.root / kind / PROMOTED} cannot be read ({error}); it holds one version a line"
            ) from error

    def folders(self, kind: str) -> list[Path]:
        """The folders of all versions, the newest first; not verified."""
        found = [path.parent for path in (self.root / kind).glob(f"[!.]*/{sealed.MANIFEST}")]
        return sorted(found, key=lambda folder: (folder / sealed.MANIFEST).stat().st_mtime_ns, reverse=True)

    def find(self, version: str) -> tuple[str, Path]:
        """Return kind and folder of a version. Raises InputError naming those there are."""
        known = {folder.name: (kind, folder) for kind in KINDS for folder in self.folders(kind)}
        if version not in known:
            there = ", ".join(known) or "none yet: huida train intents, sentiment or encoder makes one"
            raise InputError(f"there is no version {version!r} under {self.root}; there is {there}")
        return known[version]

    def add(self, kind: str, folder: Path) -> Manifest:
        """Move a sealed folder in as a version, which does not serve yet. Raises ArtifactError."""
        manifest = load_manifest(folder, kind)
        (self.root / kind).mkdir(parents=True, exist_ok=True)
        try:
            sealed.place(self.root / kind, folder, manifest.version)
        except (RetrievalError, ValueError) as error:
            raise ArtifactError(str(error)) from error
        return manifest

    def promote(self, kind: str, version: str, encoder_version: str = "") -> None:
        """Make a version that is there serve from the next start on.

        Raises ArtifactError when its folder was edited, is of another kind, or belongs to another encoder.
        """
        manifest = self._manifest(kind, version)
        if not _fits(manifest, encoder_version):
            raise ArtifactError(
                f"{version} was fitted on vectors of {manifest.fields['encoder_version']!r}, the encoder is "
                f"{encoder_version!r}; promote that encoder first, or fit again with: huida train {kind}"
            )
        if self.promoted(kind)[-1:] != [version]:
            self._write(kind, [*self.promoted(kind), version])

    def rollback(self, kind: str, encoder_version: str = "") -> str:
        """Take the version that serves off the list and return its name. Raises InputError when none was promoted."""
        for place, version in reversed(list(enumerate(names := self.promoted(kind)))):
            # one that was edited since is exactly what one wants to be rid of
            if _may_fit(self.root / kind / version, kind, encoder_version):
                self._write(kind, names[:place] + names[place + 1 :])
                return version
        raise InputError(f"no {kind} was promoted for the encoder in use; there is nothing before the shipped one")

    def _fitting(self, kind: str, encoder_version: str) -> Iterator[Path]:
        for version in reversed(self.promoted(kind)):
            if _fits(self._manifest(kind, version), encoder_version):
                yield self.root / kind / version

    def _manifest(self, kind: str, version: str) -> Manifest:
        try:
            manifest = load_manifest(self.root / kind / version, kind)
        except ArtifactError as error:
            raise ArtifactError(f"{error} (or take the one before it: huida models rollback {kind})") from error
        if manifest.version != version:
            raise ArtifactError(f"{self.root / kind / version} holds {manifest.version!r}; give it that name again")
        return manifest

    def _write(self, kind: str, versions: list[str]) -> None:
        try:
            sealed.write_durably(self.root / kind / PROMOTED, "".join(f"{name}\n" for name in versions).encode())
        except OSError as error:
            raise ArtifactError(
                f"{self.root / kind / PROMOTED} cannot be written ({error.strerror}); nothing was changed"
            ) from error


def _fits(manifest: Manifest, encoder_version: str) -> bool:
    """An encoder fits always; a head when it was fitted on this encoder's vectors, or does not say on whose."""
    of = manifest.fields.get("encoder_version", "")
    return manifest.kind == ENCODER or not (of and encoder_version) or of == encoder_version


def _may_fit(folder: Path, kind: str, encoder_version: str) -> bool:
    try:
        return _fits(load_manifest(folder, kind), encoder_version)
    except ArtifactError:
        return True


def stated(folder: Path) -> Mapping[str, Any]:
    """What the manifest of a folder says, unchecked; nothing when it has none that can be read."""
    try:
        manifest = json.loads((folder / sealed.MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
