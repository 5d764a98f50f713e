"""Suggestions around a real store: shown once, judged, learned from, saved, rolled back and forgotten."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import delete

from assistant.errors import InputError, NotFound
from assistant.store import open_store
from assistant.store.tables import conversations, turns
from assistant.store.tables_desk import posts
from assistant.suggestion_service import SuggestionService
from assistant.values import CannedReply, Hit, Message, Post
from tests.assistant.lines import ENCODER, make_reader
from tests.assistant.turns import plain_turn

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
CANNED = [
    CannedReply("order", "要订单号", "麻烦您把订单号发给我。", "zh", ("order_status",)),
    CannedReply("bye", "结束语", "不客气，祝您愉快。", "zh", ()),
]


class OneHit:
    """An FAQ that always finds the same entry."""

    version = "faq-1"

    def search(self, vectors, texts, k):
        return [[Hit("ship", "多久发货?", "两天内发货。", 0.5, 0.6)] for _ in texts]


@pytest.fixture
def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'huida.db'}")
    with store.begin() as uow:
        for reply in CANNED:
            uow.canned.put(reply, AT)
    yield store
    store.close()


@pytest.fixture(scope="module")
def reader():
    from assistant.text import Segmenter

    return make_reader(Segmenter())


@pytest.fixture
def desk(store, reader, tmp_path):
    """The service, and a customer and an agent who speak."""

    def start():
        return SuggestionService(store, reader, OneHit(), tmp_path / "suggestions")

    def customer(text, conversation_id="c1"):
        with store.begin() as uow:
            conversation = uow.conversations.open(conversation_id, None, AT)
            n = conversation.n_turns + 1
            message = Message(conversation_id, f"m{n}", text, AT)
            turn = plain_turn(conversation_id, n)
            uow.turns.add(replace(turn, message=message, reading=reader.read([text], AT)[0]))

    def agent(text, conversation_id="c1", **data):
        with store.begin() as uow:
            conversation = uow.conversations.lock(conversation_id)
            n = conversation.n_turns + 1
            uow.posts.add(
                Post(f"{conversation_id}-{n}", conversation_id, n, "agent", "mei", text, AT, f"m{n}", data=data)
            )
            uow.conversations.save(replace(conversation, n_turns=n))

    return SimpleNamespace(service=start(), start=start, customer=customer, agent=agent)


def test_the_same_suggestions_come_again_until_something_is_said(desk, store):
    desk.customer("快递到哪里了")
    first = desk.service.suggest("c1")
    assert 1 <= len(first) <= 3 and desk.service.suggest("c1") == first
    assert [one.rank for one in first] == list(range(1, len(first) + 1))
    assert first[0].versions.index == "faq-1" and ENCODER.version in first[0].versions.model
    desk.agent("我来看看。")
    assert desk.service.suggest("c1") == []
    desk.customer("还要多久")
    assert {one.suggestion_id for one in desk.service.suggest("c1")}.isdisjoint(one.suggestion_id for one in first)


def test_what_was_prepared_is_not_encoded_again_while_an_agent_waits(desk, reader, monkeypatch):
    encoded, encode = [], type(reader.encoder).encode
    monkeypatch.setattr(
        type(reader.encoder), "encode", lambda encoder, texts: encoded.extend(texts) or encode(encoder, texts)
    )
    service, texts = desk.start(), {text for canned in CANNED for text in (canned.title, canned.text)}
    service.prepare()
    assert {*encoded} == texts
    encoded.clear()
    desk.customer("快递到哪里了")
    encoded.clear()
    assert service.suggest("c1")
    assert encoded and texts.isdisjoint(encoded)


def test_an_unknown_conversation_is_not_found(desk):
    with pytest.raises(NotFound, match="nobody"):
        desk.service.suggest("nobody")


def test_a_verdict_keeps_how_much_was_edited(desk):
    desk.customer("快递到哪里了")
    one = desk.service.suggest("c1")[0]
    edited = desk.service.judge(one.suggestion_id, "edited", "mei", one.text + "谢谢")
    assert (edited.edit_distance, edited.sent_text) == (2, one.text + "谢谢")
    assert desk.service.judge(one.suggestion_id, "rejected", "mei").edit_distance == 0
    with pytest.raises(InputError, match="sent_text"):
        desk.service.judge(one.suggestion_id, "edited", "mei")
    with pytest.raises(NotFound):
        desk.service.judge("no such", "accepted", "mei")


def test_what_an_agent_wrote_is_suggested_to_the_next_customer_without_the_first_ones_data(desk):
    desk.customer("怎么把发票寄到我家", "c1")
    desk.agent("发票会寄到您登记的地址，有事打13812345678。", "c1")
    desk.customer("怎么把发票寄到我家呀", "c2")
    texts = {one.text for one in desk.service.suggest("c2") if one.source == "agent"}
    assert texts == {"发票会寄到您登记的地址，有事打___。"}


def test_rejections_lower_what_is_suggested_next(desk):
    desk.customer("快递到哪里了", "c0")
    before = {one.source_id: one.p for one in desk.service.suggest("c0")}
    for n in range(12):
        desk.customer("快递到哪里了", f"c{n}")
        for one in desk.service.suggest(f"c{n}"):
            if one.source_id == "ship":
                desk.service.judge(one.suggestion_id, "rejected", "mei")
    desk.customer("快递到哪里了", "last")
    after = {one.source_id: one.p for one in desk.service.suggest("last")}
    assert after.get("ship", 0.0) < before["ship"]


def test_a_restart_knows_what_was_saved_and_reads_on_in_the_log(desk):
    desk.customer("怎么把发票寄到我家", "c1")
    desk.agent("寄到登记的地址。", "c1")
    desk.service.learn()
    version = desk.service.save()
    desk.customer("灯不亮了怎么办", "c2")
    desk.agent("换个插座试试。", "c2")
    again = desk.start()
    assert again.version == version
    assert again.learn() and not again.learn()
    desk.customer("灯不亮了怎么办呀", "c3")
    assert "换个插座试试。" in {one.text for one in again.suggest("c3")}


def test_a_rollback_takes_back_what_came_after_the_version_before(desk):
    desk.customer("怎么把发票寄到我家", "c1")
    desk.agent("寄到登记的地址。", "c1")
    desk.service.learn()
    good = desk.service.save()
    desk.customer("怎么把发票寄到我家呀", "c2")
    desk.agent("自己想办法。", "c2")
    desk.service.learn()
    bad = desk.service.save()
    assert desk.service.rollback() not in (good, bad)
    desk.customer("怎么把发票寄到我家呢", "c3")
    for service in (desk.service, desk.start()):
        service.learn()
        service.rebuild()
        texts = {one.text for one in service.suggest("c3")}
        assert "寄到登记的地址。" in texts and "自己想办法。" not in texts


def test_there_is_nothing_to_roll_back_to_at_first(desk):
    with pytest.raises(NotFound, match="no earlier version"):
        desk.service.rollback()


def test_a_damaged_folder_is_learned_anew_from_the_log(desk, tmp_path):
    desk.customer("怎么把发票寄到我家", "c1")
    desk.agent("寄到登记的地址。", "c1")
    desk.service.learn()
    version = desk.service.save()
    (tmp_path / "suggestions" / version / "examples.jsonl").write_text("[]")
    again = desk.start()
    assert again.version == "none" and again.learn()
    desk.customer("怎么把发票寄到我家呀", "c2")
    assert "寄到登记的地址。" in {one.text for one in again.suggest("c2")}


def test_an_erased_conversation_is_forgotten_in_every_version(desk, tmp_path):
    desk.customer("怎么把发票寄到我家", "c1")
    desk.agent("寄到金丝雀小区。", "c1")
    desk.service.learn()
    desk.service.save()
    assert desk.service.forget(["c1"]) == 1
    kept = b"".join(path.read_bytes() for path in (tmp_path / "suggestions").rglob("*") if path.is_file())
    assert "金丝雀".encode() not in kept
    assert desk.service.forget() == 0


def test_a_restart_drops_what_was_erased_meanwhile(desk, store, tmp_path):
    desk.customer("怎么把发票寄到我家", "c1")
    desk.agent("寄到金丝雀小区。", "c1")
    desk.service.learn()
    desk.service.save()
    with store.begin() as uow:
        uow.connection.execute(delete(posts))
        uow.connection.execute(delete(turns))
        uow.connection.execute(delete(conversations))
    desk.start().learn()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "suggestions").rglob("*") if path.is_file())
    assert "金丝雀".encode() not in kept
