"""huida chat: talk to the assistant in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from api.commands.common import AsJson, Config, built_parts, console, print_json, standard_input, tell_of_empty
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.values import Option, Turn


def chat(
    explain: Annotated[
        bool, typer.Option("--explain", help="Show mood, intent and the reasons of each reply.")
    ] = False,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Talk to the assistant; a number chooses one of the options it offers. Ctrl-D ends the talk.

    Examples:

    - huida chat --explain
    - echo 怎么退货 | huida chat --json
    """
    from assistant.values import Message

    conversation_id, options = uuid4().hex, ()
    with built_parts(config) as parts:
        tell_of_empty(parts)
        for line in _lines():
            chosen = _chosen(line, options)
            text, faq_id = (chosen.title, chosen.faq_id) if chosen else (line, None)
            try:
                turn = parts.chat.chat(Message(conversation_id, uuid4().hex, text, datetime.now(UTC), faq_id=faq_id))
            except InputError as error:  # one bad line does not end the talk
                typer.echo(f"huida: {error}", err=True)
                continue
            options = turn.reply.options
            _print_json(turn) if json else _print(turn, explain)


def _lines() -> Iterator[str]:
    """What the person says, line by line, until the end of input; blank lines say nothing."""
    if not sys.stdin.isatty():
        yield from (line for line in standard_input() if line.strip())
        return
    terminal = console()
    while True:
        try:
            line = terminal.input("[bold]> [/bold]")
        except (EOFError, KeyboardInterrupt):
            terminal.print()
            return
        if line.strip():
            yield line


def _chosen(line: str, options: tuple[Option, ...]) -> Option | None:
    number = line.strip()
    return options[int(number) - 1] if number.isdecimal() and 1 <= int(number) <= len(options) else None


def _print(turn: Turn, explain: bool) -> None:
    terminal = console()
    if turn.reply.kind == "silent":
        terminal.print("(handed over: an agent answers at the desk. Ctrl-D ends this talk.)", style="dim")
    else:
        terminal.print(turn.reply.text, style="cyan", markup=False, highlight=False)
    for number, option in enumerate(turn.reply.options, 1):
        terminal.print(f"  {number}  {option.title}", markup=False, highlight=False)
    if explain:
        reading, decision = turn.reading, turn.decision
        why = f"{decision.outcome}: {', '.join(decision.reasons)}"
        read = f"{reading.sentiment.label}, {reading.intent.name} {reading.intent.p:.2f}"
        terminal.print(f"  [{why}] [{read}]", style="dim", markup=False, highlight=False)


def _print_json(turn: Turn) -> None:
    from api.schemas.chat import chat_out

    decision = {"outcome": turn.decision.outcome, "reasons": list(turn.decision.reasons)}
    print_json(chat_out(turn).model_dump(mode="json", exclude_none=True) | {"decision": decision})
