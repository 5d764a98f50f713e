"""Suggested replies and what agents make of them, drafts of FAQ entries, and gaps in the FAQ."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.base import Id, In, Out, P, Text, WrittenText
from assistant.values import DraftState, Language, SuggestionSource


class SuggestionOut(Out):
    suggestion_id: str
    text: str
    title: str
    source: SuggestionSource
    source_id: str
    p: P = Field(description="how probable it is that an agent would send it")


class SuggestionsOut(Out):
    suggestions: list[SuggestionOut] = Field(description="at most three, likeliest first")
    turn_id: str | None = Field(description="the customer's message that they answer")


class VerdictIn(In):
    verdict: Literal["accepted", "edited", "rejected"]
    sent_text: Text | None = Field(None, max_length=10_000, description="what was sent instead, of an edited one")


class VerdictOut(Out):
    verdict_id: str
    edit_distance: int = Field(description="characters between the suggestion and what was sent")


class WrongIn(In):
    comment: Text = Field("", max_length=2_000)


class DraftIn(In):
    conversation_id: Id
    sequence: int = Field(
        ge=1, description="of the agent's reply that answers the question; with an answer given, of the question itself"
    )
    question: WrittenText | None = Field(
        None, max_length=2_000, description="by default the customer's words before it"
    )
    answer: WrittenText | None = Field(None, max_length=10_000, description="by default the reply")


class DraftOut(Out):
    draft_id: str
    conversation_id: str
    sequence: int
    question: str
    answer: str
    language: Language
    state: DraftState
    author: str
    created_at: datetime
    faq_id: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


class DraftsOut(Out):
    drafts: list[DraftOut] = Field(description="oldest first")


class GapDraftOut(Out):
    question: str
    answer: str


class GapOut(Out):
    gap_id: str
    question: str
    language: Language
    n_conversations: int = Field(description="that an answer would have resolved")
    examples: list[str]
    conversation_id: str = Field(description="of the message that stands for the group")
    sequence: int
    draft: GapDraftOut | None = Field(description="from what an agent replied, where one did")
    duplicate_of: str | None = Field(description="an FAQ entry or an earlier gap that asks the same")


class GapsOut(Out):
    gaps: list[GapOut] = Field(description="the most conversations first")
