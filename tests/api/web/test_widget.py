"""A customer talks to the shop through the widget, in Chromium."""

import re

import pytest
from playwright.sync_api import expect

from tests.api.web.conftest import EN
from tests.api.web.shop_server import ECHO

SWIM = "星河手环防水吗，可以戴着游泳洗澡吗？"


def test_a_question_gets_its_answer(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.say(SWIM)
    expect(visitor.bubbles).to_have_text([SWIM, re.compile("5ATM")])
    expect(visitor.field).to_have_value("")


def test_an_option_is_sent_with_its_entry_and_the_others_are_closed(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.say("退货")
    options = visitor.panel.get_by_role("group", name="请选择").get_by_role("button")
    title = options.nth(1).inner_text()
    options.nth(1).click()
    expect(visitor.bubbles).to_have_count(4)
    assert [message.get("text") for message in visitor.sent] == ["退货", title]
    assert re.fullmatch(r"zh-\d{3}", visitor.sent[1]["faq_id"])
    expect(options.first).to_be_disabled()
    expect(visitor.field).to_be_focused()


def test_a_thumb_is_stored_shown_as_pressed_and_can_be_changed(visit, assistant):
    visitor = visit()
    visitor.open_chat()
    visitor.say(SWIM)
    up = visitor.panel.get_by_role("button", name="有帮助", exact=True)
    down = visitor.panel.get_by_role("button", name="没有帮助", exact=True)
    for pressed, other, vote in ((up, down, "up"), (down, up, "down")):
        with visitor.page.expect_response("**/v1/feedback") as answered:
            pressed.click()
        assert answered.value.status == 201
        expect(pressed).to_have_attribute("aria-pressed", "true")
        expect(other).to_have_attribute("aria-pressed", "false")
        assert assistant.votes[-1]["vote"] == vote
        assert assistant.votes[-1]["conversation_id"] == visitor.conversation_id


def test_a_thumb_that_was_not_stored_is_taken_back(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.say(SWIM)
    visitor.page.route("**/v1/feedback", lambda route: route.abort())
    up = visitor.panel.get_by_role("button", name="有帮助", exact=True)
    up.click()
    expect(visitor.page.get_by_text("反馈没有保存，请再点一次")).to_be_attached()
    expect(up).to_have_attribute("aria-pressed", "false")


def test_a_reload_keeps_the_history_the_votes_and_the_open_window(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.say(SWIM)
    visitor.panel.get_by_role("button", name="有帮助", exact=True).click()
    expect(visitor.page.get_by_text("谢谢您的反馈")).to_be_attached()
    visitor.say("转人工")
    expect(visitor.bubbles).to_have_count(4)
    before = visitor.bubbles.all_inner_texts()
    visitor.page.reload()
    expect(visitor.panel).to_be_visible()
    expect(visitor.bubbles).to_have_text(before)
    pressed = visitor.panel.get_by_role("button", name="有帮助", exact=True)
    expect(pressed).to_have_attribute("aria-pressed", "true")
    expect(visitor.page.locator("huida-chat").get_by_role("textbox")).not_to_be_focused()


def test_a_history_of_several_pages_is_loaded_whole(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.say("1")
    expect(visitor.bubbles).to_have_count(2)
    visitor.say_elsewhere([str(n) for n in range(2, 206)])
    visitor.page.reload()
    expect(visitor.log.locator(".mine")).to_have_text([str(n) for n in range(1, 206)])


def test_the_way_to_a_human_is_one_button(visit):
    visitor = visit(**EN)
    visitor.open_chat()
    visitor.panel.get_by_role("button", name="Talk to a human").click()
    expect(visitor.bubbles).to_have_text(["Talk to a human", re.compile("colleague")])
    expect(visitor.log.get_by_text("A human agent was asked for")).to_be_visible()


def test_a_reply_that_comes_while_the_window_is_closed_is_counted_on_the_launcher(visit):
    visitor = visit()
    visitor.open_chat()
    release = []
    visitor.page.route("**/v1/chat", lambda route: release.append(route))
    with visitor.page.expect_request("**/v1/chat"):
        visitor.say(SWIM)
    expect(visitor.panel.locator(".typing")).to_be_visible()
    visitor.panel.press("Escape")
    release.pop().continue_()
    expect(visitor.launcher).to_have_attribute("aria-label", "打开客服聊天, 1 条新回复")
    expect(visitor.launcher.locator(".badge")).to_have_text("1")
    visitor.open_chat()
    expect(visitor.launcher.locator(".badge")).to_be_hidden()


def test_a_question_of_the_page_opens_the_chat_and_is_asked(visit):
    visitor = visit()
    visitor.page.get_by_role("button", name="退款多久能到账？").click()
    expect(visitor.panel).to_be_visible()
    expect(visitor.bubbles).to_have_count(2)
    assert visitor.stored() == ["退款多久能到账？"]


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
    visitor.open_chat()
    download = visitor.panel.get_by_role("button", name="下载聊天记录")
    expect(download).to_be_disabled()
    visitor.say(SWIM)
    expect(visitor.bubbles).to_have_count(2)
    with visitor.page.expect_download() as saved:
        download.click()
    assert re.fullmatch(r"chat-\d{4}-\d\d-\d\d\.txt", saved.value.suggested_filename)
    saved.value.save_as(tmp_path / "chat.txt")
    text = (tmp_path / "chat.txt").read_text("utf-8")
    assert text.startswith("青禾生活客服\n")
    assert f"我: {SWIM}" in text and re.search("客服助手: 支持 5ATM", text)


def test_two_visitors_have_different_secrets_of_256_bits(visit):
    ids = set()
    for visitor in (visit(), visit()):
        visitor.open_chat()
        visitor.say("你好")
        expect(visitor.bubbles).to_have_count(2)
        ids.add(visitor.conversation_id)
    assert len(ids) == 2 and all(re.fullmatch("[0-9a-f]{64}", name) for name in ids)


def test_a_visitor_who_does_not_chat_leaves_no_trace(visit):
    visitor = visit()
    visitor.open_chat()
    assert visitor.conversation_id is None
    assert visitor.sent == []


def test_only_web_addresses_become_links_and_the_sentence_keeps_its_full_stop(visit):
    visitor = visit()
    visitor.open_chat()
    text = (
        "看 https://qinghe.example/a_(1)?b=2。或(http://x.example/y). javascript:alert(1) data:text/html,x //z.example"
    )
    visitor.say(ECHO + text)
    answer = visitor.log.locator(".reply .bubble")
    expect(answer).to_have_text(text)
    links = answer.get_by_role("link")
    expect(links).to_have_text(["https://qinghe.example/a_(1)?b=2", "http://x.example/y"])
    for link in links.all():
        assert link.get_attribute("rel") == "noopener noreferrer nofollow"
        assert link.get_attribute("target") == "_blank"


def test_line_breaks_stand_on_both_sides(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.field.fill(ECHO + "一")
    visitor.field.press("Shift+Enter")
    visitor.field.press_sequentially("二")
    visitor.field.press("Enter")
    expect(visitor.bubbles).to_have_count(2)
    assert visitor.bubbles.all_inner_texts() == [ECHO + "一\n二", "一\n二"]


@pytest.mark.parametrize("storage", ["localStorage", "sessionStorage"])
def test_the_chat_works_where_the_browser_blocks_its_storage(visit, storage):
    blocked = "Object.defineProperty(window, %r, { get() { throw new DOMException('blocked', 'SecurityError'); } })"
    visitor = visit(init=blocked % storage)
    visitor.open_chat()
    for n, text in enumerate((SWIM, "转人工"), 1):
        visitor.say(text)
        expect(visitor.bubbles).to_have_count(2 * n)
    assert len({message["conversation_id"] for message in visitor.sent}) == 1
