"""The policy at a stated error rate: of the answers given, how many are wrong, and how many questions get one.

The questions are those of other writers for the demo FAQ, those that it does not answer among them, and our own test
messages that belong nowhere.
The threshold was learned from neither: it comes from the FAQ's left-out variants and the owner's none bank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from assistant.dialogue import Context
from assistant.policy import Rules, decide
from assistant.reader import Reader
from assistant.text import language
from assistant.values import Decision, Hit
from training.examples import read_written
from training.rows import Row, share
from training.suite_faq import NONE, build_index, demo_entries, heldout_questions

SUITE = "policy"
STATED = (0.02, 0.05, 0.10)  # max_wrong_answers for which the suite is run
SENT_AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


def suite(reader: Reader, demo: Path, none_texts: Sequence[str]) -> Iterator[Row]:
    index = build_index(reader.encoder, reader.segmenter, demo_entries(demo), none_texts)
    asked = heldout_questions(demo)
    nowhere = [u.text for u in read_written().of("test").utterances if u.topic.startswith("none-")]
    texts = [query.text for _, query in asked] + nowhere
    right_ids = np.array([query.faq_id for _, query in asked] + [NONE] * len(nowhere))
    spoken = np.array([said for said, _ in asked] + [language(text) for text in nowhere])
    readings = reader.read(texts, SENT_AT)
    vectors = np.stack([reading.vector for reading in readings])
    hits = [[_hit(found) for found in row] for row in index.search(vectors, texts, 5)]
    for stated in STATED:
        rules = replace(Rules(), max_wrong_answers=stated, p_answer=index.threshold_for(stated).threshold)
        decisions = [decide(*pair, Context(), rules) for pair in zip(readings, hits, strict=True)]
        for name in ("zh", "en"):
            here = spoken == name
            yield from _figures([d for d, h in zip(decisions, here, strict=True) if h], right_ids[here], name, stated)


def _figures(decisions: list[Decision], right_ids: np.ndarray, spoken: str, stated: float) -> Iterator[Row]:
    name = f"max_wrong_answers = {stated:.2f}"
    answered = np.array([decision.outcome == "answer" for decision in decisions])
    right = np.array([bool(d.hits) and d.hits[0].faq_id == i for d, i in zip(decisions, right_ids, strict=True)])
    offered = np.array(
        [
            d.outcome == "clarify" and i in {hit.faq_id for hit in d.hits}
            for d, i in zip(decisions, right_ids, strict=True)
        ]
    )
    answerable = right_ids != NONE
    clarified = np.array([decision.outcome == "clarify" for decision in decisions])
    yield share(~right[answered], "wrong of answered").row(SUITE, name, spoken, "huida")
    yield share((answered & right)[answerable], "answered rightly").row(SUITE, name, spoken, "huida")
    yield share((answered & right | offered)[answerable], "answered or offered").row(SUITE, name, spoken, "huida")
    yield share(answered[~answerable], "answered, though nothing fits").row(SUITE, name, spoken, "huida")
    yield share(clarified[~answerable], "asked back, though nothing fits").row(SUITE, name, spoken, "huida")


def _hit(found) -> Hit:
    return Hit(found.faq_id, found.question, found.answer, found.score, found.p_correct)
