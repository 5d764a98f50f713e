"""A folder that only this user can read and write, for caches that are trusted when they are read back."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path


def private_folder(wanted: Path | None = None) -> Path:
    """`wanted`, or huida's folder in the user's cache directory, made with mode 0700.

    When it cannot be made, belongs to somebody else or is open to others, a fresh temporary folder takes its place.
    """
    folder = wanted or _user_cache() / "huida"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_private(folder) and os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return folder
    except OSError:
        pass  # no home, a read-only disk, a file in the way: all end in the temporary folder
    return Path(tempfile.mkdtemp(prefix="huida-"))


def _user_cache() -> Path:
    if configured := os.environ.get("XDG_CACHE_HOME"):
        return Path(configured)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path.home() / ".cache"


def _is_private(folder: Path) -> bool:
    if not hasattr(os, "getuid"):
        return True  # Windows: the profile's own access list protects it
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077
