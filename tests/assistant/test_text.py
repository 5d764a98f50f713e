import logging
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.private_folder import private_folder
from assistant.text import Segmenter, language, normalise, repair

ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=80)


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory):
    return Segmenter(cache_dir=tmp_path_factory.mktemp("cache") / "jieba")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ＱＨ１２３，ＯＫ！", "QH123,OK!"),
        ("退\u200b款\ufeff", "退款"),
        ("  a\t\r\n b\u3000c ", "a b c"),
        ("bell\a and\x1b escape", "bell and escape"),
        ("❤️ ok", "❤ ok"),
        ("½ ㎏", "1⁄2 kg"),
        ("don’t", "don't"),
        ("", ""),
        ("\u200b \n", ""),
    ],
)
def test_what_is_typed_differently_becomes_the_same_text(raw, text):
    assert normalise(raw).text == text


def test_offsets_lead_back_to_what_was_typed():
    raw = " 电话\u200b：１３８\u3000\u3000００"
    found = normalise(raw)
    assert found.text == "电话:138 00"
    start = found.text.index("138")
    first, last = found.span(start, start + 3)
    assert raw[first:last] == "１３８"


@given(ANY_TEXT)
def test_every_character_has_its_place_in_the_raw_text(raw):
    found = normalise(raw)
    assert len(found.offsets) == len(found.text) + 1
    assert list(found.offsets) == sorted(found.offsets)
    for i, character in enumerate(found.text):
        first, last = found.span(i, i + 1)
        assert 0 <= first < last <= len(raw)
        assert character in normalise("." + raw[first:last] + ".").text


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing_more(raw):
    once = normalise(raw).text
    assert normalise(once).text == once
    assert once == once.strip() and "  " not in once


@pytest.mark.parametrize("raw", ["a\0b", "\ud83d", "ok \udc00"])
def test_nul_and_lone_surrogates_are_refused_with_their_place(raw):
    with pytest.raises(InputError, match=r"U\+[0-9A-F]{4} at character \d"):
        normalise(raw)
    assert normalise(repair(raw)).text == repair(raw).strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我的快递到哪了", "zh"),
        ("我的iPhone坏了", "zh"),
        ("订单QH12345678901还没发货", "zh"),
        ("发到 lin@example.com 行吗", "zh"),
        ("where is my parcel", "en"),
        ("Where can I type 好 in the address form of your app", "en"),
        ("I want to 退货 this 订单", "mixed"),
        ("😀😀👍", "other"),
        ("13800138000", "other"),
        ("QH20261119002", "other"),
        ("order QH20261119002", "en"),
        ("lin@example.com", "other"),
        ("u ok", "en"),
        ("Где мой заказ", "other"),
        ("返品したいのですがどうすればいいですか", "other"),
        ("", "other"),
    ],
)
def test_the_language_is_the_script_that_carries_the_text(text, expected):
    assert language(text) == expected


def test_words_are_lower_cased_and_keep_latin_and_digit_runs_whole(segmenter):
    assert segmenter.words("我的订单 QH12345678901 还没到，怎么办？") == [
        *("我", "的", "订单", "qh12345678901", "还", "没", "到", ",", "怎么办", "?"),
    ]
    assert segmenter.words("I don’t want it!") == ["i", "don't", "want", "it", "!"]
    assert segmenter.words("Ｔ恤") == segmenter.words("t恤") == ["t恤"]
    assert segmenter.words(" \n\u200b ") == []


@given(text=ANY_TEXT)
def test_words_lose_no_character_but_white_space(segmenter, text):
    folded = normalise(text).text.lower()
    assert "".join(segmenter.words(text)) == "".join(folded.split())


@given(text=ANY_TEXT)
def test_words_of_raw_and_of_normalised_text_are_the_same(segmenter, text):
    assert segmenter.words(text) == segmenter.words(normalise(text).text)


