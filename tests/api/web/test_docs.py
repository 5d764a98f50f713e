"""The description of the API in a real browser: it shows every route, and asks nobody but our own server."""

from playwright.sync_api import expect


def test_the_documentation_shows_the_routes_without_a_network_beyond_the_server(browser, shop):
    page = browser.new_page()
    asked, troubles = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.goto(f"{shop.url}/docs")
    expect(page.locator("#operations-conversation-chat_v1_chat_post")).to_be_visible()
    expect(page.get_by_role("button", name="Authorize")).to_be_visible()
    page.close()
    assert troubles == []
    assert all(url.startswith((shop.url, "data:")) for url in asked)
