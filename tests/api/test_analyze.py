"""huida analyze: what a person types and what the file then says, with the small shop's real reader."""

import csv
import json
import sqlite3

import pytest
from typer.testing import CliRunner

from api.cli import app
from assistant import bootstrap
from assistant.batch.scoring import ModelScorer
from assistant.entities import EntityExtractor
from assistant.values import Hit
from tests.assistant.turns import START

TEXTS = ["怎么退货", "我的手机 13800138000，昨天的订单 QH20261103001", "thank you", "\u200b!", "快点发货，急死了"]
TODAY = START.toordinal()


@pytest.fixture
def scorer(reader):
    return lambda masked=False, search=None: ModelScorer(reader, EntityExtractor(), search, "faq-1", masked)


@pytest.fixture
def run(tmp_path, monkeypatch, scorer):
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(bootstrap, "build_scorer", lambda settings, masked, with_faq: scorer(masked))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["analyze", *arguments])


@pytest.fixture
def messages(tmp_path):
    with (tmp_path / "messages.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(
            [["编号", "评价内容", "商品名称"], *([n, text, "杯子"] for n, text in enumerate(TEXTS))]
        )
    return "messages.csv"


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_batch_says_of_a_message_what_the_reader_says(reader, scorer):
    expected = reader.read(TEXTS, START)
    found = scorer().read([(text, (TODAY,)) for text in TEXTS])
    for read, reading in zip(found, expected, strict=True):
        assert (read.language, read.sentiment, read.intent) == (
            reading.language,
            reading.sentiment.label,
            reading.intent.name,
        )
        assert read.p_negative == pytest.approx(reading.sentiment.p["negative"], abs=1e-3)
        assert read.p_intent == pytest.approx(reading.intent.p, abs=1e-3)
        entities = [{"type": e.type, "value": e.value, "start": e.start, "end": e.end} for e in reading.entities]
        assert json.loads(read.entities[0]) == entities
    assert found[1].entities[0].count("QH20261103001") == 1


def test_a_dated_message_is_read_for_each_of_its_days(scorer):
    [read] = scorer().read([(TEXTS[1], (TODAY, TODAY + 7))])
    days = [next(e["value"] for e in json.loads(found) if e["type"] == "date") for found in read.entities]
    assert days == ["2026-11-21", "2026-11-28"]


def test_masked_messages_and_entities_hold_no_number_that_could_be_called(scorer):
    [read] = scorer(masked=True).read([(TEXTS[1], (TODAY,))])
    assert "13800138000" not in read.shown + read.entities[0] and "138****8000" in read.shown
    assert scorer(masked=True).mask(["电话 13800138000", "杯子"]) == ["电话 138****8000", "杯子"]


def test_the_likeliest_faq_entry_is_named_where_there_is_an_faq(scorer):
    def search(vectors, texts, k):
        return [[Hit("returns", "怎么退货", "七天内。", 1.0, 0.91)] if "退货" in text else [] for text in texts]

    found = scorer(search=search).read([(text, (TODAY,)) for text in TEXTS])
    assert [(read.faq_id, read.p_correct) for read in found[:2]] == [("returns", 0.91), ("", None)]


def test_a_file_is_analysed_and_the_guessed_columns_are_shown(run, messages, tmp_path):
    done = run(messages, "-o", "out.csv")
    assert done.exit_code == 0 and "out.csv: 5 messages" in done.stdout
    assert "messages.csv (GB18030): messages in column '评价内容'; product = 商品名称" in done.stderr
    assert [row["评价内容"] for row in rows(tmp_path / "out.csv")] == TEXTS


def test_json_says_all_that_machines_need(run, messages):
    done = json.loads(run(messages, "-o", "out.jsonl", "--json", "--mask").stdout)
    assert (done["output"], done["n_written"], done["n_rejected"], done["text_column"]) == (
        "out.jsonl",
        5,
        0,
        "评价内容",
    )
    assert done["models"] and done["languages"]["zh"] >= 2


def test_the_stores_own_conversations_and_a_table_can_be_read_and_written(run, tmp_path):
    assert run("--store", "-o", "own.csv").exit_code == 0 and rows(tmp_path / "own.csv") == []
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        shop.execute("CREATE TABLE reviews (id INTEGER PRIMARY KEY, body TEXT)")
        shop.executemany("INSERT INTO reviews (body) VALUES (?)", [(text,) for text in TEXTS])
    url = f"sqlite:///{tmp_path}/shop.db"
    done = run(f"{url}#reviews", "-o", f"{url}#analysed")
    assert done.exit_code == 0, done.output
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        assert [text for (text,) in shop.execute("SELECT body FROM analysed ORDER BY id")] == TEXTS


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.csv"], "does not exist"), ([], "name one input"), (["messages.csv", "--store"], "name one input"),
        (["messages.csv", "-o", "out.doc"], "no known suffix"), (["messages.csv", "-o", "messages.csv"], "part of the input"),
        ([".", "-o", "sub/out.csv"], "part of the input"), (["messages.csv", "--text-column", "msg"], "no column 'msg'"),
        (["messages.csv", "--column", "product"], "names no header"), (["messages.csv", "--time-zone", "Mars"], "no time zone"),
        (["sqlite:///shop.db"], "URL|named after its database"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line(run, messages, arguments, words):
    done = run(*arguments)
    assert done.exit_code == 1 and done.stderr.startswith("huida: ") and len(done.stderr.splitlines()) == 1
    assert any(word in done.stderr for word in words.split("|"))
