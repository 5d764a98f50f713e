"""Agents and customers at the same time, in Chromium: who sees what, in which order, and what the keys do."""

import threading

from playwright.sync_api import expect

from tests.api.web.conftest import EN

QUESTION = "怎么退货?"


def wait_for_person(visitor):
    visitor.open_chat()
    visitor.say("转人工")
    expect(visitor.log.get_by_text("已申请人工客服")).to_be_visible()


def test_two_customers_and_one_agent_each_see_their_own_conversation(visit, seat):
    agent, one, two = seat("陈晞"), visit(), visit()
    wait_for_person(one)
    expect(agent.line(one)).to_contain_text("要求人工")  # without a reload
    wait_for_person(two)
    agent.take(one)
    expect(one.log.get_by_text("陈晞 已加入对话")).to_be_visible()
    expect(one.panel.get_by_role("status").first).to_have_text("陈晞 正在为您服务")
    agent.reply("您好，这里是一号")
    agent.take(two)
    agent.reply("您好，这里是二号")
    expect(one.bubbles.last).to_have_text("您好，这里是一号")
    expect(two.bubbles.last).to_have_text("您好，这里是二号")
    one.say("收到一")
    two.say("收到二")
    expect(agent.texts.last).to_have_text("收到二")
    expect(agent.line(one)).to_contain_text("收到一")
    agent.open(one)
    expect(agent.texts.last).to_have_text("收到一")
    expect(one.bubbles).to_have_count(4)  # the bot said nothing after the agent had come
    assert [turn.reply.kind for turn in one.shop.turns(one.conversation_id)] == ["handoff", "silent"]


def test_a_reply_that_the_bot_computed_while_an_agent_took_over_is_never_said(visit, seat, shop, monkeypatch):
    visitor, agent = visit(), seat()
    visitor.open_chat()
    visitor.say("你好")
    expect(visitor.bubbles).to_have_count(2)
    computed, go_on, run = threading.Event(), threading.Event(), shop.parts.pipeline.run

    def held(message, context):
        draft = run(message, context)
        if message.text == QUESTION:
            computed.set()
            go_on.wait(30)
        return draft

    monkeypatch.setattr(shop.parts.pipeline, "run", held)
    visitor.say(QUESTION)
    expect(visitor.panel.locator(".typing")).to_be_visible()
    assert computed.wait(30)
    agent.take(visitor)
    go_on.set()
    expect(agent.texts.last).to_have_text(QUESTION)
    agent.reply("我来帮您退")
    expect(visitor.bubbles).to_have_text(["你好", visitor.bubbles.nth(1).inner_text(), QUESTION, "我来帮您退"])
    assert shop.turns(visitor.conversation_id)[-1].reply.kind == "silent"


def test_after_the_agent_hands_back_the_bot_answers_again_and_the_close_asks_for_a_rating(visit, seat):
    visitor, agent = visit(), seat()
    wait_for_person(visitor)
    agent.take(visitor)
    agent.field.press("Escape")
    agent.page.keyboard.press("r")
    expect(visitor.log.get_by_text("由智能助手继续为您服务")).to_be_visible()
    visitor.say("多久发货?")
    expect(visitor.bubbles).to_have_count(4)
    agent.take(visitor)
    agent.page.get_by_role("button", name="结束会话", exact=True).click()
    agent.page.get_by_role("button", name="结束并请评价").click()
    expect(visitor.log.locator(".rating")).to_be_in_viewport(ratio=1)  # all of it, above the field
    visitor.log.get_by_title("4 星").click()
    expect(visitor.log.get_by_role("radio", name="4 星")).to_be_checked()
    visitor.log.get_by_role("textbox").fill("很快")
    visitor.log.get_by_role("button", name="提交").click()
    expect(visitor.log.get_by_text("谢谢您的评价")).to_be_visible()
    expect(agent.log.get_by_text("客户评价 ★★★★☆：很快")).to_be_visible()
    expect(visitor.log.get_by_role("radio")).to_have_count(0)


def test_what_was_said_while_the_desk_was_cut_off_is_caught_up_in_order_without_a_reload(visit, seat, wire):
    visitor, agent = visit(), seat(url=wire.url)
    wait_for_person(visitor)
    agent.take(visitor)
    agent.page.evaluate("window.isTheSamePage = true")
    wire.cut()
    expect(agent.page.get_by_text("连接已断开，正在重新连接")).to_be_visible()
    agent.reply("我在的")
    expect(agent.log.get_by_text("网络不稳定，正在重试")).to_be_visible()
    for n, text in enumerate(("一", "二"), 2):
        visitor.say(text)
        expect(visitor.log.locator(".mine")).to_have_count(n)
        expect(visitor.log.locator(".delivery").last).to_be_empty()
    wire.mend()
    expect(visitor.bubbles.last).to_have_text("我在的")
    expect(agent.texts.filter(has_text="我在的")).to_have_count(1)
    expect(agent.page.get_by_text("连接已断开")).to_be_hidden()
    expect(agent.texts).to_contain_text(["一", "二", "我在的"])  # the agent's own reply may be there a moment sooner
    assert agent.texts.all_inner_texts()[-3:] == ["一", "二", "我在的"]
    assert agent.page.evaluate("window.isTheSamePage")


