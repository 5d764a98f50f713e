"""Writes the trained encoder in the two shapes that ship, in one folder.

    model.safetensors config.json tokenizer.json modules.json 1_Pooling/ 2_Normalize/   for sentence-transformers, transformers
    encoder.onnx                                                                        int8, pooling and length inside: what serves

Quantisation: MatMul and Gather weights to int8, activations measured at run time (onnxruntime `quantize_dynamic`).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from training.model import SupportEncoder, mean_pool
from training.tokenizer import MAX_TOKENS


class Served(nn.Module):
    """What the ONNX graph computes: the unit vector of each text, and its unit token vectors for late interaction."""

    def __init__(self, model: SupportEncoder):
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return F.normalize(mean_pool(self.model.tokens(input_ids, attention_mask), attention_mask), dim=-1)


def export(model: SupportEncoder, tokenizer_folder: Path, folder: Path) -> None:
    """Fill `folder`; the torch weights are float16, which halves them and moves no cosine by more than 1e-3."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.to(torch.float16).contiguous() for name, value in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tokenizer_folder / name, folder / name)
    _write(folder / "config.json", model.shape.config())
    _write_modules(folder, model.shape.hidden_size)
    export_onnx(model, folder / "encoder.onnx")


def export_onnx(model: SupportEncoder, path: Path, int8: bool = True) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    ids = torch.randint(5, 1000, (3, 9))
    mask = torch.ones_like(ids)
    batch, length = torch.export.Dim("batch", min=1, max=4096), torch.export.Dim("length", min=2, max=MAX_TOKENS)
    with tempfile.TemporaryDirectory() as temporary:
        plain = Path(temporary) / "plain.onnx"
        torch.onnx.export(
            Served(model).eval(), (ids, mask), str(plain), input_names=["input_ids", "attention_mask"], output_names=["text_vectors"],
            dynamo=True, external_data=False, verbose=False,
            dynamic_shapes={"input_ids": {0: batch, 1: length}, "attention_mask": {0: batch, 1: length}},
        )  # fmt: skip
        graph = onnx.load(str(plain))
        del graph.graph.value_info[:]  # stale shapes stop the quantiser
        for node in graph.graph.node:  # the exporter notes its call stack, with this machine's paths
            node.ClearField("metadata_props")
            node.ClearField("doc_string")
        onnx.save(graph, str(plain))
        if int8:
            quantize_dynamic(str(plain), str(path), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
        else:
            shutil.copyfile(plain, path)


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