def test_words_are_the_same_from_many_threads(segmenter):
    texts = [f"第{i}个包裹的运费由谁承担，可以退货退款吗" for i in range(200)]
    alone = [segmenter.words(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(segmenter.words, texts)) == alone


def test_a_product_name_in_the_user_dictionary_changes_the_segmentation(segmenter, tmp_path):
    userdict = tmp_path / "userdict.txt"
    userdict.write_text("# 我们的产品\n云眠乳胶枕\n晨露X2 20 nz\n", encoding="utf-8")
    ours = Segmenter(userdict, cache_dir=tmp_path / "cache")
    text = "云眠乳胶枕和晨露x2哪个好"
    assert "云眠乳胶枕" not in segmenter.words(text)
    assert ours.words(text) == ["云眠乳胶枕", "和", "晨露x2", "哪个", "好"]
    assert "云眠乳胶枕" in ours.search_tokens(text) and "云眠乳胶枕" not in segmenter.search_tokens(text)


def test_a_broken_line_of_the_user_dictionary_is_named(tmp_path):
    userdict = tmp_path / "userdict.txt"
    userdict.write_text("云眠枕\n云眠 枕 头 套\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"userdict\.txt, line 2"):
        Segmenter(userdict, cache_dir=tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        Segmenter(tmp_path / "none.txt", cache_dir=tmp_path)


def test_search_tokens_hold_words_parts_and_bigrams_but_no_punctuation(segmenter):
    tokens = segmenter.search_tokens("人工智能客服，在吗？")
    assert {"人工智能", "人工", "智能", "客服", "工智", "能客"} <= set(tokens)
    assert "," not in tokens and "?" not in tokens
    assert segmenter.search_tokens("the refunds") == segmenter.search_tokens("refunding") == ["refund"]
    assert segmenter.search_tokens("cancelled addresses' phone's") == segmenter.search_tokens("cancel address phone")


def test_a_homophone_typo_and_typed_pinyin_sound_like_the_word_meant(segmenter):
    assert segmenter.pinyin_tokens("浙江") == segmenter.pinyin_tokens("浙将") == segmenter.pinyin_tokens("zhejiang")
    assert segmenter.pinyin_tokens("tuihuo") == ["tui", "huo", "tui_huo"]
    for typed in ("tui huo", "TuiHuo", "tui货", "退 huo"):
        assert segmenter.pinyin_tokens(typed) == ["tui", "huo", "tui_huo"]
    assert segmenter.pinyin_tokens("绿色") == ["lv", "se", "lv_se"]


def test_punctuation_and_other_words_part_neighbouring_syllables(segmenter):
    assert segmenter.pinyin_tokens("退，货") == ["tui", "huo"]
    assert segmenter.pinyin_tokens("iphone tuihuo") == ["tui", "huo", "tui_huo"]


def test_english_is_not_taken_for_pinyin_and_keeps_its_words(segmenter):
    assert segmenter.pinyin_tokens("how can I change the women fan") == []
    assert segmenter.words("change women fan") == ["change", "women", "fan"]


def test_jieba_keeps_its_cache_in_a_private_folder_and_the_global_jieba_is_untouched(tmp_path):
    folder = tmp_path / "cache"
    Segmenter(cache_dir=folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.suffix for path in folder.iterdir()] == [".cache"]
    assert not jieba.dt.initialized
    assert jieba.default_logger.level == logging.WARNING


def test_a_broken_cache_is_written_anew(tmp_path):
    words = Segmenter(cache_dir=tmp_path / "cache").words("退货运费谁出")
    [cache] = (tmp_path / "cache").iterdir()
    whole = cache.read_bytes()
    cache.write_bytes(whole[: len(whole) // 2])
    assert Segmenter(cache_dir=tmp_path / "cache").words("退货运费谁出") == words
    assert cache.stat().st_size == len(whole)


def test_the_cache_follows_the_users_cache_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert private_folder() == tmp_path / "huida"


def test_a_folder_open_to_others_or_in_the_way_is_not_trusted(tmp_path):
    shared, file = tmp_path / "shared", tmp_path / "file"
    shared.mkdir()
    os.chmod(shared, 0o777)
    file.touch()
    for wanted in (shared, file):
        found = private_folder(wanted)
        assert found != wanted and stat.S_IMODE(found.stat().st_mode) == 0o700
        found.rmdir()


HAN_PARTS = st.sampled_from(
    [*"退货运费杯子一百手机壳的了ab7+", "T恤", "小米14Pro", "研究生命", "结婚的和尚未结婚的", "㐀"]
)


@given(st.lists(HAN_PARTS, min_size=1, max_size=12))
def test_a_block_is_cut_where_jieba_cuts_it(segmenter, parts):
    block = "".join(parts).lower()
    assert segmenter._cut_block(block) == tuple(segmenter._jieba.cut(block, HMM=False))
