"""Messages out of and into databases: SQLite, and a real PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from assistant.batch.databases import Conversations, TableSink, TableSource
from assistant.batch.pool import OwnProcess
from assistant.batch.run import Plan, analyze
from assistant.batch.sources import open_files
from assistant.errors import InputError, StoreError
from assistant.store.engine import parse
from tests.assistant.batch.scorers import WordScorer
from tests.assistant.batch.test_analyze import IN_PARTS, ROWS, records, write_csv
from tests.assistant.turns import START, plain_turn

HOUR_LATER = START + timedelta(hours=1)


@pytest.fixture
def engine(database_url):
    engine = create_engine(parse(database_url))
    yield engine
    engine.dispose()


@pytest.fixture
def messages(engine, database_url):
    """A table of 120 messages whose keys are not in the order in which they were written."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE messages (id INTEGER PRIMARY KEY, content TEXT, score FLOAT)"))
        rows = [
            {"id": n * 7 % 121, "c": f"{'坏' if n % 2 else '好'} {n}" if n % 40 else None, "s": n / 2}
            for n in range(1, 121)
        ]
        connection.execute(text("INSERT INTO messages VALUES (:id, :c, :s)"), rows)
    return TableSource(database_url, "messages")


def test_a_table_goes_in_and_out_in_the_order_of_its_key(engine, messages, database_url, tmp_path):
    done = analyze(
        messages, tmp_path / "run.table", OwnProcess(WordScorer), IN_PARTS, form=TableSink(database_url, "analysed")
    )
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT id, content, score, sentiment, p_negative FROM analysed ORDER BY row")
        ).all()
    assert done["n_rejected"] == 3 and len(found) == 117
    assert [row.id for row in found] == sorted(row.id for row in found)
    assert all((row.sentiment == "negative") == ("坏" in row.content) == (row.p_negative > 0.5) for row in found)
    assert all(isinstance(row.score, float) for row in found)


def test_an_old_result_is_replaced_only_when_the_new_one_is_there(engine, messages, database_url, tmp_path):
    class Stopped(Exception):
        pass

    def stop(at):
        if at.n_rows >= 80:
            raise Stopped

    def count():
        with engine.connect() as connection:
            return connection.execute(text("SELECT count(*) FROM analysed")).scalar_one()

    sink = TableSink(database_url, "analysed")
    analyze(
        open_files(write_csv(tmp_path / "in.csv", ROWS)), tmp_path / "first.table", OwnProcess(WordScorer), form=sink
    )
    with pytest.raises(Stopped):
        analyze(messages, tmp_path / "run.table", OwnProcess(WordScorer), IN_PARTS, form=sink, tick=stop)
    assert count() == 400
    assert analyze(messages, tmp_path / "run.table", OwnProcess(WordScorer), IN_PARTS, form=sink)["n_resumed"] == 40
    assert count() == 117


def test_a_table_that_is_not_there_or_has_no_key_is_refused(engine, database_url):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE loose (content TEXT)"))
    with pytest.raises(InputError, match="no primary key"):
        TableSource(database_url, "loose")
    with pytest.raises(InputError, match="no table 'nothing'"):
        TableSource(database_url, "nothing")
    with pytest.raises(StoreError, match="the database said"):
        TableSource("postgresql://nobody@127.0.0.1:1/none", "messages")


def test_a_days_conversations_are_those_of_that_day_though_they_began_before(store):
    with store.begin() as uow:
        for n, (talk, hours) in enumerate((("old", 0), ("long", 1), ("long", 30), ("new", 30), ("later", 60))):
            turn = plain_turn(talk, 1 + (n == 2), text=f"{talk} {hours}")
            uow.conversations.open(talk, None, START)
            uow.turns.add(replace(turn, created_at=START + timedelta(hours=hours)))
    source = Conversations(store, START + timedelta(hours=48), START + timedelta(hours=24))
    with source.rows() as rows:
        assert [row.cells[source.header.index("text")] for row in rows] == ["long 30", "new 30"]
    assert source.n_rows == 2 and Conversations(store, START - timedelta(hours=1)).n_rows == 0


def test_the_stores_own_conversations_are_read_up_to_the_beginning_of_the_run(store, tmp_path):
    with store.begin() as uow:
        for n, day in ((1, 0), (2, 0), (3, 1)):
            turn = plain_turn(f"c{n}", text=f"坏 {n}")
            uow.conversations.open(f"c{n}", None, START)
            uow.turns.append(replace(turn, created_at=turn.created_at + timedelta(days=day)))
    source = Conversations(store, HOUR_LATER)
    done = analyze(source, tmp_path / "out.csv", OwnProcess(WordScorer), Plan(as_of=datetime(2026, 11, 20, tzinfo=UTC)))
    found = records(tmp_path / "out.csv")
    assert [row["text"] for row in found] == ["坏 1", "坏 2"] and done["columns"]["at"] == "at"
    assert (
        source.digest
        == Conversations(store, HOUR_LATER).digest
        != Conversations(store, HOUR_LATER + timedelta(days=1)).digest
    )
