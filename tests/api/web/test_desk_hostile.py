"""Two hundred hostile texts, as a visitor's words and as FAQ answers, notes and labels: shown as they are, run nowhere."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from assistant.values import FaqEntry, Message
from tests.api.web.shop_server import demo_shop
from tests.api.web.test_access import PAYLOADS

COUNTING = "window.n_run = 0; window.x = () => { window.n_run += 1; }"
MARKDOWN = ["[a]({})", "![a]({})", "# {}", "> {}", "`{}`", "<{}>", "[a]: {}", "| {} |", "* {}", "**{}**"]


@pytest.fixture(scope="module")
def shop(browser, reader, tmp_path_factory):
    """A shop of its own: these entries would be found by other tests."""
    with demo_shop(tmp_path_factory.mktemp("hostile"), reader) as shop:
        answers = [MARKDOWN[i % len(MARKDOWN)].format(payload) for i, payload in enumerate(PAYLOADS)]
        shop.parts.faq.import_entries(FaqEntry(f"x-{i}", f"问题{i}", answer) for i, answer in enumerate(answers))
        yield shop


def test_two_hundred_hostile_texts_run_nowhere_in_the_widget_and_at_the_desk(visit, seat, shop):
    assert len(PAYLOADS) >= 200
    visitor = visit(init=COUNTING)
    visitor.begin()
    for i, payload in enumerate(PAYLOADS):
        chosen = Message(visitor.known_as, f"m{i}", payload, datetime.now(UTC), None, f"x-{i}")
        shop.parts.chat.chat(chosen)
    said = [text for turn in shop.turns(visitor.conversation_id) for text in (turn.message.text, turn.reply.text)]
    assert len(said) == 2 * len(PAYLOADS) and said[1].startswith("[a](")
    visitor.page.reload()
    visitor.open_chat()
    expect(visitor.bubbles).to_have_count(len(said))
    assert visitor.bubbles.evaluate_all("all => all.map(one => one.textContent)") == said

    agent = seat(init=COUNTING)
    agent.open(visitor)
    expect(agent.texts).to_have_count(400)  # the latest 200 entries
    assert agent.texts.evaluate_all("all => all.map(one => one.textContent)") == said[-400:]
    made = "all => [...new Set(all.map(one => one.tagName))].sort()"
    assert agent.log.locator(".text *").evaluate_all(made) == ["A"]
    links = agent.log.locator(".text a").evaluate_all("all => [...new Set(all.map(one => one.protocol))]")
    assert {*links} <= {"https:", "http:"}
    agent.take(visitor)
    for payload in PAYLOADS[:8]:
        agent.field.press("Escape")
        agent.page.keyboard.press("n")
        agent.reply(payload)
        expect(agent.log.locator(".note .text").last).to_have_text(payload)
        agent.page.get_by_role("button", name="标签", exact=True).click()
        expect(agent.page.locator("input:focus, textarea:focus")).to_have_count(1)
        agent.page.keyboard.type(payload[:40])
        agent.page.keyboard.press("Enter")
        expect(agent.page.locator(".talk-head .label").last).to_have_text(payload[:40].strip())
    agent.reply(PAYLOADS[0])
    expect(visitor.bubbles.last).to_have_text(PAYLOADS[0])
    agent.field.press("Escape")
    agent.page.keyboard.press("/")
    search = agent.page.get_by_role("dialog")
    search.locator("input").fill("script")  # waits for the field, where typed keys would go to the page
    expect(search.get_by_role("status")).to_be_visible()
    for page in (visitor.page, agent.page):
        assert page.evaluate("window.n_run") == 0


def test_hostile_names_of_customers_are_text_too(visit, seat, shop):
    name = "<img src=x onerror=x()>"
    visitor = visit()
    visitor.begin()
    shop.parts.chat.chat(Message(visitor.known_as, "1", "转人工", datetime.now(UTC), name))
    agent = seat(init=COUNTING)
    agent.open(name)
    expect(agent.page.locator(".panel .name")).to_have_text(name)
    assert agent.page.evaluate("window.n_run") == 0
