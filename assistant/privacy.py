"""Personal data made unreadable before it reaches a log, a report or training data.

What stays is what a human needs to recognise their own: the ends of a number, the first letter of a mailbox, the region of
an address. A masked text cannot be turned back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from assistant.values import Entity

_REGION = re.compile(r"(?>(?:[\u4e00-\u9fff]{2,8}?(?:特别行政区|自治区|省|市|区|县|旗)){1,3})")


def mask(text: str, entities: Sequence[Entity], keep: Collection[str] = ()) -> str:
    """The text with phones, e-mails, identity and bank cards and addresses masked; types named in `keep` stay readable.

    entities: of this very text, as EntityExtractor returns them; other types are never masked. The result may be shorter
    or longer than the text: spans of the original do not index into it.
    """
    parts: list[str] = []
    end = 0
    for entity in sorted(entities, key=lambda entity: entity.start):
        masked = _MASKS.get(entity.type)
        if masked and entity.type not in keep:
            parts += (text[end : entity.start], masked(entity.value))
            end = entity.end
    return "".join([*parts, text[end:]])


def _ends(first: int, last: int) -> Callable[[str], str]:
    """Keep so many characters at either end, a star for each between."""
    return lambda value: value[:first] + "*" * (len(value) - first - last) + value[-last:]


def _email(value: str) -> str:
    mailbox, _, domain = value.partition("@")
    return f"{mailbox[:1]}***@{domain}"


def _address(value: str) -> str:
    region = _REGION.match(value)
    return f"{region[0] if region else ''}***"


_MASKS: dict[str, Callable[[str], str]] = {
    "phone": _ends(3, 4),
    "id_card": _ends(3, 4),
    "bank_card": _ends(4, 4),
    "email": _email,
    "address": _address,
}
