"""Browsers at the demo shop and at its desk. Skipped where there is no Chromium; `make test` installs it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from secrets import token_hex
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from api.sessions import COOKIE
from assistant.reader import Reader
from assistant.values import Reply
from assistant.visitors import known_as
from tests.api.web.shop_server import Shop, demo_shop
from tests.api.web.wire import Wire

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SLOW_MS = 30_000  # a busy machine is slow, not wrong
expect.set_options(timeout=SLOW_MS)
ZH, EN, PHONE = {"locale": "zh-CN"}, {"locale": "en-US"}, {"viewport": {"width": 360, "height": 740}}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("Chromium is not installed (apt-get install chromium)", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shop(browser: Browser, reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with demo_shop(tmp_path_factory.mktemp("shop"), reader) as shop:
        yield shop


class Watched:
    """A page, and what goes wrong in it: errors of scripts, refusals of the page's own security policy."""

    def __init__(self, context: BrowserContext, shop: Shop, url: str):
        self.context, self.shop, self.url = context, shop, url
        self.page: Page = context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda line: self._note(line.type, line.text))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:  # the tests cut the connection themselves
            self.troubles.append(text)


class Visit(Watched):
    """One visitor's page of the shop, and what only a test may look at: the requests, the stored turns."""

    def __init__(self, context: BrowserContext, shop: Shop, url: str):
        super().__init__(context, shop, url)
        self.sent: list[dict[str, Any]] = []  # bodies of POST /v1/chat
        self._in_flight: set[Any] = set()  # requests to the API
        self.page.on("request", self._began)
        self.page.on("requestfinished", self._ended)
        self.page.on("requestfailed", self._ended)

    def _began(self, request) -> None:
        if "/v1/" in request.url and not request.url.endswith("/events"):  # a live channel stays open
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
        self.begin()
        self.shop.remember(self.conversation_id, list(exchanges))
        self.page.reload()
        self.open_chat()
        expect(self.log.locator(".exchange")).to_have_count(len(exchanges))

    def begin(self) -> None:
        """Have a conversation, of which nothing is said yet; the page takes it up when it is loaded again."""
        self.page.evaluate("([key, id]) => localStorage.setItem(key, JSON.stringify(id))", [self._key, token_hex(32)])

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
    def known_as(self) -> str:
        """What the desk and the store call the conversation."""
        return known_as(self.conversation_id)

    @property
    def _key(self) -> str:
        return f"huida:{self.url}:conversation"

    def expect_stored(self, *texts: str) -> None:
        """These messages are stored, each once, and the log shows each with its stored reply, if there is one."""
        expect(self.log.locator(".mine")).to_have_text(list(texts))
        expect(self.log.locator(".delivery:not(:empty)")).to_have_count(0)
        turns = self.shop.turns(self.conversation_id)
        assert tuple(turn.message.text for turn in turns) == texts
        said = [
            text for turn in turns for text in (turn.message.text, turn.reply.text) if text
        ]  # silent once handed over
        expect(self.bubbles).to_have_text(said)


@pytest.fixture
def visit(browser: Browser, shop: Shop) -> Iterator[Callable[..., Visit]]:
    """visit(locale=..., viewport=...) opens the shop as a new visitor; the page must have met no error at the end."""
    visits: list[Visit] = []

    def arrive(*, clock: bool = False, init: str | None = None, url: str = shop.url, **options: Any) -> Visit:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **ZH, **options}
        )
        context.set_default_timeout(SLOW_MS)
        if init:
            context.add_init_script(init)
        visitor = Visit(context, shop, url)
        visits.append(visitor)
        if clock:
            visitor.page.clock.install()
        visitor.page.goto(url)
        visitor.launcher.wait_for()
        return visitor

    yield arrive
    _leave(visits)


def _leave(pages: Sequence[Watched]) -> None:
    for watched in pages:
        watched.context.close()
    assert [trouble for watched in pages for trouble in watched.troubles] == []


class Seat(Watched):
    """One person's page of the desk. `name` is also how customers read them."""

    def __init__(self, context: BrowserContext, shop: Shop, url: str, name: str):
        super().__init__(context, shop, url)
        self.name = name

    def open(self, visitor: Visit | str) -> None:
        """Open a visitor's conversation in the queue."""
        self.line(visitor).click()
        expect(self.page.locator(".talk-head h2")).to_have_text(self._called(visitor))

    def take(self, visitor: Visit | str) -> None:
        self.open(visitor)
        self.page.keyboard.press("t")
        expect(self.field).to_be_focused()

    def reply(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Control+Enter")

    def line(self, visitor: Visit | str) -> Locator:
        return self.page.locator(".line", has=self.page.get_by_text(self._called(visitor), exact=True))

    def _called(self, visitor: Visit | str) -> str:
        return visitor if isinstance(visitor, str) else f"访客 {visitor.known_as[:4]}"

    @property
    def field(self) -> Locator:
        return self.page.locator("#reply-field")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def texts(self) -> Locator:
        """What was said, by whomever, in the order of the page."""
        return self.log.locator(".text")


@pytest.fixture
def seat(browser: Browser, shop: Shop) -> Iterator[Callable[..., Seat]]:
    """seat("mei", "agent") opens the desk as somebody who is signed in; the page must have met no error at the end."""
    seats: list[Seat] = []

    def sit_down(
        name: str = "chen", role: str = "agent", *, url: str = shop.url, init: str | None = None, **options: Any
    ) -> Seat:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **ZH, **options}
        )
        context.set_default_timeout(SLOW_MS)
        context.add_cookies([{"name": COOKIE, "value": shop.session_of(name, role), "url": url}])
        if init:
            context.add_init_script(init)
        seats.append(Seat(context, shop, url, name))
        seats[-1].page.goto(f"{url}/desk")
        seats[-1].page.locator(".queue").wait_for()
        return seats[-1]

    yield sit_down
    _leave(seats)


@pytest.fixture
def wire(shop: Shop) -> Iterator[Wire]:
    with Wire(shop.url) as wire:
        yield wire
