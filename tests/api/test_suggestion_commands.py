"""huida suggestions and huida faq gaps, on a small real shop in which people spoke."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from api.cli import app
from assistant import bootstrap, settings
from assistant.store.users import User
from assistant.values import Message
from tests.api.conftest import build_parts

UNKNOWN = "杯底能不能激光刻名字"
MEI = User("mei", "Mei", "agent", datetime.now(UTC))


@pytest.fixture
def run(tmp_path, monkeypatch, reader):
    """Run a command with the small shop's models on a data folder of its own."""
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(bootstrap, "build", lambda chosen: build_parts(chosen, reader))
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.fixture
def spoken(run, reader):
    """Two customers asked what the FAQ does not know; mei answered the first."""
    parts = build_parts(settings.load(), reader)
    for conversation in ("c1", "c2"):
        for n in range(2):  # the second time a person is called in
            parts.chat.chat(Message(conversation, f"m{n}", UNKNOWN, datetime.now(UTC)))
    parts.desk.take("c1", MEI)
    parts.desk.reply("c1", MEI, "可以刻字，十元一件。", "a1", None)
    parts.close()


def lines(done) -> list[dict]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_new_shop_has_learned_nothing_and_lacks_nothing(run):
    assert lines(run("suggestions", "show", "--json")) == [{"version": "none", "n_replies": 0, "n_verdicts": 0}]
    assert "0 replies and 0 verdicts" in run("suggestions", "show").stdout
    assert lines(run("faq", "gaps", "--json")) == []
    assert run("faq", "gaps", "--days", "7").stdout == "nothing was left unanswered in the last 7 days\n"


def test_what_agents_replied_is_learned_kept_as_a_version_and_taken_back(run, spoken):
    [learned] = lines(run("suggestions", "learn", "--json"))
    assert learned["n_replies"] == 1 and learned["version"].startswith("suggestions-")
    assert lines(run("suggestions", "show", "--json")) == [learned]
    refused = run("suggestions", "rollback")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "no earlier version" in refused.stderr and len(refused.stderr.splitlines()) == 1


def test_gaps_show_the_question_once_with_the_agents_answer(run, spoken):
    [gap] = lines(run("faq", "gaps", "--json"))
    assert (gap["question"], gap["n_conversations"], gap["draft"]["answer"]) == (UNKNOWN, 2, "可以刻字，十元一件。")
    shown = run("faq", "gaps").stdout
    assert UNKNOWN in shown and "可以刻字，十元一件。" in shown
    assert lines(run("faq", "gaps", "--json", "--limit", "1")) == [gap]


@pytest.mark.parametrize("wrong", [("--days", "0"), ("--days", "x"), ("--limit", "0")])
def test_a_number_that_is_none_is_named(run, wrong):
    refused = run("faq", "gaps", *wrong)
    assert refused.exit_code == 2 and wrong[0] in refused.stderr
