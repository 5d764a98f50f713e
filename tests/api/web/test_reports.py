"""The supervisor's page of reports and a report itself, in Chromium."""

from __future__ import annotations

import os
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
from tests.api.web.conftest import CHROMIUM, SLOW_MS, ZH
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


NO_HAN_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><selectfont><rejectfont>
<pattern><patelt name="lang"><string>zh-cn</string></patelt></pattern>
<pattern><patelt name="lang"><string>ja</string></patelt></pattern>
</rejectfont></selectfont></fontconfig>"""
# Han characters that are not one em wide, as all of a Han font are and the box for a missing one is not
BOXES = """async () => {
  await document.fonts.ready;
  const found = [], range = document.createRange(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode()); ) {
    const em = parseFloat(getComputedStyle(text.parentElement).fontSize);
    for (const { index } of text.data.matchAll(/\\p{Script=Han}/gu)) {
      range.setStart(text, index), range.setEnd(text, index + 1);
      const { width } = range.getBoundingClientRect();
      if (width && Math.abs(width / em - 1) > 0.05) found.push(text.data[index]);
    }
  }
  return found;
}"""


@pytest.fixture
def bare(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page of a Chromium that finds no font with Han characters."""
    (tmp_path / "fonts.conf").write_text(NO_HAN_FONTS)
    found = browser.browser_type.launch(
        executable_path=CHROMIUM, args=["--no-sandbox"], env={**os.environ, "FONTCONFIG_FILE": f"{tmp_path}/fonts.conf"}
    )
    yield found.new_page(**ZH)
    found.close()


def test_han_characters_are_drawn_on_a_machine_that_has_no_font_for_them(bare, finished, tmp_path):
    bare.goto(finished.as_uri())
    assert bare.evaluate(BOXES) == []
    loaded = bare.evaluate(
        "[...document.fonts].filter(({ status }) => status === 'loaded').map(({ weight }) => weight)"
    )
    assert loaded == ["400", "700"]
    without = tmp_path / "without.html"
    without.write_text(finished.read_text("utf-8").replace("@font-face", "@none"), "utf-8")
    bare.goto(without.as_uri())
    assert {*"客户声音负面"} <= set(bare.evaluate(BOXES))


def test_paper_shows_what_a_screen_folds_away(opened, finished):
    page = opened(finished.as_uri())
    expect(page.locator("details table")).to_be_hidden()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("details table")).to_be_visible()
    expect(page.locator(".trend .value").first).to_have_text("17%")
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("details table")).to_be_hidden()
    expect(page.locator(".trend .value").first).to_be_hidden()


def cookie(shop: Shop, name: str, role: str) -> list[dict]:
    return [{"name": COOKIE, "value": shop.session_of(name, role), "url": shop.url}]


def test_a_supervisor_asks_for_a_report_and_sees_what_became_of_it(opened, shop):
    page = opened(f"{shop.url}/reports?lang=zh", cookie(shop, "zhou", "supervisor"))
    page.get_by_text("上传消息文件").click()
    page.get_by_role("button", name="生成报告").click()
    expect(page.get_by_role("alert")).to_have_text("请先选择一个文件。")
    page.locator("input[type=file]").set_input_files(
        {"name": "照片.png", "mimeType": "image/png", "buffer": b"\x89PNG"}
    )
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="生成报告").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择表格文件")
    page.locator("input[type=file]").set_input_files(
        {"name": "空.csv", "mimeType": "text/csv", "buffer": "时间,内容\n".encode()}
    )
    page.locator("select").select_option("0")
    expect(page.get_by_label("与上一期比较")).to_be_disabled()
    page.get_by_role("button", name="生成报告").click()
    expect(page.locator(".report.failed .error")).to_have_text("没有完成：空.csv 里没有可以读的消息。", timeout=120_000)
    expect(page.get_by_role("status")).to_contain_text("没有可以读的消息")
    page.get_by_role("button", name="删除 空.csv").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".report")).to_have_count(0)


def test_the_page_tells_strangers_and_agents_whom_it_is_for(opened, shop):
    expect(opened(f"{shop.url}/reports?lang=en").get_by_role("alert")).to_contain_text("Sign in at the desk")
    agents = opened(f"{shop.url}/reports?lang=en", cookie(shop, "an", "agent"))
    expect(agents.get_by_role("alert")).to_have_text("Reports are for supervisors.")
