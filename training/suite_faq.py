"""FAQ search: is the right entry first, and among the first five? Our index beside BM25 alone over the same entries."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder
from assistant.faq_files import read_faq
from assistant.index_versions import tools_of
from assistant.text import Segmenter, language
from index.entry import Entry
from index.faq_index import FaqIndex
from training.baselines import Bm25
from training.examples import KINDS, read_written
from training.public import public_split, read_set
from training.rows import Row, share

SUITE = "faq"
K = 5
NONE = "none"  # stands in heldout_questions.tsv for a question that no entry answers


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    faq_id: str
    kind: str = "all"


def suite(encoder: Encoder, segmenter: Segmenter, demo: Path, data: Path | None) -> Iterator[Row]:
    entries, asked = demo_entries(demo), heldout_questions(demo)
    left, variants = _leave_one_variant_out(entries)
    for spoken in ("zh", "en"):
        queries = [query for said, query in asked if said == spoken and query.faq_id != NONE]
        yield from _compare(encoder, segmenter, entries, queries, "demo FAQ, questions of other writers", spoken)
        hidden = [query for query in variants if query.faq_id.startswith(spoken)]
        yield from _compare(encoder, segmenter, left, hidden, "demo FAQ, a variant left out", spoken)
    for spoken in ("zh", "en"):
        topics, queries = _written_topics(spoken)
        yield from _compare(encoder, segmenter, topics, queries, "topics never seen", spoken, KINDS)
    for spoken, stored in (("zh", "en"), ("en", "zh")):
        topics, queries = _across(spoken, stored)
        name = f"topics never seen, plain question to {stored} entries"
        yield from _compare(encoder, segmenter, topics, queries, name, spoken)
    if data:
        titles, queries = _alibabacloud(data)
        yield from _compare(encoder, segmenter, titles, queries, "faq_alibabacloud, other titles", "zh")
        answers, queries = _baoxianzhidao(data)
        yield from _compare(encoder, segmenter, answers, queries, "baoxianzhidao, question to answer", "zh", k=10)


def build_index(
    encoder: Encoder, segmenter: Segmenter, entries: Sequence[Entry], none_texts: Sequence[str] = ()
) -> FaqIndex:
    return FaqIndex.build(entries, tools_of(encoder, segmenter), encoder.version, none_texts)


def demo_entries(demo: Path) -> list[Entry]:
    """The demo shop's FAQ in both languages, as it is served."""
    rows = [entry for path in sorted(demo.glob("faq_*.csv")) for entry in read_faq(path, language).entries]
    return [Entry(row.faq_id, row.question, tuple(row.variants), row.answer) for row in rows]


def heldout_questions(demo: Path) -> list[tuple[str, Query]]:
    """(language, query) of questions written by others than the FAQ's writer; faq_id NONE where no entry answers."""
    with (demo / "heldout_questions.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["language"], Query(row["question"], row["faq_id"], row["kind"])) for row in rows]


def _compare(
    encoder: Encoder,
    segmenter: Segmenter,
    entries: Sequence[Entry],
    queries: Sequence[Query],
    name: str,
    spoken: str,
    kinds: Sequence[str] = (),
    k: int = K,
) -> Iterator[Row]:
    index = build_index(encoder, segmenter, entries)
    words = Bm25(entries, segmenter.search_tokens)
    texts = [query.text for query in queries]
    found = {
        "huida": [[hit.faq_id for hit in hits] for hits in index.search(encoder.encode(texts), texts, k)],
        "BM25 alone": [words.search(text, k) for text in texts],
    }
    of_kind = {"": np.ones(len(queries), bool)} | {
        f", {kind}": np.array([query.kind == kind for query in queries]) for kind in kinds
    }
    for system, ids in found.items():
        first = np.array([bool(hits) and hits[0] == q.faq_id for hits, q in zip(ids, queries, strict=True)])
        among = np.array([q.faq_id in hits for hits, q in zip(ids, queries, strict=True)])
        for suffix, here in of_kind.items():
            yield share(first[here], "hit@1").row(SUITE, name + suffix, spoken, system)
        yield share(among, f"hit@{k}").row(SUITE, name, spoken, system)


def _leave_one_variant_out(entries: Sequence[Entry]) -> tuple[list[Entry], list[Query]]:
    """The entries without their last variant, and those variants as questions."""
    left = [replace(entry, variants=entry.variants[:-1]) for entry in entries]
    return left, [Query(entry.variants[-1], entry.faq_id) for entry in entries if entry.variants]


def _written_topics(spoken: str) -> tuple[list[Entry], list[Query]]:
    """Test topics of our own text: canonical question and answer as the entry, every message a query."""
    test = read_written().of("test")
    entries = [Entry(q.topic, q.question, (), q.answer) for q in test.questions if q.language == spoken]
    known = {entry.faq_id for entry in entries}
    queries = [Query(u.text, u.topic, u.kind) for u in test.utterances if u.language == spoken and u.topic in known]
    return entries, queries


def _across(spoken: str, stored: str) -> tuple[list[Entry], list[Query]]:
    """The canonical question of every test topic in one language, its entry in the other."""
    test = read_written().of("test")
    entries = [Entry(q.topic, q.question, (), q.answer) for q in test.questions if q.language == stored]
    return entries, [Query(q.question, q.topic) for q in test.questions if q.language == spoken]


def _alibabacloud(data: Path) -> tuple[list[Entry], list[Query]]:
    """Articles that stand under several titles: the first title is the entry, the others are queries."""
    titles: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in read_set(data, "faq_alibabacloud", "zh"):
        titles[row["answer"]].setdefault(row["question"])
    entries, queries = [], []
    for number, (answer, asked) in enumerate(titles.items()):
        first, *others = asked
        entries.append(Entry(f"a{number:04d}", first, (), answer))
        queries += [Query(title, entries[-1].faq_id) for title in others]
    return entries, queries


def _baoxianzhidao(data: Path) -> tuple[list[Entry], list[Query]]:
    """Held-out questions of an insurance forum; the entries are their accepted answers, without the questions."""
    answers: dict[str, str] = {}
    for row in read_set(data, "baoxianzhidao", "all"):
        if row["is_best"] == "1" and public_split(row["question"]) == "test" and row["answer"].strip():
            answers.setdefault(row["question"], row["answer"])
    ids = {answer: f"b{number:04d}" for number, answer in enumerate(dict.fromkeys(answers.values()))}
    entries = [Entry(faq_id, answer, (), answer) for answer, faq_id in ids.items()]
    return entries, [Query(question, ids[answer]) for question, answer in answers.items()]
