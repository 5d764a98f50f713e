"""Reports over HTTP: asked for by supervisors, made beside the server, read, thrown away."""

import json

import pytest

from api.report_jobs import ReportJobs
from tests.api.conftest import token_of

MESSAGES = "时间,内容\n" + "".join(
    f"2026-11-{day:02d} 10:00:0{i},{text}\n"
    for day in range(1, 21)
    for i, text in enumerate(("快递三天没动静，太差了，电话13812345678", "怎么退货", "谢谢，很满意"))
)


@pytest.fixture
def supervisor(parts):
    return token_of(parts, "admin")


@pytest.fixture
def resting(monkeypatch):
    """Nothing is made: for what happens before and around that."""
    monkeypatch.setattr(ReportJobs, "start", lambda self, record: None)


def ask(client, headers, raw=MESSAGES.encode(), **query):
    return client.post("/v1/reports", params=query, content=raw, headers=headers)


def test_an_uploaded_file_becomes_a_report_that_holds_no_phone_number(client, app, supervisor):
    asked = ask(client, supervisor, filename="一周.csv", language="zh")
    assert asked.status_code == 202, asked.text
    report_id = asked.json()["report_id"]
    app.state.reports._executor.shutdown(wait=True)  # the one thing that a test may wait for
    done = client.get(f"/v1/reports/{report_id}", headers=supervisor).json()
    assert (done["state"], done["n"], done["error"]) == ("done", 60, "")
    page = client.get(f"/v1/reports/{report_id}/file", headers=supervisor)
    assert "sandbox" in page.headers["content-security-policy"] and "一周.csv" in page.text
    assert "138****5678" in page.text and "13812345678" not in page.text
    sheet = client.get(f"/v1/reports/{report_id}/file", params={"format": "xlsx"}, headers=supervisor)
    assert sheet.content[:2] == b"PK" and "attachment" in sheet.headers["content-disposition"]
    assert client.get(f"/v1/reports/{report_id}/file", params={"format": "json"}, headers=supervisor).json()["n"] == 60
    assert [r["report_id"] for r in client.get("/v1/reports", headers=supervisor).json()["reports"]] == [report_id]
    assert client.delete(f"/v1/reports/{report_id}", headers=supervisor).status_code == 204
    assert client.get(f"/v1/reports/{report_id}", headers=supervisor).status_code == 404


def test_what_went_wrong_is_said_in_the_commands_own_words(client, app, supervisor):
    report_id = ask(client, supervisor, b"", days=7).json()["report_id"]  # the store holds no conversation
    app.state.reports._executor.shutdown(wait=True)
    failed = client.get(f"/v1/reports/{report_id}", headers=supervisor).json()
    assert failed["state"] == "failed" and failed["error"].startswith("the store holds no message")
    assert client.get(f"/v1/reports/{report_id}/file", headers=supervisor).status_code == 404


def test_an_error_of_the_server_itself_ends_the_report_too(client, app, supervisor, monkeypatch):
    monkeypatch.setattr(ReportJobs, "_run", lambda *_: ("no JSON at all", "", 0))
    report_id = ask(client, supervisor, filename="m.csv").json()["report_id"]
    app.state.reports._executor.shutdown(wait=True)
    failed = client.get(f"/v1/reports/{report_id}", headers=supervisor).json()
    assert failed["state"] == "failed" and "log" in failed["error"]


def test_agents_and_strangers_see_no_report(client, agent, resting):
    for headers, status in (({}, 401), (agent, 403)):
        assert ask(client, headers, filename="m.csv").status_code == status
        assert client.get("/v1/reports", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("query", "raw", "field"),
    [
        ({"filename": "m.pdf"}, b"x", "filename"),
        ({"filename": "m.csv"}, b"", "filename"),
        ({}, b"x", "filename"),
        ({"compare": True}, b"", "compare"),
        ({"days": -1}, b"", "days"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_before_it_is_kept(client, supervisor, resting, query, raw, field):
    refused = ask(client, supervisor, raw, **query)
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, field)
    assert client.get("/v1/reports", headers=supervisor).json() == {"reports": []}


def test_progress_is_shown_while_a_report_is_made_and_it_cannot_be_thrown_away(client, app, supervisor, resting):
    report_id = ask(client, supervisor, filename="m.csv").json()["report_id"]
    shelf = app.state.reports.shelf
    record = shelf.update(report_id, state="running")
    shelf.progress_file(record).write_text(json.dumps({"stage": "reading", "n_done": 30, "n_total": 60}))
    seen = client.get(f"/v1/reports/{report_id}", headers=supervisor).json()
    assert (seen["state"], seen["stage"], seen["n_done"], seen["n_total"]) == ("running", "reading", 30, 60)
    assert client.delete(f"/v1/reports/{report_id}", headers=supervisor).status_code == 409


def test_a_stopped_server_goes_on_with_what_was_left(settings, monkeypatch):
    left = ReportJobs(settings).shelf.add("", 7, False, "zh", "lin")
    started = []
    monkeypatch.setattr(ReportJobs, "start", lambda self, record: started.append(record.report_id))
    ReportJobs(settings).resume()
    assert started == [left.report_id]


def test_names_of_reports_lead_nowhere_else(client, supervisor):
    for name in ("..%2f..%2fetc", "20261122-000000-00000000"):
        assert client.get(f"/v1/reports/{name}", headers=supervisor).status_code in (404, 422)


def test_of_several_servers_one_alone_makes_a_report(settings):
    shelf = ReportJobs(settings).shelf
    record = shelf.add("", 7, False, "zh", "lin")
    with shelf.claimed(record) as first, ReportJobs(settings).shelf.claimed(record) as second:
        assert first and not second
    with shelf.claimed(record) as again:
        assert again
    shelf.finish(record.report_id, state="done")
    with shelf.claimed(record) as finished:
        assert not finished
