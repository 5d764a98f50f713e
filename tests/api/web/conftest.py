"""A browser at the demo shop. Skipped where there is no Chromium; `make test` installs it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from secrets import token_hex
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from assistant.values import Reply
from tests.api.web.shop_server import Shop, demo_shop

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SLOW_MS = 30_000  # a busy machine is slow, not wrong
expect.set_options(timeout=SLOW_MS)
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
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with demo_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


class Visit:
    """One visitor's page of the shop, and what only a test may look at: the requests, the stored turns."""

    def __init__(self, context: BrowserContext, shop: Shop):
        self.context, self.shop = context, shop
        self.page: Page = context.new_page()
        self.troubles: list[str] = []  # errors of scripts, refusals of the page's own security policy
        self.sent: list[dict[str, Any]] = []  # bodies of POST /v1/chat
        self._in_flight: set[Any] = set()  # requests to the API
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda line: self._note(line.type, line.text))
        self.page.on("request", self._began)
        self.page.on("requestfinished", self._ended)
        self.page.on("requestfailed", self._ended)

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:  # the tests cut the connection themselves
            self.troubles.append(text)

    def _began(self, request) -> None:
        if "/v1/" in request.url:
            self._in_flight.add(request)
        if request.url.endswith("/v1/chat") and request.method == "POST":
            self.sent.append(request.post_data_json)

    def _ended(self, request) -> None:
        self._in_flight.discard(request)

    def pass_time(self, until: Locator, at_most_s: int = 120) -> int:
        """Let the page's clock run until `until` shows; return its seconds. It stands while a request is under way."""
        for n_s in range(at_most_s):
            self.page.evaluate("() => new Promise(done => queueMicrotask(done))")
            while self._in_flight:
                self.page.evaluate("() => 0")
            if until.is_visible():
                return n_s
            self.page.clock.run_for(1_000)
        raise AssertionError(f"{until} did not show within {at_most_s} s of the page's clock")

    def open_chat(self) -> None:
        self.launcher.click()
        expect(self.panel).to_be_visible()

    def say(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def remember(self, *exchanges: tuple[str, Reply]) -> None:
        """Open the chat on a conversation that has these turns already."""
        self.page.evaluate("([key, id]) => localStorage.setItem(key, JSON.stringify(id))", [self._key, token_hex(32)])
        self.shop.remember(self.conversation_id, list(exchanges))
        self.page.reload()
        self.open_chat()
        expect(self.log.locator(".exchange")).to_have_count(len(exchanges))

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
        return self.page.evaluate("key => JSON.parse(localStorage.getItem(key))", self._key)

    @property
    def _key(self) -> str:
        return f"huida:{self.shop.url}:conversation"

    def expect_stored(self, *texts: str) -> None:
        """These messages are stored, each once, and the log shows each with its stored reply."""
        expect(self.log.locator(".reply")).to_have_count(len(texts))
        turns = self.shop.turns(self.conversation_id)
        assert tuple(turn.message.text for turn in turns) == texts
        expect(self.bubbles).to_have_text([said for turn in turns for said in (turn.message.text, turn.reply.text)])


@pytest.fixture
def visit(browser: Browser, shop: Shop) -> Iterator[Callable[..., Visit]]:
    """visit(locale=..., viewport=...) opens the shop as a new visitor; the page must have met no error at the end."""
    visits: list[Visit] = []

    def arrive(*, clock: bool = False, init: str | None = None, **options: Any) -> Visit:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **ZH, **options}
        )
        context.set_default_timeout(SLOW_MS)
        if init:
            context.add_init_script(init)
        visitor = Visit(context, shop)
        visits.append(visitor)
        if clock:
            visitor.page.clock.install()
        visitor.page.goto(shop.url)
        visitor.launcher.wait_for()
        return visitor

    yield arrive
    troubles = [trouble for visitor in visits for trouble in visitor.troubles]
    for visitor in visits:
        visitor.context.close()
    assert troubles == []
