"""What the README tells a newcomer to type exists, and prints what it shows."""

import re
import shlex
from pathlib import Path

import typer
from typer.testing import CliRunner

from api.cli import app
from assistant.settings import keys

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\w*\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    """The words of every `huida ...` line of the code blocks and tables, comments left out."""
    lines = [line.removeprefix("$ ") for block in BLOCKS for line in block.splitlines()]
    lines += re.findall(r"`(huida [^`]+)`", README)
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("huida ")]


def test_every_command_and_option_exists():
    assert len(commands()) > 5
    for words in commands():
        command, rest = typer.main.get_command(app), words
        while rest and rest[0] in getattr(command, "commands", {}):
            command, rest = command.commands[rest[0]], rest[1:]
        assert rest != words, f"huida {' '.join(words)} names no command"
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in rest if re.match(r"--?[a-z]", word)} <= known | {"--help"}, words


def test_the_message_that_the_readme_reads_is_read_as_shown():
    block = next(block for block in BLOCKS if "huida parse" in block)
    command, shown = block.split("\n", 1)
    printed = CliRunner().invoke(app, shlex.split(command.removeprefix("$ "))[1:]).output
    cells = [re.split(r"\s*│\s*", line.strip(" │")) for line in shown.splitlines() if "│" in line]
    wanted = {
        words[1] for words in cells if len(words) > 1 and words[0] in ("language", "sentiment", "date", "order_no")
    }
    assert len(wanted) == 4
    assert all(word in printed for word in wanted)


def test_every_setting_named_in_the_readme_exists():
    named = set(re.findall(r"HUIDA_[A-Z_]+[A-Z]", README))
    assert named and named <= keys().keys()


def test_every_picture_and_page_that_it_points_to_is_there():
    root = Path(__file__).parents[1]
    targets = re.findall(r'src="(api/[^"]+)"', README) + re.findall(r"\]\(([\w/.-]+)\)", README)
    assert targets
    assert all((root / target).exists() for target in targets)
