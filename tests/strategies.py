"""Random values of the line for Hypothesis: anything that the types and the text rules allow."""

from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
from hypothesis import strategies as st

from assistant.values import (
    SENTIMENTS,
    Decision,
    Entity,
    Hit,
    IntentScore,
    Message,
    Option,
    Reading,
    Reply,
    Sentiment,
    Turn,
    Versions,
)

# every character but NUL and lone surrogates, with the awkward ones often: right-to-left, joined emoji, combining marks
AWKWARD = [
    "שלום",
    "مرحبا",
    "\u202e",
    "👩‍👩‍👧‍👦",
    "👋🏽",
    "e\u0301",
    "ﬁ",
    "　",
    "\u200d",
    "\r\n",
    "'\"\\",
    "%s",
    "𠮷",
    "\U0010ffff",
]
characters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
texts = st.lists(st.one_of(st.sampled_from(AWKWARD), st.text(characters, max_size=8)), max_size=6).map("".join)
new_ids = st.builds(lambda: uuid4().hex)  # never drawn twice, so that examples can share one store
words = st.text(characters, min_size=1, max_size=12)
probabilities = st.floats(0, 1)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
intents = st.sampled_from(["order_status", "refund", "shipping_fee", "thanks"])


@st.composite
def sentiments(draw) -> Sentiment:
    weights = [draw(st.floats(0.01, 1)) for _ in SENTIMENTS]
    p = {label: weight / sum(weights) for label, weight in zip(SENTIMENTS, weights, strict=True)}
    return Sentiment(max(p, key=p.get), p)


@st.composite
def readings(draw, text: str) -> Reading:
    scores = [IntentScore(draw(intents), draw(probabilities)) for _ in range(draw(st.integers(0, 2)))]
    entities = [Entity("order_no", draw(words), 0, n) for n in range(draw(st.integers(0, 2)))]
    language = draw(st.sampled_from(["zh", "en", "mixed", "other"]))
    vector = np.ones(4, dtype=np.float32) / 2
    return Reading(
        text,
        language,
        draw(sentiments()),
        tuple(scores),
        draw(probabilities),
        tuple(entities),
        vector,
    )


hits = st.builds(Hit, words, texts, texts, st.floats(-10, 10), probabilities)
outcomes = st.sampled_from(["answer", "clarify", "action", "handoff", "smalltalk", "unknown"])
decisions = st.builds(
    Decision,
    outcomes,
    st.lists(words, max_size=3).map(tuple),
    st.lists(hits, max_size=2).map(tuple),
)
options = st.builds(Option, texts, st.none() | words, st.none() | words)
kinds = st.sampled_from(["answer", "clarify", "action", "handoff", "smalltalk"])
replies = st.builds(Reply, texts, kinds, st.none() | words, st.lists(options, max_size=2).map(tuple))


@st.composite
def turns(
    draw,
    conversation_id: str | None = None,
    sequence: int = 1,
    customer_id: str | None = None,
) -> Turn:
    here = conversation_id or draw(new_ids)
    message = Message(
        here,
        draw(new_ids),
        draw(texts),
        draw(instants),
        customer_id,
        draw(st.none() | words),
    )
    return Turn(
        turn_id=draw(new_ids),
        sequence=sequence,
        message=message,
        reading=draw(readings(message.text)),
        decision=draw(decisions),
        reply=draw(replies),
        versions=Versions(draw(words), draw(words)),
        created_at=draw(instants),
    )
