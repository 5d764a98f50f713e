"""The whole index on a small shop's FAQ: found by words, sound and typo; changed in place; refused when not its own."""

import hashlib
import json
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.respelling import Respelling
from index.entry import Entry
from index.errors import CorruptFolder, IndexMismatch, RetrievalError
from index.faq_index import FaqIndex
from index.folder import MANIFEST, current, publish, seal
from tests.encoders import HashedWords


@pytest.fixture
def index(build, shop):
    return build(shop)


@pytest.fixture
def saved(index, tmp_path):
    index.save(tmp_path / "saved")
    return tmp_path / "saved"


@pytest.mark.parametrize(
    ("query", "faq_id"),
    [
        ("怎么退货？", "return"),
        ("我要退货", "return"),
        ("运费怎么收", "freight"),
        ("tuihuo", "return"),
        ("浙将几天能到", "province"),
        ("zhejiang", "province"),
        ("fapiao", "invoice"),
        ("where is my package", "track-en"),
        ("refund?", "refund-en"),
    ],
)
def test_a_question_finds_its_entry_by_words_by_pinyin_and_in_spite_of_a_typo(index, ask, query, faq_id):
    assert ask(index, query)[0] == faq_id


def test_candidates_come_best_first_with_probabilities_that_fall_and_share_one(index, encoder):
    for text in ("怎么退货", "运费", "refund", "今天天气真好"):
        (candidates,) = index.search(encoder.encode([text]), [text], 5)
        scores, p = [c.score for c in candidates], [c.p_correct for c in candidates]
        assert scores == sorted(scores, reverse=True)
        assert p == sorted(p, reverse=True)
        assert 0 <= min(p) and sum(p) <= 1 + 1e-9


def test_an_entrys_own_question_is_likelier_right_than_a_text_that_no_entry_answers(index, encoder):
    texts = ["怎么退货？", "今天天气真好"]
    known, unknown = index.search(encoder.encode(texts), texts, 1)
    assert known[0].p_correct > 0.8
    assert not unknown or unknown[0].p_correct < 0.4


def test_a_text_scores_the_same_alone_and_in_a_batch(index, encoder):
    texts = ["怎么退货", "运费多少", "where is my order", "开发票"]
    together = index.search(encoder.encode(texts), texts, 4)
    alone = [index.search(encoder.encode([text]), [text], 4)[0] for text in texts]
    assert together == alone


def test_of_two_entries_that_say_the_same_the_one_in_the_customers_language_comes_first(build, ask):
    twins = [
        Entry("zh", "Wi-Fi 密码是多少", ("wifi 密码",), "见路由器背面。", language="zh"),
        Entry("en", "What is the wifi password", ("wifi password",), "See the back of the router.", language="en"),
        Entry("any", "router manual 说明书", (), "See the box.", language="mixed"),
    ]
    index = build(twins)
    assert ask(index, "what is the wifi password")[0] == "en"
    assert ask(index, "告诉我 wifi 密码")[0] == "zh"
    assert ask(index, "router manual please")[0] == "any"
    assert "zh" in ask(index, "what is the wifi password")  # the other one is still offered, behind


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_blank_text_finds_nothing(index, encoder, text):
    assert index.search(encoder.encode([text]), [text], 3) == [[]]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_answered_with_well_formed_candidates(index, encoder, text):
    (candidates,) = index.search(encoder.encode([text]), [text], 3)
    assert len(candidates) <= 3
    assert all(0 <= c.p_correct <= 1 and np.isfinite(c.score) for c in candidates)


def test_more_candidates_than_entries_are_simply_fewer(index, ask, shop):
    assert set(ask(index, "怎么退货", k=100)) <= {entry.faq_id for entry in shop}


def test_equal_entries_come_in_the_order_of_their_ids(build, ask):
    twins = [Entry(name, "怎么退货", (), "申请退货。") for name in ("b", "a", "c")]
    assert ask(build(twins), "怎么退货") == ["a", "b", "c"]


