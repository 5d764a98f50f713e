"""`huida bench --suite peers` with a small BERT and few messages: which rows there are, never how fast they are."""

import sys

import pytest
import torch
from typer.testing import CliRunner

from api.cli import app
from assistant.settings import load
from training.bench_peers import BATCH, ENCODER_BATCH, Size, peers

TINY = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 50}
TEXTS = [
    "怎么退货",
    "我的快递三天没动了，帮忙看下",
    "how do i get a refund",
    "星河手环充不进电",
    "退款什么时候到账啊急急急",
]


@pytest.fixture(autouse=True)
def threads_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_everybody_is_measured_alone_and_in_batches():
    steps = list(peers(load(), TEXTS, Size(n_alone=4, n_batches=2, n_bert_alone=2, n_bert_batches=1, bert=TINY)))
    figures = {figure.name: figure for _, step in steps for figure in step()}
    names = {
        "our reading, one by one": 4,
        f"our reading, batches of {BATCH}": 2 * BATCH,
        "three BERT-base, one by one": 2,
        f"three BERT-base, batches of {BATCH}": BATCH,
        "SnowNLP, mood alone, one by one": 3,  # of seven messages six are Chinese, and three of them warm it up
        "encoder alone, 16 tokens": 4,
        f"encoder alone, batches of {ENCODER_BATCH}": 2 * ENCODER_BATCH,
    }
    assert set(figures) == {
        f"{name}{end}" for name in names for end in ("", *(f", a message, p{p}" for p in (50, 95, 99)))
    }
    assert all(figure.value > 0 for figure in figures.values())
    for name, n in names.items():
        assert figures[name].unit == "messages/s" and figures[name].how.startswith(f"{n} messages, ")
        assert figures[f"{name}, a message, p50"].value <= figures[f"{name}, a message, p95"].value


@pytest.mark.parametrize(("package", "extra"), [("transformers", "train"), ("snownlp", "test")])
def test_a_missing_package_is_one_line_before_anything_is_measured(package, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("training.bench_peers._bert", _bert_or_nothing(package))
    done = CliRunner().invoke(app, ["bench", "--suite", "peers"])
    assert done.exit_code == 1 and done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.endswith(f"pip install 'huida[{extra}]'")


def _bert_or_nothing(package):
    """The real one where its package is what is missing; else none, as a hundred million weights would take seconds."""
    from training.bench_peers import _bert

    return _bert if package == "transformers" else lambda fields: None
