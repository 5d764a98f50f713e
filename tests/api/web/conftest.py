"""A browser at the demo shop. Skipped where there is no Chromium; `make test` installs it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.api.web.shop_server import Assistant, create_app, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ZH, EN, PHONE = {"locale": "zh-CN"}, {"locale": "en-US"}, {"viewport": {"width": 360, "height": 740}}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture(scope="session")
def shop(assistant: Assistant) -> Iterator[str]:
    with serving(create_app(assistant)) as url:
        yield url


class Visit:
    """One visitor's page of the shop, and what only a test may look at: the requests, the stored turns."""

    def __init__(self, context: BrowserContext, shop: str, assistant: Assistant):
        self.context, self.shop, self._assistant = context, shop, assistant
        self.page: Page = context.new_page()
        self.troubles: list[str] = []  # errors of scripts, refusals of the page's own security policy
        self.sent: list[dict[str, Any]] = []  # bodies of POST /v1/chat
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda line: self._note(line.type, line.text))
        self.page.on("request", self._count)

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:  # the tests cut the connection themselves
            self.troubles.append(text)

    def _count(self, request) -> None:
        if request.url.endswith("/v1/chat") and request.method == "POST":
            self.sent.append(request.post_data_json)

    def open_chat(self) -> None:
        self.launcher.click()
        expect(self.panel).to_be_visible()

    def say(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def say_elsewhere(self, texts: list[str]) -> None:
        """Send messages of this conversation past the widget, as another device of the customer would."""
        self.page.evaluate(
            """async ([conversation_id, texts]) => {
                 for (const [n, text] of texts.entries())
                   await fetch("/v1/chat", { method: "POST", headers: { "Content-Type": "application/json" },
                     body: JSON.stringify({ conversation_id, message_id: `elsewhere-${n}`, text }) });
               }""",
            [self.conversation_id, texts],
        )

    @property
    def launcher(self) -> Locator:
        return self.page.locator("huida-chat .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def field(self) -> Locator:
        return self.panel.get_by_role("textbox")

    @property
    def bubbles(self) -> Locator:
        return self.log.locator(".bubble")

    @property
    def options(self) -> Locator:
        return self.log.locator(".reply .option")

    @property
    def conversation_id(self) -> str:
        key = f"huida:{self.shop}:conversation"
        return self.page.evaluate("key => JSON.parse(localStorage.getItem(key))", key)

    def stored(self) -> list[str]:
        """The texts that the server holds of this conversation, in their order."""
        return [turn["text"] for turn in self._assistant.turns[self.conversation_id]]


@pytest.fixture
def visit(browser: Browser, shop: str, assistant: Assistant) -> Iterator[Callable[..., Visit]]:
    """visit(locale=..., viewport=...) opens the shop as a new visitor; the page must have met no error at the end."""
    visits: list[Visit] = []

    def arrive(*, clock: bool = False, init: str | None = None, **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **ZH, **options})
        context.set_default_timeout(10_000)
        if init:
            context.add_init_script(init)
        visitor = Visit(context, shop, assistant)
        visits.append(visitor)
        if clock:
            visitor.page.clock.install()
        visitor.page.goto(shop)
        visitor.launcher.wait_for()
        return visitor

    yield arrive
    troubles = [trouble for visitor in visits for trouble in visitor.troubles]
    for visitor in visits:
        visitor.context.close()
    assert troubles == []
