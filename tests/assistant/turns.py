"""Plain turns for tests that care about one field of them."""

from datetime import UTC, datetime, timedelta

import numpy as np

from assistant.values import Decision, Hit, IntentScore, Message, Option, Reading, Reply, Sentiment, Turn, Versions

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FEELINGS = {
    "negative": {"negative": 0.8, "neutral": 0.15, "positive": 0.05},
    "neutral": {"negative": 0.1, "neutral": 0.8, "positive": 0.1},
    "positive": {"negative": 0.05, "neutral": 0.15, "positive": 0.8},
}


def reading(text: str = "怎么退货", mood: str = "neutral", intent: str = "refund", language: str = "zh") -> Reading:
    ranking = (IntentScore(intent, 0.7), IntentScore("thanks", 0.1))
    return Reading(text, language, Sentiment(mood, FEELINGS[mood]), ranking, 0.2, (), np.ones(1, dtype=np.float32))


def plain_turn(
    conversation_id: str = "c1",
    sequence: int = 1,
    *,
    customer_id: str | None = None,
    outcome: str = "answer",
    **of_reading,
) -> Turn:
    at = START + timedelta(minutes=sequence)
    read = reading(**of_reading)
    hits = (Hit("returns", "怎么退货?", "七天内可以退。", 1.25, 0.93),)
    reply = Reply("七天内可以退。", "answer", "returns", (Option("退货运费谁出", "fee"),))
    return Turn(
        turn_id=f"{conversation_id}-t{sequence}",
        sequence=sequence,
        message=Message(conversation_id, f"m{sequence}", read.text, at, customer_id),
        reading=read,
        decision=Decision(outcome, ("sure_of_entry",), hits),
        reply=reply,
        versions=Versions("encoder-1", "faq-1"),
        created_at=at,
    )
