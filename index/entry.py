"""One FAQ entry: what customers ask, in several wordings, and the one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """`variants` are other wordings of `question`; `language` is a name of the caller's ("zh", "en", ...) or empty."""

    faq_id: str
    question: str
    variants: tuple[str, ...] = ()
    answer: str = ""
    category: str = ""
    language: str = ""

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question, then its variants."""
        return (self.question, *self.variants)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Entry:
        return cls(**{**fields, "variants": tuple(fields["variants"])})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry found for a query, best first. `score` in [0, 1] ranks; `p_correct` is calibrated."""

    faq_id: str
    question: str
    answer: str
    score: float
    p_correct: float
