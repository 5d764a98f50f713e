"""huida models and huida train on the small shop's encoder: versions, promotion, rollback, and what they refuse."""

import json

import pytest
from typer.testing import CliRunner

from api.cli import app
from assistant import bootstrap
from assistant.artifacts import seal

NLU = {"refund": ["我要退货", "怎么退货", "退款"], "shipping": ["运费多少", "几天发货", "快递到哪了"]}


@pytest.fixture
def examples(tmp_path):
    """Write the owner's examples; called again with others, they are edited."""

    def write(intents: dict[str, list[str]]) -> None:
        blocks = [
            f"- intent: {name}\n  examples: |\n" + "".join(f"    - {t}\n" for t in said)
            for name, said in intents.items()
        ]
        (tmp_path / "intents").mkdir(exist_ok=True)
        (tmp_path / "intents" / "nlu.yml").write_text('version: "3.1"\nnlu:\n' + "".join(blocks), "utf-8")

    write(NLU)
    return write


@pytest.fixture
def run(tmp_path, monkeypatch, reader, examples):
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HUIDA_INTENTS", str(tmp_path / "intents"))
    monkeypatch.setattr(bootstrap, "build_encoder", lambda settings: (reader.segmenter, reader.encoder))
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--json"])


def said(done) -> dict:
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def serving(run, kind: str) -> str:
    models = [json.loads(line) for line in run("models", "list").stdout.splitlines()]
    [version] = [model["version"] for model in models if model["kind"] == kind and model["serving"]]
    return version


def test_training_promotes_and_rolling_back_serves_what_was_before(run, examples):
    first = said(run("train", "intents"))
    assert first["promoted"] and serving(run, "intents") == first["version"]
    examples(NLU | {"invoice": ["开发票", "发票抬头", "电子发票"]})
    second = said(run("train", "intents"))
    assert second["version"] != first["version"] and serving(run, "intents") == second["version"]
    assert said(run("models", "rollback", "intents"))["rolled_back"] == second["version"]
    assert serving(run, "intents") == first["version"]
    assert said(run("models", "promote", second["version"]))["serving"] == second["version"]
    assert serving(run, "intents") == second["version"]


def test_a_head_that_understands_fewer_of_the_same_examples_waits_for_its_owner(run, examples):
    things = ["快递", "包装", "耳机", "衣服", "屏幕", "鞋子", "电池", "杯子"]
    clear = {"refund": [f"{t}不合适想退货" for t in things], "invoice": [f"{t}能开发票吗抬头写公司" for t in things]}
    examples(clear)
    first = said(run("train", "intents"))
    examples(clear | {"other": [text for texts in clear.values() for text in texts]})  # pasted under a third name
    second = said(run("train", "intents"))
    assert "of the 16 texts that both were asked" in second["held out"]
    assert second["promoted"] is False and serving(run, "intents") == first["version"]
    assert second["to promote it all the same"] == f"huida models promote {second['version']}"


def test_a_folder_trained_elsewhere_is_taken_in_whole_and_an_edited_one_is_not(run, tmp_path):
    assert "promoted" not in said(run("train", "intents", "--to", str(tmp_path / "trained")))
    promoted = said(run("models", "promote", str(tmp_path / "trained")))
    assert serving(run, "intents") == promoted["serving"]
    weights = tmp_path / "trained" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes() + b"\0")
    done = run("models", "promote", str(tmp_path / "trained"))
    assert done.exit_code == 1 and done.stderr.startswith("huida: ") and "weights.safetensors" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_encoder_says_what_must_be_fitted_again_for_it(run, tmp_path, monkeypatch, reader):
    said(run("train", "intents"))
    new = tmp_path / "encoder"
    new.mkdir()
    (new / "weights").write_text("another encoder")
    seal(new, "encoder", "encoder-new", {})
    monkeypatch.setattr(bootstrap, "build_encoder", lambda settings: (reader.segmenter, Named(reader.encoder)))
    done = said(run("models", "promote", str(new)))
    assert done == {
        "kind": "encoder",
        "serving": "encoder-new",
        "refit": ["huida train sentiment", "huida train intents"],
    }


class Named:
    """The small encoder under the name of the one just promoted."""

    def __init__(self, encoder):
        self.encode, self.dimension, self.version = encoder.encode, encoder.dimension, "encoder-new"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("promote", "intents-0"), "there is no version 'intents-0'"),
        (("rollback", "intents"), "no intents was promoted"),
        (("rollback", "churn"), "there is no model 'churn'; expected one of encoder, sentiment, intents"),
        (("promote", "."), "is no folder of huida train"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run, arguments, line):
    done = run("models", *arguments)
    assert done.exit_code == 1 and line in done.stderr and len(done.stderr.splitlines()) == 1


def test_the_reply_names_the_head_that_was_promoted(run, tmp_path, reader):
    from datetime import UTC, datetime

    from assistant.heads import IntentHead
    from assistant.reader import Reader
    from tests.api.conftest import build_parts, settings_in

    version = said(run("train", "intents"))["version"]
    settings = settings_in(tmp_path / "data")
    head = IntentHead.load(bootstrap.model_folder(settings, "intents", reader.encoder.version))
    parts = build_parts(settings, Reader(reader.encoder, reader._sentiment, head, reader._extractor, reader.segmenter))
    from assistant.values import Message

    try:
        turn = parts.chat.chat(Message("c", "m", "怎么退货", datetime.now(UTC)))
    finally:
        parts.close()
    assert version in turn.versions.model.split("+")
