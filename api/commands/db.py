"""huida db: the database's tables, how long conversations are kept, and the audit of who read what."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from api.commands.common import AsJson, Commands, Config, print_json, read_settings, table
from api.commands.dossier import opened

app = typer.Typer(cls=Commands, no_args_is_help=True, help="The database.")


@app.callback()
def _group() -> None:
    """The database."""


@app.command()
def upgrade(config: Config = None, json: AsJson = False) -> None:
    """Bring the database to this version's tables: all migrations that are missing, or none of them.

    Back it up first.

    Example:  huida db upgrade
    """
    from assistant import bootstrap

    with closing(bootstrap.open_store(read_settings(config), check=False)) as store:
        before = store.revision()
        store.upgrade()
        after = store.revision()
    if json:
        print_json({"database": store.where, "before": before, "after": after})
    else:
        change = f"already at {after}" if before == after else f"{before or 'empty'} -> {after}"
        typer.echo(f"{store.where}: {change}")


@app.command()
def prune(
    days: Annotated[int | None, typer.Option(min=1, help="Without it, retention_days of the settings.")] = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Erase conversations in which nothing was said for so many days, with all that belongs to them.

    Profiles are folded again from what remains; orders, purchases and the audit stay. Every night at three, by cron:

        0 3 * * *  huida db prune --config /etc/huida.toml

    Example:  huida db prune --days 365
    """
    from assistant.errors import InputError

    kept_days = days or read_settings(config).privacy.retention_days
    if not kept_days:
        raise InputError("retention_days is 0, which keeps everything; set it in [privacy] or give --days N")
    now = datetime.now(UTC)
    before = now - timedelta(days=kept_days)
    with opened(config) as dossiers:
        counts = dossiers.prune(before)
        with dossiers.store.begin() as uow:
            uow.sessions.forget_expired(now)
    if json:
        print_json({"before": before.isoformat(), "erased": counts})
        return
    erased = ", ".join(f"{n:,} {name}" for name, n in counts.items()) or "nothing"
    typer.echo(f"older than {before:%Y-%m-%d}: erased {erased}")


@app.command()
def audit(
    check: Annotated[bool, typer.Option("--check", help="Verify that no entry was edited or removed.")] = False,
    noted: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="With --check: a hash noted earlier, or a receipt, is still there."),
    ] = None,
    after: Annotated[int, typer.Option(min=0, help="Only entries that follow this position.")] = 0,
    n: Annotated[int, typer.Option("-n", min=1, help="How many entries.")] = 100,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """List who read which customer or conversation, or verify that nobody rewrote the list.

    Each entry carries the hash of the one before. Note the newest hash outside of this machine now and then: with
    --noted it also shows a list that was written anew from its start.

    Example:  huida db audit --check
    """
    with opened(config) as dossiers, dossiers.store.read() as uow:
        if check or noted:
            n_entries, newest = uow.audit.check(noted), uow.audit.head()
            if json:
                print_json({"sound": True, "n_entries": n_entries, "newest": newest})
            else:
                typer.echo(f"sound: {n_entries:,} entries; the newest is {newest}")
            return
        entries = uow.audit.after(after, n)
    if json:
        for entry in entries:
            print_json(asdict(entry))
        return
    rows = [
        (e.position, f"{e.at:%Y-%m-%d %H:%M:%S}", e.actor, e.role, e.action, e.kind or "", e.subject_id or "(erased)")
        for e in entries
    ]
    table("audit", ("", "at (UTC)", "who", "role", "did", "what", "id"), rows)
