"""A real PostgreSQL for the tests, from Debian's package: one cluster a run, on a socket in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

_SERVERS = "usr/lib/postgresql/*/bin/postgres"
_FAST = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"


def programs() -> Path | None:
    """The folder of the newest server's programs, or None where PostgreSQL is not installed."""
    found = max(Path("/").glob(_SERVERS), key=lambda path: int(path.parts[-3]), default=None)
    on_path = shutil.which("postgres")
    return found.parent if found else Path(on_path).parent if on_path else None


class Cluster:
    """A running server; `emptied_database()` is quick and shared, `new_database()` makes one of its own."""

    def __init__(self, folder: Path, bin_folder: Path):
        self.folder, self._bin, self._numbers, self._shared = folder, bin_folder, count(1), None

    def new_database(self) -> str:
        """Return the URL of a new empty database."""
        name = f"huida_{next(self._numbers)}"
        self._run("createdb", "-h", self.folder, "-U", "huida", name)
        return f"postgresql://huida@/{name}?host={self.folder}"

    def emptied_database(self) -> str:
        """Return the URL of one shared database, with nothing in it and nobody connected to it."""
        self._shared = self._shared or self.new_database()
        with psycopg.connect(self._shared, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self._shared

    def start(self) -> None:
        options = f"{_FAST} -k {self.folder}"
        self._run("pg_ctl", "-w", "-D", self.folder / "data", "-l", self.folder / "log", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Cut every connection and stop; "immediate" also skips the last writes, for a cluster nobody needs again."""
        self._run("pg_ctl", "-w", "-m", mode, "-D", self.folder / "data", "stop")

    def _run(self, program: str, *arguments) -> None:
        # the server refuses to run as root
        as_other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        # a file, not a pipe: the server inherits it and a pipe would stay open as long as the server runs
        with tempfile.TemporaryFile() as output:
            command = [*as_other, str(self._bin / program), *map(str, arguments)]
            done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder)
            output.seek(0)
            assert done.returncode == 0, f"{program} failed: {output.read().decode(errors='replace')}"


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a cluster (about a second), stop it and remove its files at the end."""
    folder = Path(tempfile.mkdtemp(prefix="huida-pg-"))  # short: a socket's path has room for 107 bytes
    cluster = Cluster(folder, programs())
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        cluster._run("initdb", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8", "-A", "trust", "-U", "huida", "data")
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
