"""The commands on a small real shop: what is imported is found, listed, exported and talked about."""

import json

import pytest
from typer.testing import CliRunner

from api.cli import app
from assistant import bootstrap
from tests.api.conftest import build_parts, served


@pytest.fixture
def run(tmp_path, monkeypatch, reader):
    """Run a command with the small shop's models on a data folder of its own."""
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(bootstrap, "build", lambda settings: build_parts(settings, reader))
    monkeypatch.setattr(bootstrap, "build_reader", lambda settings: reader)
    return lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)


def lines(done) -> list[dict]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_rows_that_cannot_be_used_are_written_beside_the_file_and_all_others_go_in(run, tmp_path):
    file = tmp_path / "more.csv"
    file.write_text("id,question,answer\ngift,可以送礼吗,可以。\nnone,没有答案,\n", encoding="gb18030")
    [done] = lines(run("faq", "import", str(file), "--json"))
    assert (done["n_added"], done["n_rejected"]) == (1, 1)
    rejected = (tmp_path / "more.rejects.csv").read_text(encoding="utf-8-sig")
    assert "没有答案" in rejected and "3," in rejected.splitlines()[1]
    assert lines(run("faq", "search", "可以送礼吗", "-k", "1", "--json"))[0]["faq_id"] == "gift"


def test_one_unreadable_file_among_many_changes_nothing(run, tmp_path):
    good = tmp_path / "good.csv"
    good.write_text("question,answer\n可以送礼吗,可以。\n", encoding="utf-8")
    done = run("faq", "import", str(good), str(tmp_path / "nowhere.csv"))
    assert (done.exit_code, done.stderr) == (1, f"huida: {tmp_path}/nowhere.csv: No such file or directory\n")
    assert lines(run("faq", "list", "--json")) == []


def test_an_export_imports_as_unchanged(run, tmp_path):
    lines(run("faq", "build", "--json"))
    file = tmp_path / "all.csv"
    assert run("faq", "export", str(file)).exit_code == 0
    [done] = lines(run("faq", "import", str(file), "--json"))
    assert (done["n_added"], done["n_changed"], done["n_unchanged"], done["n_rejected"]) == (0, 0, 3, 0)


def test_parse_reads_a_text_or_every_line(run):
    [one] = lines(run("parse", "我的订单 QH20261122001", "--json"))
    assert one["entities"] == [{"type": "order_no", "value": "QH20261122001", "start": 5, "end": 18}]
    many = lines(run("parse", "-", input="怎么退货\n\nthank you\n"))
    assert [reading["text"] for reading in many] == ["怎么退货", "", "thank you"]
    assert "怎么退货" in run("parse", "怎么退货").stdout


def test_parse_weighs_the_words_that_moved_a_reading(run):
    [one] = lines(run("parse", "我要退货", "--explain", "--json"))
    assert "".join(word["word"] for word in one["explanation"]) == "我要退货"
    assert all("explanation" in read for read in lines(run("parse", "-", "--explain", input="怎么退货\n\nthanks\n")))
    assert "moved the intent" in run("parse", "我要退货", "--explain").stdout


def test_lines_before_one_that_is_no_utf_8_are_read_and_it_is_named(run):
    done = run("parse", "-", input=b"hello\nhal\0f\n\xff\xfe\nlater\n")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["hello", "half"]
    assert done.exit_code == 1
    assert done.stderr == "huida: line 3 of standard input is not UTF-8; convert it: iconv -f GB18030\n"


def test_a_talk_remembers_its_options_and_survives_a_line_that_is_too_long(run):
    said = "怎么退货?\n" + "a" * 3_000 + "\n\n谢谢\n"
    done = run("chat", "--json", input=said)
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    assert [turn["sequence"] for turn in turns] == [1, 2]
    assert all(turn["decision"]["reasons"] for turn in turns)
    assert done.stderr.startswith("huida: the text has 3000 characters")


def test_the_talk_explains_itself_when_asked(run):
    done = run("chat", "--explain", input="怎么退货?\n")
    assert "[" in done.stdout.splitlines()[-1] and "neutral" in done.stdout


