"""A cell as people read it, and as no spreadsheet runs it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

FORMULA = "=+-@\t\r\n'"  # a cell that begins so is run by a spreadsheet; ' because it is the quote against that
_BLANK = " \t\r\n\u3000\ufeff"


def as_text(value: Any) -> str:
    """A value for people and for CSV: nothing for None, ISO for instants, JSON for lists and objects."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def quoted(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: '=1+1 instead of =1+1; a negative number is none."""
    if not cell or cell[0] not in FORMULA:
        return cell
    return cell if _is_number(cell) else f"'{cell}"


def unquoted(cell: str) -> str:
    """What `quoted` was given."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in FORMULA else cell


def trimmed(cell: str) -> str:
    """A cell without white space around it and without the quote that `quoted` put there."""
    return unquoted(cell.strip(_BLANK))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell[0] in "+-" and cell[1:].replace(".", "", 1).isdigit()
