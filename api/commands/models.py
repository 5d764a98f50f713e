"""huida models: which models there are, which of them serve, and putting another in their place or the old one back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.common import AsJson, Commands, Config, fail, print_json, read_settings, table
from assistant.errors import ArtifactError
from assistant.model_versions import ENCODER, KINDS, ModelVersions, stated
from index import folder as sealed
from index.errors import CorruptFolder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant.settings import Settings

app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="The trained models: their versions, and which of them serve."
)


@app.callback()
def _group() -> None:
    """The trained models."""


@app.command("list")
def list_models(config: Config = None, json: AsJson = False) -> None:
    """List the versions of every model; each file is checked against its manifest.

    Example:  huida models list --json
    """
    from assistant import bootstrap

    settings = read_settings(config)
    versions, models = bootstrap.model_versions(settings), []
    encoder_version = _encoder_version(settings)
    for kind in KINDS:
        serving = _serving(settings, kind, encoder_version)
        folders = [*versions.folders(kind), versions.shipped / kind]
        folders = folders if serving is None or serving in folders else [serving, *folders]
        promoted = versions.promoted(kind)
        models += [_model(kind, f, encoder_version, f == serving, f.name in promoted) for f in folders]
    if json:
        for model in models:
            print_json(model)
    else:
        columns = ("model", "version", "serves", "state", "MB", "folder")
        rows = ([m["kind"], m["version"], "yes" if m["serving"] else "", m["state"], f"{m['mb']:.1f}", m["folder"]]
                for m in models)  # fmt: skip
        table("models", columns, rows)


@app.command()
def promote(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="A version of huida models list, or a folder that was trained.")
    ],
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Make a version serve from the next start on; the one before it is kept.

    Refused: a folder that was edited since it was trained, and a head of another encoder than the one in use.

    Examples:

    - huida models promote intents-1f0c2a91b7d4
    - huida models promote ./trained/encoder
    """
    from assistant import bootstrap

    settings = read_settings(config)
    versions = bootstrap.model_versions(settings)
    folder = Path(version)
    kind, version = _taken_in(versions, folder) if folder.is_dir() else (versions.find(version)[0], version)
    if kind == ENCODER and settings.models.encoder != "shipped":
        fail(f"the settings name encoder = {settings.models.encoder!r}; set it to 'shipped' to serve promoted ones")
    versions.promote(kind, version, "" if kind == ENCODER else _encoder_version(settings))
    _say(settings, {"kind": kind, "serving": version}, json)


@app.command()
def rollback(
    kind: Annotated[str, typer.Argument(metavar="|".join(KINDS), help="The model to take back by one promotion.")],
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Serve again what was promoted before, or the shipped model; the version is kept and can be promoted again.

    Example:  huida models rollback sentiment
    """
    from assistant import bootstrap

    settings = read_settings(config)
    versions = bootstrap.model_versions(settings)
    if kind not in KINDS:
        fail(f"there is no model {kind!r}; expected one of {', '.join(KINDS)}")
    encoder_version = "" if kind == ENCODER else _encoder_version(settings)
    left = versions.rollback(kind, encoder_version)
    serving = versions.live(kind, encoder_version)
    _say(settings, {"kind": kind, "rolled_back": left, "serving": stated(serving).get("version", "shipped")}, json)


def _say(settings: Settings, done: dict[str, Any], json: bool) -> None:
    """What serves now, and what has to be fitted again for it."""
    refit = _refit(settings)
    if json:
        print_json(done | {"refit": refit})
        return
    typer.echo(f"{done['kind']}: {done['serving']} serves from the next start of huida serve on")
    if refit:
        typer.echo(f"fit again for this encoder before that: {', '.join(refit)}")


def _refit(settings: Settings) -> list[str]:
    """The commands that make anew what does not fit the encoder that serves next."""
    encoder = _encoder_version(settings)
    heads = {f"huida train {kind}": [_serving(settings, kind, encoder)] for kind in KINDS if kind != ENCODER}
    indexes = {"huida faq build": list((settings.store.data_dir / "faq-index").glob("[!.]*/"))}
    return [
        command
        for command, folders in (heads | indexes).items()
        if folders and encoder not in {stated(folder).get("encoder_version") for folder in folders if folder}
    ]


def _taken_in(versions: ModelVersions, folder: Path) -> tuple[str, str]:
    """Copy a trained folder in as a version; return its kind and name. Raises ArtifactError when it was edited."""
    from api.commands.train import incoming

    kind = stated(folder).get("kind")
    if kind not in KINDS:
        raise ArtifactError(f"{folder} is no folder of huida train {'|'.join(KINDS)}; its manifest says {kind!r}")
    sealed.verify(folder, kind)  # here, so that an error names the folder that its owner knows
    with incoming(versions.root / kind) as new:
        shutil.copytree(folder, new, dirs_exist_ok=True)
        return kind, versions.add(kind, new).version


def _serving(settings: Settings, kind: str, encoder_version: str) -> Path | None:
    """The folder that serves; None when the one promoted last was edited: the server refuses to start with it."""
    from assistant import bootstrap

    if kind == ENCODER and settings.models.encoder != "shipped":
        return Path(settings.models.encoder)
    try:
        return bootstrap.model_folder(settings, kind, encoder_version)
    except ArtifactError:
        return None


def _encoder_version(settings: Settings) -> str:
    """The version of the encoder in use; empty when it cannot be loaded, as the list says of it."""
    from assistant import bootstrap

    try:
        return bootstrap.build_encoder(settings)[1].version
    except ArtifactError:
        return ""


def _model(kind: str, folder: Path, encoder: str, is_serving: bool, is_promoted: bool) -> dict[str, Any]:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    said = stated(folder)
    return {
        "kind": kind,
        "version": said.get("version", ""),
        "serving": is_serving,
        "promoted": is_promoted,
        "state": _state(kind, folder, said, encoder),
        "mb": round(size, 1),
        "folder": str(folder),
    }


def _state(kind: str, folder: Path, said: Mapping[str, Any], encoder: str) -> str:
    if not folder.is_dir():
        return "fitted at start" if kind == "intents" else "missing"
    if not said and kind == ENCODER:
        return "not sealed"  # a sentence-transformers folder of the owner's
    try:
        sealed.verify(folder, kind)
    except CorruptFolder as error:
        return f"damaged: {error}"
    fits = kind == ENCODER or not encoder or said.get("encoder_version") in (encoder, "")
    return "whole" if fits else "of another encoder"
