"""The widget for those who do not use a mouse, a wide screen, bright light or their eyes; and for hostile text."""

import pytest
from playwright.sync_api import expect

from assistant.values import Option, Reply
from tests.api.web.conftest import EN, PHONE
from tests.api.web.shop_server import CHOICE


def focused(visitor) -> str:
    """The label, or the role, of what has the focus inside the widget."""
    return visitor.page.evaluate(
        """() => { const at = document.querySelector("huida-chat").shadowRoot.activeElement;
                   return at ? at.getAttribute("aria-label") || at.textContent.trim() || at.id : ""; }"""
    )


def test_the_keyboard_alone_is_enough(visit):
    visitor = visit(**EN)
    visitor.remember(("return", CHOICE))
    keyboard = visitor.page.keyboard
    keyboard.press("Escape")
    expect(visitor.panel).to_be_hidden()
    expect(visitor.launcher).to_be_focused()
    keyboard.press("Enter")
    expect(visitor.field).to_be_focused()
    keyboard.press("Shift+Tab")
    assert focused(visitor) == "Talk to a human"
    keyboard.press("Shift+Tab")
    assert focused(visitor) == CHOICE.options[-1].title
    keyboard.press("Enter")
    visitor.expect_stored("return", CHOICE.options[-1].title)
    expect(visitor.field).to_be_focused()
    for stop in ("Talk to a human", "Not helpful", "Helpful"):
        keyboard.press("Shift+Tab")
        assert focused(visitor) == stop
    keyboard.press("Space")
    up = visitor.log.get_by_role("button", name="Helpful", exact=True)
    expect(up).to_have_attribute("aria-pressed", "true")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.type("thanks")
    keyboard.press("Enter")
    visitor.expect_stored("return", CHOICE.options[-1].title, "thanks")


def test_the_focus_ring_is_visible_wherever_the_keyboard_goes(visit):
    visitor = visit(**EN)
    visitor.remember(("return", CHOICE))
    stops = []
    visitor.launcher.focus()
    while stops[-1:] != ["TEXTAREA"] and len(stops) < 20:
        visitor.page.keyboard.press("Tab")
        name, has_ring = visitor.page.evaluate(
            """() => { const at = document.querySelector("huida-chat").shadowRoot.activeElement;
                       const shown = at.tagName === "TEXTAREA" ? at.closest("form") : at;
                       const style = getComputedStyle(shown);
                       return [at.tagName, style.outlineStyle === "solid" || style.boxShadow !== "none"]; }"""
        )
        stops.append(name)
        assert has_ring, f"no ring on stop {len(stops)}: {name}"
    assert stops == ["BUTTON", "BUTTON", "DIV", "BUTTON", "BUTTON", "BUTTON", "BUTTON", "TEXTAREA"]


def test_an_input_method_keeps_its_enter(visit):
    visitor = visit()
    visitor.open_chat()
    visitor.field.fill("tui kuan")
    for init in ({"isComposing": True}, {"keyCode": 229}):
        visitor.field.dispatch_event("keydown", {"key": "Enter", "bubbles": True, **init})
    expect(visitor.field).to_have_value("tui kuan")
    expect(visitor.bubbles).to_have_count(0)


def test_a_screen_reader_finds_a_dialog_with_a_live_log_and_named_controls(visit):
    visitor = visit(**EN)
    expect(visitor.launcher).to_have_attribute("aria-expanded", "false")
    visitor.remember(("How long does a refund take?", Reply("Two working days.", "answer")))
    expect(visitor.launcher).to_have_attribute("aria-expanded", "true")
    expect(visitor.log).to_have_attribute("aria-live", "polite")
    expect(visitor.panel).to_have_attribute("aria-modal", "false")
    expect(visitor.panel).to_match_aria_snapshot(
        """
        - dialog "Qinghe Living support":
          - heading "Qinghe Living support" [level=2]
          - status: Automatic replies · a human on request
          - button "Download transcript"
          - button "Close chat"
          - log "Chat messages":
            - text: "You: How long does a refund take? Assistant: Two working days."
            - button "Helpful"
            - button "Not helpful"
          - button "Talk to a human"
          - textbox "Message"
          - button "Send"
        """
    )


def test_a_reply_is_added_to_the_log_and_nothing_before_it_is_touched(visit):
    visitor = visit()
    visitor.remember(("退货", CHOICE))
    visitor.log.evaluate(
        """log => { window.said = [];
                    new MutationObserver(records => records.forEach(({ addedNodes }) => addedNodes.forEach(
                      node => window.said.push(node.textContent)))).observe(log, { childList: true, subtree: true }); }"""
    )
    visitor.say("转人工")
    expect(visitor.bubbles).to_have_count(4)
    said = visitor.page.evaluate("window.said")
    assert said[0].startswith("我: 转人工")
    assert said[-1].startswith("客服助手: ")
    assert not any("退货" in text for text in said)


