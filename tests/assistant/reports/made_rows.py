"""Analysed rows made for a test: columns of the same length, what is not given is plain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from assistant.reports.rows import Rows, rows_of

ROLES = ("customer_id", "product", "channel", "segment", "churn_risk")
HEADER = ("text", "at", *ROLES, "file", "row", "language", "sentiment", "p_negative", "p_neutral", "p_positive",
          "intent", "p_intent", "entities", "faq_id", "p_correct")  # fmt: skip
_P = {"negative": ("0.9", "0.06", "0.04"), "neutral": ("0.1", "0.8", "0.1"), "positive": ("0.05", "0.15", "0.8")}


def made(sentiments: Sequence[str], **columns: Sequence[str] | str) -> Rows:
    """One row for each sentiment; a column is a value for all rows or one for each."""
    n = len(sentiments)
    plain = {"text": [f"第{i}条消息怎么办" for i in range(n)], "file": "m.csv", "row": [str(i + 2) for i in range(n)],
             "language": "zh", "intent": "order_status", "p_intent": "0.9", "entities": "[]"}  # fmt: skip
    chosen = plain | columns
    cells = [
        [value if isinstance(value := chosen.get(name, ""), str) else value[i] for name in HEADER] for i in range(n)
    ]
    for row, sentiment in zip(cells, sentiments, strict=True):
        row[HEADER.index("sentiment")] = sentiment
        row[HEADER.index("p_negative") : HEADER.index("p_positive") + 1] = _P[sentiment]
    return rows_of(HEADER, cells, rejected=columns.get("rejected"))


def on_days(counts: Sequence[tuple[int, int]], first: str = "2026-09-14") -> tuple[list[str], list[str]]:
    """Sentiments and instants of consecutive days with so many (negative, other) messages."""
    sentiments, instants = [], []
    for day, (n_negative, n_other) in enumerate(counts):
        noon = datetime.fromisoformat(f"{first}T04:00:00+00:00") + timedelta(days=day)
        sentiments += ["negative"] * n_negative + ["neutral"] * n_other
        instants += [(noon + timedelta(minutes=i)).isoformat() for i in range(n_negative + n_other)]
    return sentiments, instants
