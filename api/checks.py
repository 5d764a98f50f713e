"""Checks of a request that need the settings."""

from __future__ import annotations

from api.errors import Problem
from assistant.settings import Settings


def short_enough(text: str, field: str, settings: Settings) -> None:
    """Raises Problem 422 for text above the cap of one message."""
    cap = settings.chat.max_text_chars
    if len(text) > cap:
        raise Problem(422, "too_long", f"{field} has {len(text):,} characters, at most {cap:,} are taken", field)
