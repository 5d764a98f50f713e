import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.features import N_COLUMNS, Hashed, Ngrams, ngrams


def test_units_are_han_characters_latin_words_and_marks():
    assert list(ngrams("退货 OK!"))[:4] == ["退", "货", "ok", "!"]
    assert "货\tok\t!" in list(ngrams("退货OK！"))  # width and spacing make no difference


def test_words_also_give_their_letters_so_that_a_typo_keeps_most_features():
    right, wrong = set(ngrams("delivery")), set(ngrams("delivrey"))
    assert {"<de", "del", "deli"} <= right & wrong


def test_numbers_do_not_become_features():
    assert list(ngrams("订单12345")) == list(ngrams("订单9"))


def test_the_weight_is_sublinear_tf_times_smoothed_idf():
    grams = Ngrams().fit(["好", "好 坏"])
    row = grams.transform(["好 好 坏"]).toarray()[0]
    # three columns (好, 坏, 好坏); idf 1 for 好 in both texts, ln(3/2) + 1 for the others; tf of 好 is 2
    other = np.float16(np.log(3 / 2) + 1)
    expected = np.array([1 + np.log(2), other, other])
    assert np.sort(row) == pytest.approx(np.sort(expected / np.linalg.norm(expected)), abs=1e-5)


def test_a_text_of_unknown_features_has_an_empty_row():
    assert Ngrams().fit(["好"]).transform(["xyz", ""]).nnz == 0


def test_rare_columns_are_left_out():
    texts = ["怎么退货", "怎么换货", "怎么付款"]
    assert len(Ngrams(min_df=2).fit(texts).columns_) < len(Ngrams().fit(texts).columns_)
    assert len(Ngrams(max_columns=5).fit(texts).columns_) == 5


def test_restored_columns_give_the_same_rows():
    grams = Ngrams().fit(["怎么退货", "how do I return this"])
    again = Ngrams().restore(grams.columns_, grams.idf_.astype(np.float16))
    assert abs(grams.transform(["退货 return"]) - again.transform(["退货 return"])).max() == 0


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_one_row_alone_is_as_in_a_batch(texts):
    grams = Ngrams().fit(["怎么退货", "how long does it take", "太慢了！"])
    batch = grams.transform(texts)
    for place, text in enumerate(texts):
        assert abs(grams.transform([text]) - batch[place]).max() < 1e-6


def test_hashed_ngrams_are_the_ngrams():
    for text in ("退货 OK! order 12345", "déjà vu don't", "\ud800 half", ""):
        grams = {zlib.crc32(gram.encode("utf-8", "surrogatepass")) % N_COLUMNS for gram in ngrams(text)}
        assert set(Hashed.of([text]).columns.tolist()) == grams
