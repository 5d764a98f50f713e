"""huida report on analysed files: what it writes, what it says, and what it refuses before any work."""

import csv
import json

import pytest
from typer.testing import CliRunner

from api.cli import app
from assistant import bootstrap
from tests.assistant.reports.made_rows import HEADER, on_days


@pytest.fixture
def run(tmp_path, monkeypatch, reader):
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(bootstrap, "build_reader", lambda settings: reader)
    return lambda *arguments: CliRunner().invoke(app, ["report", *map(str, arguments)])


@pytest.fixture
def analysed(tmp_path):
    """Sixty days as huida analyze writes them: the last twenty are worse."""
    path = tmp_path / "analysed.csv"
    sentiments, at = on_days([(2, 10)] * 40 + [(7, 10)] * 20)
    plain = {"file": "m.csv", "language": "zh", "intent": "order_status", "p_intent": "0.9", "entities": "[]",
             "p_negative": "0.5", "p_neutral": "0.3", "p_positive": "0.2"}  # fmt: skip
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, HEADER)
        table.writeheader()
        for i, (sentiment, when) in enumerate(zip(sentiments, at, strict=True)):
            table.writerow(plain | {"text": f"快递第{i}天没到", "at": when, "row": i + 2, "sentiment": sentiment})
    return path


def test_one_run_writes_page_workbook_and_json_in_the_messages_language(run, analysed, tmp_path):
    outs = [tmp_path / f"r.{suffix}" for suffix in ("html", "xlsx", "json")]
    done = run(analysed, *(part for path in outs for part in ("-o", path)), "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["headline"].startswith("10月24日起") and said["n"] == 820 and all(path.is_file() for path in outs)


def test_the_last_days_stand_beside_those_before(run, analysed, tmp_path):
    out = tmp_path / "r.json"
    done = run(analysed, "-o", out, "--days", 20, "--compare", "previous", "--lang", "en")
    assert done.exit_code == 0, done.output
    negative = json.loads(out.read_text("utf-8"))["comparison"]["moods"][0]
    assert (round(negative["old"]["value"], 2), round(negative["new"]["value"], 2)) == (0.17, 0.41)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name one input"),
        (("m.csv", "--store"), "name one input"),
        (("nowhere.csv",), "does not exist"),
        (("m.csv", "-o", "r.pdf"), "no known suffix"),
        (("m.csv", "--lang", "fr"), "zh or en"),
        (("m.csv", "--compare", "previous"), "needs --days"),
        (("m.csv", "--column", "product"), "names no header"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run, arguments, said):
    done = run(*arguments)
    assert done.exit_code == 1 and said in done.stderr and len(done.stderr.splitlines()) == 1
