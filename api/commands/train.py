"""huida train: fit the models that the assistant reads with, from the owner's examples or from our written text.

A model becomes a version beside the one in use: a training that fails or is killed changes nothing. A head is promoted at
once, unless it is measured worse on texts held out; an encoder waits for `huida models promote`.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.common import AsJson, Commands, Config, print_json, read_settings, table
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.encoder import Encoder
    from assistant.settings import Settings

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Train intents, sentiment, the FAQ index or the encoder.")

To = Annotated[
    Path | None,
    typer.Option("--to", metavar="DIR", help="Write the model there; by default a version in your data folder."),
]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the public sets.")]


@app.command()
def intents(
    to: To = None,
    written_bank: Annotated[
        bool,
        typer.Option("--written-bank", help="Add our own messages that belong to no intent, as the shipped head has."),
    ] = False,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Fit the intents from the examples in the folder `intents` of the settings (nlu.yml); takes seconds.

    The version is promoted unless it understands fewer of the examples held out than the one in use, beyond chance.

    Example:  huida train intents
    """
    from assistant import bootstrap
    from training.intents import train_intents

    settings = read_settings(config)
    _, encoder = bootstrap.build_encoder(settings)
    _fit(
        settings,
        encoder,
        "intents",
        to,
        lambda folder: train_intents(encoder, [settings.models.intents], folder, written_bank),
        json,
    )


@app.command()
def sentiment(to: To = None, data: Data = None, config: Config = None, json: AsJson = False) -> None:
    """Fit the mood from our written messages, and from star reviews when --data names the public sets.

    Needed after another encoder was set. The version is promoted unless it reads fewer of our messages held out in
    the right mood than the one in use, beyond chance.

    Example:  huida train sentiment
    """
    from assistant import bootstrap
    from training.sentiment import train_sentiment

    settings = read_settings(config)
    _, encoder = bootstrap.build_encoder(settings)
    _fit(settings, encoder, "sentiment", to, lambda folder: train_sentiment(encoder, folder, data), json)


@app.command()
def errors(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of the public sets.")],
    to: To = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Measure how often the mood is wrong, so that reports can correct their shares; run it after `huida train sentiment`.

    Example:  huida train errors --data ../data
    """
    from assistant import bootstrap
    from assistant.heads import SentimentHead
    from training.error_rates import judged, save

    settings = read_settings(config)
    _, encoder = bootstrap.build_encoder(settings)
    head = SentimentHead.load(bootstrap.model_folder(settings, "sentiment", encoder.version))
    folder = to or settings.store.data_dir / "models" / "errors"
    kinds = [kind.errors for kind in judged(encoder, head, data)]
    with replaced(folder) as new:
        version = save(kinds, head.version_, new)
    rates = {kind.name: f"finds {kind.n_found / kind.n_negative:.2f}, flags {kind.n_false / kind.n_others:.2f} of others"
             for kind in kinds}  # fmt: skip
    _say({"version": version, "folder": folder} | rates, json)


@app.command()
def faq(config: Config = None, json: AsJson = False) -> None:
    """Build the FAQ's index anew and learn its weights and thresholds; the same as `huida faq build`.

    Example:  huida train faq
    """
    from api.commands.faq import build

    build(config, json)


@app.command()
def encoder(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of the public sets.")],
    minutes: Annotated[float, typer.Option(min=1, help="Wall clock of the whole training.")] = 75.0,
    work: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Checkpoints; a run that was stopped goes on from there.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="SET", help="Learn nothing from this set of intents; may be repeated.")
    ] = None,
    to: To = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Train the encoder from scratch by wall clock; needs pip install 'huida[train]'.

    The version serves once it is promoted (huida models promote), and then the heads are to be fitted again.

    Example:  huida train encoder --data ../data --minutes 60
    Example:  huida train encoder --data ../data --without banking77 --without clinc150_oos --to unseen
    """
    from assistant import bootstrap
    from assistant.settings import configs_folder
    from training.encoder import run
    from training.multitask import Plan

    if not data.is_dir():
        raise InputError(f"--data {data} is no folder; expected the folder of the public sets")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    settings = read_settings(config)
    work = work or settings.store.data_dir / "training" / "encoder"
    if to:
        version = run(data, configs_folder() / "demo", work, to, Plan(minutes=minutes), without=without or ())
        _say({"version": version, "folder": to}, json)
        return
    versions = bootstrap.model_versions(settings)
    with incoming(versions.root / "encoder") as new:
        version = run(data, configs_folder() / "demo", work, new, Plan(minutes=minutes), without=without or ())
        versions.add("encoder", new)
    report = {"version": version, "folder": versions.root / "encoder" / version, "promoted": False}
    _say(report | {"to promote it": f"huida models promote {version}"}, json)


def _fit(
    settings: Settings,
    encoder: Encoder,
    kind: str,
    to: Path | None,
    train: Callable[[Path], dict[str, object]],
    json: bool,
) -> None:
    """Train a head into the folder `to`, or into a version that is promoted if it may be; say what came of it."""
    from assistant import bootstrap
    from training.promotion import keep

    if to:
        with replaced(to) as new:
            report = train(new) | {"folder": to}
    else:
        versions = bootstrap.model_versions(settings)
        with incoming(versions.root / kind) as new:
            report = train(new)
            report |= keep(versions, encoder, kind, new)
    _say(report, json)


@contextmanager
def incoming(root: Path) -> Iterator[Path]:
    """A new folder under `root` that nobody reads; what is still there at the end is removed."""
    root.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".incoming-", dir=root))
    temporary.chmod(0o755)
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its place when the block ends well and is removed when it does not."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".incoming-", dir=folder.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        if folder.exists():
            old = temporary.with_name(f"{temporary.name}-old")
            folder.rename(old)
            temporary.rename(folder)
            shutil.rmtree(old)
        else:
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _say(report: dict[str, Any], json: bool) -> None:
    if json:
        print_json(report)
    else:
        table(
            "trained",
            ("", ""),
            ((name, ", ".join(value) if isinstance(value, list) else value) for name, value in report.items()),
        )
