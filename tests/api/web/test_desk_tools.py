"""What helps an agent: suggestions, canned replies, search, drafts for the FAQ, figures; all by keyboard, at any width."""

import pytest
from playwright.sync_api import expect

from assistant.values import Reply
from tests.api.web.conftest import EN, ZH
from tests.api.web.test_desk import wait_for_person

QUESTION = "怎么退货?"


def asked(visit, seat, *texts, name="陈晞"):
    """A customer who waits for a person and has said these texts; the agent has taken over."""
    visitor, agent = visit(), seat(name)
    wait_for_person(visitor)
    agent.take(visitor)
    for text in texts:
        visitor.say(text)
        expect(agent.texts.last).to_have_text(text)
    agent.field.press("Escape")
    return visitor, agent


def verdicts(shop, conversation_id):
    """What became of this conversation's suggestions, oldest first."""
    with shop.parts.store.read() as uow:
        found = uow.suggestions.verdicts_after(0, 10_000)
    return [(v.verdict, v.sent_text) for _, v, s in found if s.conversation_id == conversation_id]


def test_one_key_inserts_a_suggestion_and_another_sends_it(visit, seat, shop):
    visitor, agent = asked(visit, seat, QUESTION)
    cards = agent.page.locator(".suggestion")
    expect(cards.first).to_contain_text("%")
    assert 1 <= cards.count() <= 3
    sources = {"常见问答", "快捷短语", "同事答过"}
    assert all(any(source in card.inner_text() for source in sources) for card in cards.all())
    first = cards.first.locator(".suggestion-text").get_attribute("title")
    agent.page.keyboard.press("1")
    expect(agent.field).to_have_value(first)
    agent.page.keyboard.press("Control+Enter")
    expect(visitor.bubbles.last).to_have_text(first)
    expect(cards).to_have_count(0)  # nothing waits for an answer any more
    assert verdicts(shop, visitor.known_as) == [("accepted", first)]


def test_a_suggestion_is_edited_by_e_and_rejected_by_x(visit, seat, shop):
    visitor, agent = asked(visit, seat, QUESTION)
    cards = agent.page.locator(".suggestion")
    first = cards.first.locator(".suggestion-text").get_attribute("title")
    agent.page.keyboard.press("e")
    expect(agent.field).to_have_value(first)
    expect(agent.field).to_be_focused()
    agent.page.keyboard.type("谢谢")
    with agent.page.expect_response("**/verdict"):
        agent.page.keyboard.press("Control+Enter")
    expect(visitor.bubbles.last).to_have_text(first + "谢谢")
    visitor.say("退货运费谁出?")
    expect(cards.first).to_be_visible()
    n = cards.count()
    agent.field.press("Escape")
    with agent.page.expect_response("**/verdict"):
        agent.page.keyboard.press("x")
    expect(cards).to_have_count(n - 1)
    assert [verdict for verdict, _ in verdicts(shop, visitor.known_as)] == ["edited", "rejected"]


def test_a_canned_reply_is_chosen_by_its_shortcut_and_its_variables_are_filled_in(visit, seat):
    visitor, agent = asked(visit, seat, "你好")
    for shortcut, text in (("你好吗", "您好，我是{agent_name}。"), ("催件", "订单 {order_no} 已催。")):
        body = {"title": shortcut, "text": text, "language": "zh", "labels": []}
        put(agent, f"/v1/desk/canned/{shortcut}", body)
    agent.page.reload()
    agent.open(visitor)
    agent.page.keyboard.press("Enter")
    expect(agent.field).to_be_focused()
    agent.page.keyboard.type("/你好吗")
    expect(agent.page.get_by_role("option", name="你好吗")).to_be_visible()
    agent.page.keyboard.press("Enter")
    expect(agent.field).to_have_value("您好，我是陈晞。")
    agent.page.keyboard.press("Control+Enter")
    expect(visitor.bubbles.last).to_have_text("您好，我是陈晞。")
    agent.page.keyboard.type("/催件")
    agent.page.keyboard.press("Enter")
    expect(agent.page.get_by_text("请先填写 {order_no}")).to_be_visible()
    agent.page.keyboard.press("Control+Enter")  # what is not known is not sent
    agent.page.keyboard.type("QH20261119002")  # it was selected
    agent.page.keyboard.press("Control+Enter")
    expect(visitor.bubbles.last).to_have_text("订单 QH20261119002 已催。")


def put(agent, path, body):
    return agent.page.evaluate(
        """async ([path, body]) => {
             const { csrf } = await (await fetch("/v1/session")).json();
             const headers = { "X-Huida-CSRF": csrf, "Content-Type": "application/json" };
             const answer = await fetch(path, { method: "PUT", headers, body: JSON.stringify(body) });
             if (!answer.ok) throw new Error(await answer.text()); }""",
        [path, body],
    )


