"""Who may do what: every route has its line in POLICY, and a route without one is refused.

OPEN    anybody: what the widget needs, health, pages
LOCAL   callers on this machine, or any working token: what a shop's backend uses
AGENT   a token of an agent or an administrator
ADMIN   a token of an administrator

Tokens come from `huida token create`; the store keeps their SHA-256.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import ip_address

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.errors import Problem
from assistant.store import Store
from assistant.values import ApiToken


class Access(Enum):
    OPEN = "open"
    LOCAL = "local"
    AGENT = "agent"
    ADMIN = "admin"


POLICY: dict[tuple[str, str], Access] = {
    ("POST", "/v1/chat"): Access.OPEN,
    ("GET", "/v1/conversations/{conversation_id}/turns"): Access.OPEN,  # the id is a secret: see routes/conversations
    ("POST", "/v1/feedback"): Access.OPEN,
    ("POST", "/v1/faq/search"): Access.OPEN,
    ("POST", "/v1/parse"): Access.LOCAL,
    ("POST", "/model/parse"): Access.LOCAL,
    ("GET", "/webhooks/rest/"): Access.LOCAL,
    ("POST", "/webhooks/rest/webhook"): Access.LOCAL,
    ("GET", "/metrics"): Access.LOCAL,
    ("GET", "/v1/conversations"): Access.AGENT,
    ("GET", "/v1/faq"): Access.ADMIN,
    ("GET", "/v1/faq/export"): Access.ADMIN,
    ("POST", "/v1/faq/import"): Access.ADMIN,
    ("GET", "/v1/faq/{faq_id}"): Access.ADMIN,
    ("PUT", "/v1/faq/{faq_id}"): Access.ADMIN,
    ("DELETE", "/v1/faq/{faq_id}"): Access.ADMIN,
    ("GET", "/healthz"): Access.OPEN,
    ("GET", "/readyz"): Access.OPEN,
    ("GET", "/openapi.json"): Access.OPEN,
    ("GET", "/docs"): Access.OPEN,
    ("GET", "/docs/{name}"): Access.OPEN,
    ("GET", "/"): Access.OPEN,
    ("GET", "/widget.js"): Access.OPEN,
    ("GET", "/shop/{name}"): Access.OPEN,
}
_ROLES = {Access.LOCAL: {"agent", "admin"}, Access.AGENT: {"agent", "admin"}, Access.ADMIN: {"admin"}}


async def authorise(request: Request) -> None:
    """A dependency of the whole app. Raises Problem 401 without a working token, 403 with one of too low a role."""
    access = POLICY.get((request.method, request.scope["route"].path))
    if access is None:
        raise Problem(403, "forbidden", "this route has no access policy yet and is closed")
    if access is Access.OPEN or (access is Access.LOCAL and is_local(request)):
        return
    token = await token_of(request)
    if token is None:
        raise Problem(
            401,
            "unauthorized",
            "this route needs a token: Authorization: Bearer ... (huida token create NAME)",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if token.role not in _ROLES[access]:
        raise Problem(403, "forbidden", f"a token of role {token.role!r} may not do this; it takes {access.value!r}")


async def token_of(request: Request) -> ApiToken | None:
    """Return the working token that the request carries, if any."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        return None
    return await run_in_threadpool(_find, request.app.state.parts.store, secret.strip())


def is_local(request: Request) -> bool:
    """Whether the caller sits on this machine; a proxy here that forwards strangers says so in its headers."""
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")):
        return False
    try:
        return ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def _find(store: Store, secret: str) -> ApiToken | None:
    with store.read() as uow:
        return uow.tokens.find(secret)
