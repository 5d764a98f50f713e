"""Vectors under slots: exhaustive and in cells, the same answers."""

import numpy as np
import pytest

import index.dense
from index.dense import Dense, row_id, slots_of
from index.errors import IndexMismatch


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(params=["flat", "cells"])
def kind(request, monkeypatch):
    if request.param == "cells":
        monkeypatch.setattr(index.dense, "FLAT_ROWS", 100)
    return request.param


@pytest.fixture
def vectors():
    return unit(np.random.default_rng(3).standard_normal((900, 16)))  # three rows to each of 300 slots


@pytest.fixture
def dense(kind, vectors):
    return Dense.build(vectors, np.repeat(np.arange(300), 3).tolist())


def test_every_row_is_its_own_nearest(dense, vectors):
    for i, ids in enumerate(dense.nearest(vectors[:50], 5)):
        assert ids[0] == row_id(i // 3, i % 3)


def test_the_cosine_of_a_slot_is_that_of_its_best_row(dense, vectors):
    slots = [7, 250, 3]
    expected = (vectors @ vectors[21]).reshape(300, 3).max(axis=1)[slots]
    assert dense.cosines(vectors[21], slots) == pytest.approx(expected, abs=2e-3)


def test_a_hidden_row_does_not_count(dense, vectors):
    expected = (vectors @ vectors[21])[[22, 23]].max()
    assert dense.cosines(vectors[21], [7], frozenset([row_id(7, 0)])) == pytest.approx([expected], abs=2e-3)


def test_a_slot_without_rows_has_the_least_cosine(dense, vectors):
    assert dense.cosines(vectors[0], [0, 999]).tolist() == pytest.approx([1.0, -1.0], abs=2e-3)


def test_a_removed_slot_is_gone_and_its_number_can_hold_other_rows(dense, vectors):
    dense.remove(7)
    assert 7 not in slots_of(dense.nearest(vectors[21:22], 900)[0])
    dense.add(7, -vectors[21:22])
    assert dense.cosines(-vectors[21], [7]) == pytest.approx([1.0], abs=2e-3)
    with pytest.raises(ValueError, match="in use"):
        dense.add(7, vectors[:1])


def test_a_saved_index_finds_the_same_and_can_be_changed(dense, vectors, tmp_path):
    dense.save(tmp_path / "rows.faiss")
    loaded = Dense.load(tmp_path / "rows.faiss", 16)
    for before, after in zip(dense.nearest(vectors[:20], 10), loaded.nearest(vectors[:20], 10), strict=True):
        assert before.tolist() == after.tolist()
    assert loaded.cosines(vectors[5], [1, 2]).tolist() == dense.cosines(vectors[5], [1, 2]).tolist()
    loaded.remove(1)
    loaded.add(300, vectors[3:6])
    assert loaded.cosines(vectors[3], [1, 300]).tolist() == pytest.approx([-1.0, 1.0], abs=2e-3)


def test_building_twice_gives_the_same_bytes(kind, vectors, tmp_path):
    for name in ("a", "b"):
        Dense.build(vectors, list(range(900))).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_fewer_rows_than_asked_for_are_not_padded():
    few = Dense.build(unit(np.eye(3)), [4, 5, 6])
    assert few.nearest(unit(np.eye(3)[:1]), 50)[0].tolist()[0] == row_id(4, 0)
    assert len(few.nearest(unit(np.eye(3)[:1]), 50)[0]) == 3
    assert Dense(3).nearest(unit(np.eye(3)), 5)[0].tolist() == []


def test_vectors_and_files_of_another_width_are_refused(tmp_path):
    dense = Dense(8)
    with pytest.raises(IndexMismatch, match="8 columns"):
        dense.nearest(np.zeros((1, 16), dtype=np.float32), 1)
    dense.save(tmp_path / "rows.faiss")
    with pytest.raises(IndexMismatch, match="8 columns, expected 16"):
        Dense.load(tmp_path / "rows.faiss", 16)
