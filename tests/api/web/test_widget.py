"""A customer talks to the shop through the widget, in Chromium."""

import re

import pytest
from playwright.sync_api import expect

from assistant.values import Option, Reply
from tests.api.web.conftest import EN
from tests.api.web.shop_server import CHOICE

SWIM = "星河手环防水吗，可以戴着游泳洗澡吗？"
ANSWER = Reply("支持 5ATM 防水。", "answer", "zh-097")


def test_a_question_gets_the_reply_that_the_server_stored(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.say(SWIM)
    visitor.expect_stored(SWIM)
    expect(visitor.field).to_have_value("")


def test_an_option_is_sent_with_its_entry_and_the_others_are_closed(visit):
    visitor = visit()
    visitor.remember(("退货", CHOICE))
    visitor.panel.get_by_role("group", name="请选择").get_by_role("button").nth(1).click()
    visitor.expect_stored("退货", "退货的运费谁承担？")
    assert [(message["text"], message["faq_id"]) for message in visitor.sent] == [("退货的运费谁承担？", "zh-033")]
    assert visitor.shop.turns(visitor.conversation_id)[-1].reply.faq_id == "zh-033"
    expect(visitor.options.first).to_be_disabled()
    expect(visitor.field).to_be_focused()


def test_a_thumb_is_stored_shown_as_pressed_and_can_be_changed(visit, shop):
    visitor = visit()
    visitor.remember((SWIM, ANSWER))
    turn_id = shop.turns(visitor.conversation_id)[0].turn_id
    up = visitor.panel.get_by_role("button", name="有帮助", exact=True)
    down = visitor.panel.get_by_role("button", name="没有帮助", exact=True)
    for pressed, other, votes in ((up, down, ["up"]), (down, up, ["up", "down"])):
        with visitor.page.expect_response("**/v1/feedback") as answered:
            pressed.click()
        assert answered.value.status == 201
        expect(pressed).to_have_attribute("aria-pressed", "true")
        expect(other).to_have_attribute("aria-pressed", "false")
        with shop.parts.store.read() as uow:
            assert [given.verdict for given in uow.feedback.of_turns([turn_id])] == votes


def test_a_thumb_that_was_not_stored_is_taken_back(visit):
    visitor = visit()
    visitor.remember((SWIM, ANSWER))
    visitor.page.route("**/v1/feedback", lambda route: route.abort())
    up = visitor.panel.get_by_role("button", name="有帮助", exact=True)
    up.click()
    expect(visitor.page.get_by_text("反馈没有保存，请再点一次")).to_be_attached()
    expect(up).to_have_attribute("aria-pressed", "false")


def test_a_reload_keeps_the_history_the_votes_and_the_open_window(visit):
    visitor = visit()
    visitor.remember((SWIM, ANSWER))
    visitor.panel.get_by_role("button", name="有帮助", exact=True).click()
    expect(visitor.page.get_by_text("谢谢您的反馈")).to_be_attached()
    visitor.say("转人工")
    visitor.expect_stored(SWIM, "转人工")
    visitor.page.reload()
    expect(visitor.panel).to_be_visible()
    visitor.expect_stored(SWIM, "转人工")
    expect(visitor.panel.get_by_role("button", name="有帮助", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(visitor.field).not_to_be_focused()


def test_a_history_of_several_pages_is_loaded_whole(visit):
    texts = [str(n) for n in range(1, 206)]  # a page of the API has at most 200
    visitor = visit()
    visitor.remember(*((text, ANSWER) for text in texts))
    visitor.expect_stored(*texts)


def test_the_way_to_a_human_is_one_button(visit):
    visitor = visit(**EN)
    visitor.open_chat()
    visitor.panel.get_by_role("button", name="Talk to a human").click()
    visitor.expect_stored("Talk to a human")
    expect(visitor.log.get_by_text("A human agent was asked for")).to_be_visible()


def test_a_reply_that_comes_while_the_window_is_closed_is_counted_on_the_launcher(visit):
    visitor = visit()
    visitor.open_chat()
    held = []
    visitor.page.route("**/v1/chat", lambda route: held.append(route))
    with visitor.page.expect_request("**/v1/chat"):
        visitor.say(SWIM)
    expect(visitor.panel.locator(".typing")).to_be_visible()
    visitor.panel.press("Escape")
    held.pop().continue_()
    expect(visitor.launcher).to_have_attribute("aria-label", "打开客服聊天, 1 条新回复")
    expect(visitor.launcher.locator(".badge")).to_have_text("1")
    visitor.open_chat()
    expect(visitor.launcher.locator(".badge")).to_be_hidden()


def test_a_question_of_the_page_opens_the_chat_and_is_asked(visit):
    visitor = visit()
    visitor.page.get_by_role("button", name="退款多久能到账？").click()
    expect(visitor.panel).to_be_visible()
    visitor.expect_stored("退款多久能到账？")


def test_the_widget_speaks_the_language_of_the_page_and_keeps_what_was_being_written(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.field.fill("写到一半")
    expect(visitor.panel).to_have_accessible_name("青禾生活客服")
    visitor.page.get_by_role("button", name="English").click()
    expect(visitor.panel).to_have_accessible_name("Qinghe Living support")
    expect(visitor.field).to_have_value("写到一半")
    expect(visitor.field).to_have_attribute("placeholder", "Type your question…")


def test_the_transcript_is_a_text_file_with_both_sides(visit, tmp_path):
    visitor = visit()
    visitor.remember((SWIM, ANSWER), ("退货", CHOICE))
    with visitor.page.expect_download() as saved:
        visitor.panel.get_by_role("button", name="下载聊天记录").click()
    assert re.fullmatch(r"chat-\d{4}-\d\d-\d\d\.txt", saved.value.suggested_filename)
    saved.value.save_as(tmp_path / "chat.txt")
    lines = (tmp_path / "chat.txt").read_text("utf-8").splitlines()
    assert lines[0] == "青禾生活客服"
    assert re.fullmatch(rf"\[\d{{4}}-\d\d-\d\d \d\d:\d\d\] 我: {SWIM}", lines[2])
    assert lines[3] == f"客服助手: {ANSWER.text}"
    assert lines[7:10] == [f"  - {option.title}" for option in CHOICE.options]


def test_two_visitors_have_different_secrets_of_256_bits(visit):
    ids = set()
    for visitor in (visit(), visit()):
        visitor.open_chat()
        visitor.say("你好")
        visitor.expect_stored("你好")
        ids.add(visitor.conversation_id)
    assert len(ids) == 2 and all(re.fullmatch("[0-9a-f]{64}", name) for name in ids)


def test_a_visitor_who_does_not_chat_leaves_no_trace(visit):
    visitor = visit()
    visitor.open_chat()
    expect(visitor.panel.get_by_role("button", name="下载聊天记录")).to_be_disabled()
    assert visitor.conversation_id is None
    assert visitor.sent == []


def test_only_web_addresses_become_links_and_the_sentence_keeps_its_full_stop(visit):
    text = (
        "看 https://qinghe.example/a_(1)?b=2。或(http://x.example/y). javascript:alert(1) data:text/html,x //z.example"
    )
    visitor = visit()
    visitor.remember(("帮助", Reply(text, "answer")))
    answer = visitor.log.locator(".reply .bubble")
    expect(answer).to_have_text(text)
    links = answer.get_by_role("link")
    expect(links).to_have_text(["https://qinghe.example/a_(1)?b=2", "http://x.example/y"])
    for link in links.all():
        assert link.get_attribute("rel") == "noopener noreferrer nofollow"
        assert link.get_attribute("target") == "_blank"


def test_line_breaks_stand_on_both_sides(visit):
    visitor = visit()
    visitor.remember(("问", Reply("一\n二", "answer")))
    visitor.field.fill("三")
    visitor.field.press("Shift+Enter")
    visitor.field.press_sequentially("四")
    visitor.field.press("Enter")
    visitor.expect_stored("问", "三\n四")
    assert visitor.bubbles.all_inner_texts()[1:3] == ["一\n二", "三\n四"]


def test_an_option_without_an_entry_is_sent_as_text_alone(visit):
    visitor = visit()
    visitor.remember(("在吗", Reply("您想问哪方面？", "clarify", options=(Option("物流", intent="shipping"),))))
    visitor.options.click()
    visitor.expect_stored("在吗", "物流")
    assert "faq_id" not in visitor.sent[0]


def test_another_site_embeds_it_with_one_script_tag(visit, shop):
    visitor = visit(**EN)
    visitor.page.goto(shop.other_site)
    visitor.open_chat()
    expect(visitor.panel).to_have_accessible_name("Tea & Co")
    expect(visitor.launcher).to_have_css("background-color", "rgb(122, 31, 92)")
    expect(visitor.panel).to_have_css("font-size", "15px")
    visitor.say("Talk to a human")
    visitor.expect_stored("Talk to a human")


@pytest.mark.parametrize("storage", ["localStorage", "sessionStorage"])
def test_the_chat_works_where_the_browser_blocks_its_storage(visit, storage):
    blocked = "Object.defineProperty(window, %r, { get() { throw new DOMException('blocked', 'SecurityError'); } })"
    visitor = visit(init=blocked % storage)
    visitor.open_chat()
    for n, text in enumerate((SWIM, "转人工"), 1):
        visitor.say(text)
        expect(visitor.bubbles).to_have_count(2 * n)
    (conversation_id,) = {message["conversation_id"] for message in visitor.sent}
    assert [turn.message.text for turn in visitor.shop.turns(conversation_id)] == [SWIM, "转人工"]
