"""huida suggestions: what suggested replies have learned from agents, again from the log, or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from api.commands.common import AsJson, Commands, Config, built_parts, print_json

if TYPE_CHECKING:
    from assistant.suggestion_service import SuggestionService

app = typer.Typer(cls=Commands, no_args_is_help=True, help="What suggested replies have learned from agents.")


@app.command()
def show(config: Config = None, json: AsJson = False) -> None:
    """Say how much was learned, and the version that is in use.

    Example:  huida suggestions show
    """
    with built_parts(config) as parts:
        parts.suggestions.learn()
        known = parts.suggestions.known
    if json:
        print_json(known)
        return
    typer.echo(f"{known['version']}: {known['n_replies']} replies and {known['n_verdicts']} verdicts of agents")


@app.command()
def learn(config: Config = None, json: AsJson = False) -> None:
    """Learn everything again from the log of replies and verdicts, and keep it as a version.

    A running server learns by itself; this is for another encoder, or after much was erased.

    Example:  huida suggestions learn
    """
    with built_parts(config) as parts:
        _said(parts.suggestions.rebuild(), parts.suggestions, json)


@app.command()
def rollback(config: Config = None, json: AsJson = False) -> None:
    """Go back to the version before; what agents taught since is left out for good, and stays in the log.

    Example:  huida suggestions rollback
    """
    with built_parts(config) as parts:
        _said(parts.suggestions.rollback(), parts.suggestions, json)


def _said(version: str, service: SuggestionService, json: bool) -> None:
    known = service.known
    if json:
        print_json(known)
    else:
        typer.echo(
            f"{version}: {known['n_replies']} replies and {known['n_verdicts']} verdicts; restart the server to use it"
        )
