"""huida train: fit the models that the assistant reads with, from the owner's examples or from our written text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import AsJson, Commands, Config, print_json, read_settings

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Train intents, sentiment, the FAQ index or the encoder.")


@app.command()
def faq(config: Config = None, json: AsJson = False) -> None:
    """Learn the FAQ's weights and thresholds again from its own variants; the same as `huida faq build`."""
    from api.commands.faq import build

    build(config, json)
