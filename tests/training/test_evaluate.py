"""Every suite runs on a small real subject; what it says of it is known beforehand."""

from typing import get_args

import pytest

from api.commands.evaluate import Suite
from assistant.entities import EntityExtractor
from assistant.errors import InputError
from assistant.intents import read_nlu
from assistant.settings import configs_folder
from index.entry import Entry
from tests.assistant.lines import heads, make_reader
from training.baselines import Bm25, char_tfidf, hashed_words, snownlp_positive, words_and_bigrams
from training.evaluate import PUBLIC_SUITES, SUITES, Subject, evaluate, suites_of, table
from training.rows import Row
from training.suite_entities import read_entities
from training.suite_faq import NONE, demo_entries, heldout_questions
from training.suite_intent_public import SHOTS, few

DEMO = configs_folder() / "demo"


@pytest.fixture(scope="module")
def subject(segmenter):
    examples = read_nlu([configs_folder() / "intents"])
    return Subject(make_reader(segmenter), heads()[0], examples, EntityExtractor(), DEMO)


@pytest.fixture(scope="module")
def policy_rows(subject):
    return list(evaluate("policy", subject))


def test_an_unknown_suite_is_refused(subject):
    with pytest.raises(InputError, match=", ".join(SUITES)):
        list(evaluate("speed", subject))


def test_a_folder_without_the_sets_is_refused(subject, tmp_path):
    with pytest.raises(InputError, match="--data"):
        list(evaluate("faq", subject, tmp_path))


@pytest.mark.parametrize("suite", PUBLIC_SUITES)
def test_a_suite_of_public_sets_asks_for_their_folder(subject, suite):
    with pytest.raises(InputError, match=f"{suite} .*--data DIR"):
        list(evaluate(suite, subject))


def test_the_command_offers_every_suite_and_all_stands_for_each_of_them(tmp_path):
    assert {"all", *suites_of("all", tmp_path)} == set(get_args(Suite))
    assert suites_of("all", None) == SUITES and suites_of("faq", tmp_path) == ("faq",)


def test_entities_of_the_demo_are_nearly_all_found(subject):
    rows = list(evaluate("entities", subject))
    assert {row.language for row in rows} >= {"zh", "en"}
    assert all(row.low <= row.value <= row.high for row in rows)
    assert min(row.value for row in rows if row.language != "zh + en") > 0.9


def test_the_policy_is_measured_at_each_stated_rate_in_both_languages(policy_rows):
    metrics = {(row.data, row.language, row.metric) for row in policy_rows}
    assert len(metrics) == len(policy_rows)
    assert {row.language for row in policy_rows} == {"zh", "en"}


def test_a_stricter_rate_never_answers_more(policy_rows):
    for language in ("zh", "en"):
        answered = [row.value for row in policy_rows if (row.language, row.metric) == (language, "answered rightly")]
        assert answered == sorted(answered)


def test_held_out_questions_name_entries_that_exist():
    known = {entry.faq_id for entry in demo_entries(DEMO)}
    assert {query.faq_id for _, query in heldout_questions(DEMO)} <= known | {NONE}


def test_comments_of_the_entities_file_are_no_messages():
    assert all(not text.startswith("#") for text, _ in read_entities(DEMO / "entities_eval.tsv"))


def test_few_takes_ten_examples_an_intent_and_none_of_the_test_rows():
    train = [(f"怎么办理第{'一二三四五六七八九十'[i // 5]}{'甲乙丙丁戊'[i % 5]}种业务", "a") for i in range(50)] + [
        ("你好", "b")
    ]
    chosen = few(train, [train[0]], seed=0)
    assert sum(label == "a" for _, label in chosen) == SHOTS and ("你好", "b") in chosen
    assert train[0] not in chosen
    assert chosen == few(train, [train[0]], seed=0)


def test_bm25_finds_by_words_and_finds_nothing_for_unknown_ones(segmenter):
    bm25 = Bm25(
        [
            Entry("a", "怎么退货", (), "七天内"),
            Entry("b", "怎么开发票", (), "订单页"),
            Entry("c", "几点上班", (), "九点"),
        ],
        segmenter.search_tokens,
    )
    assert bm25.search("我要退货", 1) == ["a"]
    assert bm25.search("xyzzy", 3) == []


def test_the_baselines_know_what_they_were_told():
    told = ["很好", "不好", "太棒了", "太差了"], ["p", "n", "p", "n"]
    for model in (char_tfidf(*told), char_tfidf(*told, by_class=True), hashed_words(*told)):
        assert model.predict(["太差"]).tolist() == ["n"]
    assert snownlp_positive(["这个东西很好，我非常喜欢", ""])[0] > 0.5


def test_a_han_character_counts_as_a_word():
    assert words_and_bigrams("退 Red bag!") == ["退", "red", "bag", "退 red", "red bag"]


def test_the_table_has_a_line_for_every_row():
    row = Row("faq", "demo", "zh", "huida", "hit@1", 0.8125, 0.7, 0.9, 1_234)
    assert table([row]).splitlines()[-1] == "| demo | zh | huida | hit@1 | 81.2 | 70.0 to 90.0 | 1,234 |"
