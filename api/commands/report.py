"""huida report: what customers wrote in a stretch of time, as one page that a manager acts on."""

from __future__ import annotations

import json as json_text
import logging
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from api.commands.analyze import SMALL, n_cores
from api.commands.common import AsJson, Columns, Config, TextColumn, headers_of, print_json, read_settings
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.batch.sources import Source
    from assistant.reader import Reader
    from assistant.reports.build import Period
    from assistant.reports.figures import Report
    from assistant.reports.rows import Rows
    from assistant.reports.shares import ErrorRates
    from assistant.settings import Settings
    from assistant.values import FaqEntry

logger = logging.getLogger(__name__)

PREVIOUS = "previous"
MAINLY = 0.5  # share of the messages from which on a report speaks their language
Stage = Literal["reading", "counting"]
Tick = Callable[[Stage, int, int | None], None]


def report(
    source: Annotated[
        str | None,
        typer.Argument(metavar="IN", help="Messages, or what huida analyze wrote: .csv .xlsx .jsonl .parquet"),
    ] = None,
    out: Annotated[
        list[Path] | None, typer.Option("--out", "-o", metavar="OUT", help=".html, .xlsx or .json; may be repeated.")
    ] = None,
    store: Annotated[bool, typer.Option("--store", help="Report on our own store's conversations.")] = False,
    days: Annotated[int, typer.Option(min=0, max=3_660, help="Only the last days; 0 takes all.")] = 0,
    compare: Annotated[
        str, typer.Option(metavar="OLD", help="An older file beside it; or `previous`: the days before --days.")
    ] = "",
    language: Annotated[str, typer.Option("--lang", help="zh or en; by default that of most messages.")] = "",
    name: Annotated[str, typer.Option(help="What the report calls its source.")] = "",
    text_column: TextColumn = "",
    column: Columns = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes that read messages; 0 chooses.")] = 0,
    work: Annotated[
        Path | None, typer.Option(hidden=True, help="Keep the analysis here: a killed run goes on.")
    ] = None,
    progress: Annotated[Path | None, typer.Option(hidden=True, help="Write how far it is into this file.")] = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Report on messages: mood over time, where it hurts and for whom, topics, what is new, what has no answer.

    A raw file is analysed first. The HTML is one file that opens offline and prints.

    Examples:

    - huida report messages.csv -o report.html -o report.xlsx
    - huida report new.csv --compare old.csv

    Every Monday at seven, by cron, which knows no PATH of yours and mails what is printed, the headline:

    0 7 * * 1  /srv/huida/.venv/bin/huida report --store --days 7 --compare previous -o /srv/huida/week.html
    """
    from assistant.reports.files import check_suffix, write_report
    from assistant.reports.wording import Wording

    outs = out or [Path("report.html")]
    for path in outs:
        check_suffix(path)
    if language not in ("", "zh", "en"):
        raise InputError(f"a report speaks zh or en, not {language!r}")
    if (source is None) != store:
        raise InputError("name one input: a file, or --store")
    if compare == PREVIOUS and not days:
        raise InputError("--compare previous needs --days, which says how long a period is")
    settings, named = read_settings(config), headers_of(text_column, column)
    with _told(progress) as tick, _folder(work) as folder, ThreadPoolExecutor(1) as loading:
        reader = loading.submit(_reader, settings, workers or n_cores())  # meanwhile the workers read
        periods = _periods(source, days, compare, named, name, settings, folder, workers, tick)
        made = _built(*periods, settings, reader, tick)
    say = Wording.load(language or _language(made))
    for path in outs:
        write_report(made, say, path)
    if json:
        print_json({"files": [str(path) for path in outs], "n": made.n, "headline": say.headline(made),
                    "findings": say.findings(made), "quality": {"n_rejected": made.quality.n_rejected}})  # fmt: skip
        return
    typer.echo(say.headline(made))
    for finding in say.findings(made):
        typer.echo(f"- {finding}")
    typer.echo(", ".join(f"{path} ({path.stat().st_size / 1024:,.0f} kB)" for path in outs))


def _periods(
    source: str | None, days: int, compare: str, named: dict[str, str], name: str, settings: Settings, folder: Path,
    workers: int, tick: Tick,
) -> tuple[Period, Period | None]:  # fmt: skip
    """What the report is about, and what it is compared with."""
    import numpy as np

    from assistant.reports.build import Period
    from assistant.reports.periods import last_days

    now = datetime.now(UTC)
    if source is None:
        since = now - timedelta(days=days * (1 + (compare == PREVIOUS))) if days else None
        rows, called = _of_store(settings, since, now, folder, workers, tick), name or "conversations"
    else:
        rows, called = _of_file(Path(source), named, settings, folder, workers, tick), name or Path(source).name
    whole, before = Period(called, rows), None
    if days:
        until = None if source else np.datetime64(now.replace(tzinfo=None), "s")
        whole, before = last_days(rows, days, called, until)
    if compare and compare != PREVIOUS:
        older = _of_file(Path(compare), named, settings, folder, workers, tick)
        return whole, Period(Path(compare).name, older)
    return whole, before if compare else None


def _of_file(path: Path, named: dict[str, str], settings: Settings, folder: Path, workers: int, tick: Tick) -> Rows:
    """The rows of an analysed file, or of a raw one after it was analysed."""
    from assistant.batch.sources import open_files
    from assistant.batch.tables import open_table
    from assistant.reports.rows import RESULTS, read_rows

    zone = ZoneInfo(settings.models.time_zone)
    if path.is_file():
        with open_table(path) as table:
            if set(RESULTS) <= set(table.header):
                return read_rows(path, zone, named)
    return _analysed(open_files(path), named, settings, folder / f"{path.stem}.analysed.csv", workers, tick)


def _of_store(
    settings: Settings, since: datetime | None, until: datetime, folder: Path, workers: int, tick: Tick
) -> Rows:
    from assistant import bootstrap
    from assistant.batch.databases import Conversations

    with closing(bootstrap.open_store(settings)) as store:
        turns = Conversations(store, until, since)
        if not turns.n_rows:
            raise InputError("the store holds no message of that time; choose more --days, or report on a file")
        return _analysed(turns, {}, settings, folder / "store.analysed.csv", workers, tick)


def _analysed(source: Source, named: dict[str, str], settings: Settings, out: Path, workers: int, tick: Tick) -> Rows:
    from assistant import bootstrap
    from assistant.batch.pool import LocalPool, OwnProcess
    from assistant.batch.run import Plan, analyze
    from assistant.reports.rows import read_rows

    zone = ZoneInfo(settings.models.time_zone)
    one_thread = settings.model_copy(update={"models": settings.models.model_copy(update={"n_threads": 1})})
    make = partial(bootstrap.build_scorer, one_thread, masked=False, with_faq=True)
    workers = workers or (1 if source.n_rows is not None and source.n_rows <= SMALL else n_cores())
    with closing(OwnProcess(make) if workers == 1 else LocalPool(make, workers)) as pool:
        plan = Plan(columns=named, file_zone=zone, shop_zone=zone)
        done = analyze(source, out, pool, plan, tick=lambda at: tick("reading", at.n_rows, at.n_total))
    carried = {role: header for role, header in done["columns"].items() if role in named}
    return read_rows(out, zone, carried | {"text": done["text_column"]})


def _reader(settings: Settings, n_threads: int) -> Reader:
    from assistant import bootstrap

    bootstrap.limit_threads()  # here and in the workers; passes go side by side
    models = settings.models.model_copy(update={"n_threads": n_threads})
    return bootstrap.build_reader(settings.model_copy(update={"models": models}))


def _built(period: Period, old: Period | None, settings: Settings, reader: Future[Reader], tick: Tick) -> Report:
    from dataclasses import replace

    from assistant.reports.build import Context, build_report, n_looked_at
    from assistant.reports.risks import with_scores

    scored = settings.store.data_dir / "customers" / "scores"
    period, old = (side and replace(side, rows=with_scores(side.rows, scored)) for side in (period, old))
    loaded = reader.result()
    context = Context(
        reader=loaded,
        zone=ZoneInfo(settings.models.time_zone),
        made_at=datetime.now(UTC),
        faq=_faq(settings) if period.rows.faq_id.present else {},
        rates=_rates(settings, loaded.version),
    )
    total, done = n_looked_at(*filter(None, (period, old))), 0

    def count(n: int) -> None:
        nonlocal done
        done += n
        tick("counting", done, total)

    count(0)
    return build_report(period, context, old, count)


def _faq(settings: Settings) -> dict[str, FaqEntry]:
    from assistant import bootstrap

    with closing(bootstrap.open_store(settings)) as store, store.read() as uow:
        return {entry.faq_id: entry for entry in uow.faq.all()}


def _rates(settings: Settings, reader_version: str) -> ErrorRates | None:
    """The reader's measured mistakes; without them, or with another's, shares stand as counted and the report says so."""
    from assistant import bootstrap
    from assistant.errors import ArtifactError
    from assistant.reports.shares import load_rates

    try:
        return load_rates(bootstrap.model_folder(settings, "errors"), reader_version)
    except (ArtifactError, OSError) as error:
        logger.warning("shares are not corrected for errors of reading: %s", error)
        return None


def _language(made: Report) -> Literal["zh", "en"]:
    languages = made.quality.languages
    return "zh" if languages.get("zh", 0) + languages.get("mixed", 0) >= MAINLY * made.n else "en"


@contextmanager
def _folder(work: Path | None) -> Iterator[Path]:
    if work:
        work.mkdir(parents=True, exist_ok=True)
        yield work
        return
    with tempfile.TemporaryDirectory(prefix="huida-report-") as folder:
        yield Path(folder)


@contextmanager
def _told(file: Path | None) -> Iterator[Tick]:
    """A bar on a terminal's standard error; with `file` the same as JSON, for the server that started this command."""
    from rich.console import Console
    from rich.progress import Progress

    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def tick(stage: Stage, n_done: int, n_total: int | None) -> None:
            bar.update(task, description=stage, completed=n_done, total=n_total)
            if file:
                temporary = file.with_suffix(".part")
                temporary.write_text(json_text.dumps({"stage": stage, "n_done": n_done, "n_total": n_total}))
                temporary.replace(file)

        yield tick
