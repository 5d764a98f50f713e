"""What alignment learns of single words: which count, and what the served encoder makes of it."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from assistant.encoder import ALIGNMENT, N_SPECIAL, word_table
from index.alignment import Alignment
from index.query import WordVectors
from training.alignment import LearnedAlignment, learn_alignment
from training.texts import Tokenised, Topic

N_MATTERS, WIDTH = 60, 16
PLEASE = N_SPECIAL  # a word that stands in every message, in no entry, and tells nothing


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Word vectors in which a matter's two words are alike, beneath a noise of half their dimensions."""
    rng = np.random.default_rng(3)
    meanings = np.repeat(rng.standard_normal((N_MATTERS + 1, WIDTH // 2)), 2, axis=0)[1:]
    noise = 2 * rng.standard_normal((len(meanings), WIDTH // 2))
    table = np.concatenate((np.zeros((N_SPECIAL, WIDTH)), np.concatenate((meanings, noise), axis=1)))
    path = tmp_path_factory.mktemp("weights") / "model.safetensors"
    norm = np.ones(WIDTH, dtype=np.float16)
    tensors = {"embeddings.norm.weight": norm, "final_norm.weight": norm}
    save_file({"embeddings.tok_embeddings.weight": table.astype(np.float16), **tensors}, path)
    return path


@pytest.fixture(scope="module")
def learned(weights):
    """From two thirds of the matters: message "please <word>", question "<its like>"."""
    rows, topics = [], []
    for matter in range(2 * N_MATTERS // 3):
        word, like = PLEASE + 1 + 2 * matter, PLEASE + 2 + 2 * matter
        topics.append(Topic({"en": len(rows) + 1}, {}, {"en": [len(rows)]}, f"trade-{matter % 4}"))
        rows += [[2, PLEASE, word], [2, like]]
    starts = np.cumsum([0, *map(len, rows)])
    return learn_alignment(weights, topics, Tokenised(np.concatenate(rows).astype(np.uint16), starts), steps=200)


def hit_at_1(table, weight):
    """Over the matters that nothing was learned from."""
    words = WordVectors(table, lambda text: np.array(text.split(), dtype=np.int64), weight)
    index = Alignment(words)
    matters = range(2 * N_MATTERS // 3, N_MATTERS)
    for matter in matters:
        index.add(matter, index.prepare((str(PLEASE + 2 + 2 * matter),), ""))
    found = [
        index.scores(words.numbers(f"{PLEASE} {PLEASE + 1 + 2 * matter}"), list(matters), {}).argmax()
        for matter in matters
    ]
    return np.mean(np.array(found) == np.arange(len(found)))


def turned(table, turn):
    rows = table @ turn
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_a_word_of_every_message_counts_less(learned):
    others = learned.weight[PLEASE + 1 : PLEASE + 1 + 2 * (2 * N_MATTERS // 3) : 2]
    assert learned.weight[PLEASE] < 0.8 * np.median(others)


def test_words_never_met_are_told_apart_better(weights, learned):
    table = word_table(weights)
    plain = hit_at_1(table, np.ones(len(table), dtype=np.float32))
    assert hit_at_1(turned(table, learned.turn), learned.weight) > plain + 0.1


def test_the_same_material_gives_the_same_result(weights, learned):
    tokens = Tokenised(np.array([2, 6, 2, 7, 2, 8, 2, 9], dtype=np.uint16), np.array([0, 2, 4, 6, 8]))
    topics = [Topic({"zh": 1}, {}, {"zh": [0]}, "a"), Topic({"zh": 3}, {"zh": 2}, {"zh": [2]}, "b")]
    one, other = (learn_alignment(weights, topics, tokens, steps=3) for _ in range(2))
    assert np.array_equal(one.turn, other.turn) and np.array_equal(one.weight, other.weight)


def test_it_survives_the_folder(tmp_path, learned):
    from safetensors.numpy import load_file

    LearnedAlignment(learned.turn, learned.weight).save(tmp_path)
    read = load_file(tmp_path / ALIGNMENT)
    assert np.allclose(read["turn"], learned.turn, atol=1e-2) and np.allclose(read["weight"], learned.weight, rtol=1e-2)
