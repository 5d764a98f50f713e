"""Health, readiness, metrics, the description of the API and the pages."""

import os
import subprocess
import sys

import pytest

from api.auth import POLICY, Access
from assistant.errors import StoreBusy


def test_a_healthy_server_is_ready_and_names_its_versions(client, parts):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert (ready["status"], ready["degraded"]) == ("ready", [])
    assert ready["versions"]["index"] == parts.faq.version


def test_a_server_whose_store_is_away_is_not_ready_and_says_so_without_its_address(client, parts, monkeypatch):
    def away(_store):
        raise StoreBusy("the database postgresql://user@host/name cannot be reached")

    monkeypatch.setattr(type(parts.store), "revision", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["degraded"] == ["store: the database is busy; try again shortly"]
    assert client.get("/healthz").status_code == 200


def test_metrics_count_requests_by_route_and_hold_nothing_that_was_said(client):
    body = {"conversation_id": "secret-conversation-id", "message_id": "1", "text": "我的电话 13800138000"}
    client.post("/v1/chat", json=body)
    client.get("/v1/conversations/secret-conversation-id/turns")
    client.get("/a/path/that/is/none")
    text = client.get("/metrics").text
    assert 'huida_requests_total{method="POST",route="/v1/chat",status="200"} 1.0' in text
    assert 'route="/v1/conversations/{conversation_id}/turns"' in text
    assert 'route="none",status="404"' in text
    assert "huida_turns_total" in text and "huida_degraded_parts 0.0" in text
    assert not any(word in text for word in ("13800138000", "secret-conversation-id", "that/is/none"))


def test_the_description_covers_every_route_but_the_pages_with_examples_and_the_error_shape(client):
    described = client.get("/openapi.json").json()
    pages = {"/", "/docs", "/docs/{name}", "/openapi.json", "/widget.js", "/shop/{name}", "/shop/customers"}
    pages |= {"/desk", "/desk/{name}", "/reports", "/reports/{name}"}
    assert {path for _, path in POLICY} - set(described["paths"]) == pages
    schemas = described["components"]["schemas"]
    assert not [name for name in schemas if "__" in name]  # two classes of one name
    for name in ("ChatIn", "SearchIn", "EntryIn", "FeedbackIn", "WebhookIn"):
        assert schemas[name]["examples"], name
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            access = POLICY[method.upper(), path]
            assert operation["summary"] and operation["description"], path
            keys = operation.get("security", [])
            assert ({"token": []} in keys) == (access not in (Access.OPEN, Access.PERSON)), path
            assert ({"session": []} in keys) == (access is not Access.OPEN), path
            assert {"422", "429", "503"} <= set(operation["responses"]), (method, path)
            refusal = operation["responses"]["422"]["content"]["application/json"]["schema"]
            assert refusal == {"$ref": "#/components/schemas/ErrorBody"}, (method, path)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html"),
        ("/docs", "text/html"),
        ("/widget.js", "text/javascript"),
        ("/docs/swagger-ui-bundle.js", "text/javascript"),
        ("/docs/swagger-ui.css", "text/css"),
        ("/shop/index.js", "text/javascript"),
    ],
)
def test_the_pages_come_with_their_type_and_a_policy_that_loads_nothing_from_elsewhere(client, path, media_type):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert "http" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["..%2Fpackage.json", "LICENSE", "%2e%2e", "docs.py"])
def test_no_other_file_can_be_asked_for(client, name):
    assert client.get(f"/docs/{name}").status_code == 404
    assert client.get(f"/shop/{name}").status_code == 404


def test_loading_the_encoder_starts_no_telemetry_of_onnxruntime(tmp_path):
    """Its telemetry keeps a session file in the temporary folder from the moment the library is loaded."""
    program = """
from assistant import bootstrap, settings
bootstrap.build_encoder(settings.load())[1].encode(["hi"])
"""
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    subprocess.run([sys.executable, "-c", program], env=environment | {"TMPDIR": str(tmp_path)}, check=True)
    assert not list(tmp_path.glob(".ses*"))
