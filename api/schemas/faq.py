"""FAQ entries and what a search finds."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out, P, Text, WrittenText
from assistant.values import FaqEntry, Hit, Language

MAX_ANSWER_CHARS = 20_000


class SearchIn(In):
    query: WrittenText
    k: int = Field(5, ge=1, le=50)

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "退货运费谁出", "k": 3}]})


class HitOut(Out):
    faq_id: str
    question: str
    answer: str
    score: P = Field(description="ranks the hits of one query")
    p_correct: P = Field(description="calibrated probability that this entry answers the query")


class SearchOut(Out):
    hits: list[HitOut] = Field(description="best first")


class EntryIn(In):
    question: WrittenText = Field(max_length=2_000)
    answer: WrittenText = Field(max_length=MAX_ANSWER_CHARS)
    variants: list[WrittenText] = Field([], max_length=200, description="other wordings of the question")
    category: Text = Field("", max_length=200)
    language: Language = "zh"

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "怎么退货?", "variants": ["我要退货"], "answer": "七天内可以退。", "language": "zh"}
            ]
        }
    )


class EntryOut(Out):
    faq_id: str
    question: str
    answer: str
    variants: list[str]
    category: str
    language: Language


class EntriesOut(Out):
    entries: list[EntryOut] = Field(description="by id")
    next: str | None = Field(None, description="pass as `after` for the following page")


class RejectOut(Out):
    row: int = Field(description="of the file, counted from 1 with its heading")
    reason: str


class ImportOut(Out):
    n_added: int
    n_changed: int
    n_unchanged: int
    rejects: list[RejectOut] = Field(description="rows that were left out, and why; all others went in")
    index_version: str


def entry_of(faq_id: str, body: EntryIn) -> FaqEntry:
    return FaqEntry(faq_id, body.question, body.answer, tuple(body.variants), body.category, body.language)


def entry_out(entry: FaqEntry) -> EntryOut:
    return EntryOut(
        faq_id=entry.faq_id,
        question=entry.question,
        answer=entry.answer,
        variants=list(entry.variants),
        category=entry.category,
        language=entry.language,
    )


def hit_out(hit: Hit) -> HitOut:
    return HitOut.model_validate(hit)
