"""Groups of messages about the same matter."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.clusters import MAX_LINKED, centres, clusters


def around(direction: int, n: int, seed: int, d: int = 16, spread: float = 0.1) -> np.ndarray:
    """n unit vectors near one axis."""
    rows = np.random.default_rng(seed).normal(0, spread, (n, d)) + np.eye(d)[direction]
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def scattered(n: int, seed: int, d: int = 16) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(0, 1, (n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_messages_about_one_matter_form_a_group_and_the_largest_comes_first():
    groups = clusters(np.concatenate([around(0, 4, 1), around(1, 9, 2), scattered(40, 3)]))
    assert len(set(groups[:4])) == 1 and len(set(groups[4:13])) == 1
    assert groups[4] == 0 and groups[0] != groups[4]


def test_more_rows_than_are_compared_join_the_group_that_lies_nearest():
    n = MAX_LINKED
    groups = clusters(np.concatenate([around(0, n, 1), around(1, n, 2), around(2, 500, 3)]), at_most=3)
    assert [set(groups[:n]), set(groups[n : 2 * n]), set(groups[2 * n :])] in ([{0}, {1}, {2}], [{1}, {0}, {2}])


def test_the_number_of_groups_can_be_capped():
    assert set(clusters(scattered(60, 0), at_most=5)) == {0, 1, 2, 3, 4}


def test_one_message_is_a_group_and_none_is_no_group():
    assert clusters(scattered(1, 0)).tolist() == [0]
    assert clusters(np.zeros((0, 8), np.float32)).tolist() == []


def test_messages_that_are_all_the_same_are_one_group():
    assert clusters(np.repeat(scattered(1, 0), 7, axis=0)).tolist() == [0] * 7


@given(n=st.integers(2, 40), seed=st.integers(0, 99), at_most=st.none() | st.integers(1, 10))
def test_groups_are_numbered_by_size_without_gaps(n, seed, at_most):
    groups = clusters(scattered(n, seed, 4), at_most)
    sizes = np.bincount(groups)
    assert (sizes[:-1] >= sizes[1:]).all() and sizes.min() > 0
    assert len(sizes) <= (at_most or n)
    assert centres(scattered(n, seed, 4), groups).shape == (len(sizes), 4)
