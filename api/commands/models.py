"""huida models: which trained artifacts are in use, where they lie, and whether they are whole."""

from __future__ import annotations

import json as jsons
from pathlib import Path
from typing import Any

import typer

from api.commands.common import AsJson, Commands, Config, print_json, read_settings, table
from assistant.errors import ArtifactError

app = typer.Typer(cls=Commands, no_args_is_help=True, help="The trained models.")

KINDS = ("encoder", "sentiment", "intents")


@app.callback()
def _group() -> None:
    """The trained models."""


@app.command("list")
def list_models(config: Config = None, json: AsJson = False) -> None:
    """List the models in use with their versions; every file is checked against its manifest.

    Example:  huida models list --json
    """
    from assistant import bootstrap

    settings = read_settings(config)
    named = settings.models.encoder
    folders = {kind: bootstrap.model_folder(settings, kind) for kind in KINDS}
    if named != "shipped":
        folders["encoder"] = Path(named)
    models = [_model(kind, folder) for kind, folder in folders.items()]
    if json:
        for model in models:
            print_json(model)
    else:
        columns = ("model", "version", "state", "MB", "folder")
        table("models", columns, ([m["kind"], m["version"], m["state"], f"{m['mb']:.1f}", m["folder"]] for m in models))


def _model(kind: str, folder: Path) -> dict[str, Any]:
    from index import folder as sealed
    from index.errors import CorruptFolder

    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    model = {"kind": kind, "version": "", "state": "", "mb": round(size, 1), "folder": str(folder)}
    try:
        stated = jsons.loads((folder / sealed.MANIFEST).read_text("utf-8"))
        return model | {"version": sealed.verify(folder, stated["kind"])["version"], "state": "whole"}
    except (OSError, ValueError, KeyError):
        return model | {"state": "not sealed" if folder.is_dir() else _missing(kind)}
    except (CorruptFolder, ArtifactError) as error:
        return model | {"state": f"damaged: {error}"}


def _missing(kind: str) -> str:
    return "fitted at start" if kind == "intents" else "missing"
