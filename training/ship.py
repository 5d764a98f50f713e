"""Puts a trained encoder where the product reads it: both weight formats, a model card, and the seal over all of it."""

from __future__ import annotations

import csv
import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch

from assistant import artifacts
from assistant.encoder import ALIGNMENT, KIND
from assistant.errors import ArtifactError
from training import corpus
from training.alignment import learn_alignment
from training.export import WEIGHTS, agreement, export
from training.model import SupportEncoder
from training.tasks import padded
from training.texts import Tokenised, Topic
from training.tokenizer import MAX_TOKENS

MIN_COSINE = 0.995  # of the served graph to the trained weights, the worst of a sample
MAX_MB = 20
N_CHECKED, N_MEASURED = 256, 4_096  # texts of the corpus: on which that is checked, on which int8 ranges are measured

CARD = """# Huida encoder

A compact Chinese and English encoder of customer-service text, trained from scratch by `huida train encoder`.

| | |
|---|---|
| version | {version} |
| network | {layers} layers x {width}, {heads} heads, gated feed-forward {inner}, rotary positions, mean pooling; {parameters:.1f} M parameters |
| vocabulary | {vocabulary} entries: jieba words, characters, English word pieces |
| training | {minutes:.0f} minutes of wall clock on two CPU cores, {steps} batches; {tokens:.1f} M distinct tokens |
| least cosine of int8 ONNX to torch | {cosine:.4f} |
| licence | Apache-2.0 |

Serving hands the tokenizer jieba's words. `SentenceTransformer(folder)` cuts Chinese by longest match instead, which
training has also seen; give it jieba's words joined by spaces for the same vectors.

## Trained on

Our own support text (`training/written`, the train folds of its topics) and these public sets, none of them
restricted to research:

{sets}

English vectors are also drawn towards all-MiniLM-L6-v2 (Apache-2.0), Chinese ones through the parallel sets.

## Kept out

Every dev and test text that `huida evaluate` scores, by exact match after normalisation and by half of the 8-grams:
{leaks}

## What it does not do

Open-domain retrieval, languages other than Chinese and English, texts beyond {max_tokens} tokens.
"""


def ship(
    model: SupportEncoder,
    topics: Sequence[Topic],
    tokens: Tokenised,
    data: Path,
    out: Path,
    folder: Path,
    record: dict,
) -> str:
    """Export, learn alignment, check, describe and seal; replaces `folder` only when all went well. Returns the version.

    topics: whose messages and entries teach alignment, numbers of `tokens`.
    record: counts of the run (`minutes`, `steps`, and those of the leak filter) for the card.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".incoming-", dir=folder.parent))
    try:
        order = torch.randperm(len(tokens), generator=torch.Generator().manual_seed(7)).numpy()
        sample, measured = order[:N_CHECKED], order[N_CHECKED : N_CHECKED + N_MEASURED]
        export(model, out, temporary, (padded(tokens, measured[i : i + 64]) for i in range(0, len(measured), 64)))
        learn_alignment(temporary / WEIGHTS, topics, tokens).save(temporary)
        cosine = agreement(model, temporary, *padded(tokens, sample))
        if cosine < MIN_COSINE:
            raise ArtifactError(f"the int8 graph agrees with the weights to {cosine:.4f} only, expected {MIN_COSINE}")
        size = sum(path.stat().st_size for path in temporary.rglob("*") if path.is_file()) / 1e6
        if size > MAX_MB:
            raise ArtifactError(f"the encoder takes {size:.1f} MB, at most {MAX_MB} ship; make the vocabulary smaller")
        parts = [(temporary / name).read_bytes() for name in ("encoder.onnx", ALIGNMENT)]
        version = f"huida-encoder-{hashlib.sha256(b''.join(parts)).hexdigest()[:8]}"
        (temporary / "README.md").write_text(
            _card(model, data, record | {"cosine": cosine, "version": version}), encoding="utf-8"
        )
        fields = {
            "dimension": model.shape.hidden_size,
            "max_tokens": MAX_TOKENS,
            "least_cosine": round(cosine, 4),
            "record": record,
        }
        artifacts.seal(temporary, KIND, version, fields)
        temporary.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return version


def _card(model: SupportEncoder, data: Path, record: dict) -> str:
    shape = model.shape
    leaks = {k: v for k, v in record.items() if k.startswith(("held-out", "dropped"))}
    return CARD.format(
        version=record["version"], layers=shape.num_hidden_layers, width=shape.hidden_size, heads=shape.num_attention_heads,
        inner=shape.intermediate_size, parameters=sum(p.numel() for p in model.parameters()) / 1e6, vocabulary=shape.vocab_size,
        minutes=record["minutes"], steps=record["steps"], tokens=record["tokens"] / 1e6, cosine=record["cosine"], max_tokens=MAX_TOKENS,
        sets="\n".join(_sets(data)), leaks=", ".join(f"{value:,} {name}" for name, value in leaks.items()) + ".",
    )  # fmt: skip


def _sets(data: Path) -> list[str]:
    """One line a set that the corpus reads, with its terms and licence from the manifests."""
    lex = {name for kind, name in corpus.PARALLEL if kind == "lex"} | {"cedict", "commerce_terms", "kajweb_vocab"}
    text = {name for kind, name in corpus.PARALLEL if kind == "text"} | {
        *corpus.QUESTION_ANSWER,
        *corpus.DIALOGUES,
        *corpus.PLAIN,
    }
    text |= {*corpus.INTENTS, *corpus.SENTIMENT, "bdci2020_realestate_qa", "paws_x_zh"}
    lines = ["| set | terms | licence |", "|---|---|---|"]
    for kind, wanted in (("text", text), ("lex", lex)):
        with (data / kind / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
            rows = {row["set"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
        for name in sorted(wanted):
            row = rows[name]
            if row["terms"] == "research":
                raise ArtifactError(f"set {name} is for research alone; weights trained on it cannot ship")
            lines.append(f"| {name} | {row['terms']} | {row['licence']} |")
    return lines
