"""The graph that serves: written node by node for onnxruntime's fused operators, weights and activations in 8 bits.

Each activation has one range for good, measured on texts of the corpus: a range measured anew for every batch would let
a text's vector depend on its neighbours. The word vectors are not copied into the graph, it reads them out of
model.safetensors beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from safetensors.numpy import load_file
from torch import Tensor

from training.model import Shape
from training.tokenizer import MAX_TOKENS

MICROSOFT = "com.microsoft"  # onnxruntime's own operators
TABLE = "embeddings.tok_embeddings.weight"
INT8_MAX = 63  # 7 bits: without VNNI the sum of two 8-bit products overflows 16 bits
MIN_RANGE = 1e-3
EPSILON = 1e-5

Ranges = Mapping[str, tuple[float, float]]


@dataclass
class Graph:
    """Nodes and constants so far; `add` returns the name of what a node computes."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)

    def add(self, op: str, *inputs: str, domain: str = "", name: str = "", **attributes: object) -> str:
        name = name or f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants[name] = numpy_helper.from_array(value, name)
        return name


def served_graph(path: Path, shape: Shape, ranges: Ranges | None = None) -> ModelProto:
    """input_ids, attention_mask: int64 (batch, length) -> text_vectors: float32 (batch, hidden), rows of length 1.

    path: the weights, model.safetensors, in whose folder the graph will live. ranges: least and greatest value of what
    enters each linear layer, by the layer's name; without them the graph is in float32 and shows those values as
    outputs, named "into <layer>".
    """
    weights = load_file(path)
    graph = Graph(constants={TABLE: _word_vectors(path)})
    entered: list[str] = []

    def norm(name: str) -> str:
        return graph.constant(name, weights[name].astype(np.float32))

    def linear(x: str, name: str, n: int = 1, rows: np.ndarray | float = 1.0) -> list[str]:
        """What n equal parts of the layer compute. rows: by what the matrix is multiplied for each number of x."""
        parts = np.split(weights[name].astype(np.float32).T * rows, n, axis=1)
        names = [f"{name}.{part}" for part in range(n)]
        if ranges is None:
            entered.append(graph.add("Identity", x, name=f"into {name}"))
            return [graph.add("MatMul", x, graph.constant(*part)) for part in zip(names, parts, strict=True)]
        quantised = _quantised(graph, x, name, ranges[name])
        return [_int8_linear(graph, quantised, *part) for part in zip(names, parts, strict=True)]

    def add_and_norm(x: str, more: str, name: str) -> tuple[str, str]:
        x = graph.add("Add", x, more)
        return graph.add("LayerNormalization", x, norm(name), epsilon=EPSILON), x

    words = graph.add("Cast", graph.add("Gather", TABLE, "input_ids"), to=TensorProto.FLOAT)
    # a word's loudest numbers are sixty times its others: the first layer reads them before the norm's weights
    plain = graph.constant("ones", np.ones(shape.hidden_size, dtype=np.float32))
    normed = graph.add("LayerNormalization", words, plain, epsilon=EPSILON)
    x = graph.add("Mul", normed, norm("embeddings.norm.weight"))
    visible = graph.add("Cast", "attention_mask", to=TensorProto.INT32)
    rotary = _rotary(graph, shape)
    last = shape.num_hidden_layers - 1
    for i in range(shape.num_hidden_layers):
        layer = f"layers.{i}"
        loudness = weights["embeddings.norm.weight"].astype(np.float32)[:, None] if i == 0 else 1.0
        query, key, value = linear(normed, f"{layer}.attn.Wqkv.weight", 3, loudness)
        query, key = (
            graph.add("RotaryEmbedding", part, *rotary, domain=MICROSOFT, num_heads=shape.num_attention_heads)
            for part in (query, key)
        )
        mixed = graph.add(
            "MultiHeadAttention", query, key, value, "", visible, domain=MICROSOFT, num_heads=shape.num_attention_heads
        )
        normed, x = add_and_norm(x, *linear(mixed, f"{layer}.attn.Wo.weight"), f"{layer}.mlp_norm.weight")
        activated, gate = linear(normed, f"{layer}.mlp.Wi.weight", 2)
        gated = graph.add("Mul", graph.add("Gelu", activated), gate)
        after = "final_norm.weight" if i == last else f"layers.{i + 1}.attn_norm.weight"
        normed, x = add_and_norm(x, *linear(gated, f"{layer}.mlp.Wo.weight"), after)
    _mean_of_length_one(graph, normed)
    return _model(graph, shape, entered)


