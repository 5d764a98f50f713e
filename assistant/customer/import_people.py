"""Customers of a shop from CSV, XLSX or Parquet: their ids with phone and e-mail, for merging who is the same person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from assistant.customer.import_cells import Unusable
from assistant.customer.import_columns import PEOPLE, places
from assistant.customer.import_files import Rejects, clean_id, readable, records_of
from assistant.errors import InputError
from assistant.records import is_blank

_NEED = (("customer",), ("phone", "email"))


def read_people(path: Path, columns: Mapping[str, str], rejects: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (customer id, phone, e-mail) of each row; rows without an id go to the rejects file.

    Raises InputError when the file is of no known format or a needed column is missing.
    """
    with records_of(path) as records:
        header = next((cells for _, cells, _ in records if cells and any(cell.strip() for cell in cells)), None)
        if header is None:
            raise InputError(f"{path.name} is empty; expected a header and one line per customer")
        at = places(path.name, header, columns, PEOPLE, _NEED)
        with Rejects(rejects, header) as rejected:
            for row, cells, raw in records:
                if cells is not None and is_blank(cells):
                    continue
                try:
                    yield _person(cells, at)
                except Unusable as error:
                    rejected.write(row, str(error), cells, raw)


def _person(cells: list[str] | None, at: Mapping[str, int]) -> tuple[str, str, str]:
    cells = readable(cells, at)
    cell = {name: cells[place] if place < len(cells) else "" for name, place in at.items()}
    if not (who := clean_id("customer", cell["customer"])):
        raise Unusable("the row names no customer")
    return who, cell.get("phone", ""), cell.get("email", "")
