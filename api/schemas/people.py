"""Who works here: signing in, and the users that an administrator keeps."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out, Text, WrittenText
from assistant.store.users import Role

_MAX_TYPED = 1_000  # characters that are looked at before the true limits speak


class SignIn(In):
    name: WrittenText = Field(max_length=_MAX_TYPED)
    password: Text = Field(max_length=_MAX_TYPED)

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "mei", "password": "k7mx-p3vd-9wqs-t6hn"}]})


class PasswordIn(In):
    old: Text = Field(max_length=_MAX_TYPED)
    new: Text = Field(max_length=_MAX_TYPED)


class UserOut(Out):
    name: str
    display_name: str
    role: Role


class SessionOut(Out):
    user: UserOut
    csrf: str = Field(description="send it as X-Huida-CSRF with every request that changes something")
    must_change_password: bool = Field(description="nothing else is allowed before POST /v1/session/password")


class ColleaguesOut(Out):
    users: list[UserOut] = Field(description="those who may sign in, by name")


class UserIn(In):
    name: WrittenText = Field(max_length=_MAX_TYPED)
    display_name: WrittenText | None = Field(None, max_length=100)
    role: Role = "agent"
    password: Text | None = Field(None, max_length=_MAX_TYPED, description="drawn and returned once when there is none")
    must_change_password: bool = Field(True, description="at the first sign-in; false for a password its owner chose")


class UserChange(In):
    display_name: WrittenText | None = Field(None, max_length=100)
    role: Role | None = None
    disabled: bool | None = None
    password: Text | None = Field(None, max_length=_MAX_TYPED)


class KeptUserOut(UserOut):
    created_at: datetime
    disabled_at: datetime | None = None
    must_change_password: bool


class NewUserOut(KeptUserOut):
    password: str | None = Field(None, description="the one that was drawn; it cannot be shown again")


class UsersOut(Out):
    users: list[KeptUserOut]
