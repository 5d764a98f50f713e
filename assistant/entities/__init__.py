"""Entities of a message: what it names by number, date, amount or place, with the span where it stands.

Types: order_no phone email amount date id_card bank_card address tracking_no. A number that is none of these stays.
"""

from __future__ import annotations

import re
from datetime import datetime

from assistant.characters import Normalised, normalise
from assistant.entities.amount_ranges import find_amount_ranges
from assistant.entities.amounts import find_amounts, names_money
from assistant.entities.codes import find_cards, find_orders, find_tracking
from assistant.entities.contact import find_emails, find_phones, find_urls
from assistant.entities.dates_en import find_en_dates
from assistant.entities.dates_zh import find_zh_dates
from assistant.entities.festivals import find_festivals
from assistant.entities.found import choose
from assistant.entities.places import find_addresses
from assistant.entities.rules import EntityRules
from assistant.errors import InputError
from assistant.values import Entity

__all__ = ["ENTITY_TYPES", "EntityExtractor", "EntityRules"]

ENTITY_TYPES = (*("order_no", "phone", "email", "amount", "date", "id_card", "bank_card", "address", "tracking_no"),)

_DIGIT = re.compile("[0-9]")


class EntityExtractor:
    """Holds the compiled order formats and the time zone; takes time linear in the text."""

    def __init__(self, rules: EntityRules | None = None):
        self.rules = rules or EntityRules()
        self._order_formats = self.rules.order_pattern()
        self._zone = self.rules.zone()

    def extract(self, text: str, at: datetime) -> tuple[Entity, ...]:
        """Entities in the order of the text, none overlapping; spans index into `text` as it was typed.

        at: when the message was sent (aware); relative dates count from that day in the rules' time zone.
        Values: dates ISO 8601 (YYYY-MM-DD, or YYYY-MM, YYYY-Www, YYYY where no day was named), amounts `99.5 CNY` (`300-400 CNY`
        from one to another), mobiles 11 digits, other codes upper case without spaces. Of overlapping candidates the longest wins.
        """
        return self.find(normalise(text), at)

    def find(self, plain: Normalised, at: datetime) -> tuple[Entity, ...]:
        """`extract` of a text normalised before; spans index into what was typed."""
        if at.tzinfo is None:
            raise InputError(f"the message's instant {at.isoformat()} has no time zone; give an aware datetime")
        text, today = plain.text, at.astimezone(self._zone).date()
        # most messages hold nothing: whoever finds something takes a cheap look first
        money = names_money(text)
        found = [
            *find_urls(text),
            *find_orders(text, self._order_formats),
            *(find_amounts(text) if money else ()),
            *(find_amount_ranges(text) if money else ()),
            *find_zh_dates(text, today),
            *find_en_dates(text, today),
            *find_festivals(text, today),
            *find_addresses(text),
        ]
        if "@" in text:
            found += find_emails(text)
        if _DIGIT.search(text):
            found += (*find_tracking(text), *find_cards(text), *find_phones(text))
        found = choose(found)
        return tuple(Entity(f.type, f.value, *plain.span(f.start, f.end)) for f in found if f.type in ENTITY_TYPES)
