"""The shop's own names and codes, found in messages wherever they stand: lookups, synonyms and patterns of nlu.yml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from assistant.characters import lowered
from assistant.intents import Name
from assistant.text import Normalised, normalise
from assistant.values import Entity


class Gazetteer:
    """Longest name first, case and width ignored. A Latin name ends where the word ends; Chinese has no such border,
    which is why `\\b` fails there (rasa#7421)."""

    def __init__(self, names: Sequence[Name] = (), regexes: Sequence[tuple[str, str]] = ()):
        self.names = tuple(names)
        self.regexes = tuple(map(tuple, regexes))

    def find(self, text: str) -> tuple[Entity, ...]:
        """Entities in order, none overlapping another; spans index into `text` as given."""
        return self.find_in(normalise(text))

    def find_in(self, plain: Normalised) -> tuple[Entity, ...]:
        """`find` in a text normalised before; spans index into what was typed."""
        found = [
            Entity(kind, match[0], *plain.span(*match.span()))
            for kind, pattern in self._patterns
            for match in pattern.finditer(plain.text)
            if match[0]
        ]
        for match in self._alternation.finditer(plain.text) if self._hint.search(lowered(plain.text)) else ():
            name = self._by_surface[match[0].lower()]
            found.append(Entity(name.type, name.value, *plain.span(*match.span())))
        return apart(found)

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in dict.fromkeys(self.regexes)]

    @cached_property
    def _by_surface(self) -> dict[str, Name]:
        return {normalise(name.surface).text.lower(): name for name in reversed(self.names)}

    @cached_property
    def _alternation(self) -> re.Pattern[str]:
        surfaces = sorted(self._by_surface, key=lambda surface: (-len(surface), surface))
        return re.compile("|".join(map(_bounded, surfaces)) or r"(?!)", re.IGNORECASE)

    @cached_property
    def _hint(self) -> re.Pattern[str]:
        """Most messages have no name, and a pattern that regards case finds that out in a tenth of the time."""
        return re.compile("|".join(re.escape(lowered(surface)) for surface in self._by_surface) or r"(?!)")


def apart(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """In order of place; of two that overlap the one given first stays."""
    kept: list[Entity] = []
    for entity in entities:
        if all(entity.end <= other.start or entity.start >= other.end for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: (entity.start, entity.end)))


def _bounded(surface: str) -> str:
    before = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", surface) else ""
    after = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", surface) else ""
    return before + re.escape(surface) + after
