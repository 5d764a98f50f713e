"""The demo shop: at every width, in both languages, without a request to anywhere else."""

import pytest
from playwright.sync_api import expect

from assistant.demo import CUSTOMERS
from tests.api.web.conftest import EN, ZH
from tests.api.web.shop_server import demo_shop


@pytest.mark.parametrize("language", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_fits_every_width_and_shows_its_eight_goods(visit, width, language):
    visitor = visit(viewport={"width": width, "height": 800}, **language)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == width
    cards = visitor.page.locator(".card")
    expect(cards).to_have_count(8)
    for card in cards.all():
        box = card.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        expect(card.get_by_role("heading")).to_be_visible()
        expect(card.get_by_role("button")).to_have_count(1)  # of the two languages one is shown


def test_the_language_is_the_browsers_until_the_visitor_chooses_and_is_remembered(visit):
    visitor = visit(**EN)
    expect(visitor.page.get_by_role("heading", name="This season")).to_be_visible()
    visitor.page.get_by_role("button", name="中文").click()
    expect(visitor.page.get_by_role("heading", name="本季好物")).to_be_visible()
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", name="本季好物")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="中文")).to_have_attribute("aria-pressed", "true")


def test_everything_comes_from_the_shop_itself(visit):
    visitor = visit()
    urls = []
    visitor.page.on("request", lambda request: urls.append(request.url))
    visitor.page.reload()
    visitor.page.get_by_role("button", name="怎么开发票？").click()
    expect(visitor.bubbles).to_have_count(2)
    assert len(urls) >= 5
    assert all(url.startswith(visitor.shop.url + "/") for url in urls)


def test_the_questions_of_the_page_are_sent_as_they_are_written(visit):
    visitor = visit()
    questions = visitor.page.locator("[data-huida-ask]:visible")
    texts = questions.evaluate_all("all => all.map(one => one.dataset.huidaAsk)")
    assert len(texts) == 16
    for question in questions.all():
        question.evaluate("button => button.click()")
    visitor.expect_stored(*texts)


@pytest.fixture(scope="module")
def signing_shop(browser, reader, tmp_path_factory):
    """A shop whose page signs visitors in, as `huida demo` does."""
    with demo_shop(tmp_path_factory.mktemp("signing"), reader, CUSTOMERS) as shop:
        yield shop


def writers(shop, visitor):
    """Whom the stored messages of the visitor's conversation come from."""
    return [turn.message.customer_id for turn in shop.turns(visitor.conversation_id)]


def test_the_page_signs_in_a_customer_of_the_demo_and_a_reload_keeps_the_conversation(visit, signing_shop):
    visitor = visit(url=signing_shop.url)
    who = visitor.page.get_by_label("登录身份")
    expect(who).to_have_value("林晓")
    visitor.open_chat()
    visitor.say("转人工")
    expect(visitor.bubbles).to_have_count(2)
    here = visitor.conversation_id
    visitor.page.reload()
    expect(visitor.bubbles).to_have_count(2)
    assert visitor.conversation_id == here
    assert writers(signing_shop, visitor) == ["demo-lin"]


def test_another_customer_and_a_guest_begin_conversations_of_their_own(visit, signing_shop):
    visitor = visit(url=signing_shop.url, **EN)
    visitor.open_chat()
    visitor.say("Talk to a human")
    expect(visitor.bubbles).to_have_count(2)
    visitor.page.get_by_label("Signed in as").select_option("Emma")
    visitor.open_chat()
    expect(visitor.bubbles).to_have_count(0)
    visitor.say("Talk to a human")
    expect(visitor.bubbles).to_have_count(2)
    assert writers(signing_shop, visitor) == ["demo-emma"]
    visitor.page.get_by_label("Signed in as").select_option("guest")
    visitor.page.reload()
    expect(visitor.page.get_by_label("Signed in as")).to_have_value("guest")
    visitor.open_chat()
    expect(visitor.bubbles).to_have_count(0)
    visitor.say("Talk to a human")
    expect(visitor.bubbles).to_have_count(2)
    assert writers(signing_shop, visitor) == [None]


@pytest.mark.parametrize("language", [ZH, EN], ids=["zh", "en"])
def test_the_choice_of_a_customer_fits_a_phone(visit, signing_shop, language):
    visitor = visit(url=signing_shop.url, viewport={"width": 360, "height": 740}, **language)
    expect(visitor.page.locator("#customer")).to_be_visible()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_shop_that_is_no_demo_offers_nobody_to_sign_in_as(visit):
    expect(visit().page.locator("#customer")).to_be_hidden()
