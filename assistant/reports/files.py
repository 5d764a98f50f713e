"""A report into a file: .html for people, .xlsx for those who count on, .json for machines. Whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from assistant.errors import InputError
from assistant.reports.figures import Report
from assistant.reports.wording import Wording

DECIMALS = 4  # of shares in JSON: a hundredth of a per cent


def write_report(report: Report, say: Wording, path: Path) -> None:
    """Write the file that the suffix asks for. Raises InputError for another suffix or a place that cannot be written."""
    write = _writer(path)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        write(report, say, temporary)
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another place") from error


def check_suffix(path: Path) -> None:
    """Raises InputError before the work rather than after it."""
    _writer(path)


def as_json(report: Report) -> dict:
    """Every figure by the names of assistant.reports.figures."""
    return _rounded(asdict(report))


def _writer(path: Path) -> Callable[[Report, Wording, Path], None]:
    writers = {".html": _write_html, ".xlsx": _write_xlsx, ".json": _write_json}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise InputError(f"{path.name} has no known suffix; a report is written to one of {' '.join(writers)}")
    return writer


def _write_html(report: Report, say: Wording, path: Path) -> None:
    from assistant.reports.page import render

    path.write_text(render(report, say), "utf-8", newline="\n")


def _write_xlsx(report: Report, say: Wording, path: Path) -> None:
    from assistant.reports.sheets import write_workbook  # openpyxl is slow to import

    write_workbook(report, say, path)


def _write_json(report: Report, say: Wording, path: Path) -> None:
    said = {"headline_text": say.headline(report), "findings_text": say.findings(report)}
    path.write_text(json.dumps(said | as_json(report), ensure_ascii=False, indent=1) + "\n", "utf-8")


def _rounded(value):
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list | tuple) else value
