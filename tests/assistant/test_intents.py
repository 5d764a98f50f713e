from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.gazetteer import Gazetteer, apart
from assistant.intents import Name, read_nlu
from assistant.settings import configs_folder
from assistant.values import OUT_OF_SCOPE, Entity

NLU = """\
version: "3.1"
nlu:
- intent: order_status
  examples: |
    - 我的[手环](product)到哪了
    - where is [QH20260101001]{"entity": "order_no"}
    - 送到[魔都]{"entity": "city", "value": "上海"}要几天

- synonym: 星河手环
  examples: |
    - 手环
    - Galaxy Band
- lookup: product
  examples: |
    - 星河手环
    - 随行杯 Pro
- regex: member_no
  examples: |
    - VIP\\d{4}
"""


@pytest.fixture
def nlu(tmp_path):
    def read(text):
        (tmp_path / "shop.yml").write_text(text, encoding="utf-8")
        return read_nlu([tmp_path / "shop.yml"])

    return read


def test_annotations_are_taken_out_of_the_text(nlu):
    first, second, third = nlu(NLU).examples
    assert (first.intent, first.text) == ("order_status", "我的手环到哪了")
    assert second.text == "where is QH20260101001"
    assert third.names == (("city", "魔都", "上海"),)


def test_names_have_their_lookup_as_type_and_their_synonym_as_value(nlu):
    found = Gazetteer(nlu(NLU).names).find("手环和GALAXY BAND，还有随行杯 pro")
    assert [(entity.type, entity.value) for entity in found] == [
        ("product", "星河手环"),
        ("product", "星河手环"),
        ("product", "随行杯 Pro"),
    ]


def test_two_files_that_call_each_others_names_synonyms_agree_on_the_first(tmp_path):
    (tmp_path / "en.yml").write_text(
        "nlu:\n- synonym: Galaxy Band\n  examples: |\n    - 星河手环\n- lookup: product\n  examples: |\n    - Galaxy Band\n",
        encoding="utf-8",
    )
    (tmp_path / "zh.yml").write_text(NLU, encoding="utf-8")
    names = {name.surface: name.value for name in read_nlu([tmp_path]).names}
    assert names["Galaxy Band"] == names["星河手环"] == names["手环"] == "星河手环"


def test_patterns_are_found_in_the_text_as_typed(nlu):
    (entity,) = Gazetteer((), nlu(NLU).regexes).find("我的号是vip1234谢谢")
    assert (entity.type, entity.value, entity.start, entity.end) == ("member_no", "vip1234", 4, 11)


@pytest.mark.parametrize("text", ["bandage", "husband"])
def test_a_latin_name_inside_another_word_is_none(text):
    assert Gazetteer([Name("product", "band", "band")]).find(text) == ()


def test_a_latin_name_beside_chinese_is_found():
    (entity,) = Gazetteer([Name("product", "band", "band")]).find("我的ｂａｎｄ坏了")
    assert (entity.start, entity.end) == (2, 6)


def test_the_longest_name_wins():
    (entity,) = Gazetteer([Name("product", "随行杯", "a"), Name("product", "随行杯 Pro", "b")]).find("随行杯 Pro")
    assert entity.value == "b"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("nlu: 5\n", "no list 'nlu:'"),
        ("nlu:\n- examples: |\n    - a\n", "line 2: expected a block"),
        ("nlu:\n- intent: greet\n  examples: |\n    - hi\n    hello\n", r"shop.yml, intent greet, line 5: 'hello'"),
        ('nlu:\n- intent: a\n  examples: |\n    - x [y]{"entity": }\n', r"intent a, line 4"),
        ("nlu:\n- intent: a\n  examples: |\n    - x\n- regex: b\n  examples: |\n    - (x\n", r"regex b, line 7"),
        ("nlu:\n- lookup: a\n  examples: |\n    - x\n", "no intents"),
        ("nlu: [\n", "cannot be read as YAML"),
        ("- a\n", "no list 'nlu:'"),
        ("nlu:\n- 5\n", "line 2: expected a block"),
    ],
)
def test_a_mistake_is_named_with_its_place(nlu, broken, said):
    with pytest.raises(InputError, match=said):
        nlu(broken)


def test_the_demo_intents_are_whole():
    examples = read_nlu([configs_folder() / "intents"])
    counts = {name: examples.labels.count(name) for name in set(examples.labels)}
    assert counts.pop(OUT_OF_SCOPE) >= 100
    assert len(counts) >= 15 and min(counts.values()) >= 20  # at least ten in each language


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5)), max_size=8))
def test_entities_kept_apart_never_overlap(spans):
    kept = apart(Entity("t", "v", start, start + length) for start, length in spans)
    assert all(left.end <= right.start for left, right in pairwise(kept))
