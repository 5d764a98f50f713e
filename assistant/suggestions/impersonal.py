"""Texts as they may be shown in another customer's conversation: what belongs to one customer becomes a blank.

Stricter than assistant.privacy.mask: order numbers, amounts and any long number go too, since they are facts of one case
and would be wrong in the next. Names of people are not found by the entity reader; agents see a suggestion before it
is sent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from assistant.values import Entity

BLANK = "___"
ORDER_NO = "{order_no}"  # the desk fills it in, as in a canned reply
_BLANKED = {"phone", "email", "id_card", "bank_card", "address", "tracking_no", "amount"}
_NUMBER = re.compile(r"(?<![\w{])[A-Za-z]{0,4}-?\d{5,}(?!\w)|\d{5,}|\d{3,4}[- ]\d{4}")
_MAILBOX = re.compile(r"[\w.+-]+@[\w.-]+\.\w+")


def impersonal(text: str, entities: Sequence[Entity], keep: Collection[str] = ()) -> str:
    """entities: of this very text; types named in `keep` stay, as amounts do in an FAQ answer."""
    parts: list[str] = []
    end = 0
    for entity in sorted(entities, key=lambda entity: (entity.start, -entity.end)):
        if entity.start >= end and entity.type in {*_BLANKED, "order_no"} and entity.type not in keep:
            parts += (text[end : entity.start], ORDER_NO if entity.type == "order_no" else BLANK)
            end = entity.end
    left = "".join([*parts, text[end:]])
    return _NUMBER.sub(BLANK, _MAILBOX.sub(BLANK, left))
