"""The users of the desk, for administrators; and the names of one's colleagues."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request

from api import passwords
from api.auth import Caller, current_user
from api.deps import WithParts, refusals
from api.schemas.people import ColleaguesOut, KeptUserOut, NewUserOut, UserChange, UserIn, UserOut, UsersOut
from assistant.store import UnitOfWork
from assistant.store.users import User

router = APIRouter(tags=["people"])
Name = Annotated[str, Path(min_length=1, max_length=200)]


@router.get("/v1/desk/colleagues", response_model=ColleaguesOut, responses=refusals(401, 403))
def colleagues(parts: WithParts):
    """Who works here: to whom a conversation can be handed."""
    with parts.store.read() as uow:
        working = [user for user in uow.users.all() if user.disabled_at is None]
    return ColleaguesOut(users=[UserOut.model_validate(user) for user in working])


@router.get("/v1/users", response_model=UsersOut, responses=refusals(401, 403))
def users(parts: WithParts):
    """All users, disabled ones too."""
    with parts.store.read() as uow:
        return UsersOut(users=[KeptUserOut.model_validate(user) for user in uow.users.all()])


@router.post("/v1/users", status_code=201, response_model=NewUserOut, responses=refusals(401, 403))
def add(body: UserIn, request: Request, parts: WithParts):
    """Add a user; without a password one is drawn and returned, once."""
    name, drawn = passwords.usable_name(body.name), None if body.password is not None else passwords.one_time()
    must_change = drawn is not None or body.must_change_password
    user = User(name, body.display_name or name, body.role, datetime.now(UTC), must_change_password=must_change)
    hashed = passwords.hashed(body.password if drawn is None else drawn, name)
    with parts.store.begin() as uow:
        uow.users.add(user, hashed)
        _noted(uow, current_user(request), "added", name, {"role": user.role})
    return NewUserOut(**KeptUserOut.model_validate(user).model_dump(), password=drawn)


@router.patch("/v1/users/{name}", response_model=KeptUserOut, responses=refusals(401, 403, 404))
def change(name: Name, body: UserChange, request: Request, parts: WithParts):
    """Change what is named; a new role, a new password and being disabled end the user's sessions.

    A password that one administrator gives another person is to be changed at their next sign-in.
    """
    now, given = datetime.now(UTC), body.model_dump(exclude_none=True, exclude={"disabled", "password"})
    if body.disabled is not None:
        given["disabled_at"] = now if body.disabled else None
    if body.password is not None:
        given["password_hash"] = passwords.hashed(body.password, name)
        given["must_change_password"] = name != current_user(request).name
    with parts.store.begin() as uow:
        user = uow.users.change(name, **given) if given else uow.users.get(name)
        if given.keys() - {"display_name"}:
            uow.sessions.end_all(name)
        _noted(uow, current_user(request), "changed", name, {"changed": sorted(given)})
    return KeptUserOut.model_validate(user)


def _noted(uow: UnitOfWork, caller: Caller, action: str, name: str, detail: dict) -> None:
    uow.audit.add(caller.name, caller.role, action, "user", name, datetime.now(UTC), detail)