def test_an_agents_answer_becomes_an_faq_draft_in_two_keys_and_a_supervisor_publishes_it(visit, seat, shop):
    visitor, agent = asked(visit, seat, "能开增值税专票吗?")
    agent.reply("可以，在订单页申请即可。")
    expect(visitor.bubbles.last).to_have_text("可以，在订单页申请即可。")
    agent.field.press("Escape")
    agent.page.keyboard.press("d")
    expect(agent.page.get_by_role("dialog").get_by_label("问题")).to_have_value("能开增值税专票吗?")
    agent.page.keyboard.press("Control+Enter")
    expect(agent.page.get_by_text("草稿已保存")).to_be_visible()
    supervisor = seat("周宁", "supervisor")
    supervisor.page.get_by_role("button", name="知识缺口").click()
    draft = supervisor.page.locator("article", has_text="能开增值税专票吗?")
    draft.get_by_role("button", name="发布").click()
    expect(supervisor.page.get_by_text("已发布")).to_be_visible()
    assert "可以，在订单页申请即可。" in {entry.answer for entry in shop.parts.faq.entries()}


def test_a_search_finds_what_was_said_by_its_words_and_opens_it(visit, seat):
    _, agent = asked(visit, seat, "我的雨伞骨架断了")
    agent.page.keyboard.press("/")
    expect(agent.page.get_by_role("searchbox")).to_be_focused()
    agent.page.keyboard.type("雨伞")
    hit = agent.page.get_by_role("dialog").get_by_role("button", name="我的雨伞骨架断了")
    hit.click()
    expect(agent.page.get_by_role("dialog")).to_be_hidden()
    expect(agent.texts.last).to_have_text("我的雨伞骨架断了")


def test_the_queue_is_walked_by_j_and_k_and_every_key_stands_in_the_help(visit, seat):
    visitor, agent = visit(), seat()
    wait_for_person(visitor)
    expect(agent.line(visitor)).to_be_visible()
    lines, current = agent.page.locator(".line"), agent.page.locator(".line[aria-current=true]")
    agent.page.keyboard.press("j")
    expect(lines.first).to_have_attribute("aria-current", "true")
    if lines.count() > 1:
        agent.page.keyboard.press("j")
        expect(lines.first).to_have_attribute("aria-current", "false")
        agent.page.keyboard.press("k")
    expect(current).to_have_count(1)
    agent.page.keyboard.press("?")
    keys = agent.page.get_by_role("dialog").locator("kbd").all_inner_texts()
    assert {"J", "K", "T", "R", "N", "D", "I", "/", "?", "1", "2", "3", "E", "X", "Enter", "Ctrl+Enter"} <= {*keys}
    agent.page.get_by_role("checkbox").uncheck()
    agent.page.keyboard.press("Escape")
    expect(agent.page.get_by_role("dialog")).to_be_hidden()
    agent.page.keyboard.press("?")  # single keys are off: WCAG 2.1.4
    expect(agent.page.get_by_role("dialog")).to_have_count(0)


def test_a_wrong_answer_of_the_bot_is_reported(visit, seat, shop):
    visitor, agent = visit(), seat("陈晞")
    wait_for_person(visitor)
    shop.remember(visitor.conversation_id, [(QUESTION, Reply("三天内可以退货。", "answer"))])
    agent.open(visitor)
    agent.log.locator(".bot").last.hover()
    agent.log.get_by_role("button", name="这个回答不对").click()
    expect(agent.page.locator("input:focus, textarea:focus")).to_have_count(1)
    agent.page.keyboard.type("过期了")
    agent.page.keyboard.press("Enter")
    expect(agent.page.get_by_text("已记录，谢谢反馈")).to_be_visible()
    turn_id = shop.turns(visitor.conversation_id)[-1].turn_id
    with shop.parts.store.read() as uow:
        [given] = uow.feedback.of_turns([turn_id])
    assert (given.verdict, given.author, given.comment) == ("down", "陈晞", "过期了")


def test_figures_are_for_supervisors(visit, seat):
    _, agent = asked(visit, seat, "你好")
    expect(agent.page.get_by_role("button", name="数据")).to_have_count(0)
    supervisor = seat("周宁", "supervisor")
    supervisor.page.get_by_role("button", name="数据").click()
    expect(supervisor.page.get_by_role("img", name="谁回答了客户")).to_be_visible()
    expect(supervisor.page.locator(".agents")).to_contain_text("陈晞")


@pytest.mark.parametrize("language", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("width", [900, 1280])
def test_every_page_fits_its_width_and_asks_nobody_but_the_server(seat, shop, width, language):
    supervisor = seat("周宁", "supervisor", viewport={"width": width, "height": 760}, **language)
    urls = []
    supervisor.page.on("request", lambda request: urls.append(request.url))
    supervisor.page.reload()
    supervisor.page.keyboard.press("j")
    for page in supervisor.page.get_by_role("navigation").get_by_role("button").all():
        page.click()
        expect(page).to_have_attribute("aria-current", "page")
        assert supervisor.page.evaluate("document.documentElement.scrollWidth") == width
    assert all(url.startswith(shop.url + "/") for url in urls)


def test_the_focus_ring_is_visible_wherever_the_keyboard_goes(visit, seat):
    _, agent = asked(visit, seat, "你好", name="林梅")
    seen = set()
    for _ in range(40):
        agent.page.keyboard.press("Tab")
        name, has_ring = agent.page.evaluate(
            """() => { const at = document.activeElement, shown = at.matches("#reply-field") ? at.parentElement : at;
                       const style = getComputedStyle(shown);
                       return [at.tagName + at.className, style.outlineStyle === "solid" || style.boxShadow !== "none"]; }"""
        )
        assert has_ring or name.startswith("BODY"), name
        seen.add(name)
    assert len(seen) > 5
