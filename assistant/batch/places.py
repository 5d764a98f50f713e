"""Where a batch run keeps what belongs to its output: the summary and the rejects beside it, the parts until it is whole."""

from __future__ import annotations

from pathlib import Path


def summary_path(out: Path) -> Path:
    """analysed.csv -> analysed.summary.json: what was read, with which models, how many rows of each kind."""
    return out.with_name(f"{out.stem}.summary.json")


def rejects_path(out: Path) -> Path:
    """analysed.csv -> analysed.rejects.csv: there only when a row was left out."""
    return out.with_name(f"{out.stem}.rejects.csv")


def parts_path(out: Path) -> Path:
    """analysed.csv -> .analysed.csv.parts: finished parts and the state of a run that is not at its end."""
    return out.with_name(f".{out.name}.parts")
