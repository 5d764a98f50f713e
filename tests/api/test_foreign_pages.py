"""What pages of other sites can do with ours: embed the widget where they are listed, and nothing else."""

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.conftest import build_parts, settings_in, signed_in

SHOP, EVIL = "https://shop.example", "https://evil.example"
PAGES = ("/", "/desk", "/reports", "/docs")


@pytest.fixture(scope="module")
def listed(tmp_path_factory, reader):
    """An app on whose list SHOP stands, to be asked by an agent's browser."""
    settings = settings_in(tmp_path_factory.mktemp("shop"))
    server = settings.server.model_copy(update={"allowed_origins": (SHOP,)})
    settings = settings.model_copy(update={"server": server})
    app = create_app(settings, lambda _settings: build_parts(settings, reader))
    with TestClient(app):
        yield signed_in(app, "agent", "mei")


@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_ours_stands_in_a_frame_or_runs_a_script_of_others(listed, page):
    policy = dict(part.strip().split(" ", 1) for part in listed.get(page).headers["content-security-policy"].split(";"))
    assert (policy["frame-ancestors"], policy["default-src"], policy["script-src"]) == ("'none'", "'none'", "'self'")
    assert policy["base-uri"] == policy["form-action"] == "'none'"


@pytest.mark.parametrize("origin", [SHOP, EVIL, "null", f"{SHOP}.evil.example"])
@pytest.mark.parametrize("path", ["/v1/desk/queue", "/v1/session", "/v1/conversations/" + "x" * 43 + "/entries"])
def test_no_page_of_another_site_reads_with_somebodys_cookie(listed, path, origin):
    answer = listed.get(path, headers={"Origin": origin})
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers.get("access-control-allow-origin") == (SHOP if origin == SHOP else None)


@pytest.mark.parametrize("header", ["Authorization", "X-Huida-CSRF"])
def test_not_even_a_listed_site_may_send_a_token(listed, header):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": header}
    answer = listed.options("/v1/chat", headers={"Origin": SHOP} | asked)
    assert answer.status_code == 400 and header not in answer.headers.get("access-control-allow-headers", "")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_not_even_a_listed_site_may_change_anything_but_by_post(listed, method):
    answer = listed.options("/v1/users/mei", headers={"Origin": SHOP, "Access-Control-Request-Method": method})
    assert answer.status_code == 400
