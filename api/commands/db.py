"""huida db: the database's tables."""

from __future__ import annotations

import typer

from api.commands.common import AsJson, Commands, Config, print_json, read_settings

app = typer.Typer(cls=Commands, no_args_is_help=True, help="The database.")


@app.callback()
def _group() -> None:
    """The database."""


@app.command()
def upgrade(config: Config = None, json: AsJson = False) -> None:
    """Bring the database to this version's tables: all migrations that are missing, or none of them.

    Back it up first. Example:  huida db upgrade
    """
    from assistant import bootstrap

    store = bootstrap.open_store(read_settings(config), check=False)
    try:
        before = store.revision()
        store.upgrade()
        after = store.revision()
    finally:
        store.close()
    if json:
        print_json({"database": store.where, "before": before, "after": after})
    else:
        change = f"already at {after}" if before == after else f"{before or 'empty'} -> {after}"
        typer.echo(f"{store.where}: {change}")
