import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.leaks import LeakFilter, fingerprint

REVIEW = "酒店离地铁站很近，房间干净，早餐种类也多，就是隔音差了一点，下次还会再来"
SHORT = "怎么退货？"
ENGLISH = (
    "I ordered a blue kettle last Monday and the box that arrived holds a red toaster instead of it, please help me"
)


@pytest.fixture(scope="module")
def leaks():
    return LeakFilter({"reviews": [REVIEW], "questions": [SHORT, ENGLISH]})


@pytest.mark.parametrize(
    "planted",
    [
        REVIEW,
        REVIEW.replace("，", ""),  # other punctuation
        "怎 么 退 货 ?",  # other width and spacing
        ENGLISH.upper(),
    ],
)
def test_a_planted_copy_is_caught_as_exact(leaks, planted):
    report = leaks.check(["今天天气很好", planted])
    assert report.keep.tolist() == [True, False]
    assert (report.n_exact, report.n_overlap) == (1, 0)


@pytest.mark.parametrize(
    "planted",
    [
        REVIEW[:24],  # cut short
        REVIEW.replace("很近", "特别近"),  # one word changed
        "上个月出差住的这家店，同事推荐我去的，到了之后发现确实不错。" * 3 + REVIEW,  # quoted inside a longer text
        ENGLISH.replace("blue", "green"),
    ],
)
def test_a_planted_near_copy_is_caught_by_its_8_grams(leaks, planted):
    report = leaks.check([planted])
    assert (report.n_exact, report.n_overlap) == (0, 1)


def test_another_text_about_the_same_thing_is_kept(leaks):
    assert leaks.check(["怎么换货？", "酒店很近也很干净，早餐一般", "my kettle arrived broken"]).n_dropped == 0


def test_symbols_alone_are_compared_as_they_are():
    report = LeakFilter(["👎👎"]).check(["👍", "👎👎"])
    assert report.keep.tolist() == [True, False]


def test_without_held_out_texts_everything_is_kept():
    assert LeakFilter([]).check([REVIEW, ""]).keep.all()


def test_chunks_do_not_change_the_verdict(monkeypatch):
    texts = [REVIEW, "无关的一句话而已没有别的意思", ENGLISH, SHORT] * 3
    whole = LeakFilter([REVIEW, ENGLISH]).check(texts).keep
    monkeypatch.setattr("training.leaks.CHUNK", 5)
    assert np.array_equal(whole, LeakFilter([REVIEW, ENGLISH]).check(texts).keep)


@given(st.text(max_size=60))
def test_a_text_always_leaks_into_itself(text):
    assert not LeakFilter([text]).check([text]).keep[0]


@given(st.text(max_size=40))
def test_the_fingerprint_of_a_fingerprint_is_itself(text):
    once = fingerprint(text)
    assert fingerprint(once) == once
