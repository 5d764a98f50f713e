"""Every command says in its help what it does, by an example that can be typed, and what each argument is."""

import shlex

import pytest
import typer

from api.cli import app


def below(command, path=()):
    """Every command that runs, with the words that call it."""
    if not hasattr(command, "commands"):
        yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from below(one, (*path, name))


COMMANDS = dict(below(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_tells_its_purpose_an_example_and_its_arguments(path):
    command = COMMANDS[path]
    purpose, *more = command.help.split("\n\n")
    assert purpose.endswith(".") and not purpose.startswith("Example")
    called = " ".join(("huida", *path))
    shown = [line for part in more for line in part.splitlines() if "huida" in line and called in line]
    assert any(line.lstrip().startswith(("Example:", "- ")) for line in shown), shown
    assert all(shlex.split(line) for line in shown)  # quotes are closed
    assert all(parameter.help for parameter in command.params if parameter.name != "help")
