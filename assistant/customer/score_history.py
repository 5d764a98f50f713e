"""What changed since the scoring before: shares of the segments, and who moved, read from the folders side by side.

change = last_change(root)            None while there is one scoring, or the earlier one cannot be read
change.since, change.drift.verdict, change.names["loyal"].zh
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from assistant.customer.scores import KIND, ids_of
from assistant.customer.segment_drift import Drift, drift
from assistant.customer.segment_names import UNUSUAL, SegmentName
from assistant.head_files import WEIGHTS
from index import folder as sealed
from index.errors import CorruptFolder


@dataclass(frozen=True, slots=True)
class Change:
    """`since`: the day of the earlier scoring. names: every segment of either, by key."""

    since: str
    drift: Drift
    names: Mapping[str, SegmentName]


@dataclass(frozen=True, slots=True)
class _Grouped:
    as_of: str
    keys: Mapping[str, str]  # customer id -> key of their segment
    names: Mapping[str, SegmentName]


def last_change(root: Path) -> Change | None:
    """The latest scoring beside the one of the latest day before it, whichever of the two was made first."""
    folders = sealed.versions(root)
    if not folders or (now := _read(folders[0])) is None:
        return None
    earlier = [found for folder in folders[1:] if (found := _read(folder)) and found.as_of < now.as_of]
    if not earlier:
        return None
    before = max(earlier, key=lambda found: found.as_of)  # of one day the newest, which stands first
    return Change(before.as_of, drift(before.keys, now.keys), {**before.names, **now.names})


def _read(folder: Path) -> _Grouped | None:
    """None for a folder that was edited, or whose customers were not grouped."""
    try:
        said = sealed.verify(folder, KIND)
        with safe_open(folder / WEIGHTS, "np") as file:  # these two of all that is known of a million customers
            arrays = {name: file.get_tensor(name) for name in ("groups", "customer_ids")}
        segments = [*(SegmentName(*name) for name in said["segments"]), UNUSUAL]  # its last place is nobody's group
        groups = arrays["groups"].tolist()
    except (CorruptFolder, SafetensorError, OSError):
        return None
    keys = {who: segments[group].key for who, group in zip(ids_of(arrays, "customer_ids"), groups, strict=True)}
    return _Grouped(said["as_of"], keys, {name.key: name for name in segments})
