"""Small public sets, packed as the real ones are."""

import json
from pathlib import Path

import zstandard


def write_set(data: Path, name: str, file: str, rows: list[dict[str, str]]) -> None:
    path = data / "text" / name / f"{file}.jsonl.zst"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(zstandard.ZstdCompressor().compress(lines.encode()))


def labelled(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"text": text, "label": label} for text, label in pairs]
