"""Connections break, servers are busy, pages are reloaded: each message is stored once and nothing is lost."""

from playwright.sync_api import expect

QUESTION = "退款多久能到账？"


def test_a_message_written_without_a_connection_is_sent_once_it_is_back(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.say("转人工")
    expect(visitor.bubbles).to_have_count(2)
    visitor.context.set_offline(True)
    expect(visitor.panel.get_by_text("网络已断开，恢复后会自动发送")).to_be_visible()
    visitor.say(QUESTION)
    expect(visitor.log.get_by_text("网络不稳定，正在重试…")).to_be_visible()
    visitor.context.set_offline(False)
    visitor.expect_stored("转人工", QUESTION)
    expect(visitor.log.locator(".delivery").last).to_be_empty()
    assert len({message["message_id"] for message in visitor.sent[1:]}) == 1


def test_an_answer_that_is_lost_on_its_way_back_is_asked_for_again_not_twice(visit):
    visitor = visit(clock=True)
    visitor.open_chat()
    n_lost = 0

    def lose(route):
        nonlocal n_lost
        n_lost += 1
        if n_lost > 2:
            return route.continue_()
        route.fetch()  # the server has stored the turn; the browser never hears of it
        route.abort()

    visitor.page.route("**/v1/chat", lose)
    visitor.say(QUESTION)
    visitor.pass_time(visitor.log.locator(".reply"))
    assert len(visitor.sent) == 3
    assert len({message["message_id"] for message in visitor.sent}) == 1
    visitor.expect_stored(QUESTION)


def test_unsent_messages_survive_a_reload_and_keep_their_order_and_ids(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.page.route("**/v1/chat", lambda route: route.abort())
    for text in ("一", "二", "三"):
        visitor.say(text)
    expect(visitor.log.locator(".mine")).to_have_count(3)
    ids = visitor.log.locator(".exchange").evaluate_all("rows => rows.map(row => row.dataset.messageId)")
    visitor.page.unroute("**/v1/chat")
    visitor.page.reload()
    visitor.expect_stored("一", "二", "三")
    assert [message["message_id"] for message in visitor.sent[-3:]] == ids
    assert visitor.page.evaluate("() => Object.keys(localStorage).filter(key => key.includes('pending'))") == []


def test_a_reload_after_the_server_stored_a_message_does_not_send_it_again(visit):
    visitor = visit()
    visitor.open_chat()

    def lose(route):
        route.fetch()
        route.abort()

    visitor.page.route("**/v1/chat", lose)
    visitor.say(QUESTION)
    expect(visitor.log.get_by_text("网络不稳定，正在重试…")).to_be_visible()
    visitor.page.unroute("**/v1/chat")
    n_sent = len(visitor.sent)
    visitor.page.reload()
    visitor.expect_stored(QUESTION)
    assert len(visitor.sent) == n_sent


def test_after_five_tries_a_person_is_asked_and_the_button_sends_the_same_message(visit):
    visitor = visit(clock=True)
    visitor.open_chat()
    visitor.page.route("**/v1/chat", lambda route: route.fulfill(status=500, body="{}"))
    visitor.say(QUESTION)
    retry = visitor.log.get_by_role("button", name="重新发送")
    visitor.pass_time(retry)
    expect(visitor.log.get_by_text("发送失败")).to_be_visible()
    assert len(visitor.sent) == 5
    visitor.page.unroute("**/v1/chat")
    retry.click()
    visitor.expect_stored(QUESTION)
    assert len({message["message_id"] for message in visitor.sent}) == 1


def test_a_busy_server_is_given_the_time_that_it_asks_for(visit):
    visitor = visit(clock=True)
    visitor.open_chat()
    visitor.page.route(
        "**/v1/chat", lambda route: route.fulfill(status=429, headers={"Retry-After": "20"}, body="{}"), times=1
    )
    visitor.say(QUESTION)
    expect(visitor.log.get_by_text("网络不稳定，正在重试…")).to_be_visible()
    assert visitor.pass_time(visitor.log.locator(".reply")) >= 20
    assert len(visitor.sent) == 2


def test_a_refused_message_is_not_repeated_and_can_be_changed(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.field.evaluate("field => field.removeAttribute('maxlength')")
    visitor.say("长" * 2_001)
    expect(visitor.log.get_by_text("这条消息无法发送，请修改后再试")).to_be_visible()
    visitor.say(QUESTION)  # what comes after it is not held up
    expect(visitor.log.locator(".reply")).to_have_count(1)
    visitor.log.get_by_role("button", name="修改").click()
    expect(visitor.field).to_have_value("长" * 2_001)
    expect(visitor.field).to_be_focused()
    expect(visitor.bubbles).to_have_count(2)
    assert [message["text"][:2] for message in visitor.sent] == ["长长", QUESTION[:2]]


def test_a_history_that_cannot_be_loaded_is_loaded_by_its_button(visit):
    visitor = visit(clock=True)
    visitor.open_chat()
    visitor.say(QUESTION)
    expect(visitor.bubbles).to_have_count(2)
    visitor.page.route("**/entries*", lambda route: route.abort())
    visitor.page.reload()
    again = visitor.log.get_by_role("button", name="重新载入")
    visitor.pass_time(again)
    visitor.page.unroute("**/entries*")
    again.click()
    visitor.expect_stored(QUESTION)


def test_two_tabs_show_one_conversation_in_the_order_of_the_server(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.say("一")
    expect(visitor.bubbles).to_have_count(2)
    other = visitor.context.new_page()
    other.goto(visitor.shop.url)
    other.locator("huida-chat .launcher").click()
    other.get_by_role("dialog").get_by_role("textbox").fill("二")
    other.keyboard.press("Enter")
    expect(visitor.log.locator(".mine")).to_have_text(["一", "二"])
    visitor.say("三")
    expect(other.get_by_role("log").locator(".mine")).to_have_text(["一", "二", "三"])
    visitor.expect_stored("一", "二", "三")


def test_foreign_text_in_the_storage_does_no_harm(visit):
    visitor = visit()
    visitor.page.evaluate(
        "entries => entries.forEach(([key, value]) => localStorage.setItem(key, value))",
        [[f"huida:{visitor.shop.url}:{key}", "{not json"] for key in ("conversation", "votes", "pending.x")],
    )
    visitor.page.reload()
    visitor.open_chat()
    visitor.say(QUESTION)
    visitor.expect_stored(QUESTION)


def test_a_portal_that_answers_in_place_of_the_server_is_no_answer(visit):
    visitor = visit(clock=True)
    visitor.open_chat()
    pages = [{"content_type": "text/html", "body": "<h1>Sign in</h1>"}, {"json": {"ok": True}}]
    visitor.page.route("**/v1/chat", lambda route: route.fulfill(status=200, **pages.pop()), times=2)
    visitor.say(QUESTION)
    visitor.pass_time(visitor.log.locator(".reply"))
    visitor.expect_stored(QUESTION)
    assert len(visitor.sent) == 3
