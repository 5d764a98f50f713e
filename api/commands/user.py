"""huida user: who may sign in at the desk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.commands.common import AsJson, Commands, Config, minute, opened_store, print_json, table

if TYPE_CHECKING:
    from assistant.store import UnitOfWork
    from assistant.store.users import User

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Who may sign in at the desk.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="What they sign in with: letters, digits, . _ - and @")]
Role = Annotated[Literal["agent", "supervisor", "admin"], typer.Option(help="What they may do.")]
Typed = Annotated[
    bool,
    typer.Option(
        "--stdin",
        help="Read the password, of its owner's choice, from standard input; otherwise one is drawn for the first sign-in.",
    ),
]


@app.command()
def add(
    name: Name,
    role: Role = "agent",
    display_name: Annotated[str, typer.Option("--display-name", help="What customers read: 客服小美")] = "",
    stdin: Typed = False,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Add a user and show a password for their first sign-in, where they choose their own.

    Example:  huida user add mei --display-name 客服小美
    """
    from assistant.store.users import User

    with _open(config) as (uow, passwords):
        name = passwords.usable_name(name)
        password, hashed = _password(name, stdin)
        now, drawn = datetime.now(UTC), password is not None
        user = User(name, display_name.strip() or name, role, now, must_change_password=drawn)
        uow.users.add(user, hashed)
        _noted(uow, "added", name, {"role": role})
    _said(user, password, json)


@app.command("list")
def list_users(config: Config = None, json: AsJson = False) -> None:
    """List the users, those who may no longer sign in too.

    Example:  huida user list
    """
    with _open(config) as (uow, _):
        users = uow.users.all()
    if json:
        for user in users:
            print_json(asdict(user))
        return
    rows = [
        (u.name, u.display_name, u.role, minute(u.created_at), "one-time" if u.must_change_password else "own",
         minute(u.disabled_at))
        for u in users
    ]  # fmt: skip
    table("users", ("name", "display name", "role", "created", "password", "disabled"), rows)


@app.command()
def disable(name: Name, config: Config = None, json: AsJson = False) -> None:
    """Sign a user out everywhere and let them in no more; what they wrote keeps their name.

    Example:  huida user disable mei
    """
    _said(_changed(config, name, disabled_at=datetime.now(UTC)), None, json)


@app.command()
def enable(name: Name, config: Config = None, json: AsJson = False) -> None:
    """Let a disabled user in again, with the password that they had.

    Example:  huida user enable mei
    """
    _said(_changed(config, name, disabled_at=None), None, json)


@app.command()
def password(name: Name, stdin: Typed = False, config: Config = None, json: AsJson = False) -> None:
    """Give a user a new password and sign them out everywhere.

    Example:  huida user password mei
    """
    from api.passwords import usable_name

    given, hashed = _password(usable_name(name), stdin)
    _said(_changed(config, name, password_hash=hashed, must_change_password=given is not None), given, json)


@app.command()
def role(
    name: Name,
    role: Annotated[
        Literal["agent", "supervisor", "admin"],
        typer.Argument(metavar="ROLE", help="What they may do: agent, supervisor or admin."),
    ],
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Change what a user may do; they sign in again.

    Example:  huida user role mei supervisor
    """
    _said(_changed(config, name, role=role), None, json)


def _changed(config: Path | None, name: str, **values: Any) -> User:
    with _open(config) as (uow, passwords):
        name = passwords.usable_name(name)
        user = uow.users.change(name, **values)
        uow.sessions.end_all(name)
        _noted(uow, "changed", name, {"changed": sorted(values)})
    return user


def _password(name: str, stdin: bool) -> tuple[str | None, str]:
    """The password to show, None when its owner typed it, and its hash."""
    from api import passwords

    password = sys.stdin.readline().rstrip("\r\n") if stdin else passwords.one_time()
    return None if stdin else password, passwords.hashed(password, name)


def _noted(uow: UnitOfWork, action: str, name: str, detail: dict[str, Any]) -> None:
    uow.audit.add("command line", "admin", action, "user", name, datetime.now(UTC), detail)


@contextmanager
def _open(config: Path | None) -> Iterator[tuple[UnitOfWork, Any]]:
    from api import passwords

    with opened_store(config) as store, store.begin() as uow:
        yield uow, passwords


def _said(user: User, password: str | None, json: bool) -> None:
    if json:
        print_json(asdict(user) | ({"password": password} if password else {}))
        return
    if password:
        typer.echo(password)
    state = "may not sign in" if user.disabled_at else f"role {user.role}"
    keep = ". The password is shown this once; the desk asks for another at the first sign-in." if password else ""
    typer.echo(f"{user.name} ({user.display_name}), {state}{keep}")