def test_an_added_entry_is_found_at_once_and_a_removed_one_never_again(index, ask):
    index.add(Entry("gift", "可以用礼品卡吗？", ("礼品卡怎么用",), "结算时输入卡号。"))
    assert ask(index, "礼品卡在哪里用")[0] == "gift"
    assert index.remove("gift")
    assert "gift" not in ask(index, "礼品卡在哪里用", k=20)
    assert not index.remove("gift")
    assert index.get("gift") is None


def test_a_changed_entry_answers_to_its_new_wording_only(index, ask, encoder):
    index.add(Entry("freight", "怎么修改收货地址？", ("换个地址",), "发货前在订单里修改。"))
    assert ask(index, "修改收货地址")[0] == "freight"
    assert ask(index, "运费多少钱")[:1] != ["freight"]
    assert len(index) == 8
    (candidates,) = index.search(encoder.encode(["修改地址"]), ["修改地址"], 1)
    assert candidates[0].answer == "发货前在订单里修改。"


def test_an_index_grown_entry_by_entry_ranks_like_one_built_at_once(build, ask, shop):
    grown = build([])
    for entry in shop:
        grown.add(entry)
    built = build(shop, none_texts=())
    grown.learned = built.learned  # the weights are learned at build time only
    for text in ("怎么退货", "运费", "发票", "refund", "tuihuo", "密码"):
        assert ask(grown, text)[0] == ask(built, text)[0]


def test_the_version_names_the_content_and_counts_changes(build, shop):
    first, again = build(shop), build(shop)
    assert first.version == again.version
    assert build(shop[1:]).version != first.version
    before = first.version
    first.add(shop[0])
    first.remove("size")
    assert first.version == f"{before}+2"


def test_the_same_entries_are_built_anew_beside_the_folder_of_the_release_before(index, saved, reopen, tmp_path):
    """It held two files more, and its version was named by the content alone."""
    learned = json.dumps(index.learned.as_json(), sort_keys=True)
    content = "\n".join([index.encoder_version, learned, (saved / "entries.jsonl").read_text("utf-8")])
    before = f"faq-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    (saved / "words" / "bm25" / "params.index.json").write_text("{}")
    (saved / "words" / "bm25" / "vocab.index.json").write_text("{}")
    fields = json.loads((saved / MANIFEST).read_text("utf-8"))
    own = ("kind", "version", "files", "digest")
    seal(saved, fields["kind"], before, {name: value for name, value in fields.items() if name not in own})
    root = tmp_path / "root"
    root.mkdir()
    publish(root, saved, before)
    opened = reopen(current(root))
    assert (opened.version, opened.entries) == (before, index.entries)
    publish(root, tmp_path / "incoming", index.save(tmp_path / "incoming"))
    assert reopen(current(root)).version == index.version


def test_a_saved_index_answers_as_before(index, saved, reopen, encoder):
    opened = reopen(saved)
    texts = ["怎么退货", "tuihuo", "浙将", "where is my parcel", "天气"]
    vectors = encoder.encode(texts)
    assert opened.search(vectors, texts, 5) == index.search(vectors, texts, 5)
    assert opened.version == index.version
    assert opened.entries == index.entries
    assert opened.threshold_for(0.3) == index.threshold_for(0.3)


def test_changes_are_saved_and_go_on_after_opening(index, reopen, tmp_path, ask, encoder):
    index.add(Entry("gift", "可以用礼品卡吗？", (), "结算时输入卡号。"))
    index.remove("return")
    version = index.save(tmp_path / "second")
    assert index.version == version and "+" not in version
    opened = reopen(tmp_path / "second")
    texts = ["礼品卡", "怎么退货", "运费"]
    assert opened.search(encoder.encode(texts), texts, 4) == index.search(encoder.encode(texts), texts, 4)
    opened.add(Entry("return", "怎么退货？", (), "联系客服。"))
    assert ask(opened, "怎么退货")[0] == "return"
    assert ask(opened, "礼品卡")[0] == "gift"


