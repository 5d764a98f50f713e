"""The network is ModernBert to the letter, exports whole, and its two shapes agree."""

import json
import shutil

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from assistant import artifacts
from assistant.encoder import KIND, OnnxEncoder, by_length, load_encoder
from assistant.errors import ArtifactError
from assistant.text import Segmenter
from training.alignment import LearnedAlignment
from training.export import agreement, export
from training.model import Shape, SupportEncoder
from training.muon import orthogonalise
from training.tasks import CHUNK_TOKENS, PASS_TOKENS
from training.tokenizer import build_tokenizer, count_words, save

TEXTS = [
    "怎么退货",
    "我的快递三天没动了，帮忙看下",
    "how do i get a refund",
    "星河手环充不进电",
    "好的",
    "Where is my order QH1?",
]


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory, segmenter):
    """A small untrained encoder, exported and sealed like the shipped one: (model, folder)."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = build_tokenizer(count_words((segmenter.words(text) for text in TEXTS), weight=20), size=200)
    save(tokenizer, folder)
    shape = Shape(vocab_size=tokenizer.get_vocab_size(), hidden_size=32, num_hidden_layers=2, intermediate_size=24)
    model = SupportEncoder(shape).eval()
    out = folder / "shipped"
    export(model, folder, out, [ids_of(folder, segmenter, TEXTS)])
    artifacts.seal(out, KIND, "tiny-1", {"dimension": 32, "max_tokens": 128})
    return model, out


def ids_of(folder, segmenter, texts):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding()
    encoded = tokenizer.encode_batch([segmenter.words(text) for text in texts], is_pretokenized=True)
    return torch.tensor([e.ids for e in encoded]), torch.tensor([e.attention_mask for e in encoded])


def test_transformers_computes_the_same_token_vectors(tiny, segmenter):
    from transformers import ModernBertModel

    model, folder = tiny
    ids, mask = ids_of(folder, segmenter, TEXTS)
    theirs = ModernBertModel.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        expected = theirs(input_ids=ids, attention_mask=mask).last_hidden_state
        met = model.tokens(ids, mask)
    assert torch.allclose(met[mask.bool()], expected[mask.bool()], atol=5e-3)  # the folder holds float16


def test_the_served_graph_agrees_with_torch(tiny, segmenter):
    model, folder = tiny
    assert agreement(model, folder, *ids_of(folder, segmenter, TEXTS)) > 0.995


def test_what_alignment_learned_turns_and_weighs_the_words(tiny, segmenter, tmp_path):
    _, folder = tiny
    plain = OnnxEncoder(folder, segmenter).words
    assert np.array_equal(plain.weight, np.ones(len(plain.table)))
    shutil.copytree(folder, tmp_path / "learned")
    turn, weight = np.diag(np.linspace(0.5, 2, 32)), np.linspace(0.5, 2, len(plain.table))
    LearnedAlignment(turn, weight).save(tmp_path / "learned")
    artifacts.seal(tmp_path / "learned", KIND, "tiny-2", {"dimension": 32, "max_tokens": 128})
    words = OnnxEncoder(tmp_path / "learned", segmenter).words
    expected = plain.table @ turn
    lengths = np.linalg.norm(expected[5:], axis=1, keepdims=True)
    assert np.allclose(words.table[5:], expected[5:] / lengths, atol=2e-3)
    assert np.allclose(words.weight, weight, rtol=1e-3)


def test_sentence_transformers_loads_the_folder_and_agrees_on_segmented_text(tiny, segmenter):
    from sentence_transformers import SentenceTransformer

    _, folder = tiny
    segmented = [" ".join(segmenter.words(text)) for text in TEXTS]
    theirs = SentenceTransformer(str(folder), device="cpu").encode(segmented)
    ours = OnnxEncoder(folder, segmenter).encode(TEXTS)
    assert (theirs * ours).sum(1).min() > 0.99


def test_a_text_alone_and_in_a_batch_has_the_same_vector_within_the_stated_tolerance(tiny, segmenter):
    encoder = OnnxEncoder(tiny[1], segmenter, n_threads=2)
    together = encoder.encode(TEXTS * 40)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert (together[: len(TEXTS)] * alone).sum(1).min() > 0.9999
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_blank_and_emoji_texts_have_unit_vectors_too(tiny, segmenter):
    vectors = OnnxEncoder(tiny[1], segmenter).encode(["", "   ", "😤😤", "长" * 5000])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert OnnxEncoder(tiny[1], segmenter).encode([]).shape == (0, 32)


def test_an_edited_weight_file_is_refused_by_name(tiny, segmenter, tmp_path):
    import shutil

    folder = tmp_path / "edited"
    shutil.copytree(tiny[1], folder)
    graph = bytearray((folder / "encoder.onnx").read_bytes())
    graph[len(graph) // 2] ^= 1
    (folder / "encoder.onnx").write_bytes(graph)
    with pytest.raises(ArtifactError, match="encoder.onnx"):
        load_encoder(folder, segmenter)


def test_a_missing_encoder_folder_says_how_to_mend_it(segmenter, tmp_path):
    with pytest.raises(ArtifactError, match="does not exist.*reinstall"):
        load_encoder(tmp_path / "nowhere", segmenter)


def test_any_sentence_transformers_folder_takes_the_encoders_place(tmp_path, segmenter):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"怎么退货refund order"]
    (tmp_path / "vocab.txt").write_text("\n".join(dict.fromkeys(words)), encoding="utf-8")
    plain = tmp_path / "plain"
    BertModel(
        BertConfig(vocab_size=40, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    ).save_pretrained(plain)
    BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(plain)
    SentenceTransformer(modules=[Transformer(str(plain)), Pooling(16)], device="cpu").save(str(tmp_path / "other"))

    encoder = load_encoder(tmp_path / "other", segmenter)
    assert encoder.dimension == 16 and encoder.version.startswith("other-")
    assert np.allclose(np.linalg.norm(encoder.encode(["怎么退货", "refund"]), axis=1), 1, atol=1e-5)


def test_unknown_words_fall_to_characters_and_never_to_unknown(segmenter):
    tokenizer = build_tokenizer(count_words((segmenter.words(text) for text in TEXTS), weight=20), size=200)
    tokens = tokenizer.encode(["退递动"], is_pretokenized=True).tokens
    assert tokens[0] == "[CLS]" and "[UNK]" not in tokens and "".join(tokens[1:]) == "退递动"
    assert json.loads(tokenizer.to_str())["model"]["continuing_subword_prefix"] == ""


def test_orthogonalised_matrices_have_singular_values_near_one():
    torch.manual_seed(1)
    for shape in ((24, 24), (48, 16), (16, 48)):
        values = torch.linalg.svdvals(orthogonalise(torch.randn(shape), steps=8))
        assert 0.6 < values.min() and values.max() < 1.3


def test_chunks_cover_every_text_once_and_pad_little():
    lengths = np.array([3, 64, 5, 4, 60, 3] * 100)
    parts = list(by_length(lengths, CHUNK_TOKENS, PASS_TOKENS))
    assert sorted(np.concatenate(parts)) == list(range(600))
    assert all(len(part) * lengths[part].max() <= CHUNK_TOKENS for part in parts)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(0, 50))
def test_parts_of_like_length_cost_least(lengths, pass_tokens):
    lengths = np.array(lengths)

    def cost(parts):
        return sum(pass_tokens + len(part) * lengths[part].max() for part in parts)

    ordered = np.argsort(lengths, kind="stable")
    found = list(by_length(lengths, 10_000, pass_tokens))
    assert sorted(np.concatenate(found)) == list(range(len(lengths)))
    ends = np.flatnonzero(np.diff(lengths[ordered])) + 1
    two = [np.split(ordered, [end]) for end in ends]
    assert all(cost(found) <= cost(other) for other in ([ordered], np.split(ordered, ends), *two))


def test_a_text_longer_than_a_pass_may_be_stands_apart():
    assert [part.tolist() for part in by_length([300, 5, 5], 256, 8)] == [[1, 2], [0]]
