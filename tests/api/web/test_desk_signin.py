"""Signing in at the desk: wrong passwords, the first password of one's own, and a session that ends in the middle."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from api import passwords
from api.sessions import COOKIE
from assistant.store.users import User
from tests.api.web.conftest import ZH
from tests.api.web.test_desk import wait_for_person

ONE_TIME, OWN = "k7mx-p3vd-9wqs-t6hn", "清风明月 a long one"


@pytest.fixture
def gate(browser, shop):
    """The desk's page for somebody who is not signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **ZH)
    page = context.new_page()
    page.goto(f"{shop.url}/desk")
    yield page
    context.close()


def enter(page, name, password):
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.keyboard.press("Enter")


def test_a_new_colleague_chooses_a_password_of_their_own_at_the_first_sign_in(gate, shop):
    with shop.parts.store.begin() as uow:
        xin = User("xin", "小新", "agent", datetime.now(UTC), must_change_password=True)
        uow.users.add(xin, passwords.hashed(ONE_TIME, "xin"))
    enter(gate, "xin", "not the password")
    expect(gate.get_by_role("alert")).to_have_text("用户名或密码不正确")
    enter(gate, "xin", ONE_TIME)
    expect(gate.get_by_role("heading", name="请设置您自己的密码")).to_be_visible()
    new, repeated = gate.get_by_label("新密码").first, gate.get_by_label("再输入一次新密码")
    expect(new).to_be_focused()
    new.fill(OWN)
    repeated.fill(OWN + "!")
    gate.keyboard.press("Enter")
    expect(gate.get_by_role("alert")).to_have_text("两次输入的新密码不一致")
    repeated.fill(OWN)
    gate.keyboard.press("Enter")
    expect(gate.get_by_role("region", name="会话队列")).to_be_visible()
    gate.reload()
    expect(gate.get_by_role("region", name="会话队列")).to_be_visible()
    gate.locator(".menu summary").click()
    gate.get_by_role("button", name="退出登录").click()
    enter(gate, "xin", OWN)
    expect(gate.get_by_role("region", name="会话队列")).to_be_visible()


def test_a_drawn_password_cannot_be_kept_by_loading_the_page_again(gate, shop):
    with shop.parts.store.begin() as uow:
        lan = User("lan", "小兰", "agent", datetime.now(UTC), must_change_password=True)
        uow.users.add(lan, passwords.hashed(ONE_TIME, "lan"))
    enter(gate, "lan", ONE_TIME)
    heading = gate.get_by_role("heading", name="请设置您自己的密码")
    expect(heading).to_be_visible()
    gate.reload()
    expect(heading).to_be_visible()
    gate.get_by_label("当前密码").fill(ONE_TIME)
    gate.get_by_label("新密码").first.fill(OWN)
    gate.get_by_label("再输入一次新密码").fill(OWN)
    gate.keyboard.press("Enter")
    expect(gate.get_by_role("region", name="会话队列")).to_be_visible()


def test_the_gate_speaks_both_languages(gate):
    gate.get_by_role("button", name="English").click()
    expect(gate.get_by_role("heading", name="Sign in to the desk")).to_be_visible()
    expect(gate.locator("html")).to_have_attribute("lang", "en")


def test_a_session_that_ends_asks_to_sign_in_again_and_keeps_what_was_written(visit, seat, shop):
    visitor, agent = visit(), seat("陈晞")
    wait_for_person(visitor)
    agent.take(visitor)
    agent.field.fill("写到一半")
    with shop.parts.store.begin() as uow:
        uow.sessions.end_all("陈晞")
    visitor.say("在吗")  # the desk hears of it, asks, and is refused
    expect(agent.page.get_by_text("登录已过期")).to_be_visible()
    session = shop.session_of("陈晞", "agent")
    agent.context.add_cookies([{"name": COOKIE, "value": session, "url": shop.url}])
    agent.page.reload()
    agent.open(visitor)
    expect(agent.field).to_have_value("写到一半")
