"""Canned replies: texts that agents keep ready, with {customer_name}, {order_no} and {agent_name} to fill in."""

from __future__ import annotations

import re

from assistant.errors import InputError
from assistant.values import CannedReply

VARIABLES = ("customer_name", "order_no", "agent_name")
_BRACES = re.compile(r"\{([^{}\n]{0,40})\}")
_SHORTCUT = re.compile(r"[^\W_](?:[\w.-]{0,38}[^\W_])?")


def checked(reply: CannedReply) -> CannedReply:
    """Return the reply. Raises InputError for a shortcut that cannot be typed or a variable that nobody fills."""
    if not _SHORTCUT.fullmatch(reply.shortcut):
        raise InputError(
            f"shortcut {reply.shortcut[:60]!r} is not usable; expected up to 40 letters, digits, - . and _"
        )
    for name in variables(reply.text):
        if name not in VARIABLES:
            known = ", ".join(f"{{{variable}}}" for variable in VARIABLES)
            raise InputError(f"nobody fills {{{name}}} in; expected {known}")
    return reply


def variables(text: str) -> tuple[str, ...]:
    """The names in braces, each once, in their order."""
    return tuple(dict.fromkeys(_BRACES.findall(text)))