def test_on_a_phone_the_chat_is_a_sheet_that_keeps_the_focus(visit):
    visitor = visit(**PHONE)
    visitor.open_chat()
    assert visitor.panel.bounding_box() == {"x": 0, "y": 0, **PHONE["viewport"]}
    expect(visitor.panel).to_have_attribute("aria-modal", "true")
    expect(visitor.launcher).to_be_hidden()
    assert visitor.page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"
    stops = []
    for _ in range(9):
        visitor.page.keyboard.press("Tab")
        stops.append(focused(visitor))
    assert "" not in stops and len(set(stops)) < len(stops)  # round and round, never out
    visitor.page.keyboard.press("Escape")
    expect(visitor.launcher).to_be_focused()
    assert visitor.page.evaluate("getComputedStyle(document.documentElement).overflow") == "visible"


def test_a_long_word_does_not_widen_a_phone(visit):
    visitor = visit(**PHONE)
    visitor.remember(("w" * 300, Reply("w" * 300, "clarify", options=(Option("w" * 300),))))
    assert visitor.log.evaluate("log => log.scrollWidth - log.clientWidth") == 0


CONTRASTS = """pairs => {
  const root = document.querySelector("huida-chat").shadowRoot;
  const rgb = (element, name) => getComputedStyle(element)[name].match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = ([r, g, b]) => [[r, 0.2126], [g, 0.7152], [b, 0.0722]].reduce((sum, [channel, weight]) => {
    const share = channel / 255;
    return sum + weight * (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  }, 0);
  return pairs.map(([text, ground]) => {
    const found = [[text, "color"], [ground, "backgroundColor"]];
    const pair = found.map(([selector, name]) => light(rgb(root.querySelector(selector), name)));
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stays_readable_whatever_colour_the_shop_has(visit, scheme):
    visitor = visit(color_scheme=scheme)
    visitor.remember(("?", Reply("https://a.example", "clarify", options=(Option("a"),))))
    pairs = [
        (".mine", ".mine"),
        ("h2", ".head"),
        (".reply .bubble", ".reply .bubble"),
        (".bubble a", ".reply .bubble"),
        (".reply .option", ".panel"),
        (".ways button", ".panel"),
        (".send", ".send"),
        (".launcher", ".launcher"),
    ]
    colours = [
        "",
        "#2f6b4f",
        "#ffd400",
        "#ffffff",
        "#000000",
        "#777777",
        "#e4002b",
        "#00b2ff",
        "hsl(280 90% 60%)",
        "navy",
        "x",
    ]
    for colour in colours:
        visitor.page.evaluate(
            """colour => { const chat = document.querySelector("huida-chat");
                           chat.removeAttribute("style"); chat.dataset.color = colour;
                           const { lang } = document.documentElement; document.documentElement.lang = "";
                           document.documentElement.lang = lang; }""",
            colour,
        )
        visitor.options.wait_for()
        contrasts = dict(zip(pairs, visitor.page.evaluate(CONTRASTS, pairs), strict=True))
        assert min(contrasts.values()) >= 4.5, (colour, contrasts)


def test_who_asks_for_less_motion_gets_none(visit):
    for wish, animation in (("no-preference", "rise"), ("reduce", "none")):
        visitor = visit(reduced_motion=wish)
        visitor.open_chat()
        assert visitor.panel.evaluate("panel => getComputedStyle(panel).animationName") == animation


TAGS = ["<script>x()</script>", "<img src=x onerror=x()>", "<svg onload=x()>", "<svg><script>x()</script></svg>"]
TAGS += ["<iframe srcdoc='<script>parent.x()</script>'>", "<details open ontoggle=x()>", "<body onload=x()>"]
TAGS += ["<a href=javascript:x()>a</a>", "<math><mtext></form><form><mglyph><style></math><img src onerror=x()>"]
TAGS += [
    "<input autofocus onfocus=x()>",
    "<video><source onerror=x()>",
    "<object data=javascript:x()>",
    "<base href=//e>",
]
AROUND = [
    "{}",
    '">{}',
    "'>{}",
    "</textarea>{}",
    "</style>{}",
    "-->{}",
    "${{{}}}",
    "{{{{{}}}}}",
    "[a](javascript:x()){}",
]
AROUND += [
    "https://a.example/{}",
    'https://a.example/"{}',
    "javascript:x()//{}",
    "&lt;{}",
    "\u202e{}",
    "\ufeff{}",
    "%3C{}",
]
PAYLOADS = [around.format(tag) for tag in TAGS for around in AROUND]


def test_two_hundred_hostile_texts_run_nowhere_and_are_shown_as_they_are(visit):
    assert len(PAYLOADS) >= 200
    visitor = visit(init="window.n_run = 0; window.x = () => { window.n_run += 1; }")
    visitor.remember(*((text, Reply(text, "clarify", options=(Option(text),))) for text in PAYLOADS))
    for selector in (".mine", ".reply .bubble", ".reply .option"):
        shown = visitor.log.locator(selector).evaluate_all("all => all.map(one => one.textContent)")
        assert shown == PAYLOADS
    made = "all => [...new Set(all.map(one => one.tagName))].sort()"
    assert visitor.log.locator(".bubble *, .reply .option *").evaluate_all(made) == ["A"]
    links = visitor.log.locator("a").evaluate_all("all => [...new Set(all.map(one => one.protocol))]")
    assert links == ["https:"]
    assert visitor.page.evaluate("window.n_run") == 0
