"""The encoder's network, in the shape and with the parameter names of transformers' ModernBert.

Pre-norm transformer, rotary positions, gated feed-forward, no biases (Warner et al. 2024, arXiv:2412.13663), every layer
attending to all positions. Written out here because training and export want it small and plain; a test holds it
against `transformers.ModernBertModel` on the same weights.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.tokenizer import PAD


@dataclass(frozen=True, slots=True)
class Shape:
    vocab_size: int = 20_480
    hidden_size: int = 256
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    intermediate_size: int = 384
    rope_theta: float = 10_000.0

    def config(self) -> dict:
        """The config.json of this network as transformers reads it."""
        return {
            **asdict(self), "architectures": ["ModernBertModel"], "model_type": "modernbert", "attention_bias": False, "mlp_bias": False,
            "norm_bias": False, "norm_eps": 1e-5, "hidden_activation": "gelu", "global_attn_every_n_layers": 1,
            "global_rope_theta": self.rope_theta, "local_rope_theta": self.rope_theta, "local_attention": 128,
            "layer_types": ["full_attention"] * self.num_hidden_layers,
            "rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": self.rope_theta},
                                "sliding_attention": {"rope_type": "default", "rope_theta": self.rope_theta}},
            "max_position_embeddings": 512, "pad_token_id": PAD, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3,
            "embedding_dropout": 0.0, "attention_dropout": 0.0, "mlp_dropout": 0.0, "dtype": "float32",
        }  # fmt: skip


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.n_heads = shape.num_attention_heads
        self.Wqkv = nn.Linear(shape.hidden_size, 3 * shape.hidden_size, bias=False)
        self.Wo = nn.Linear(shape.hidden_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor, mask: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """x: (batch, length, hidden); mask: bool (batch, 1, 1, length), True where a token may be attended to."""
        batch, length, hidden = x.shape
        qkv = self.Wqkv(x).view(batch, length, 3, self.n_heads, hidden // self.n_heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        query, key = _rotate(query, cos, sin), _rotate(key, cos, sin)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return self.Wo(mixed.transpose(1, 2).reshape(batch, length, hidden))


class GatedFeedForward(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.Wi = nn.Linear(shape.hidden_size, 2 * shape.intermediate_size, bias=False)
        self.Wo = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        activated, gate = self.Wi(x).chunk(2, dim=-1)
        return self.Wo(F.gelu(activated) * gate)


class Layer(nn.Module):
    def __init__(self, shape: Shape, first: bool):
        super().__init__()
        # the embedding's own norm serves the first layer
        self.attn_norm = nn.Identity() if first else nn.LayerNorm(shape.hidden_size, bias=False)
        self.attn = Attention(shape)
        self.mlp_norm = nn.LayerNorm(shape.hidden_size, bias=False)
        self.mlp = GatedFeedForward(shape)

    def forward(self, x: Tensor, mask: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.attn(self.attn_norm(x), mask, cos, sin)
        return x + self.mlp(self.mlp_norm(x))


class Embeddings(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.tok_embeddings = nn.Embedding(shape.vocab_size, shape.hidden_size, padding_idx=PAD)
        self.norm = nn.LayerNorm(shape.hidden_size, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        return self.norm(self.tok_embeddings(ids))


class SupportEncoder(nn.Module):
    """Token ids to contextual token vectors, and to one unit vector a text (their mean)."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.embeddings = Embeddings(shape)
        self.layers = nn.ModuleList(Layer(shape, first=i == 0) for i in range(shape.num_hidden_layers))
        self.final_norm = nn.LayerNorm(shape.hidden_size, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
        for layer in self.layers:  # the residual stream starts as the word vectors
            for out in (layer.attn.Wo, layer.mlp.Wo):
                nn.init.normal_(out.weight, std=0.02 / (2 * shape.num_hidden_layers) ** 0.5)

    def tokens(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask: int64 (batch, length) -> float32 (batch, length, hidden)."""
        head = self.shape.hidden_size // self.shape.num_attention_heads
        frequency = self.shape.rope_theta ** (-torch.arange(0, head, 2, dtype=torch.float32) / head)
        angles = torch.arange(ids.shape[1], dtype=torch.float32)[:, None] * frequency
        angles = torch.cat((angles, angles), dim=-1)
        cos, sin = angles.cos(), angles.sin()
        visible = mask.bool()[:, None, None, :]
        x = self.embeddings(ids)
        for layer in self.layers:
            x = layer(x, visible, cos, sin)
        return self.final_norm(x)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask: int64 (batch, length) -> float32 (batch, hidden), rows of length 1."""
        return F.normalize(mean_pool(self.tokens(ids, mask), mask), dim=-1)


def mean_pool(tokens: Tensor, mask: Tensor) -> Tensor:
    weights = mask[..., None].to(tokens.dtype)
    return (tokens * weights).sum(1) / weights.sum(1)


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin
