"""Readings, hits and turns made for a test, with only what the test is about spelled out."""

from datetime import UTC, datetime

import numpy as np

from assistant.dialogue import Context
from assistant.text import language
from assistant.values import (
    OUT_OF_SCOPE,
    Decision,
    Entity,
    Hit,
    IntentScore,
    Message,
    Reading,
    Reply,
    Sentiment,
    Turn,
    Versions,
)

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


def reading(
    text: str = "怎么退货",
    intents: dict[str, float] | None = None,
    negative: float = 0.1,
    positive: float = 0.1,
    entities: tuple[Entity, ...] = (),
) -> Reading:
    """`intents` are probabilities; what they leave of 1 is out of scope. No intents: a blank text."""
    intents = {OUT_OF_SCOPE: 1.0} if intents is None else intents
    ranking = sorted(((p, name) for name, p in intents.items() if name != OUT_OF_SCOPE), reverse=True)
    ranking = ranking or ([(0.0, "order_status")] if text.strip() else [])
    neutral = 1 - negative - positive
    p = {"negative": negative, "neutral": neutral, "positive": positive}
    return Reading(
        text=text,
        language=language(text),
        sentiment=Sentiment(max(p, key=p.get), p),
        intent_ranking=tuple(IntentScore(name, p) for p, name in ranking),
        p_out_of_scope=1 - sum(p for p, _ in ranking),
        entities=entities,
        vector=np.zeros(4, np.float32),
    )


def hit(faq_id: str, p_correct: float, question: str = "") -> Hit:
    return Hit(faq_id, question or f"question {faq_id}", f"answer {faq_id}", p_correct, p_correct)


def turn(text: str, outcome: str = "answer", *, hits: tuple[Hit, ...] = (), faq_id: str | None = None, **read) -> Turn:
    message = Message("c1", f"m-{text}", text, AT, faq_id=faq_id)
    decision = Decision(outcome, ("for the test",), hits)
    return Turn("t1", 1, message, reading(text, **read), decision, Reply("", "answer"), Versions("m", "i"), AT)


def after(*turns: Turn) -> Context:
    return Context(turns)
