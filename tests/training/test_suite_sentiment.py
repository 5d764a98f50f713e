import pytest

from assistant.values import SENTIMENTS
from tests.assistant.lines import ENCODER, heads
from tests.training.sets import labelled, write_set
from training.public import public_split
from training.suite_sentiment_public import Benchmark, airlines, as_shipped, chnsenticorp, fitted, hash_split, nlpcc2014

THINGS = ["房间", "早餐", "屏幕", "书", "键盘", "服务", "价格", "位置", "物流", "包装", "外壳", "电池"]
GOOD, BAD = "{}真的很好，非常满意", "{}太差了，让人生气"
REVIEWS = [
    (said.format(a + b), mood) for a in THINGS for b in THINGS for said, mood in ((GOOD, "positive"), (BAD, "negative"))
]


def test_reviews_of_the_test_that_stand_in_the_train_rows_are_not_clean(tmp_path):
    write_set(tmp_path, "chnsenticorp", "train", labelled(REVIEWS[:4]))
    write_set(tmp_path, "chnsenticorp", "dev", labelled(REVIEWS[3:6]))
    again = (REVIEWS[0][0].replace("，", " "), REVIEWS[0][1])  # other punctuation
    write_set(tmp_path, "chnsenticorp", "test", labelled([again, *REVIEWS[8:10]]))
    read = chnsenticorp(tmp_path)
    assert read.tests == {"chnsenticorp": [again, *REVIEWS[8:10]], "chnsenticorp, clean": REVIEWS[8:10]}
    assert (read.train, read.dev) == (REVIEWS[:4], REVIEWS[4:6])


def test_a_hash_split_learns_nothing_that_it_asks():
    test = next(pair for pair in REVIEWS if public_split(pair[0]) == "test")
    longer = next((test[0] + end, test[1]) for end in "啊呀哦吧呢嘛" if public_split(test[0] + end) != "test")
    split = hash_split("reviews", [*REVIEWS, longer])
    [rows] = split.tests.values()
    assert {public_split(text) for text, _ in rows} == {"test"}
    assert {public_split(text) for text, _ in split.dev} == {"dev"}
    assert test in rows and longer not in split.train + split.dev


def test_a_copy_fitted_on_clear_reviews_knows_their_mood_and_so_do_the_baselines():
    rows = list(fitted(ENCODER, hash_split("reviews", REVIEWS)))
    systems = {"huida", "vector alone", "n-grams alone", "char tf-idf + LR", "hashed words + SVM"}
    assert {row.system for row in rows} == systems
    assert min(row.value for row in rows if row.system != "vector alone") == 1
    assert {row.data for row in rows} == {"reviews, hash split, fitted on its train"}


def test_the_shipped_head_has_snownlp_beside_it_in_chinese_alone():
    head = heads()[0]
    chinese = Benchmark("reviews", {"reviews": REVIEWS[:40]})
    assert [row.system for row in as_shipped(ENCODER, head, chinese)] == ["huida as shipped", "SnowNLP"]
    english = Benchmark("tweets", {"tweets": [("so late again", "negative")]}, language="en")
    assert [row.system for row in as_shipped(ENCODER, head, english)] == ["huida as shipped"]


def test_macro_f1_counts_a_class_that_is_never_said():
    test = [("a", "negative"), ("b", "negative"), ("c", "neutral"), ("d", "positive")]
    tweets = Benchmark("tweets", {}, classes=SENTIMENTS, metric="macro-F1")
    measured = tweets.score(["negative", "negative", "negative", "positive"], test)
    assert measured.value == pytest.approx((0.8 + 0 + 1) / 3)


def test_nlpcc_and_the_airlines_are_scored_by_macro_f1(tmp_path):
    write_set(tmp_path, "nlpcc2014_sc", "train", labelled(REVIEWS))
    write_set(tmp_path, "twitter_us_airline_en", "all", labelled([("late again", "negative"), ("thanks", "positive")]))
    for read, classes in ((nlpcc2014(tmp_path), 2), (airlines(tmp_path), 3)):
        assert (read.metric, len(read.classes)) == ("macro-F1", classes)
