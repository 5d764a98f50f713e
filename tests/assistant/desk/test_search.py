"""Search over conversations by jieba words, on SQLite and PostgreSQL."""

import pytest

from assistant.desk.search import Search
from assistant.service import ChatService
from tests.assistant.desk.people import MEI, Line, message
from tests.assistant.desk.test_desk import desk_over


@pytest.fixture
def chat(store):
    return ChatService(store, Line())


@pytest.fixture
def search(store, segmenter):
    return Search(store, segmenter.words)


def found(search, query):
    return [(hit.conversation_id, hit.sequence, hit.sender) for hit in search.find(query)]


def test_what_customers_bot_and_agents_said_is_found_by_its_words(chat, search, store, tmp_path):
    chat.chat(message(1, "我要退货，运费谁出", "a"))
    chat.chat(message(1, "发票开好了吗", "b"))
    desk = desk_over(store, tmp_path)
    desk.take("b", MEI)
    desk.reply("b", MEI, "电子发票已经发到邮箱", "r1", None)
    desk.note("b", MEI, "大客户", "n1")
    assert found(search, "运费") == [("a", 1, "customer")]
    assert found(search, "发票") == [("b", 3, "agent"), ("b", 1, "customer")]
    assert found(search, "七天内") == [("b", 1, "bot"), ("a", 1, "bot")]
    assert found(search, "大客户") == [("b", 4, "agent")]


def test_the_entry_with_the_most_words_comes_first_and_one_with_few_does_not_come(chat, search):
    chat.chat(message(1, "退货", "few"))
    chat.chat(message(1, "退货 运费", "some"))
    chat.chat(message(1, "退货 运费 发票", "all"))
    assert [hit[0] for hit in found(search, "退货 运费 发票")] == ["all", "some"]


def test_english_words_are_found_in_every_form(chat, search):
    chat.chat(message(1, "I am refunding two parcels", "en"))
    assert [hit[0] for hit in found(search, "refund parcel")] == ["en"]


def test_a_query_without_a_word_finds_nothing(chat, search):
    chat.chat(message(1, "退货"))
    assert search.find("？！") == search.find("的") == []


def test_each_entry_is_indexed_once_and_nothing_is_left_out(chat, search, store, segmenter):
    for n in range(1, 8):
        chat.chat(message(n, f"第{n}次问 QH{n:04}"))
    assert search.catch_up() == 7
    assert search.catch_up() == 0
    chat.chat(message(8, "转人工 QH0008"))
    assert Search(store, segmenter.words).catch_up() == 1  # the event "waiting" says nothing
    assert [found(search, f"QH{n:04}") for n in (1, 8)] == [[("c1", 1, "customer")], [("c1", 8, "customer")]]


def test_an_erased_conversation_is_found_no_more(chat, search, store):
    from assistant.store import belongings

    chat.chat(message(1, "我叫王小明", "gone", customer_id="ann"))
    chat.chat(message(1, "我叫王小明", "stays"))
    assert len(found(search, "王小明")) == 2
    chat.chat(message(2, "王小明又来了", "gone", customer_id="ann"))
    with store.begin() as uow:
        belongings.erase(uow.connection, belongings.of_customer("ann"))
    assert found(search, "王小明") == [("stays", 1, "customer")]
