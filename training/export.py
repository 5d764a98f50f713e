"""Writes the trained encoder in the two shapes that ship, in one folder.

model.safetensors config.json tokenizer.json modules.json 1_Pooling/ 2_Normalize/   for sentence-transformers, transformers
encoder.onnx                                                                        int8, pooling and length inside: what serves
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from training.graph import int8_ranges, served_graph
from training.model import SupportEncoder
from training.tokenizer import MAX_TOKENS

WEIGHTS = "model.safetensors"


def export(model: SupportEncoder, tokenizer_folder: Path, folder: Path, texts: Iterable[tuple[Tensor, Tensor]]) -> None:
    """Fill `folder`; the torch weights are float16, which halves them and moves no cosine by more than 1e-3.

    texts: ids and mask, int64 (batch, length), of some thousand texts on which the int8 ranges are measured.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.to(torch.float16).contiguous() for name, value in model.state_dict().items()}
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / WEIGHTS).chmod(0o644)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tokenizer_folder / name, folder / name)
    _write(folder / "config.json", model.shape.config())
    _write_modules(folder, model.shape.hidden_size)
    ranges = int8_ranges(folder / WEIGHTS, model.shape, texts)
    (folder / "encoder.onnx").write_bytes(served_graph(folder / WEIGHTS, model.shape, ranges).SerializeToString())


def _write_modules(folder: Path, width: int) -> None:
    kinds = ("Transformer", "Pooling", "Normalize")
    names = ("", "1_Pooling", "2_Normalize")
    modules = [
        {"idx": i, "name": str(i), "path": name, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, name) in enumerate(zip(kinds, names, strict=True))
    ]
    _write(folder / "modules.json", modules)
    _write(folder / "sentence_bert_config.json", {"max_seq_length": MAX_TOKENS, "do_lower_case": False})
    (folder / "1_Pooling").mkdir(exist_ok=True)
    _write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True})
    (folder / "2_Normalize").mkdir(exist_ok=True)
    _write(folder / "2_Normalize" / "config.json", {})


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")


def agreement(model: SupportEncoder, folder: Path, ids: Tensor, mask: Tensor) -> float:
    """The least cosine between the torch model's and the exported graph's vectors of these token ids."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), providers=["CPUExecutionProvider"])
    served = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
    with torch.no_grad():
        own = model.eval()(ids, mask).numpy()
    return float(np.min((served * own).sum(1)))
