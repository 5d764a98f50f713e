"""A hostile site in a real browser: our pages do not stand in its frames, and its messages and requests do nothing."""

import pytest
from playwright.sync_api import expect

from tests.api.web.conftest import SLOW_MS


@pytest.mark.parametrize("page", ["/", "/desk", "/reports"])
def test_a_frame_of_another_site_shows_nothing_of_ours(browser, shop, page):
    context = browser.new_context()
    context.set_default_timeout(SLOW_MS)
    hostile = context.new_page()
    hostile.goto(shop.other_site)
    with hostile.expect_console_message(lambda line: "frame-ancestors" in line.text):
        hostile.evaluate(
            "url => document.body.append(Object.assign(document.createElement('iframe'), { src: url }))",
            shop.url + page,
        )
    assert hostile.locator("iframe").content_frame.locator("main, .gate, #main").count() == 0
    context.close()


def test_a_foreign_page_neither_reads_the_desk_nor_writes_there_with_an_agents_session(seat, shop):
    agent = seat("mei", "supervisor")
    hostile = agent.context.new_page()  # the same browser, the same cookies
    hostile.goto(shop.other_site)
    tried = hostile.evaluate(
        """async url => Promise.all([["GET", "queue"], ["PUT", "canned/x"], ["POST", "conversations/x/take"]].map(
             ([method, path]) => fetch(`${url}/v1/desk/${path}`, { method, credentials: "include" })
               .then(answer => answer.status, () => "refused")))""",
        shop.url,
    )
    assert "refused" in tried and set(tried) <= {"refused", 401, 403}
    with shop.parts.store.read() as uow:
        assert [reply.shortcut for reply in uow.canned.all() if reply.shortcut == "x"] == []


def test_messages_of_other_windows_are_heard_by_nobody(visit):
    visitor = visit()
    visitor.page.evaluate(
        """() => { for (const data of [{ type: "huida:ask", text: "x" }, "open", { ask: "x" }]) postMessage(data, "*"); }"""
    )
    visitor.page.evaluate("() => new Promise(done => setTimeout(done))")
    expect(visitor.panel).to_be_hidden()
    assert visitor.sent == []
