"""The FAQ over a real store, a real index and the real segmenter; the encoder is the small one of the tests."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assistant.errors import ArtifactError, InputError, NotFound
from assistant.faq import FaqService
from assistant.index_versions import IndexVersions
from assistant.store import open_store
from assistant.text import Segmenter
from assistant.values import FaqEntry
from tests.encoders import HashedWords

TOPICS = [
    "退货运费",
    "开发票",
    "修改地址",
    "会员积分",
    "优惠券",
    "快递时效",
    "换货流程",
    "支付失败",
    "密码找回",
    "门店营业",
]
ENTRIES = [
    FaqEntry(f"e{n}", f"{topic}怎么办？", f"{topic}的答案。", (f"请问{topic}", f"{topic}在哪里看"), "常见")
    for n, topic in enumerate(TOPICS)
]
WARRANTY = FaqEntry("w", "保修期多长？", "保修一年。", ("质保几年",))
NONE_TEXTS = ("今天天气怎么样", "讲个笑话", "你几岁了", "帮我写首诗")


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory):
    return Segmenter(cache_dir=tmp_path_factory.mktemp("jieba"))


@pytest.fixture
def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'huida.db'}")
    yield store
    store.close()


@pytest.fixture
def opened(store, segmenter, tmp_path):
    def open_faq(encoder=None) -> FaqService:
        versions = IndexVersions(tmp_path / "faq", encoder or HashedWords(), segmenter, NONE_TEXTS)
        return FaqService(store, versions)

    return open_faq


def best(faq: FaqService, text: str) -> str | None:
    hits = faq.find(text, 1)
    return hits[0].faq_id if hits else None


def damage(faq: FaqService, folder, name="entries.jsonl"):
    (folder / faq.version / name).write_bytes(b"edited")


def test_an_empty_faq_finds_nothing_and_is_not_degraded(opened):
    faq = opened()
    assert best(faq, "怎么退货") is None and faq.degraded is None


def test_imported_entries_are_found_and_counted(opened):
    faq = opened()
    imported = faq.import_entries(ENTRIES)
    assert (imported.n_added, imported.n_changed, imported.n_unchanged) == (10, 0, 0)
    assert [best(faq, f"{topic}怎么办") for topic in TOPICS] == [entry.faq_id for entry in ENTRIES]
    assert faq.degraded is None and faq.entries() == ENTRIES
    again = faq.import_entries([replace(ENTRIES[0], answer="新答案。"), *ENTRIES[1:], WARRANTY])
    assert (again.n_added, again.n_changed, again.n_unchanged) == (1, 1, 9)


def test_a_file_is_imported_and_its_bad_rows_are_reported(opened):
    faq = opened()
    imported = faq.import_file("faq.csv", "id,question,answer\nw,保修期多长？,保修一年。\nx,,没有问题\n".encode())
    assert (imported.n_added, [reject.row for reject in imported.rejects]) == (1, [3])
    assert best(faq, "保修期多长") == "w"


def test_a_new_entry_a_changed_one_and_a_deleted_one_need_no_build(opened):
    faq = opened()
    faq.import_entries(ENTRIES)
    built = faq.version
    faq.upsert(WARRANTY)
    assert best(faq, "保修期多长") == "w"
    faq.upsert(replace(WARRANTY, answer="两年。"))
    assert faq.hit("w").answer == "两年。"
    faq.delete("w")
    assert best(faq, "保修期多长") != "w" and faq.hit("w") is None
    assert faq.version.startswith(f"{built}+")
    with pytest.raises(NotFound):
        faq.delete("w")


def test_a_restart_serves_the_published_version_with_later_changes(opened):
    faq = opened()
    faq.import_entries(ENTRIES)
    built = faq.version
    faq.upsert(WARRANTY)
    faq.delete("e0")
    again = opened()
    assert again.version.startswith(built) and again.degraded is None
    assert best(again, "保修期多长") == "w" and again.hit("e0") is None


def test_what_another_server_changed_is_found_after_a_refresh(opened):
    faq = opened()
    faq.import_entries(ENTRIES)
    other = opened()
    other.upsert(WARRANTY)
    assert best(faq, "保修期多长") != "w"
    assert faq.refresh() and best(faq, "保修期多长") == "w"
    assert not faq.refresh()


def test_a_version_that_another_process_built_is_served_after_a_refresh(opened, tmp_path):
    faq = opened()
    faq.import_entries(ENTRIES)
    damage(faq, tmp_path / "faq")
    degraded, healer = opened(), opened()
    healer.upsert(WARRANTY)
    healer.build()
    assert degraded.degraded is not None and degraded.refresh()
    assert degraded.degraded is None and degraded.version == healer.version
    assert not degraded.refresh()


def test_a_build_publishes_a_version_and_old_ones_are_removed(opened, tmp_path):
    faq = opened()
    faq.import_entries(ENTRIES)
    versions = [faq.version]
    for n in range(4):
        faq.upsert(replace(WARRANTY, answer=f"{n} 年。"))
        versions.append(faq.build())
    assert len(set(versions)) == 5
    left = {path.name for path in (tmp_path / "faq").iterdir()}
    assert left == {"CURRENT", *versions[-3:]}


def test_searches_go_on_while_an_index_is_built_and_always_see_a_whole_one(opened):
    faq = opened()
    faq.import_entries(ENTRIES)
    done = threading.Event()

    def search() -> set:
        seen = set()
        while not done.is_set():
            seen.add(best(faq, "开发票怎么办"))
        return seen

    with ThreadPoolExecutor(1) as pool:
        searching = pool.submit(search)
        for n in range(3):
            faq.upsert(replace(WARRANTY, answer=f"{n} 年。"))
            faq.build()
        done.set()
        assert searching.result() == {"e1"}


def test_entries_that_change_during_a_build_are_in_the_new_index(opened, store):
    class SlowEncoder(HashedWords):
        def encode(self, texts):
            if waiting.is_set():
                building.set()
                assert written.wait(10)
            return super().encode(texts)

    waiting, building, written = threading.Event(), threading.Event(), threading.Event()
    faq = opened(SlowEncoder())
    faq.import_entries(ENTRIES)
    waiting.set()
    with ThreadPoolExecutor(1) as pool:
        version = pool.submit(faq.build)
        assert building.wait(10)
        with store.begin() as uow:
            uow.faq.upsert([WARRANTY], datetime.now(UTC))
        waiting.clear()
        written.set()
        version.result()
    assert best(faq, "保修期多长") == "w"


def test_a_damaged_index_falls_back_to_the_version_before_and_says_so(opened, tmp_path):
    faq = opened()
    faq.import_entries(ENTRIES)
    good = faq.version
    faq.upsert(WARRANTY)
    faq.build()
    damage(faq, tmp_path / "faq")
    again = opened()
    assert again.version.startswith(good) and "entries.jsonl" in again.degraded and good in again.degraded
    assert best(again, "保修期多长") == "w"  # the store has it, so the older version gets it too
    again.build()
    assert again.degraded is None and opened().degraded is None


@pytest.mark.parametrize("lost", ["damaged", "removed"])
def test_without_any_good_version_words_alone_still_find_entries(opened, tmp_path, lost):
    faq = opened()
    faq.import_entries(ENTRIES)
    if lost == "damaged":
        damage(faq, tmp_path / "faq")
    else:
        shutil.rmtree(tmp_path / "faq")
    again = opened()
    assert "words alone until huida faq build" in again.degraded
    assert [best(again, f"{topic}怎么办") for topic in TOPICS] == [entry.faq_id for entry in ENTRIES]
    again.upsert(WARRANTY)
    assert best(again, "保修期多长") == "w"


def test_another_encoder_is_noticed_and_a_build_mends_it(opened):
    faq = opened()
    faq.import_entries(ENTRIES)
    again = opened(HashedWords(32))
    assert "hashed-words-64" in again.degraded and "hashed-words-32" in again.degraded
    again.build()
    assert again.degraded is None
    with pytest.raises(ArtifactError, match="64"):
        again.search(HashedWords(64).encode(["退货"]), ["退货"])


def test_a_folder_that_cannot_be_written_keeps_the_old_index_serving(opened, tmp_path, store):
    faq = opened()
    faq.import_entries(ENTRIES)
    (tmp_path / "faq").rename(tmp_path / "moved")
    (tmp_path / "faq").write_text("a file stands in the way")
    with pytest.raises(ArtifactError, match="cannot be written"):
        faq.build()
    assert best(faq, "开发票怎么办") == "e1"


@pytest.mark.parametrize("name", ["faq_id", "question", "answer"])
def test_an_entry_without_its_parts_is_refused(opened, name):
    faq = opened()
    for change in (faq.upsert, lambda entry: faq.import_entries([WARRANTY, entry])):
        with pytest.raises(InputError, match=f"empty {name}"):
            change(replace(WARRANTY, **{name: "  "}))
    assert faq.entries() == []


def test_many_threads_may_change_the_faq_at_once(opened):
    faq, other = opened(), opened()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: pair[0].upsert(pair[1]), zip([faq, other] * 5, ENTRIES, strict=True)))
    for service in (faq, other):
        service.refresh()
        assert [best(service, f"{topic}怎么办") for topic in TOPICS] == [entry.faq_id for entry in ENTRIES]


def test_text_that_no_store_can_hold_is_refused(opened):
    with pytest.raises(InputError, match="surrogates"):
        opened().upsert(replace(WARRANTY, variants=("half \ud83d",)))


def test_the_threshold_is_the_indexs_own(opened):
    faq = opened()
    faq.import_entries(ENTRIES)
    assert 0 <= faq.threshold_for(0.2).threshold <= 1
