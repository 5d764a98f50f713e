"""The web files: whole, cached by their content, gzipped only for who takes it."""

import gzip

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api.files import WEB, read_files


@pytest.fixture
def client(tmp_path):
    (tmp_path / "a.js").write_text("let a = '中'", encoding="utf-8")
    (tmp_path / "big.css.gz").write_bytes(gzip.compress(b"body {}"))
    (tmp_path / "notes.txt").write_text("not for browsers")
    files, app = read_files(tmp_path), FastAPI()
    assert set(files) == {"a.js", "big.css"}

    @app.get("/{name}")
    def get(name: str, request: Request):
        return files[name].response(request)

    return TestClient(app)


def test_a_file_comes_with_its_type_and_is_not_sent_twice(client):
    first = client.get("/a.js")
    assert first.text == "let a = '中'"
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    again = client.get("/a.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("accepts", "sent_as"), [("gzip, br", "gzip"), ("identity", None)])
def test_a_gzipped_file_is_unpacked_for_who_does_not_take_gzip(client, accepts, sent_as):
    answer = client.get("/big.css", headers={"Accept-Encoding": accepts})
    assert answer.text == "body {}"
    assert answer.headers.get("content-encoding") == sent_as


def test_the_documentation_page_loads_nothing_from_elsewhere():
    page = (WEB / "docs" / "docs.html").read_text(encoding="utf-8")
    assert "//" not in page.replace("<!doctype html>", "")
    assert {"docs.html", "docs.js", "swagger-ui-bundle.js", "swagger-ui.css"} <= set(read_files(WEB / "docs"))
