"""One signed question to the owner's server, after Standard Webhooks (standardwebhooks.com), guarded against SSRF.

The name is resolved once, each address is checked, and the connection goes to a checked address and no other, so a name
that resolves differently a moment later (DNS rebinding) gains nothing. Redirects are not followed; private addresses are
refused unless the settings allow them. One look-up takes `timeout_s` at most for each of 1 + `n_retries` tries.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import ipaddress
import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from assistant.errors import ActionFailed, InputError

logger = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 65_536
PAUSE_S = 0.2  # before a retry
SECRET_PREFIX = "whsec_"


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature: v1 and HMAC-SHA256 over id.timestamp.body. Raises InputError for a bad secret."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError("order_webhook_secret is not base64; make one: whsec_ and 24 or more random bytes") from error
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Webhook:
    """`resolve` is socket.getaddrinfo but in tests of rebinding."""

    url: str
    secret: str = field(repr=False)
    timeout_s: float = 3.0
    n_retries: int = 1
    allow_private: bool = False
    resolve: Callable[..., list] = socket.getaddrinfo

    def __post_init__(self) -> None:
        """Raises InputError for what can never work, at the start and not at the first customer."""
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and self.allow_private):
            raise InputError(
                f"order_webhook_url = {self.url!r} must begin with https:// (http needs webhook_allow_private)"
            )
        if not parts.hostname or parts.username or parts.password:
            raise InputError(f"order_webhook_url = {self.url!r} needs a host and no user in it")
        if len(self.secret) < 24:
            raise InputError(
                "order_webhook_secret is missing or short; make one: whsec_ and 24 or more random bytes in base64"
            )
        sign(self.secret, "", 0, b"")

    def ask(self, kind: str, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the JSON object answered, or None for 404. Raises ActionFailed in one line otherwise."""
        now = int(time.time())
        body = json.dumps({"type": kind, "timestamp": now, "data": dict(data)}, ensure_ascii=False).encode()
        message_id = f"msg_{uuid4().hex}"  # the same on a retry, so that the receiver may drop a second copy
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(self.secret, message_id, now, body),
        }
        for attempt in range(1 + self.n_retries):
            if attempt:
                time.sleep(PAUSE_S)
            try:
                return self._tried(body, headers)
            except _Again as error:
                why = str(error)
                logger.warning("order webhook failed", extra={"attempt": attempt + 1, "reason": why})
        raise ActionFailed(f"the order webhook failed {1 + self.n_retries} times, last: {why}")

    def _tried(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any] | None:
        give_up_at = time.monotonic() + self.timeout_s
        parts = urlsplit(self.url)
        connection = _Pinned(
            parts.hostname,
            parts.port or (443 if parts.scheme == "https" else 80),
            self._address(),
            parts.scheme == "https",
            self.timeout_s,
        )
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            if answer.status >= 500 or answer.status == 429:
                raise _Again(f"status {answer.status}")
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise ActionFailed(f"the order webhook answered {answer.status}; expected 200 or 404, and no redirect")
            return _object(_read(answer, connection, give_up_at))
        except (OSError, http.client.HTTPException) as error:
            raise _Again(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()

    def _address(self) -> str:
        """An address of the host that may be asked. Raises ActionFailed when there is one that may not."""
        parts = urlsplit(self.url)
        try:
            found = self.resolve(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
        except OSError as error:
            raise _Again(f"{parts.hostname} cannot be resolved") from error
        addresses = [entry[4][0] for entry in found]
        refused = [address for address in addresses if not self.allow_private and not _is_public(address)]
        if refused or not addresses:
            raise ActionFailed(
                f"the order webhook's host has the private address {refused[:1]}; set webhook_allow_private if that is meant"
            )
        return addresses[0]


class _Again(Exception):
    """A failure that another try may not meet."""


class _Pinned(http.client.HTTPConnection):
    """A connection to one checked address, whatever the name resolves to by now; TLS still verifies the name."""

    def __init__(self, host: str, port: int, address: str, secure: bool, timeout_s: float):
        super().__init__(host, port, timeout=timeout_s)
        self._address, self._secure = address, secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _is_public(address: str) -> bool:
    """Whether an address lies in the open internet; an IPv4 address inside an IPv6 one is looked at itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (inner is None or inner.is_global)


def _read(answer: http.client.HTTPResponse, connection: http.client.HTTPConnection, give_up_at: float) -> bytes:
    """The body; a server that drips it byte by byte is given up like one that is silent."""
    parts: list[bytes] = []
    while chunk := answer.read1(8_192):
        parts.append(chunk)
        if sum(map(len, parts)) > MAX_ANSWER_BYTES:
            raise ActionFailed(f"the order webhook answered more than {MAX_ANSWER_BYTES} bytes")
        left_s = give_up_at - time.monotonic()
        if left_s <= 0:
            raise _Again("it took too long")
        if connection.sock is not None:
            connection.sock.settimeout(left_s)
    return b"".join(parts)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise ActionFailed("the order webhook did not answer JSON") from error
    if not isinstance(found, dict):
        raise ActionFailed("the order webhook did not answer a JSON object")
    return found
