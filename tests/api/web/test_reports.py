"""The supervisor's page of reports and a report itself, in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from api.sessions import COOKIE
from assistant.reader import Reader
from assistant.reports.build import Context, Period, build_report
from assistant.reports.files import write_report
from assistant.reports.wording import Wording
from tests.api.web.conftest import SLOW_MS, ZH
from tests.api.web.shop_server import Shop
from tests.assistant.reports.made_rows import made, on_days


@pytest.fixture(scope="module")
def finished(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of sixty days as a file."""
    sentiments, at = on_days([(2, 10)] * 40 + [(7, 10)] * 20)
    rows = made(sentiments, at=at, text=[f"<img src=x onerror=alert({i})>快递到哪了" for i in range(len(at))],
                product=["杯子", "台灯"] * (len(at) // 2))  # fmt: skip
    path = tmp_path_factory.mktemp("report") / "report.html"
    context = Context(reader, ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 22, tzinfo=UTC))
    write_report(build_report(Period("messages.csv", rows), context), Wording.load("zh"), path)
    return path


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """opened(url) shows a page; its scripts must have met no error at the end."""
    contexts, troubles = [], []

    def show(url: str, cookies: list | None = None, **options) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **ZH, **options})
        context.set_default_timeout(SLOW_MS)
        context.add_cookies(cookies or [])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: line.type == "error" and troubles.append(line.text))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(url)
        return page

    yield show
    for context in contexts:
        context.close()
    assert [trouble for trouble in troubles if "Failed to load resource" not in trouble] == []


def test_a_report_opens_from_the_disk_and_tells_what_its_marks_stand_for(opened, finished):
    asked: list[str] = []
    page = opened(finished.as_uri(), offline=True)
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator(".headline")).to_contain_text("10月24日起，")
    page.locator(".trend .hit").nth(3).hover()
    expect(page.locator("#tip")).to_contain_text("负面 17%")
    page.locator(".trend .hit").nth(4).focus()
    expect(page.locator("#tip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#tip")).to_be_hidden()
    expect(page.locator("img")).to_have_count(0)
    assert asked == []


@pytest.mark.parametrize("width", [1280, 800, 390])
def test_nothing_of_a_report_sticks_out_of_the_page(opened, finished, width):
    page = opened(finished.as_uri(), viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def cookie(shop: Shop, name: str, role: str) -> list[dict]:
    return [{"name": COOKIE, "value": shop.session_of(name, role), "url": shop.url}]


def test_a_supervisor_asks_for_a_report_and_sees_what_became_of_it(opened, shop):
    page = opened(f"{shop.url}/reports?lang=zh", cookie(shop, "zhou", "supervisor"))
    page.get_by_text("上传消息文件").click()
    page.get_by_role("button", name="生成报告").click()
    expect(page.get_by_role("alert")).to_have_text("请先选择一个文件。")
    page.locator("input[type=file]").set_input_files(
        {"name": "空.csv", "mimeType": "text/csv", "buffer": "时间,内容\n".encode()}
    )
    page.locator("select").select_option("0")
    page.get_by_role("button", name="生成报告").click()
    expect(page.locator(".report.failed")).to_contain_text("空.csv", timeout=120_000)
    page.get_by_role("button", name="删除").click()
    expect(page.locator(".report")).to_have_count(0)


def test_the_page_tells_strangers_and_agents_whom_it_is_for(opened, shop):
    expect(opened(f"{shop.url}/reports?lang=en").get_by_role("alert")).to_contain_text("Sign in at the desk")
    agents = opened(f"{shop.url}/reports?lang=en", cookie(shop, "an", "agent"))
    expect(agents.get_by_role("alert")).to_have_text("Reports are for supervisors.")
