"""huida token: keys to the administrative routes of the HTTP API, and test tokens of customers."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from api.commands.common import AsJson, Commands, Config, minute, opened_store, print_json, read_settings, table

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Keys to the HTTP API.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what will use it.")],
    role: Annotated[Literal["admin", "agent"], typer.Option(help="What it may do.")] = "admin",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Make a token and show it; it is shown only now.

    Example:  huida token create "FAQ editor"
    """
    with opened_store(config) as store, store.begin() as uow:
        token, secret = uow.tokens.create(name, role, datetime.now(UTC))
    if json:
        print_json({"token_id": token.token_id, "name": name, "role": role, "secret": secret})
    else:
        typer.echo(f"{secret}\nrole {role}, id {token.token_id}. Keep it: it cannot be shown again.")


@app.command("list")
def list_tokens(config: Config = None, json: AsJson = False) -> None:
    """List the tokens, without their secrets.

    Example:  huida token list
    """
    with opened_store(config) as store, store.read() as uow:
        tokens = uow.tokens.all()
    if json:
        for token in tokens:
            print_json(asdict(token))
        return
    rows = [(t.token_id, t.name, t.role, minute(t.created_at), minute(t.revoked_at)) for t in tokens]
    table("tokens", ("id", "name", "role", "created", "revoked"), rows)


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `huida token list` shows.")],
    config: Config = None,
) -> None:
    """Make a token worthless from now on.

    Example:  huida token revoke 5c1f09d2
    """
    with opened_store(config) as store, store.begin() as uow:
        uow.tokens.revoke(token_id, datetime.now(UTC))
    typer.echo(f"revoked {token_id}")


@app.command()
def customer(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer's id in your shop.")],
    minutes: Annotated[int, typer.Option(min=1, help="How long it is good for.")] = 60,
    config: Config = None,
) -> None:
    """Sign a customer token as your shop's backend would, to try the widget with a known customer.

    Example:  huida token customer 13085 --minutes 10
    """
    from api.identity import sign
    from assistant.errors import InputError

    key = read_settings(config).server.customer_key
    if not key:
        raise InputError("customer_key is empty; set it in [server] or as HUIDA_CUSTOMER_KEY")
    typer.echo(sign(customer_id, int(time.time()) + 60 * minutes, key))