def test_a_talk_that_was_handed_over_says_so_rather_than_nothing(run):
    *_, last = run("chat", input="转人工\n在吗\n").stdout.splitlines()
    assert last == "(handed over: an agent answers at the desk. Ctrl-D ends this talk.)"


def test_a_shop_without_entries_is_told_how_to_fill_its_faq(run, monkeypatch, reader):
    assert run("faq", "search", "怎么退货").stderr == run("chat", input="").stderr == ""

    def without_entries(settings):
        parts = build_parts(settings, reader)
        for entry in parts.faq.entries():
            parts.faq.delete(entry.faq_id)
        return parts

    monkeypatch.setattr(bootstrap, "build", without_entries)
    for command in (("faq", "search", "怎么退货"), ("chat",)):
        said = run(*command, input="").stderr
        assert said == "huida: the FAQ is empty, so nothing is found; fill it: huida faq import FILE\n"


def test_training_the_intents_puts_a_whole_model_in_the_place_of_the_old(run, tmp_path, monkeypatch, reader):
    monkeypatch.setattr(bootstrap, "build_encoder", lambda settings: (reader.segmenter, reader.encoder))
    examples = tmp_path / "intents"
    examples.mkdir()
    texts = {"refund": ["我要退货", "怎么退货", "退款"], "shipping": ["运费多少", "几天发货", "快递到哪了"]}
    blocks = [
        f"- intent: {name}\n  examples: |\n" + "".join(f"    - {t}\n" for t in said) for name, said in texts.items()
    ]
    (examples / "nlu.yml").write_text('version: "3.1"\nnlu:\n' + "".join(blocks), encoding="utf-8")
    monkeypatch.setenv("HUIDA_INTENTS", str(examples))
    for _ in range(2):
        [report] = lines(run("train", "intents", "--json"))
        assert (report["intents"], report["examples"], report["promoted"]) == (2, 6, True)
    listed = {model["kind"]: model for model in lines(run("models", "list", "--json")) if model["serving"]}
    assert (listed["intents"]["version"], listed["intents"]["state"]) == (report["version"], "whole")
    assert {path.name for path in (tmp_path / "data" / "models" / "intents").iterdir()} == {
        report["version"],
        "PROMOTED",
    }


def test_a_training_that_fails_leaves_the_model_in_use_alone(run, tmp_path, monkeypatch, reader):
    monkeypatch.setattr(bootstrap, "build_encoder", lambda settings: (reader.segmenter, reader.encoder))
    root = tmp_path / "data" / "models" / "intents"
    root.mkdir(parents=True)
    (root / "PROMOTED").write_text("old\n")
    monkeypatch.setenv("HUIDA_INTENTS", str(tmp_path / "nowhere"))
    assert run("train", "intents").exit_code == 1
    assert [path.name for path in root.iterdir()] == ["PROMOTED"]
    assert (root / "PROMOTED").read_text() == "old\n"


def test_a_start_says_what_there_is_to_answer_from_and_how_to_fill_it(parts):
    from api.commands.serve import held

    assert held(parts) == ["  FAQ          3 entries"]
    for entry in parts.faq.entries():
        parts.faq.delete(entry.faq_id)
    assert held(parts) == ["  FAQ          empty; fill it: huida faq import FILE"]


def test_the_first_start_makes_an_administrator_with_password_and_token_and_no_second(parts):
    from api.commands.serve import first_keys
    from api.passwords import verified

    user, _, token, _ = first_keys(parts)
    with parts.store.read() as uow:
        assert uow.tokens.find(token.split()[-1]).role == "admin"
        assert uow.users.get("admin").role == "admin" and uow.users.get("admin").must_change_password
        assert verified(user.split()[-1], uow.users.password_hash("admin"))[0]
        assert uow.audit.check() == 1
    assert first_keys(parts) == []


def test_bench_counts_what_was_asked_for(parts, app):
    """The load generator against the real app on a real socket."""
    from training.load import chat_load

    with served(app, parts) as address:
        load = chat_load(address, ["怎么退货", "几天发货"], n_connections=4, n_turns=30, max_s=60)
    assert (len(load.seconds), load.n_failed) == (30, 0)
    with parts.store.read() as uow:
        assert uow.turns.count() == 30