def test_two_builds_of_the_same_entries_are_the_same_bytes(build, shop, tmp_path):
    build(shop).save(tmp_path / "a")
    build(shop).save(tmp_path / "b")
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)


def test_an_empty_index_finds_nothing_and_takes_its_first_entry(build, ask, reopen, tmp_path, shop):
    empty = build([], none_texts=())
    assert ask(empty, "怎么退货") == []
    empty.save(tmp_path / "empty")
    opened = reopen(tmp_path / "empty")
    opened.add(shop[0])
    assert ask(opened, "怎么退货") == ["return"]


def test_an_index_of_another_encoder_is_refused_naming_both(saved, reopen):
    with pytest.raises(
        IndexMismatch, match="'hashed-words-64' of 64 columns, the present one is 'other'.*huida faq build"
    ):
        reopen(saved, version="other")
    with pytest.raises(IndexMismatch, match="of 32"):
        reopen(saved, encode=HashedWords(32).encode)


def test_query_vectors_of_another_width_are_refused(index):
    with pytest.raises(IndexMismatch, match=r"shape \(1, 32\).*expects \(1, 64\).*rebuild"):
        index.search(HashedWords(32).encode(["退货"]), ["退货"], 1)


def test_two_entries_with_one_id_are_refused(build, shop):
    with pytest.raises(RetrievalError, match="'return'"):
        build([*shop, replace(shop[0], question="另一个问题")])


def test_300_mutated_files_are_all_refused(saved, reopen):
    files = sorted(path for path in saved.rglob("*") if path.is_file())
    random = np.random.default_rng(1)
    refused = 0
    for _ in range(300):
        path = files[random.integers(len(files))]
        whole = path.read_bytes()
        mutant = bytearray(whole)
        at = int(random.integers(len(whole)))
        kind = random.integers(3)
        if kind == 0:
            mutant[at] ^= 1 << int(random.integers(8))
        elif kind == 1:
            del mutant[at:]
        else:
            mutant[at:at] = b"\x00"
        path.write_bytes(mutant)
        with pytest.raises(CorruptFolder):
            reopen(saved)
        path.write_bytes(whole)
        refused += 1
    assert refused == 300
    assert len(reopen(saved)) == 8


def test_a_sealed_folder_of_another_layout_is_refused_in_one_line(saved, reopen):
    from index.folder import seal

    manifest = json.loads((saved / "manifest.json").read_text("utf-8"))
    (saved / "question.faiss").write_bytes(b"not an index")
    fields = {name: value for name, value in manifest.items() if name not in ("kind", "version", "files", "digest")}
    seal(saved, "faq-index", "v1", fields)
    with pytest.raises(CorruptFolder, match="rebuild it"):
        reopen(saved)


def test_searches_and_changes_from_many_threads_do_not_disturb_each_other(index, ask, shop):
    failures = []

    def search():
        try:
            for _ in range(30):
                assert ask(index, "怎么退货")[0] == "return"
        except Exception as error:
            failures.append(error)

    def change():
        try:
            for i in range(30):
                index.add(Entry("gift", f"礼品卡第{i}问", (), "答"))
                index.remove("gift")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=target) for target in (search, search, change, change)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(index) == len(shop)


def test_entries_of_nothing_but_emoji_are_kept_and_disturb_nobody(build, ask, shop):
    index = build([*shop, Entry("emoji", "😀", ("😀😀",), "🎉")])
    assert ask(index, "怎么退货")[0] == "return"
    assert len(index) == 9


@pytest.mark.parametrize(("typed", "meant"), [("tuihuo", "退货"), ("fapiao", "发票")])
def test_a_query_typed_as_pinyin_finds_what_its_characters_find(shop, encoder, tools, segmenter, typed, meant):
    index = FaqIndex.build(shop, replace(tools, respell=Respelling(segmenter)), encoder.version, ["今天天气真好"])
    found = [index.search(encoder.encode([text]), [text], 3) for text in (typed, meant)]
    assert found[0] == found[1] and found[0][0]
