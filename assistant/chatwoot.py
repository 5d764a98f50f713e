"""Chatwoot as the place where customers write and agents sit: what its AgentBot webhook signs, and what we answer there.

Source: chatwoot/chatwoot, docs "Agent bots" and "Application API"; its webhook gives up after 5 seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from assistant.errors import ActionFailed, InputError

MAX_AGE_S = 300  # of a signed event; an older one is somebody's recording
MAX_ANSWER_BYTES = 65_536


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What X-Chatwoot-Signature holds: sha256= and the hex HMAC-SHA256 of `timestamp.body`."""
    return "sha256=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def is_signed(secret: str, timestamp: str, given: str, body: bytes, now: float) -> bool:
    """Whether the body comes from who knows the secret, and came within the last five minutes."""
    fresh = timestamp.isascii() and timestamp.isdigit() and abs(now - int(timestamp[:12])) <= MAX_AGE_S
    return fresh and hmac.compare_digest(given.encode(), signature(secret, timestamp, body).encode())


@dataclass(frozen=True, slots=True)
class Chatwoot:
    """Its API for one bot. `timeout_s` is of one call: three of them must fit into Chatwoot's five seconds."""

    url: str
    token: str = field(repr=False)
    timeout_s: float = 1.4

    def __post_init__(self) -> None:
        """Raises InputError for an address that can never work."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise InputError(f"chatwoot_url = {self.url!r} must be like https://chatwoot.example.com, without a user")

    def say(
        self,
        account: int,
        conversation: int,
        text: str,
        *,
        private: bool = False,
        options: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Add a message, or a note that agents alone see. options: (title, value) of buttons. Raises ActionFailed."""
        message: dict[str, Any] = {"content": text, "message_type": "outgoing", "private": private}
        if options:
            items = [{"title": title, "value": value} for title, value in options]
            message |= {"content_type": "input_select", "content_attributes": {"items": items}}
        self._post(f"/api/v1/accounts/{account}/conversations/{conversation}/messages", message)

    def hand_over(self, account: int, conversation: int) -> None:
        """Open the conversation: its agents see it, and the bot is asked no more. Raises ActionFailed."""
        self._post(f"/api/v1/accounts/{account}/conversations/{conversation}/toggle_status", {"status": "open"})

    def _post(self, path: str, body: dict[str, Any]) -> None:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=self.timeout_s)
        headers = {"Content-Type": "application/json", "api_access_token": self.token}
        try:
            connection.request("POST", parts.path.rstrip("/") + path, json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            answer.read(MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise ActionFailed(f"Chatwoot at {self.url} cannot be reached ({type(error).__name__}: {error})") from error
        finally:
            connection.close()
        if answer.status >= 300:
            raise ActionFailed(
                f"Chatwoot at {self.url} answered {answer.status} to {path}; check chatwoot_url and chatwoot_token"
            )
