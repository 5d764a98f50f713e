"""Signing in at the desk and out again.

Sign-in is async: a password takes argon2 64 MiB and tens of milliseconds, so one is checked at a time, and those that wait
take none of the threads that answer customers.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api import passwords, sessions
from api.auth import Caller, current_user
from api.deps import WithParts, refusals
from api.errors import Problem
from api.limits import ATTEMPT_MINUTES
from api.schemas.people import PasswordIn, SessionOut, SignIn, UserOut
from assistant.bootstrap import Parts
from assistant.errors import InputError
from assistant.store.users import User

router = APIRouter(tags=["people"], prefix="/v1/session")


@router.post("", response_model=SessionOut, responses=refusals(401, 403))
async def sign_in(body: SignIn, request: Request, response: Response, parts: WithParts):
    """Sign in; the session is in a cookie that scripts cannot read."""
    sessions.check_origin(request)
    name = _name(body.name)
    await _verify(request, parts, name, body.password)
    secret = await run_sync(_begin, parts, name, request.cookies.get(sessions.COOKIE))
    request.app.state.known_sessions.note(secret)
    user = await run_sync(_user, parts, name)
    sessions.give(response, request, secret, parts.settings.access.session_hours)
    return _session(user, secret)


@router.get("", response_model=SessionOut, responses=refusals(401))
async def session(request: Request):
    """Who is signed in."""
    caller = current_user(request)
    return _session(caller, caller.secret)


@router.delete("", status_code=204, responses=refusals(401, 403))
def sign_out(request: Request, response: Response, parts: WithParts):
    """Sign out; the session is worthless from now on."""
    with parts.store.begin() as uow:
        uow.sessions.end(current_user(request).secret)
    sessions.take(response)


@router.post("/password", response_model=SessionOut, responses=refusals(401, 403))
async def change_password(body: PasswordIn, request: Request, response: Response, parts: WithParts):
    """Change one's password; all sessions of the user end and a new one begins here."""
    caller = current_user(request)
    await _verify(request, parts, caller.name, body.old)
    if body.new == body.old:
        raise InputError("the new password is the old one; choose another")
    hashed = await run_sync(passwords.hashed, body.new, caller.name, limiter=request.app.state.hashing)
    secret = await run_sync(_renew, parts, caller.name, hashed)
    sessions.give(response, request, secret, parts.settings.access.session_hours)
    return _session(Caller(caller.name, caller.display_name, caller.role, secret), secret)


async def _verify(request: Request, parts: Parts, name: str, password: str) -> None:
    """Raises Problem 429 after too many attempts, 401 for a wrong one."""
    attempts, address = request.app.state.attempts, request.client.host if request.client else ""
    if not attempts.allows(address, name):
        headers = {"Retry-After": str(60 * ATTEMPT_MINUTES)}
        raise Problem(429, "too_many_attempts", f"too many attempts; wait {ATTEMPT_MINUTES} minutes", None, headers)
    stored = await run_sync(_stored, parts, name)
    fits, newer = await run_sync(passwords.verified, password, stored, limiter=request.app.state.hashing)
    if not fits:
        raise Problem(401, "bad_credentials", "user name and password do not fit")
    attempts.forget(name)
    if newer is not None:
        await run_sync(_keep, parts, name, newer)


def _name(typed: str) -> str:
    try:
        return passwords.usable_name(typed)
    except InputError:
        return ""  # nobody is called so: the answer is that of a wrong password


def _stored(parts: Parts, name: str) -> str | None:
    with parts.store.read() as uow:
        return uow.users.password_hash(name)


def _keep(parts: Parts, name: str, password_hash: str) -> None:
    with parts.store.begin() as uow:
        uow.users.change(name, password_hash=password_hash)


def _user(parts: Parts, name: str) -> User:
    with parts.store.read() as uow:
        return uow.users.get(name)


def _begin(parts: Parts, name: str, earlier: str | None) -> str:
    now = datetime.now(UTC)
    with parts.store.begin() as uow:
        uow.sessions.forget_expired(now)
        if earlier:
            uow.sessions.end(earlier)
        return uow.sessions.create(name, now, now + timedelta(hours=parts.settings.access.session_hours))


def _renew(parts: Parts, name: str, password_hash: str) -> str:
    now = datetime.now(UTC)
    with parts.store.begin() as uow:
        uow.users.change(name, password_hash=password_hash, must_change_password=False)
        uow.sessions.end_all(name)
        return uow.sessions.create(name, now, now + timedelta(hours=parts.settings.access.session_hours))


def _session(who: Caller | User, secret: str) -> SessionOut:
    must = who.must_change_password
    return SessionOut(user=UserOut.model_validate(who), csrf=sessions.csrf_of(secret), must_change_password=must)
