"""The FAQ over HTTP: what an administrator changes, the next search finds."""

import io

import openpyxl
import pytest

ENTRY = {
    "question": "可以开发票吗?",
    "answer": "可以开电子发票。",
    "variants": ["要发票"],
    "category": "付款",
    "language": "zh",
}


def first_hit(client, query: str) -> str:
    return client.post("/v1/faq/search", json={"query": query, "k": 1}).json()["hits"][0]["faq_id"]


def test_a_search_returns_the_entries_best_first(client):
    hits = client.post("/v1/faq/search", json={"query": "退货运费谁出", "k": 3}).json()["hits"]
    assert hits[0]["faq_id"] == "fee"
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert all(0 <= hit["p_correct"] <= 1 for hit in hits)


def test_an_entry_is_added_changed_found_and_taken_out(client, admin):
    assert client.put("/v1/faq/invoice", json=ENTRY, headers=admin).json() == ENTRY | {"faq_id": "invoice"}
    assert first_hit(client, "可以开发票吗") == "invoice"
    client.put("/v1/faq/invoice", json=ENTRY | {"answer": "只开纸质发票。"}, headers=admin)
    assert client.get("/v1/faq/invoice", headers=admin).json()["answer"] == "只开纸质发票。"
    assert client.delete("/v1/faq/invoice", headers=admin).status_code == 204
    assert client.get("/v1/faq/invoice", headers=admin).status_code == 404
    assert client.delete("/v1/faq/invoice", headers=admin).status_code == 404
    assert first_hit(client, "可以开发票吗") != "invoice"


def test_the_list_comes_in_pages(client, admin):
    first = client.get("/v1/faq", params={"limit": 2}, headers=admin).json()
    second = client.get("/v1/faq", params={"limit": 2, "after": first["next"]}, headers=admin).json()
    assert [entry["faq_id"] for entry in first["entries"] + second["entries"]] == ["fee", "returns", "ship"]
    assert "next" not in second


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_an_export_comes_back_unchanged(client, admin, format):
    before = client.get("/v1/faq", headers=admin).json()
    file = client.get("/v1/faq/export", params={"format": format}, headers=admin)
    assert f"faq.{format}" in file.headers["content-disposition"]
    for entry in before["entries"]:
        client.delete(f"/v1/faq/{entry['faq_id']}", headers=admin)
    done = client.post("/v1/faq/import", params={"filename": f"a.{format}"}, content=file.content, headers=admin).json()
    assert (done["n_added"], done["rejects"]) == (3, [])
    assert client.get("/v1/faq", headers=admin).json() == before


def test_a_workbook_is_imported_and_its_broken_rows_are_named(client, admin):
    book = openpyxl.Workbook()
    for row in (("id", "问题", "答案"), ("a", "可以自提吗", "可以。"), ("b", "没有答案", ""), ("a", "重复", "是")):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    done = client.post("/v1/faq/import?filename=faq.xlsx", content=out.getvalue(), headers=admin).json()
    assert (done["n_added"], [reject["row"] for reject in done["rejects"]]) == (1, [3, 4])
    assert first_hit(client, "可以自提吗") == "a"


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("faq.exe", b"id,question,answer"),
        ("faq.csv", b""),
        ("faq.csv", b"a,b\n1,2"),
        ("faq.xlsx", b"PK\x03\x04 not a workbook"),
        ("faq.csv", bytes(range(128, 256)) * 20),
        ("../../etc/passwd", b"root"),
    ],
)
def test_a_file_that_is_no_faq_changes_nothing(client, admin, filename, content):
    answer = client.post("/v1/faq/import", params={"filename": filename}, content=content, headers=admin)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_input")
    assert len(client.get("/v1/faq", headers=admin).json()["entries"]) == 3


def test_an_import_may_be_larger_than_a_message_but_not_larger_than_its_cap(client, admin, settings):
    content = b'{"question": "Do you ship abroad?", "answer": "Yes."}' + b"\n" * settings.server.max_body_bytes
    assert client.post("/v1/faq/import?filename=a.jsonl", content=content, headers=admin).json()["n_added"] == 1
    beyond = b"x" * (settings.server.max_import_bytes + 1)
    assert client.post("/v1/faq/import?filename=a.jsonl", content=beyond, headers=admin).status_code == 413


@pytest.mark.parametrize(
    "change",
    [
        {"question": ""},
        {"answer": " "},
        {"language": "klingon"},
        {"variants": "one"},
        {"variants": ["a\0b"]},
        {"faq_id": "other"},
        {"answer": "a" * 20_001},
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_by_field(client, admin, change):
    answer = client.put("/v1/faq/invoice", json=ENTRY | change, headers=admin)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"].split(".")[0] == next(iter(change))
