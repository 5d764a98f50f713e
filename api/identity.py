"""A customer's identity, signed by the shop: base64url(customer_id) . unix expiry . base64url(HMAC-SHA256).

The shop's backend makes it with the key that both know (`customer_key` in the settings) and hands it to its page; the
widget sends it along. The signature covers id and expiry, so neither can be swapped. Source: RFC 2104.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from api.errors import Problem


def sign(customer_id: str, expires_at: int, key: str) -> str:
    """Return the token; expires_at is in unix seconds."""
    body = f"{_encode(customer_id.encode())}.{expires_at}"
    return f"{body}.{_signature(body, key)}"


def customer_of(token: str, key: str, now: float) -> str:
    """Return the customer id. Raises Problem 403 for a token that is unsigned, altered, expired or signed elsewhere."""
    if not key:
        raise _refused("this server takes no customer tokens; set customer_key")
    try:
        customer, expiry, signature = token.split(".")
        body = f"{customer}.{expiry}"
        if not hmac.compare_digest(signature.encode(), _signature(body, key).encode()):
            raise _refused("its signature does not fit")
        if int(expiry) <= now:
            raise _refused("it has expired; ask the shop for a new one")
        return base64.urlsafe_b64decode(customer + "=" * (-len(customer) % 4)).decode()
    except (ValueError, binascii.Error) as error:
        raise _refused("it has not the form ID.EXPIRY.SIGNATURE") from error


def _refused(why: str) -> Problem:
    return Problem(403, "bad_customer_token", f"customer_token is refused: {why}", "customer_token")


def _signature(body: str, key: str) -> str:
    return _encode(hmac.digest(key.encode(), body.encode("utf-8", "surrogatepass"), hashlib.sha256))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
