"""One thing is changed at a time, and a change changes what it says: on a small material, with the real trainer."""

import json
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from tokenizers import Tokenizer

from tests.encoders import HashedWords
from training.ablation_changes import CHANGES, Run, spelled, without_matters
from training.ablation_figures import Dev
from training.ablations import COLUMNS, HEADS, Start, chosen, line, series
from training.examples import Question, Utterance, Written, read_matters, read_written
from training.model import Shape
from training.multitask import BATCH, MIXTURE, STATIC_MIXTURE, Plan
from training.texts import Material, TextTable, Topic, segment, tokenise
from training.tokenizer import CLS, VOCABULARY_SIZE, build_tokenizer, count_words

MATTERS = {  # topic: (question, answer, messages) in Chinese and in English
    "refund": (("怎么退款", "三天内退回原账户", ("我要退款", "钱什么时候退给我")), ("how to get a refund", "within three days", ("i want my money back", "refund me please"))),
    "invoice": (("怎么开发票", "在订单页申请", ("发票在哪里开", "需要一张发票")), ("how to get an invoice", "ask on the order page", ("i need an invoice", "where is my invoice"))),
    "courier": (("快递到哪里了", "看物流页面", ("快递三天没动了", "包裹还没有到")), ("where is my parcel", "see the tracking page", ("my parcel does not move", "parcel still not here"))),
}  # fmt: skip
MOODS = ("negative", "neutral", "positive")


@pytest.fixture(scope="module")
def start(segmenter):
    """Three topics that are all known, in a network of 16 x 2: what is learned is known, how well is not asked."""
    written = Written(
        tuple(Question(topic, lang, said[0], said[1], "a.tsv") for topic, lang, said in _sides()),
        tuple(
            Utterance(topic, lang, "plain", MOODS[n % 3], text, "a.tsv")
            for n, (topic, lang, text) in enumerate(
                (t, lang, text) for t, lang, said in _sides() for text in _messages(said)
            )
        ),
    )
    pairs = [(u.text, u.topic) for u in written.utterances]
    dev = Dev(written, written, (pairs,), pairs)
    table = TextTable()
    sources = [read_written().questions[0].source] * 2 + [read_matters()[0].topic.rpartition("-")[0]]
    topics = [_topic(table, *item, source) for item, source in zip(MATTERS.items(), sources, strict=True)]
    numbers = np.arange(len(table))
    labelled = np.column_stack((numbers, numbers % 3))
    pair = np.column_stack((numbers, np.roll(numbers, 1)))
    english = np.array([n for n, text in enumerate(table.texts) if text.isascii()])
    material = Material(
        pair, pair, pair, pair, topics, {"shop": labelled}, labelled, labelled, numbers, english, {"shop": 3}
    )
    words = segment(table.texts, segmenter)
    tokenizer = build_tokenizer(count_words(words, weight=20), size=400)
    target_row = np.full(len(table), -1)
    target_row[english] = np.arange(len(english))
    rng = np.random.default_rng(0)
    run = Run(
        material,
        tokenise(table.texts, words, tokenizer),
        tokenise(dev.texts(), segment(dev.texts(), segmenter), tokenizer),
        tokenizer,
        rng.normal(size=(len(english), 16)).astype(np.float32),
        target_row,
        rng.normal(size=(VOCABULARY_SIZE, 16)).astype(np.float32),
        Plan(0),
        Shape(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=8),
    )
    return Start(dev, run, HashedWords(16))


def _sides():
    return [
        (topic, lang, said) for topic, sides in MATTERS.items() for lang, said in zip(("zh", "en"), sides, strict=True)
    ]


def _messages(said):
    return [f"{text} {end}".strip() for text in said[2] for end in ("", "!!", "?")]


def _topic(table, name, sides, source):
    sides = dict(zip(("zh", "en"), sides, strict=True))
    return Topic(
        {lang: table.add(said[0]) for lang, said in sides.items()},
        {lang: table.add(said[1]) for lang, said in sides.items()},
        {lang: [table.add(text) for text in _messages(said)] for lang, said in sides.items()},
        source,
    )


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr("training.multitask.BATCH", dict.fromkeys(BATCH, 4))


def test_every_change_trains_and_is_measured_beside_the_run_that_it_changes(start, tmp_path):
    rows = list(series(start, chosen([]), tmp_path / "rows.jsonl", 0.05, 0.2))
    assert [change for change, _, _ in rows] == [*CHANGES, *HEADS]
    for change, after, before in rows:
        assert (before.name if before else "") == change.beside
        assert {name.split()[0] for name in after.figures} == set(COLUMNS if change in CHANGES else COLUMNS[1::2])
        assert all(0 <= value <= 1 for value in after.figures.values())
        assert (after.n_steps > 0) == (after.seconds > 0) == (change in CHANGES)
        assert line(change, after, before).count(" -> ") == (len(after.figures) + 1) // 2 * bool(before)


def test_a_run_without_matters_has_our_topics_alone(start):
    left = without_matters(start.run).material.topics
    assert [topic for topic in start.run.material.topics if topic not in left] == [start.run.material.topics[-1]]


def test_a_series_goes_on_after_the_runs_that_are_finished(start, tmp_path):
    out = tmp_path / "rows.jsonl"
    known = {"name": "words", "figures": {"hit zh": 0.25}, "seconds": 1.0, "n_steps": 3}
    out.write_text(json.dumps(known) + "\n")
    rows = list(series(start, chosen(["words", "random"]), out, 0.05, 0.1))
    assert [row["name"] for row in map(json.loads, out.read_text().splitlines())] == ["words", "random"]
    assert rows[0][1].figures == rows[1][2].figures == {"hit zh": 0.25}


def test_a_budget_of_steps_is_what_every_run_takes_whatever_a_step_costs(start, tmp_path):
    rows = list(series(start, chosen(["random", "layers"]), tmp_path / "rows.jsonl", 4, 3, count().__next__))
    assert [after.n_steps for _, after, _ in rows] == [4, 4, 5]  # half of the static tier stands before the layers


def test_a_change_brings_the_run_that_it_is_compared_with():
    assert [change.name for change in chosen(["characters"])] == ["words", "random", "characters"]
    assert len(chosen([])) == len(CHANGES) + len(HEADS)


def test_words_fall_to_their_characters_and_nothing_else_changes(segmenter):
    texts = ["怎么退货", "how do i get a refund", "我的快递三天没动了 ok"]
    words = segment(texts, segmenter)
    tokenizer = build_tokenizer(count_words(words, weight=20), size=400)
    vocabulary = json.loads(tokenizer.to_str())
    kept = {e: n for e, n in vocabulary["model"]["vocab"].items() if e.isascii() or len(e) == 1}
    assert len(kept) < tokenizer.get_vocab_size()
    vocabulary["model"]["vocab"] = kept
    without_words = Tokenizer.from_str(json.dumps(vocabulary))
    ours = spelled(tokenise(texts, words, tokenizer), tokenizer)
    theirs = tokenise(texts, words, without_words)
    assert [ours[n].tolist() for n in range(3)] == [theirs[n].tolist() for n in range(3)]
    assert ours[0][0] == CLS


def test_a_changed_run_leaves_the_common_one_as_it_is(start):
    before = start.run.table.copy(), len(start.run.material.topics), dict(start.run.plan.mixture)
    for change in CHANGES:
        change.make(replace(start.run, plan=Plan(1)))
    assert np.array_equal(start.run.table, before[0])
    assert (len(start.run.material.topics), dict(start.run.plan.mixture)) == before[1:]
    assert Plan(1).mixture is MIXTURE and Plan(1).static_mixture is STATIC_MIXTURE
