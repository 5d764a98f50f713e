"""Who may do what: every route has its line in POLICY, live ones too, and a route without one is refused.

OPEN        anybody: what the widget needs, health, pages
LOCAL       callers on this machine, and every other caller below
AGENT       people signed in at the desk, and service keys (tokens of `huida token create`) of any role
PERSON      people signed in, of any role, and no service key: what carries somebody's name
SUPERVISOR  supervisors and administrators; service keys of role admin
ADMIN       administrators; service keys of role admin

A route learns who called from `Who`, or `current_user(request)` (a Caller), a person's or a service key's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from ipaddress import ip_address
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Depends, Request

from api import sessions
from api.errors import Problem
from assistant.store import Store


class Access(Enum):
    OPEN = "open"
    LOCAL = "local"
    AGENT = "agent"
    PERSON = "person"
    SUPERVISOR = "supervisor"
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
    ("POST", "/integrations/chatwoot"): Access.OPEN,  # its signature is the key: see routes/chatwoot
    ("GET", "/metrics"): Access.LOCAL,
    ("GET", "/v1/conversations"): Access.AGENT,
    ("GET", "/v1/conversations/{conversation_id}/entries"): Access.OPEN,  # the id is a secret here too
    ("GET", "/v1/conversations/{conversation_id}/events"): Access.OPEN,
    ("POST", "/v1/conversations/{conversation_id}/typing"): Access.OPEN,
    ("POST", "/v1/conversations/{conversation_id}/csat"): Access.OPEN,
    ("GET", "/v1/desk/queue"): Access.PERSON,
    ("GET", "/v1/desk/events"): Access.PERSON,
    ("GET", "/v1/desk/search"): Access.PERSON,
    ("GET", "/v1/desk/canned"): Access.PERSON,
    ("PUT", "/v1/desk/canned/{shortcut}"): Access.PERSON,
    ("DELETE", "/v1/desk/canned/{shortcut}"): Access.PERSON,
    ("GET", "/v1/desk/figures"): Access.SUPERVISOR,
    ("GET", "/v1/desk/conversations/{conversation_id}"): Access.PERSON,
    ("GET", "/v1/desk/conversations/{conversation_id}/entries"): Access.PERSON,
    ("GET", "/v1/desk/customers/{customer_id}"): Access.PERSON,
    ("POST", "/v1/desk/conversations/{conversation_id}/take"): Access.PERSON,
    ("POST", "/v1/desk/conversations/{conversation_id}/release"): Access.PERSON,
    ("POST", "/v1/desk/conversations/{conversation_id}/close"): Access.PERSON,
    ("POST", "/v1/desk/conversations/{conversation_id}/transfer"): Access.PERSON,
    ("POST", "/v1/desk/conversations/{conversation_id}/labels"): Access.PERSON,
    ("POST", "/v1/desk/conversations/{conversation_id}/reply"): Access.PERSON,
    ("POST", "/v1/desk/conversations/{conversation_id}/notes"): Access.PERSON,
    ("POST", "/v1/desk/conversations/{conversation_id}/typing"): Access.PERSON,
    ("GET", "/v1/conversations/{conversation_id}/suggestions"): Access.AGENT,
    ("POST", "/v1/desk/suggestions/{suggestion_id}/verdict"): Access.PERSON,
    ("POST", "/v1/desk/turns/{turn_id}/wrong"): Access.PERSON,
    ("POST", "/v1/desk/faq-drafts"): Access.PERSON,
    ("GET", "/v1/desk/faq-drafts"): Access.PERSON,
    ("POST", "/v1/desk/faq-drafts/{draft_id}/publish"): Access.SUPERVISOR,
    ("POST", "/v1/desk/faq-drafts/{draft_id}/discard"): Access.SUPERVISOR,
    ("GET", "/v1/gaps"): Access.AGENT,
    ("POST", "/v1/session"): Access.OPEN,  # here one signs in: see routes/session
    ("GET", "/v1/session"): Access.PERSON,
    ("DELETE", "/v1/session"): Access.PERSON,
    ("POST", "/v1/session/password"): Access.PERSON,
    ("GET", "/v1/desk/colleagues"): Access.AGENT,
    ("GET", "/v1/customers/next"): Access.AGENT,
    ("GET", "/v1/customers/next.csv"): Access.AGENT,
    ("GET", "/v1/customers/{customer_id}"): Access.SUPERVISOR,
    ("GET", "/v1/customers/{customer_id}/export"): Access.SUPERVISOR,
    ("DELETE", "/v1/customers/{customer_id}"): Access.SUPERVISOR,
    ("GET", "/v1/audit"): Access.SUPERVISOR,
    ("POST", "/v1/reports"): Access.SUPERVISOR,
    ("GET", "/v1/reports"): Access.SUPERVISOR,
    ("GET", "/v1/reports/{report_id}"): Access.SUPERVISOR,
    ("GET", "/v1/reports/{report_id}/file"): Access.SUPERVISOR,
    ("DELETE", "/v1/reports/{report_id}"): Access.SUPERVISOR,
    ("GET", "/v1/users"): Access.ADMIN,
    ("POST", "/v1/users"): Access.ADMIN,
    ("PATCH", "/v1/users/{name}"): Access.ADMIN,
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
    ("GET", "/shop/customers"): Access.OPEN,  # nobody's but a demo's made-up customers: see routes/pages
    ("GET", "/shop/{name}"): Access.OPEN,
    ("GET", "/desk"): Access.OPEN,
    ("GET", "/desk/{name}"): Access.OPEN,
    ("GET", "/reports"): Access.OPEN,
    ("GET", "/reports/{name}"): Access.OPEN,
}
# what a session may do while its password is one that somebody else drew: be looked at, end, and choose another
_WITH_GIVEN_PASSWORD = (("GET", "/v1/session"), ("DELETE", "/v1/session"), ("POST", "/v1/session/password"))
_EVERYONE = frozenset({"agent", "supervisor", "admin"})
ROLES: dict[Access, frozenset[str]] = {
    Access.LOCAL: _EVERYONE,
    Access.AGENT: _EVERYONE,
    Access.PERSON: _EVERYONE,
    Access.SUPERVISOR: frozenset({"supervisor", "admin"}),
    Access.ADMIN: frozenset({"admin"}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` is a user's name, or "token NAME" for a service key; `secret` is the session's."""

    name: str
    display_name: str
    role: str
    secret: str | None = None
    must_change_password: bool = False

    @property
    def is_person(self) -> bool:
        return self.secret is not None


