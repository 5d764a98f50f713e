"""A reading as JSON: language, mood, intents and entities of one text, without its vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out, P, WrittenText
from assistant.values import Language, Reading, SentimentLabel

if TYPE_CHECKING:
    from assistant.explain import Explanation  # the reader and all it fits with: not to be imported with a schema

MAX_TEXTS = 256  # of one request: about a fifth of a second's work on two cores
MAX_EXPLAINED = 32  # of one request: each word costs a reading


class SentimentOut(Out):
    label: SentimentLabel
    p: dict[SentimentLabel, P] = Field(description="calibrated probabilities; they sum to 1")


class IntentOut(Out):
    name: str
    p: P


class EntityOut(Out):
    type: str
    value: str = Field(description="normalised: ISO date, digits only, ...")
    start: int = Field(description="first character in the text as it was sent (Unicode code points)")
    end: int = Field(description="one past the last character")


class ReadingOut(Out):
    language: Language
    sentiment: SentimentOut
    intent: IntentOut = Field(description="the likeliest intent, or out_of_scope")
    intent_ranking: list[IntentOut] = Field(description="best first; sums to 1 together with p_out_of_scope")
    p_out_of_scope: P
    entities: list[EntityOut]


class WordOut(Out):
    word: str
    start: int = Field(description="first character in the text as it was sent")
    end: int = Field(description="one past the last character")
    sentiment: float = Field(description="log odds by which it moved the mood: above 0 it spoke for the label")
    intent: float = Field(description="the same for the intent")


class ParsedOut(ReadingOut):
    explanation: list[WordOut] | None = Field(None, description="every word's weight, when `explain` was asked for")


class ParseIn(In):
    texts: list[WrittenText] = Field(min_length=1, max_length=MAX_TEXTS)
    explain: bool = Field(False, description="weigh each word too: costs one reading a word, so at most 32 texts")

    model_config = ConfigDict(json_schema_extra={"examples": [{"texts": ["我的订单到哪了", "How do I return this?"]}]})


class ParseOut(Out):
    readings: list[ParsedOut] = Field(description="one for each text, in their order")


def reading_out(reading: Reading) -> ReadingOut:
    return ReadingOut.model_validate(reading)


def parsed_out(reading: Reading, explanation: Explanation | None = None) -> ParsedOut:
    words = explanation and [
        WordOut(
            word=reading.text[word.start : word.end],
            start=word.start,
            end=word.end,
            sentiment=round(word.sentiment, 3),
            intent=round(word.intent, 3),
        )
        for word in explanation.words
    ]
    return ParsedOut(**reading_out(reading).model_dump(), explanation=words)
