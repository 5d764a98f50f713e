"""Sealed folders: what a program wrote is read back whole and unchanged, or not at all.

A sealed folder carries `manifest.json` with the size and SHA-256 of every other file and a digest of itself. Versions
live beside each other under a root; the small file `CURRENT` names the live one and is replaced by rename, so a reader
sees the old version or the new one and a killed writer leaves neither half-written:

    root/CURRENT            "faq-3f2a91c0d4e5\\n"
    root/faq-3f2a91c0d4e5/  manifest.json  entries.jsonl  ...
    root/.incoming-.../     a build that was killed; nobody reads it
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from index.errors import CorruptFolder, RetrievalError

MANIFEST = "manifest.json"
CURRENT = "CURRENT"
MAX_MANIFEST_BYTES = 64 << 20  # a manifest holds names and learned numbers; more than this is not one of ours
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


def seal(folder: Path, kind: str, version: str, fields: dict[str, Any]) -> None:
    """Write `manifest.json` over the files of `folder`, everything fsynced; `fields` is JSON of the caller's own.

    The last step of writing a folder: a later change of any byte is found by `verify`. Sealing again replaces the
    manifest. Raises ValueError when `fields` uses one of the manifest's own names.
    """
    if taken := {"kind", "version", "files", "digest"} & fields.keys():
        raise ValueError(f"the manifest sets {sorted(taken)} itself; use other names")
    files = {name: _fingerprint(path) for name, path in _files(folder).items()}
    body = {"kind": kind, "version": checked_version(version), "files": files, **fields}
    write_durably(folder / MANIFEST, _manifest_bytes(body))
    for path in _files(folder).values():
        _fsync(path)
    for directory in [path for path in folder.rglob("*") if path.is_dir()] + [folder]:
        _fsync(directory)


def verify(folder: Path, kind: str) -> dict[str, Any]:
    """Return the manifest of a sealed folder of this kind after checking every byte in it.

    Raises CorruptFolder, naming the file, when one is missing, added, linked elsewhere, or differs in size or SHA-256.
    """
    manifest = _read_manifest(folder)
    if manifest["kind"] != kind:
        raise CorruptFolder(f"{folder} is a folder of kind {manifest['kind']!r}, expected {kind!r}; check the path")
    present, listed = _files(folder), manifest["files"]
    if odd := sorted(present.keys() ^ listed.keys()):
        state = "is missing from" if odd[0] in listed else "does not belong to"
        raise CorruptFolder(f"{odd[0]} {state} {folder}; build the folder again or restore it from a backup")
    for name, path in present.items():
        if (met := _fingerprint(path, only_if_bytes=listed[name]["bytes"])) != listed[name]:
            raise CorruptFolder(
                f"{path} has {met['bytes']} bytes and SHA-256 {met['sha256'][:12]}, its manifest says "
                f"{listed[name]['bytes']} and {listed[name]['sha256'][:12]}; build the folder again or restore it"
            )
    return manifest


def publish(root: Path, temp_folder: Path, version: str) -> Path:
    """Move a sealed folder to root/<version>, make it the live one, and return where it is now.

    Publishing a version that stands already only points CURRENT at it, so a publication that was killed half-way can
    simply be repeated. Raises RetrievalError as `place` does.
    """
    final = place(root, temp_folder, version)
    write_durably(root / CURRENT, f"{version}\n".encode())
    return final


def place(root: Path, temp_folder: Path, version: str) -> Path:
    """Move a sealed folder to root/<version> and return where it is now; the live version stays what it was.

    `temp_folder` lies on the same file system (best: `root/.incoming-...`). A version that stands already is kept, a
    damaged folder of that name is replaced. Raises RetrievalError when it stands intact with other content.
    """
    final = root / checked_version(version)
    digest = _read_manifest(temp_folder)["digest"]
    if temp_folder.resolve() != final.resolve():
        standing = _intact_digest(final)
        if standing not in (None, digest):
            raise RetrievalError(f"{final} already holds another build; publish this one under a version of its own")
        shutil.rmtree(temp_folder if standing else final, ignore_errors=not standing)
        if not standing:
            os.rename(temp_folder, final)
            _fsync(root)
    return final


def current(root: Path) -> Path:
    """Return the live version's folder (not verified). Raises CorruptFolder when none was published."""
    try:
        version = (root / CURRENT).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CorruptFolder(f"{root / CURRENT} cannot be read ({error}); nothing was published there yet") from error
    if not _NAME.fullmatch(version) or not (root / version).is_dir():
        raise CorruptFolder(
            f"{root / CURRENT} names {version!r}, which is no folder beside it; publish a version again"
        )
    return root / version


def versions(root: Path) -> list[Path]:
    """Return the sealed folders under `root`, the live one first, then the others from the newest to the oldest.

    The order in which to try them when the live one is refused.
    """
    sealed = [path.parent for path in root.glob(f"*/{MANIFEST}") if _NAME.fullmatch(path.parent.name)]
    newest_first = sorted(
        sealed, key=lambda folder: ((folder / MANIFEST).stat().st_mtime_ns, folder.name), reverse=True
    )
    try:
        live = current(root)
    except CorruptFolder:
        return newest_first
    return [live] + [folder for folder in newest_first if folder != live]


def checked_version(version: str) -> str:
    """A version is a file name: letters, digits and `._+-`. Raises ValueError otherwise."""
    if not _NAME.fullmatch(version):
        raise ValueError(f"version {version!r} is no plain name; use letters, digits and . _ + -")
    return version


def _manifest_bytes(body: dict[str, Any]) -> bytes:
    """The one way in which a manifest is written, so that any edit, even of white space, is seen."""
    digest = hashlib.sha256(_json(body)).hexdigest()
    return _json({**body, "digest": digest}) + b"\n"


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return text.encode("utf-8")


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ValueError("it is too large")
        raw = path.read_bytes()
        manifest = json.loads(raw)
        body = {name: value for name, value in manifest.items() if name != "digest"}
        if raw != _manifest_bytes(body):
            raise ValueError("its digest does not match its content")
        if not {"kind", "version", "files"} <= manifest.keys():
            raise ValueError("kind, version or files is missing")
        return manifest
    except OSError as error:
        raise CorruptFolder(
            f"{folder} has no readable {MANIFEST} ({error.strerror}); check the path or build it"
        ) from error
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise CorruptFolder(f"{path} was edited or cut off ({error}); build the folder again or restore it") from error


def _files(folder: Path) -> dict[str, Path]:
    """Relative name -> path of every file except the manifest, sorted. Links are refused: they lead out of the seal."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise CorruptFolder(f"{path} is a link or a device; a sealed folder holds plain files only")
        if path.is_file() and name != MANIFEST:
            found[name] = path
    return found


def _fingerprint(path: Path, only_if_bytes: int | None = None) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if only_if_bytes not in (None, size):
            return {"bytes": size, "sha256": "not read, the size differs"}
        with path.open("rb") as file:
            return {"bytes": size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    except OSError as error:
        raise CorruptFolder(f"{path} cannot be read ({error.strerror}); check its owner and mode") from error


def _intact_digest(folder: Path) -> str | None:
    try:
        return verify(folder, _read_manifest(folder)["kind"])["digest"]
    except CorruptFolder:
        return None


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file so that a reader, or a machine that lost its power, sees the old content or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    _fsync(temporary)
    os.replace(temporary, path)
    _fsync(path.parent)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
