"""Signed-in people: the session's cookie, its CSRF token, and where a request may come from.

The cookie holds a secret that the store knows by its hash. The CSRF token is made of that secret, so it needs no place of
its own and ends with the session: base64url(HMAC-SHA256(secret, "csrf")).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

from fastapi import Request, Response

from api.errors import Problem

COOKIE = "huida_session"
CSRF_HEADER = "X-Huida-CSRF"
SAFE = ("GET", "HEAD", "OPTIONS")


def csrf_of(secret: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(secret.encode(), b"csrf", hashlib.sha256)).decode().rstrip("=")


def give(response: Response, request: Request, secret: str, hours: float) -> None:
    """Set the cookie: not for scripts, not for other sites, and over TLS alone where the browser uses it."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=round(hours * 3600),
        httponly=True,
        samesite="strict",
        secure=request.headers.get("origin", "").startswith("https:"),
    )


def take(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def check(request: Request, secret: str) -> None:
    """Raises Problem 403 when a page of somebody else may have sent the request with this session's cookie."""
    if request.method in SAFE:
        if "origin" in request.headers:
            check_origin(request)
        return
    check_origin(request)
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode(), csrf_of(secret).encode()):
        raise Problem(403, "bad_csrf", f"{CSRF_HEADER} is missing or old; send the csrf of GET /v1/session")


def check_origin(request: Request) -> None:
    """Raises Problem 403 unless the header Origin names this server, as browsers always do when they send a form."""
    origin = request.headers.get("origin", "")
    split = urlsplit(origin)
    ours = split.scheme in ("http", "https") and split.netloc == request.headers.get("host")
    if not ours and origin not in request.app.state.desk_origins:
        raise Problem(
            403,
            "bad_origin",
            f"Origin {origin[:80]!a} is not this server; behind a proxy that changes the Host header, name the desk's "
            "origin in desk_origins",
        )