async def authorise(request: Request) -> None:
    """A dependency of the whole app.

    Raises Problem 401 for a stranger, 403 for too low a role, a foreign page, or a password that is to be changed first.
    """
    route = request.method, request.scope["route"].path
    access = POLICY.get(route)
    if access is None:
        raise Problem(403, "forbidden", "this route has no access policy yet and is closed")
    if access is Access.OPEN or (access is Access.LOCAL and is_local(request)):
        return
    caller = await caller_of(request)
    if caller is None or (access is Access.PERSON and not caller.is_person):
        raise Problem(
            401,
            "unauthorized",
            "sign in at /desk first"
            if access is Access.PERSON
            else "this route needs a session (/desk) or a token: Authorization: Bearer ... (huida token create NAME)",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if caller.must_change_password and route not in _WITH_GIVEN_PASSWORD:
        raise Problem(
            403, "password_must_change", "choose a password of your own first: POST /v1/session/password, or /desk"
        )
    if caller.role not in ROLES[access]:
        raise Problem(403, "forbidden", f"the role {caller.role!r} may not do this; it takes {access.value!r}")
    request.state.caller = caller


def current_user(request: Request) -> Caller:
    """Return who called a route that POLICY does not leave open."""
    return request.state.caller


Who = Annotated[Caller, Depends(current_user)]


async def caller_of(request: Request) -> Caller | None:
    """Return who the request comes from: a service key's holder, or the person whose session it carries, or nobody.

    A live channel asks again while it is open, so that a session that ended ends it too. Raises Problem 403 for a
    session whose cookie a foreign page may have sent.
    """
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    store = request.app.state.parts.store
    if kind.lower() == "bearer" and secret:
        return await run_sync(_by_token, store, secret.strip(), limiter=request.app.state.identifying)
    if not (cookie := request.cookies.get(sessions.COOKIE)):
        return None
    caller = await run_sync(_by_session, store, cookie, limiter=request.app.state.identifying)
    if caller is not None:
        sessions.check(request, cookie)
        request.app.state.known_sessions.note(cookie)
    return caller


def is_local(request: Request) -> bool:
    """Whether the caller sits on this machine; a proxy here that forwards strangers says so in its headers."""
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")):
        return False
    try:
        return ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def _by_token(store: Store, secret: str) -> Caller | None:
    with store.read() as uow:
        token = uow.tokens.find(secret)
    return token and Caller(f"token {token.name}", token.name, token.role)


def _by_session(store: Store, secret: str) -> Caller | None:
    with store.read() as uow:
        user = uow.sessions.find(secret, datetime.now(UTC))
    return user and Caller(user.name, user.display_name, user.role, secret, user.must_change_password)