def int8_ranges(path: Path, shape: Shape, texts: Iterable[tuple[Tensor, Tensor]]) -> Ranges:
    """The least and greatest value that enters each linear layer when texts run through the float32 graph.

    path: the weights, model.safetensors. texts: ids and mask, int64 (batch, length).
    """
    import onnxruntime

    graph = path.with_name("float32.onnx")
    graph.write_bytes(served_graph(path, shape).SerializeToString())
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    graph.unlink()
    names = [output.name for output in session.get_outputs() if output.name.startswith("into ")]
    low, high = np.zeros(len(names)), np.zeros(len(names))
    for ids, mask in texts:
        values = session.run(names, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
        real = [value[mask.numpy().astype(bool)] for value in values]
        low = np.minimum(low, [value.min() for value in real])
        high = np.maximum(high, [value.max() for value in real])
    layers = [name.removeprefix("into ") for name in names]
    return dict(zip(layers, zip(low.tolist(), high.tolist(), strict=True), strict=True))


def _word_vectors(path: Path) -> TensorProto:
    """What the graph reads, float16, out of the safetensors file beside it."""
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(header_bytes))[TABLE]
    begin, end = entry["data_offsets"]
    table = TensorProto(
        name=TABLE, data_type=TensorProto.FLOAT16, dims=entry["shape"], data_location=TensorProto.EXTERNAL
    )
    for key, value in (("location", path.name), ("offset", 8 + header_bytes + begin), ("length", end - begin)):
        table.external_data.add(key=key, value=str(value))
    return table


def _quantised(graph: Graph, x: str, name: str, into: tuple[float, float]) -> tuple[str, str, str]:
    """x in 8 bits, its scale and its zero point."""
    low, high = min(into[0], -MIN_RANGE), max(into[1], MIN_RANGE)
    scale = np.float32((high - low) / 255)
    constants = (
        graph.constant(f"{name} x_scale", np.array(scale)),
        graph.constant(f"{name} x_zero", np.array(round(-low / scale), dtype=np.uint8)),
    )
    return graph.add("QuantizeLinear", x, *constants), *constants


def _int8_linear(graph: Graph, quantised: tuple[str, str, str], name: str, matrix: np.ndarray) -> str:
    """matrix: (in, out), a scale for each column."""
    x, scale, zero = quantised
    columns = np.maximum(np.abs(matrix).max(axis=0) / INT8_MAX, 1e-12).astype(np.float32)
    int8 = graph.constant(name, np.round(matrix / columns).astype(np.int8))
    of_columns = graph.constant(f"{name} scale", columns)
    return graph.add("MatMulIntegerToFloat", x, int8, scale, of_columns, zero, domain=MICROSOFT)


def _rotary(graph: Graph, shape: Shape) -> tuple[str, str, str]:
    """Where each text begins, and the cosine and sine of each position's angles."""
    head = shape.hidden_size // shape.num_attention_heads
    frequency = shape.rope_theta ** (-np.arange(0, head, 2) / head)
    angles = np.arange(MAX_TOKENS)[:, None] * frequency
    return (
        graph.constant("first position", np.zeros(1, dtype=np.int64)),
        graph.constant("cosines", np.cos(angles).astype(np.float32)),
        graph.constant("sines", np.sin(angles).astype(np.float32)),
    )


def _mean_of_length_one(graph: Graph, tokens: str) -> None:
    axis = graph.constant("length axis", np.array([1], dtype=np.int64))
    last = graph.constant("last axis", np.array([-1], dtype=np.int64))
    real = graph.add("Unsqueeze", graph.add("Cast", "attention_mask", to=TensorProto.FLOAT), last)
    total = graph.add("ReduceSum", graph.add("Mul", tokens, real), axis, keepdims=0)
    graph.add("Div", total, graph.add("ReduceL2", total, last, keepdims=1), name="text_vectors")


def _model(graph: Graph, shape: Shape, entered: list[str]) -> ModelProto:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [
        helper.make_tensor_value_info("text_vectors", TensorProto.FLOAT, ["batch", shape.hidden_size]),
        *(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in entered),
    ]
    proto = helper.make_graph(graph.nodes, "huida", inputs, outputs, list(graph.constants.values()))
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(proto, opset_imports=opsets, ir_version=10, producer_name="huida")
