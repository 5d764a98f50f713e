"""One customer taken out of the files of purchases and scores, and out of the earlier versions of both."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from assistant.customer import purchase_log, scores
from assistant.errors import NotFound
from assistant.head_files import WEIGHTS
from index import folder as sealed
from index.errors import CorruptFolder


def forget(root: Path, customer_id: str) -> dict[str, int]:
    """Remove the customer from `root`/purchases and `root`/scores; returns how many lines and scores were theirs.

    Both folders are replaced whole, so a reader sees the old state or the new one. Running it again is safe.
    """
    counts = {"purchases": _from_purchases(root / "purchases", customer_id)}
    counts["scores"] = _from_scores(root / "scores", customer_id)
    return {name: n for name, n in counts.items() if n}


def _from_purchases(root: Path, customer_id: str) -> int:
    lines, n = purchase_log.without_customer(purchase_log.load(root), customer_id)
    if n:
        purchase_log.publish(root, lines)  # removes the versions before it
    return n


def _from_scores(root: Path, customer_id: str) -> int:
    try:
        latest = scores.latest(root)
    except NotFound:
        return 0
    if known := customer_id in latest.customer_ids:
        kept = np.array([name != customer_id for name in latest.customer_ids])
        ids = tuple(name for name in latest.customer_ids if name != customer_id)
        fewer = replace(latest, customer_ids=ids, numbers=latest.numbers[kept], reasons=latest.reasons[kept])
        scores.publish(root, fewer, f"without one of {sealed.current(root).name}")
    for folder in sealed.versions(root):
        if customer_id in _ids(folder):
            shutil.rmtree(folder)
    return int(known)


def _ids(folder: Path) -> list[str]:
    """The customers of one scoring; a folder that cannot be read might hold anybody."""
    try:
        sealed.verify(folder, scores.KIND)
        return load_file(folder / WEIGHTS)["ids"].tobytes().decode().split("\n")
    except (CorruptFolder, SafetensorError, KeyError):
        return []
