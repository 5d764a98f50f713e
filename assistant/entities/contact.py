"""Telephone numbers, e-mail addresses, and web addresses (whose digits belong to nobody)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.characters import lowered
from assistant.entities.found import Evidence, Found

_MOBILE = re.compile(
    r"(?<![0-9A-Za-z+])(?<![0-9][.-])(?:tel|phone|mobile|wechat|wx|vx)?"
    r"(?P<number>(?:\((?:\+|00)?86\)[ -]?|(?:\+|00)?86[ -]?)?"
    r"(?P<mobile>1[3-9][0-9]{9}"
    r"|1[3-9][0-9](?P<a>[ -])[0-9]{4}(?P=a)[0-9]{4}"
    r"|1[3-9][0-9](?P<b>[ -])[0-9]{3}(?P=b)[0-9]{5}"
    r"|1[3-9][0-9](?P<e>[ -])[0-9]{8}"
    r"|1[3-9][0-9](?P<c>[ -])[0-9]{2}(?P=c)[0-9]{3}(?P=c)[0-9]{3}"
    r"|1[3-9][0-9]{2}(?P<d>[ -])[0-9]{3}(?P=d)[0-9]{4}"
    r"|1 [3-9](?: [0-9]){9}))(?![0-9A-Za-z]|[.-][0-9]|[ ][0-9]{4})",
    re.IGNORECASE | re.ASCII,
)
_INTERNATIONAL = re.compile(r"(?<![0-9A-Za-z+])\+(?!86)[1-9][0-9]{0,2}(?:[ -]?\(?[0-9]{1,5}\)?){1,5}(?![0-9A-Za-z])")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+@-])[A-Za-z0-9_%+-]++(?>(?:\.[A-Za-z0-9_%+-]++)*)@(?>(?:[A-Za-z0-9-]++\.(?=[A-Za-z0-9]))+)[A-Za-z]{2,24}(?![A-Za-z0-9@-])"
)
_URL = re.compile(r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'+()*,;=%]++", re.IGNORECASE)


def find_phones(text: str) -> Iterator[Found]:
    """Chinese mobiles as 11 digits, whatever their grouping or +86; other numbers only when they begin with + ."""
    for match in _MOBILE.finditer(text):
        digits = re.sub("[^0-9]", "", match["mobile"])
        yield Found("phone", digits, *match.span("number"))
    for match in _INTERNATIONAL.finditer(text):
        digits = re.sub("[^0-9]", "", match[0])
        if 8 <= len(digits) <= 15:  # ITU-T E.164
            yield Found("phone", f"+{digits}", match.start(), match.end())


def find_emails(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        yield Found("email", match[0].lower(), match.start(), match.end(), Evidence.FORMAT)


def find_urls(text: str) -> Iterator[Found]:
    """Not an entity of ours: reported so that no number is read out of a link."""
    if "://" not in text and "www." not in lowered(text):
        return
    for match in _URL.finditer(text):
        yield Found("url", match[0], match.start(), match.end(), Evidence.FORMAT)