def test_what_the_agent_said_while_the_customer_was_cut_off_arrives_once_and_in_order(visit, seat, wire):
    visitor, agent = visit(url=wire.url), seat()
    wait_for_person(visitor)
    agent.take(visitor)
    expect(visitor.log.get_by_text("已加入对话")).to_be_visible()
    wire.cut()
    for text in ("一", "二"):
        agent.reply(text)
        expect(agent.texts.last).to_have_text(text)
    visitor.panel.press("Escape")
    wire.mend()
    expect(visitor.launcher.locator(".badge")).to_have_text("2")
    visitor.open_chat()
    assert visitor.bubbles.all_inner_texts()[-2:] == ["一", "二"]


def test_both_sides_see_when_the_other_writes(visit, seat):
    visitor, agent = visit(), seat()
    wait_for_person(visitor)
    agent.take(visitor)
    expect(visitor.log.get_by_text("已加入对话")).to_be_visible()
    visitor.field.press_sequentially("我想")
    expect(agent.log.get_by_text("对方正在输入")).to_be_visible()
    agent.field.press_sequentially("好的")
    expect(visitor.panel.locator(".typing")).to_be_visible()


def test_a_conversation_that_somebody_else_has_cannot_be_answered_and_what_was_written_stays(visit, seat):
    visitor, one, two = visit(), seat("陈晞"), seat("林梅")
    wait_for_person(visitor)
    two.open(visitor)
    one.take(visitor)
    expect(two.page.get_by_text("陈晞 正在接待")).to_be_visible()
    one.field.fill("写到一半")
    hand_to(one, "林梅")
    expect(one.page.get_by_text("林梅 正在接待")).to_be_visible()
    two.reply("您好，我是林梅")
    expect(visitor.bubbles.last).to_have_text("您好，我是林梅")
    expect(one.texts.last).to_have_text("您好，我是林梅")
    hand_to(two, "陈晞")
    expect(one.field).to_have_value("写到一半")


def hand_to(agent, name):
    agent.page.get_by_role("button", name="转接", exact=True).click()  # the queue lines name it too
    agent.page.get_by_role("dialog").get_by_role("button", name=name).click()


def test_notes_and_labels_stay_among_colleagues(visit, seat):
    visitor, agent = visit(), seat()
    wait_for_person(visitor)
    agent.take(visitor)
    agent.field.press("Escape")
    agent.page.keyboard.press("n")
    agent.reply("客户很着急")
    expect(agent.log.locator(".note").get_by_text("客户很着急")).to_be_visible()
    agent.page.get_by_role("button", name="标签", exact=True).click()
    expect(agent.page.locator("input:focus, textarea:focus")).to_have_count(1)
    agent.page.keyboard.type("物流延误")
    agent.page.keyboard.press("Enter")
    expect(agent.line(visitor)).to_contain_text("物流延误")
    agent.reply("马上处理")
    expect(visitor.bubbles.last).to_have_text("马上处理")
    visitor.page.reload()
    expect(visitor.bubbles.last).to_have_text("马上处理")
    expect(visitor.page.get_by_text("客户很着急")).to_have_count(0)


def test_a_signed_customer_is_shown_with_orders_and_somebody_elses_conversation_is_not_taken_up(visit, seat, shop):
    visitor, agent = visit(), seat(**EN)
    as_customer = "([chat, token]) => { chat.dataset.customerToken = token }"
    chat = visitor.page.locator("huida-chat").element_handle()
    visitor.page.evaluate(as_customer, [chat, shop.token_of("demo-lin")])
    wait_for_person(visitor)
    agent.open("demo-lin")
    expect(agent.page.get_by_role("complementary", name="Customer")).to_contain_text("QH20261119002")
    visitor.page.evaluate(as_customer, [chat, shop.token_of("demo-wang")])
    visitor.open_chat()
    expect(visitor.bubbles).to_have_count(0)


def test_the_transcript_holds_what_the_agent_said(visit, seat, tmp_path):
    visitor, agent = visit(), seat("陈晞")
    wait_for_person(visitor)
    agent.take(visitor)
    agent.reply("您好")
    expect(visitor.bubbles.last).to_have_text("您好")
    with visitor.page.expect_download() as saved:
        visitor.panel.get_by_role("button", name="下载聊天记录").click()
    saved.value.save_as(tmp_path / "chat.txt")
    text = (tmp_path / "chat.txt").read_text("utf-8")
    assert "* 陈晞 已加入对话" in text
    assert text.rstrip().endswith("陈晞: 您好")
