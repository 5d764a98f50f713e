"""huida analyze: mood, intent, entities and the matching FAQ entry for every row of a file, however large."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from api.commands.common import AsJson, Columns, Config, TextColumn, headers_of, print_json, read_settings
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.batch.formats import Format
    from assistant.batch.pool import Pool
    from assistant.batch.run import Chosen, Tick
    from assistant.batch.sources import Source
    from assistant.settings import Settings

SMALL = 1_500  # rows that are read sooner than workers have started
Engine = Literal["local", "ray"]


def analyze(
    source: Annotated[
        str | None,
        typer.Argument(metavar="IN", help="File or folder: .csv .tsv .txt .xlsx .jsonl .parquet; or URL#TABLE."),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="OUT", help=".csv .jsonl .parquet .xlsx, or URL#TABLE.")
    ] = "analysed.csv",
    store: Annotated[bool, typer.Option("--store", help="Read the customers' messages of our own store.")] = False,
    text_column: TextColumn = "",
    column: Columns = None,
    mask: Annotated[bool, typer.Option("--mask", help="Hide phones, e-mails, cards and addresses.")] = False,
    faq: Annotated[
        bool, typer.Option("--faq/--no-faq", help="Name the matching FAQ entry, if there is an FAQ.")
    ] = True,
    time_zone: Annotated[str, typer.Option(help="Of times without a zone; by default the shop's.")] = "",
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 chooses: one per core.")] = 0,
    engine: Annotated[
        Engine, typer.Option(help="ray reads on a Ray cluster (RAY_ADDRESS), or on a new one here.")
    ] = "local",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Read every row: language, mood, intent, entities, matching FAQ entry. Stopped at any moment, it goes on there.

    The input's columns are kept; rows that cannot be read go to OUT.rejects.csv with their row numbers.

    Examples:

    - huida analyze messages.csv -o analysed.csv
    - huida analyze exports/ -o all.parquet --mask
    """
    from assistant.batch.run import Plan, choose
    from assistant.batch.run import analyze as run

    settings = read_settings(config)
    goal, form = _goal(out)
    shop = ZoneInfo(settings.models.time_zone)
    plan = Plan(file_zone=_zone(time_zone) if time_zone else shop, shop_zone=shop, masked=mask)
    with _opened(source, store, settings, goal) as rows:
        chosen = choose(rows, headers_of(text_column, column))
        if not json:
            _show(chosen, rows)
        with closing(_pool(settings, mask, faq, rows.n_rows, workers, engine)) as pool, _bar() as (tick, note):
            done = run(rows, goal, pool, plan, chosen, form, tick, note)
    print_json(done | {"output": out}) if json else _print(done, out, goal)


def _goal(out: str) -> tuple[Path, Format]:
    """Where what belongs to the result goes, which for a file is the result's own place; and how it is written."""
    from assistant.batch import databases
    from assistant.batch.formats import format_of

    if databases.is_table(out):
        url, table = databases.split(out)
        return Path(f"{table}.table"), databases.TableSink(url, table)
    return Path(out), format_of(Path(out))


@contextmanager
def _opened(source: str | None, store: bool, settings: Settings, out: Path) -> Iterator[Source]:
    from assistant import bootstrap
    from assistant.batch import databases
    from assistant.batch.places import parts_path
    from assistant.batch.sources import open_files
    from assistant.batch.state import begun_at

    if (source is None) != store:
        raise InputError("name one input: a file, a folder, a table, or --store")
    if store:
        opened = bootstrap.open_store(settings)
        try:
            yield databases.Conversations(opened, begun_at(parts_path(out)) or datetime.now(UTC))
        finally:
            opened.close()
    elif databases.is_table(source):
        yield databases.TableSource(*databases.split(source))
    else:
        path, goal = Path(source).resolve(), out.resolve()
        if goal == path or (path.is_dir() and path in goal.parents):
            raise InputError(f"{out} would be part of the input; write it to another folder")
        yield open_files(Path(source))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(f"no time zone is called {name!r}; expected a name such as Asia/Shanghai") from error


def _pool(settings: Settings, mask: bool, faq: bool, n_rows: int | None, n_workers: int, engine: Engine) -> Pool:
    from assistant import bootstrap
    from assistant.batch.pool import LocalPool, OwnProcess
    from assistant.batch.ray_pool import RayPool

    one_thread = settings.model_copy(update={"models": settings.models.model_copy(update={"n_threads": 1})})
    make = partial(bootstrap.build_scorer, one_thread, masked=mask, with_faq=faq)
    if engine == "ray":
        return RayPool(make, n_workers)
    n_workers = n_workers or (1 if n_rows is not None and n_rows <= SMALL else n_cores())
    return OwnProcess(make) if n_workers == 1 else LocalPool(make, n_workers)


def n_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _show(chosen: Chosen, source: Source) -> None:
    others = ", ".join(f"{role} = {header}" for role, header in chosen.roles.items() if role != "text")
    encodings = ", ".join(sorted({name.upper().replace("-SIG", "") for name in source.encodings.values()}))
    typer.echo(f"{source.name}{f' ({encodings})' if encodings else ''}: messages in column {chosen.roles['text']!r}"
               f"{f'; {others}' if others else ''}", err=True)  # fmt: skip


@contextmanager
def _bar():
    """A bar with rate and time left on standard error; on a pipe a line every half minute."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    errors = Console(stderr=True)
    columns = (TextColumn("reading"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn(),
               TextColumn("{task.fields[rate]}"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("reading", total=None, rate="")
        began = datetime.now(UTC)

        def tick(at: Tick) -> None:
            seconds = (datetime.now(UTC) - began).total_seconds()
            rate = (at.n_rows - at.n_before) / seconds if seconds > 1 else 0.0
            bar.update(task, completed=at.n_rows, total=at.n_total, rate=f"{rate:,.0f} rows/s" if rate else "")

        yield tick, errors.print


def _print(done: dict[str, Any], out: str, goal: Path) -> None:
    from assistant.batch.places import rejects_path

    moods = ", ".join(f"{n / max(1, done['n_written']):.0%} {mood}" for mood, n in done["sentiments"].items())
    typer.echo(f"{out}: {done['n_written']:,} messages ({moods}) in {done['seconds']:,.0f} s, "
               f"{done['rows_per_second']:,.0f} rows/s")  # fmt: skip
    if done["n_rejected"]:
        why = ", ".join(f"{reason} ... {n:,}" for reason, n in list(done["rejected"].items())[:3])
        typer.echo(f"  {done['n_rejected']:,} rows left out ({why}), see {rejects_path(goal)}")
