"""One writer at a time of what is held of customers, so that an import does not bring back whom an erasure removes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where an import beside an erasure is the user's to avoid
    fcntl = None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold this from reading until publishing; others wait, threads and processes alike. `folder` is customers/."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".writing").open("a") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
