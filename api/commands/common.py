"""What the commands share: options, one clear line for every mistake, output for people and for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from assistant.errors import AssistantError, InputError
from index.errors import RetrievalError

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.bootstrap import Parts
    from assistant.settings import Settings
    from assistant.store import Store

Item = TypeVar("Item")

Config = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="TOML file over the defaults; or HUIDA_CONFIG.")
]
TextColumn = Annotated[str, typer.Option(metavar="HEADER", help="The messages, where the guess is wrong.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="ROLE=HEADER", help="at, customer_id, product, channel, segment or churn_risk."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


class Commands(TyperGroup):
    """Ends a command whose input is at fault with one line on standard error and exit status 1, without a traceback."""

    def invoke(self, ctx: typer.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (AssistantError, RetrievalError) as error:
            fail(str(error))
        except ModuleNotFoundError as error:
            if error.name not in {"torch", "transformers", "sentence_transformers", "onnx", "onnxscript"}:
                raise
            fail(f"this command needs {error.name}: pip install 'huida[train]'")
        except OSError as error:
            if error.filename is None or error.strerror is None:
                raise
            fail(f"{error.filename}: {error.strerror}")


def fail(message: str) -> None:
    typer.echo(f"huida: {message}", err=True)
    raise typer.Exit(1)


def read_settings(config: Path | None, **server: Any) -> Settings:
    """Load the settings; values of `server` that are not None take the place of those in its table."""
    from assistant import settings

    loaded = settings.load(config)
    given = {name: value for name, value in server.items() if value is not None}
    return loaded.model_copy(update={"server": loaded.server.model_copy(update=given)})


def headers_of(text_column: str, columns: Sequence[str] | None) -> dict[str, str]:
    """What a file's columns are called, by role, as the options say it. Raises InputError."""
    if wrong := [pair for pair in columns or () if "=" not in pair]:
        raise InputError(f"--column {wrong[0]!r} names no header; write it as product=商品")
    return dict(pair.split("=", 1) for pair in columns or ()) | ({"text": text_column} if text_column else {})


def opened_store(config: Path | None) -> closing[Store]:
    """The store of the settings, no model loaded; for `with`."""
    from assistant import bootstrap

    return closing(bootstrap.open_store(read_settings(config)))


def built_parts(config: Path | None) -> closing[Parts]:
    """Everything that answers a message, models loaded; for `with`."""
    from assistant import bootstrap

    return closing(bootstrap.build(read_settings(config)))


def print_json(value: Any) -> None:
    """One line of JSON; Chinese stays readable."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def console() -> Console:
    from rich.console import Console

    return Console(soft_wrap=True)


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print a table; on a pipe it is as wide as its text, so that nothing is cut."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*columns, title=title, title_justify="left")
    for row in rows:
        drawn.add_row(*(str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 200).print(drawn)


def minute(instant: datetime | None) -> str:
    """For a table: nothing for None."""
    return f"{instant:%Y-%m-%d %H:%M}" if instant else ""


def tell_of_empty(parts: Parts) -> None:
    """Say on standard error that nothing can be answered yet, where the FAQ has no entries."""
    if not parts.faq.entries():
        typer.echo("huida: the FAQ is empty, so nothing is found; fill it: huida faq import FILE", err=True)


def progress(items: Iterable[Item], title: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items under a progress bar on standard error; on a pipe there is none."""
    from rich.console import Console
    from rich.progress import track

    errors = Console(stderr=True)
    yield from track(items, title, total=total, console=errors, transient=True, disable=not errors.is_terminal)


@contextmanager
def counter(title: str) -> Iterator[Callable[[int], None]]:
    """A function to tell how many rows were read so far, shown on standard error; on a pipe nothing is."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    errors = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f} rows"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda n_rows: bar.update(task, completed=n_rows)


def standard_input() -> Iterator[str]:
    """Yield the lines of standard input. Raises InputError naming the line that is not UTF-8."""
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            yield line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise InputError(f"line {number} of standard input is not UTF-8; convert it: iconv -f GB18030") from error
