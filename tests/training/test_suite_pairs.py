import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from assistant.text import Segmenter
from tests.encoders import HashedWords
from tests.training.sets import write_set
from training.suite_pairs import (
    Pairs,
    alignments,
    best_threshold,
    by_regression,
    by_threshold,
    opinion,
    overlap,
    suite,
    unmet_words,
)

ENCODER = HashedWords(32)
THINGS = ["快递", "发票", "耳机", "衣服", "会员", "优惠券", "地址", "运费", "密码", "订单"]
ASKED = ["{}怎么弄", "{}在哪里看", "{}要多久", "{}能不能改", "{}丢了怎么办", "{}是什么意思"]


@pytest.fixture(scope="module")
def pairs():
    """A question with a word added asks the same; the next thing asked for another purpose does not. Things go in twos, so
    that there are groups of pairs without a question in common."""
    first = [asked.format(thing) for thing in THINGS for asked in ASKED] * 2
    same = [f"请问{text}" for text in first[:60]]
    other = [ASKED[(i + 1) % 6].format(THINGS[(i // 6) ^ 1]) for i in range(60)]
    return Pairs(first, same + other, np.arange(120) < 60)


def test_the_threshold_lies_between_the_pairs_it_parts():
    assert best_threshold(np.array([0.1, 0.9, 0.3, 0.5]), np.array([False, True, False, True])) == pytest.approx(0.4)


def test_where_all_ask_the_same_no_score_is_too_low():
    scores = np.array([0.2, 0.7])
    assert best_threshold(scores, np.array([True, True])) < 0.2
    assert best_threshold(scores, np.array([False, False])) > 0.7


def test_pairs_of_one_score_are_not_parted():
    assert not 0.5 < best_threshold(np.array([0.5, 0.5, 0.5]), np.array([True, False, True])) < 0.5 + 1e-9
    assert (np.full(3, 0.5) >= best_threshold(np.full(3, 0.5), np.array([True, False, True]))).all()


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=40))
def test_no_other_threshold_is_right_more_often(rows):
    scores, same = (np.array(column) for column in zip(*rows, strict=True))

    def right(threshold):
        return int(((scores >= threshold) == same).sum())

    assert right(best_threshold(scores, same)) == max(right(cut - 0.5) for cut in range(12))


@pytest.mark.parametrize("judge", [by_threshold, lambda scores, pairs: by_regression(scores[:, None], pairs)])
def test_a_half_is_judged_by_the_other_half_alone(pairs, judge):
    scores = np.where(pairs.same, 0.9, 0.1)
    mine = pairs.half == 0
    assert 20 < mine.sum() < 100
    changed = Pairs(pairs.first, pairs.second, np.where(mine, ~pairs.same, pairs.same))
    assert (judge(scores, pairs) == pairs.same).all()
    assert (judge(scores, changed)[mine] == pairs.same[mine]).all()


def test_no_question_stands_in_both_halves(pairs):
    texts = [{*np.array(pairs.first)[pairs.half == k], *np.array(pairs.second)[pairs.half == k]} for k in (0, 1)]
    assert texts[0] and texts[1] and not texts[0] & texts[1]


def test_an_opinion_of_a_half_comes_from_the_other_half_alone(pairs):
    rows, mine = np.where(pairs.same, 1.0, -1.0)[:, None] + np.arange(120)[:, None] / 1e3, pairs.half == 0
    changed = Pairs(pairs.first, pairs.second, np.where(mine, ~pairs.same, pairs.same))
    said, other = (opinion(rows, LogisticRegression(), given) for given in (pairs, changed))
    assert ((said[0] > 0) == pairs.same).all()
    assert said[0] == pytest.approx(other[0])
    assert ((other[1] > 0) != pairs.same).all()


def test_words_that_one_lacks_stand_before_those_that_both_have():
    texts = ["退货 运费"] * 3
    words = unmet_words(Segmenter(), Pairs(texts, ["退货 发票"] * 3, np.ones(3, bool))).toarray()
    lacking, both = np.split(words[0], 2)
    assert lacking.sum() == 6 and both.sum() == 3 and not (lacking * both).any()


def test_overlap_of_known_texts():
    same, apart, half = overlap(
        Pairs(["怎么退货？", "怎么退货", "abc"], ["怎么退货", "发票", "abcdef"], np.zeros(3, bool))
    )
    assert same.tolist() == [1, 1, 1, 1]
    assert apart.tolist() == [0, 0, 1, 0.5]
    assert half.tolist() == [0.5, 0.4, 0.5, 0.5]


def test_every_word_of_a_text_is_met_in_the_text_itself():
    texts = ["怎么退货", "发票在哪里"]
    assert alignments(ENCODER.words, Pairs(texts, texts, np.ones(2, bool))) == pytest.approx(1)
    assert alignments(ENCODER.words, Pairs(texts, texts[::-1], np.ones(2, bool))).max() < 0.6


def test_the_suite_prints_vectors_and_rerank_beside_what_reads_no_meaning(pairs, tmp_path):
    texts = zip(pairs.first, pairs.second, pairs.same, strict=True)
    rows = [{"text_a": a, "text_b": b, "label": str(int(same))} for a, b, same in texts]
    write_set(tmp_path, "lcqmc", "dev", rows)
    found = {row.system: row for row in suite(ENCODER, Segmenter(), tmp_path)}
    assert {"huida, cosine", "huida, vectors", "huida, reranked", "char tf-idf, threshold"} <= set(found)
    assert all(row.n == 120 and row.low <= row.value <= row.high + 1e-9 for row in found.values())
    assert found["huida, reranked"].value > 0.9
