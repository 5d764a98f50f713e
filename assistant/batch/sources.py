"""Where messages come from: files, folders of them, the conversations of our own store, or a table of a database.

    source = open_source("messages.csv")
    source.header; source.n_rows                 names of the columns; how many messages there are, about
    with source.rows() as rows:                  (file, number, cells or None when broken, raw text), in a lasting order
        ...

A source read twice gives the same rows in the same order as long as its `digest` is the same.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from assistant.batch.tables import SUFFIXES, Cells, Table, open_table
from assistant.errors import InputError

_HASHED_BYTES = 1 << 20
_BESIDE = (".rejects.csv", ".summary.json")  # what a run leaves in the same folder is no input


class SourceRow(NamedTuple):
    """One row: the file it stands in, the number by which its author finds it there, its cells or None when broken."""

    file: str
    number: int
    cells: Cells | None
    raw: str


class Source(Protocol):
    """`types`: an Arrow schema where the source has one, so that Parquet goes out as it came in; else None."""

    name: str
    header: tuple[str, ...]
    types: Any

    @property
    def digest(self) -> str: ...

    @property
    def n_rows(self) -> int | None: ...

    @property
    def encodings(self) -> dict[str, str]: ...

    def rows(self) -> AbstractContextManager[Iterator[SourceRow]]: ...


class Files:
    """One file, or several in the order of their names; columns that only some have are empty in the others."""

    def __init__(self, name: str, paths: Sequence[Path], root: Path):
        self.name, self._paths, self._root = name, tuple(paths), root
        columns: dict[str, None] = {}
        self.encodings: dict[str, str] = {}
        schemas = []
        for path in self._paths:
            with open_table(path) as table:
                columns.update(dict.fromkeys(table.header))
                schemas.append(table.types)
                if table.encoding:
                    self.encodings[self._called(path)] = table.encoding
        self.header = tuple(columns)
        self.types = schemas[0] if schemas[0] is not None and all(s == schemas[0] for s in schemas) else None

    @cached_property
    def digest(self) -> str:
        """Of the names and the bytes of all files."""
        whole = hashlib.sha256()
        for path in self._paths:
            with path.open("rb") as file:
                whole.update(f"{self._called(path)}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
        return whole.hexdigest()

    @cached_property
    def n_rows(self) -> int | None:
        """For the bar alone: a message of several lines counts as several."""
        return sum(map(_about_rows, self._paths))

    @contextmanager
    def rows(self) -> Iterator[Iterator[SourceRow]]:
        yield self._rows()

    def _rows(self) -> Iterator[SourceRow]:
        for path in self._paths:
            called = self._called(path)
            with open_table(path) as table:
                same = table.header == self.header
                for number, cells, raw in table.records:
                    yield SourceRow(called, number, cells if same else self._aligned(table, cells), raw)

    def _aligned(self, table: Table, cells: Cells | None) -> Cells | None:
        if cells is None:
            return None
        named = dict(zip(table.header, cells, strict=True))
        return [named.get(column, "") for column in self.header]

    def _called(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def open_files(path: Path) -> Files:
    """A file, or every file of messages in a folder and below. Raises InputError when there is none."""
    if not path.is_dir():
        if not path.exists():
            raise InputError(
                f"{path} does not exist; give a file of messages ({' '.join(SUFFIXES)}) or a folder of them"
            )
        return Files(path.name, [path], path.parent)
    paths = sorted(
        found for found in path.rglob("*")
        if found.suffix.lower() in SUFFIXES and found.is_file() and not found.name.endswith(_BESIDE)
        and not any(part.startswith(".") for part in found.relative_to(path).parts)
    )  # fmt: skip
    if not paths:
        raise InputError(f"the folder {path} has no file of messages; expected {' '.join(SUFFIXES)}")
    return Files(path.name, paths, path)


def _about_rows(path: Path) -> int:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        import pyarrow.parquet as parquet

        return parquet.read_metadata(path).num_rows
    if suffix in (".xlsx", ".xlsm"):
        with zipfile.ZipFile(path) as book:
            sheets = [part for part in book.namelist() if part.startswith("xl/worksheets/sheet")]
            with book.open(min(sheets, key=len)) as sheet:
                return _count(sheet, b"<row ")
    with path.open("rb") as file:
        return _count(file, b"\n")


def _count(file, mark: bytes) -> int:
    n, tail = 0, b""
    while part := file.read(_HASHED_BYTES):
        n += (tail + part).count(mark)
        tail = part[-len(mark) + 1 :] if len(mark) > 1 else b""
    return n
