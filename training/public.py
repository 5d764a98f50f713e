"""The public text sets under DIR/text: JSON lines packed with zstd, their terms, and which of their texts are held out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from training.examples import Split, fold
from training.leaks import fingerprint

SHIPPABLE = ("open", "unstated")  # terms under which a set may enter weights that we ship; `research` only measures

# Rows that `huida evaluate` scores, by set and file: nothing of theirs may be trained on.
PUBLISHED_TESTS: dict[str, tuple[str, ...]] = {
    "banking77": ("test",),
    "clinc150_oos": ("dev", "test", "oos_dev", "oos_test"),
    "massive_zh_cn": ("dev",),
    "chnsenticorp": ("dev", "test"),
}


def read_set(data: Path, name: str, file: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of DIR/text/<name>/<file>.jsonl.zst in file order."""
    path = Path(data) / "text" / name / f"{file}.jsonl.zst"
    if not path.is_file():
        raise InputError(f"{path} is missing; --data must name the folder that holds text/{name}")
    try:
        import zstandard  # only training and evaluation unpack these sets
    except ImportError as error:
        raise InputError("reading the public sets needs the zstandard package: pip install 'huida[train]'") from error
    with path.open("rb") as packed:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), encoding="utf-8")
        yield from (json.loads(line) for line in lines)


def terms(data: Path) -> dict[str, str]:
    """Each set's terms (`open`, `unstated`, `research`) from DIR/text/MANIFEST.tsv."""
    with (Path(data) / "text" / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        return {row["set"]: row["terms"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def require_shippable(data: Path, name: str) -> None:
    """Raise InputError when the set's terms keep it out of shipped weights."""
    met = terms(data).get(name, "unlisted")
    if met not in SHIPPABLE:
        raise InputError(f"set {name!r} has terms {met!r}; shipped weights take only {' and '.join(SHIPPABLE)}")


def public_split(text: str) -> Split:
    """The split of a set that has none of its own: sha1(normalised text) % 10, where 0 is test and 1 is dev."""
    return {0: "test", 1: "dev"}.get(fold(fingerprint(text)), "train")


def protected_texts(data: Path) -> dict[str, list[str]]:
    """Every public dev and test text in use, by set: what the leak filter keeps out of training."""
    protected = {
        name: [row["text"] for file in files for row in read_set(data, name, file)]
        for name, files in PUBLISHED_TESTS.items()
    }
    for name in ("online_shopping_10_cats", "waimai_10k", "chnsenticorp_htl_all", "twitter_us_airline_en"):
        texts = (row["text"] for row in read_set(data, name, "all"))
        protected[name] = [text for text in texts if public_split(text) != "train"]
    for name, file in (("baoxianzhidao", "all"), ("faq_alibabacloud", "zh")):
        questions = (row["question"] for row in read_set(data, name, file))
        protected[name] = [text for text in questions if public_split(text) != "train"]
    pairs = read_set(data, "lcqmc", "dev")
    protected["lcqmc"] = [text for row in pairs for text in (row["text_a"], row["text_b"])]
    return protected
