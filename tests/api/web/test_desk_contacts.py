"""Whom to contact today, at the desk: a list with reasons, by keyboard and on a phone, in Chinese and in English."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from assistant.customer import identities, score_run
from assistant.customer.profile import fold
from tests.api.web.conftest import EN, ZH
from tests.api.web.shop_server import demo_shop
from tests.assistant.customer.shoppers import START, shoppers
from tests.assistant.turns import plain_turn

HANDHELD = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
WAITED = timedelta(days=4, hours=1)


@pytest.fixture
def shop(reader, tmp_path):
    """A shop of its own for each test: who is to be contacted depends on everybody."""
    with demo_shop(tmp_path, reader) as shop:
        yield shop


def complain(shop, customer_id, conversation_id="c-wang"):
    at = datetime.now(UTC) - WAITED
    turn = plain_turn(conversation_id, customer_id=customer_id, mood="negative", intent="complaint", outcome="handoff")
    turn = replace(turn, message=replace(turn.message, received_at=at), created_at=at)
    with shop.parts.store.begin() as uow:
        uow.conversations.open(conversation_id, customer_id, at)
        uow.turns.add(turn)
        uow.profiles.save(fold(uow.profiles.open(customer_id), turn))


def score(shop):
    root = shop.parts.settings.store.data_dir / "customers" / "scores"
    score_run.run(root, shoppers(40, 200), str(START + 199), 90, "p")


def lines(seat):
    return seat.page.locator(".contact")


def at_contacts(seat, button="今日联系", **options):
    agent = seat(**options)
    agent.page.get_by_role("navigation").get_by_role("button", name=button).click()
    expect(agent.page.locator(".contacts h1")).to_be_visible()
    return agent


@pytest.mark.parametrize(
    ("language", "button", "empty"),
    [(ZH, "今日联系", "今天没有需要主动联系的客户"), (EN, "Contact today", "Nobody needs to be contacted today")],
    ids=["zh", "en"],
)
def test_where_nobody_gives_a_reason_the_page_says_so(seat, language, button, empty):
    agent = at_contacts(seat, button, **language)
    expect(agent.page.get_by_text(empty)).to_be_visible()


def test_the_list_says_whom_to_contact_and_why(seat, shop):
    complain(shop, "王磊")
    agent = at_contacts(seat)
    expect(lines(agent)).to_have_count(1)
    expect(lines(agent)).to_contain_text("先解决投诉")
    expect(lines(agent)).to_contain_text("有未解决的投诉: 投诉建议, 已等待 4 天")
    expect(agent.page.locator(".hint-line")).to_contain_text("huida customers score")  # no purchases yet
    score(shop)
    agent.page.reload()
    expect(agent.page.locator(".hint-line")).to_have_count(0)
    expect(lines(agent).nth(1)).to_contain_text("流失风险")
    shares = lines(agent).locator("progress").evaluate_all("bars => bars.map(bar => bar.value)")
    assert shares == sorted(shares, reverse=True) and len(shares) > 2
    agent.page.get_by_label("账户").click()
    agent.page.get_by_role("button", name="English").click()
    expect(lines(agent).filter(has_text="王磊")).to_contain_text("an open complaint: complaint, waiting for 4 days")


def test_the_keyboard_walks_the_list_opens_the_panel_and_the_conversation(seat, shop):
    complain(shop, "王磊")
    agent = at_contacts(seat)
    panel = agent.page.get_by_role("complementary")
    expect(lines(agent)).to_contain_text("30% 可能流失")
    agent.page.keyboard.press("j")
    expect(lines(agent).first).to_have_attribute("aria-current", "true")
    expect(panel).to_contain_text("王磊")
    expect(panel).to_contain_text("投诉建议")
    agent.page.keyboard.press("i")
    expect(panel).to_have_count(0)
    agent.page.keyboard.press("j")
    agent.page.keyboard.press("t")
    expect(agent.page.locator(".talk-head h2")).to_have_text("王磊")
    agent.page.keyboard.press("t")  # taken: somebody is in touch with them now
    expect(agent.field).to_be_focused()
    agent.field.press("Escape")
    agent.page.get_by_role("button", name="今日联系").click()
    expect(agent.page.get_by_text("今天没有需要主动联系的客户")).to_be_visible()


def test_who_only_bought_has_a_panel_too_and_no_conversation_to_open(seat, shop):
    score(shop)
    agent = at_contacts(seat)
    lines(agent).first.click()
    panel = agent.page.get_by_role("complementary")
    expect(panel).to_contain_text("没有会话记录")
    expect(panel).to_contain_text("90 天内不再购买的概率")


@pytest.mark.parametrize("options", [{"viewport": {"width": 1280, "height": 800}}, HANDHELD], ids=["desk", "phone"])
def test_the_other_ids_of_a_person_stand_below_the_first_with_where_they_come_from(seat, shop, options):
    people = [("王磊", "13800138000", ""), ("C-2071", "138 0013 8000", "l@x.cn"), (f"member-{42:050}", "", "L@x.cn")]
    root = shop.parts.settings.store.data_dir / "customers" / "identities"
    identities.publish(root, identities.merged(identities.load(root), people).met)
    complain(shop, "王磊")
    complain(shop, "C-2071", "c-li")
    agent = at_contacts(seat, **options)
    expect(lines(agent)).to_have_count(1)  # one person, one line
    lines(agent).click()
    also = agent.page.get_by_role("complementary").locator(".also")
    expect(also.locator("summary")).to_contain_text("C-2071、member-")
    expect(also.locator("li").first).to_be_hidden()
    also.locator("summary").click()
    expect(also.locator("li").first).to_have_text("C-2071 电话相同1 条消息 · 0 个订单")
    expect(also.locator("li").nth(1)).to_contain_text("邮箱相同")
    assert agent.page.evaluate("document.documentElement.scrollWidth") == options["viewport"]["width"]


def test_the_list_is_downloaded_as_a_file_for_a_spreadsheet(seat, shop, tmp_path):
    complain(shop, "=cmd()")
    agent = at_contacts(seat)
    with agent.page.expect_download() as download:
        agent.page.get_by_role("link", name="下载 CSV").click()
    download.value.save_as(tmp_path / "today.csv")
    [row] = csv.DictReader((tmp_path / "today.csv").open(encoding="utf-8-sig"))
    assert (row["customer_id"], row["step"]) == ("'=cmd()", "settle_complaint")


@pytest.mark.parametrize("width", [900, 1280])
def test_list_and_panel_stand_side_by_side(seat, shop, width):
    complain(shop, "王磊")
    agent = at_contacts(seat, viewport={"width": width, "height": 760})
    lines(agent).click()
    line, panel = lines(agent).bounding_box(), agent.page.get_by_role("complementary").bounding_box()
    assert line["x"] + line["width"] <= panel["x"] and panel["x"] + panel["width"] == width


def test_on_a_phone_one_thing_shows_at_a_time_and_the_way_back_is_a_button(seat, shop):
    complain(shop, "王磊")
    agent = at_contacts(seat, **HANDHELD)
    lines(agent).tap()
    panel = agent.page.get_by_role("complementary")
    expect(panel).to_be_visible()
    assert panel.bounding_box()["width"] == HANDHELD["viewport"]["width"]
    panel.get_by_role("button", name="查看会话").tap()
    expect(agent.page.locator(".queue")).to_be_hidden()
    agent.page.locator(".talk-head").get_by_role("button", name="接手").tap()
    expect(agent.page.locator(".talk-head .state")).to_have_text("由我接待")
    agent.field.fill("您好，我来处理。")
    agent.page.get_by_role("button", name="发送").tap()
    expect(agent.texts.last).to_have_text("您好，我来处理。")
    agent.page.get_by_role("button", name="返回").tap()
    expect(agent.page.locator(".queue .line")).to_contain_text(["王磊"])
    expect(agent.page.locator(".talk")).to_be_hidden()


@pytest.mark.parametrize("language", [ZH, EN], ids=["zh", "en"])
def test_every_page_fits_a_phone_and_its_buttons_a_thumb(seat, shop, language):
    complain(shop, "王磊")
    boss = seat("周宁", "supervisor", **HANDHELD, **language)
    for page in boss.page.get_by_role("navigation").get_by_role("button").all():
        page.tap()
        expect(page).to_have_attribute("aria-current", "page")
        assert boss.page.evaluate("document.documentElement.scrollWidth") == HANDHELD["viewport"]["width"]
        heights = boss.page.locator("button:visible:not(.link-button)").evaluate_all(
            "all => all.map(b => b.offsetHeight)"
        )
        assert min(heights) >= 34
