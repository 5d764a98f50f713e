"""Collects the material of the encoder's tasks: reads the sets, drops what leaks, numbers the texts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path

import numpy as np

from assistant.errors import InputError
from assistant.values import SENTIMENTS
from training import corpus
from training.examples import Matter, Written, read_dialogues, read_matters, read_written
from training.leaks import LeakFilter
from training.public import protected_texts, public_split
from training.texts import Material, TextTable, Topic

MAX_NEIGHBOURS, MAX_GLOSSES, MAX_PLAIN = 120_000, 150_000, 120_000
OWN_SPLIT = (
    "massive_en_us",
    "nlpcc2014_sc",
    "online_shopping_10_cats",
    "waimai_10k",
    "hwu64_en",
)  # folds 0, 1 held out


def held_out(data: Path, written: Written, demo: Path) -> dict[str, list[str]]:
    """Every dev and test text that training must not see, by set, our own and the demo shop's among them."""
    protected = protected_texts(data)
    own = written.of("dev", "test")
    protected["written"] = own.texts()
    protected["demo"] = [
        cell.strip()
        for path in sorted(demo.glob("*.[ct]sv"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for cell in line.replace(" | ", "\t").replace(",", "\t").split("\t")
        if len(cell.strip()) > 3
    ]
    for name in OWN_SPLIT[:2]:
        rows = corpus.labelled(data, {name: "train"})
        protected[name] = [text for _, text, _ in rows if public_split(text) != "train"]
    return protected


def collect(data: Path, demo: Path, without: Collection[str] = ()) -> tuple[list[str], Material, dict[str, int]]:
    """Return the distinct texts, the material over their numbers, and the counts for the model card.

    `without` names sets of corpus.INTENTS to learn nothing from: their texts are held out like test texts, so that
    copies of them in other sets are dropped too. Raises InputError for a name that is none of them.
    """
    if unknown := sorted(set(without) - set(corpus.INTENTS)):
        raise InputError(f"unknown set {unknown[0]!r} to leave out; expected one of {', '.join(corpus.INTENTS)}")
    labelled = {name: stem for name, stem in corpus.INTENTS.items() if name not in without}
    written = read_written()
    protected = held_out(data, written, demo)
    for name in without:
        protected[name] = [text for _, text, _ in corpus.labelled(data, {name: corpus.INTENTS[name]})]
    leaks = LeakFilter(protected)
    table = TextTable()
    train = written.of("train")
    topics = _topics(train, table) + [_topic_of(matter, table) for matter in read_matters()]
    moods = [(table.add(u.text), SENTIMENTS.index(u.sentiment)) for u in train.utterances]
    talk = [d for d in read_dialogues() if d.split == "train"]
    moods += [
        (table.add(turn.text), SENTIMENTS.index(turn.sentiment)) for d in talk for turn in d.turns if turn.sentiment
    ]
    n_own = len(table)
    own_neighbours = table.pairs(
        (a.text, b.text) for d in talk for a, b in zip(d.turns, d.turns[1:], strict=False) if a.role == "customer"
    )
    sets = {
        "parallel": table.pairs(corpus.parallel(data)),
        "glosses": table.pairs(islice(corpus.glosses(data), MAX_GLOSSES)),
        "answers": table.pairs(corpus.question_answers(data)),
        "neighbours": np.concatenate((own_neighbours, table.pairs(islice(corpus.neighbours(data), MAX_NEIGHBOURS)))),
    }
    intents, n_classes = _classes(corpus.labelled(data, labelled), table)
    reviews = [
        (table.add(text), SENTIMENTS.index(label))
        for _, text, label in corpus.labelled(data, corpus.SENTIMENT)
        if label in SENTIMENTS
    ]
    plain = np.array([table.add(t) for t in islice((t for t in corpus.plain(data) if 6 < len(t) < 160), MAX_PLAIN)])

    texts = table.texts
    report = leaks.check(texts)
    keep = report.keep
    n_own_dropped = int((~keep[:n_own]).sum())
    counts = {
        "texts": len(texts), "own texts": n_own, "held-out texts": sum(map(len, protected.values())), "dropped exact": report.n_exact,
        "dropped 8-gram overlap": report.n_overlap, "dropped of our own": n_own_dropped,
    }  # fmt: skip
    for topic in topics:
        topic.messages = {lang: [n for n in numbers if keep[n]] for lang, numbers in topic.messages.items()}
    material = Material(
        **{name: pairs[keep[pairs].all(1)] for name, pairs in sets.items()},
        topics=[topic for topic in topics if any(topic.messages.values())],
        intents={name: _kept(rows, keep) for name, rows in intents.items()},
        reviews=_kept(reviews, keep),
        moods=_kept(moods, keep),
        plain=plain[keep[plain]],
        english=np.array([n for n, text in enumerate(texts) if keep[n] and text.isascii()]),
        n_classes=n_classes,
    )
    return texts, material, counts


def _kept(rows: Iterable[tuple[int, int]], keep: np.ndarray) -> np.ndarray:
    array = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    return array[keep[array[:, 0]]]


def _topics(written: Written, table: TextTable) -> list[Topic]:
    topics: dict[str, Topic] = {}
    for q in written.questions:
        topic = topics.setdefault(q.topic, Topic({}, {}, defaultdict(list), q.source))
        topic.questions[q.language], topic.answers[q.language] = table.add(q.question), table.add(q.answer)
    for u in written.utterances:
        if u.topic.startswith("general-"):  # small talk groups have no canonical question but are topics all the same
            topics.setdefault(u.topic, Topic({}, {}, defaultdict(list), u.source))
        if u.topic in topics:
            topics[u.topic].messages[u.language].append(table.add(u.text))
    return list(topics.values())


def _topic_of(matter: Matter, table: TextTable) -> Topic:
    """A matter as a topic; its file and trade stand for the source, so that batches of one trade are hard ones."""
    return Topic(
        {lang: table.add(text) for lang, text in matter.questions.items()},
        {"zh": table.add(matter.answer)},
        {lang: [table.add(text) for text in said] for lang, said in matter.messages.items()},
        matter.topic.rpartition("-")[0],
    )


def _classes(rows: Iterable[tuple[str, str, str]], table: TextTable) -> tuple[dict[str, list], dict[str, int]]:
    classes: dict[str, dict[str, int]] = defaultdict(dict)
    numbered: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for name, text, label in rows:
        known = classes[name]
        numbered[name].append((table.add(text), known.setdefault(label, len(known))))
    return numbered, {name: len(known) for name, known in classes.items()}


def save_counts(counts: dict[str, int], path: Path) -> None:
    path.write_text(json.dumps(counts, indent=1), encoding="utf-8")
