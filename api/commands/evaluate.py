"""huida evaluate: how good, beside baselines measured in the same run."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.commands.common import AsJson, Config, print_json, progress, read_settings, table
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.settings import Settings
    from training.evaluate import Subject

Suite = Literal[
    "all", "sentiment", "intent", "faq", "policy", "entities", "suggestions", "report", "pairs", "customers"
]
COLUMNS = ("data", "language", "system", "metric", "value", "95 % interval", "n")


def evaluate(
    suite: Annotated[Suite, typer.Option(help="What to measure.")] = "all",
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the public sets; without it our own texts alone.")
    ] = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Score the models in use on texts that they never saw, with 95 % intervals and baselines.

    Examples:

    - huida evaluate --suite policy
    - huida evaluate --suite customers --data ../data
    """
    from training.evaluate import CUSTOMERS, suites_of
    from training.evaluate import evaluate as run

    logging.basicConfig(level=logging.WARNING)
    subject = None if suite == CUSTOMERS else _subject(read_settings(config))
    for name in suites_of(suite, data):
        if name == CUSTOMERS:
            _customers(data, json)
            continue
        rows = []
        for row in progress(run(name, subject, data), f"evaluating {name}"):
            rows.append(row)
            if json:
                print_json(asdict(row))
        if not json:
            table(name, COLUMNS, (_cells(row) for row in rows))


def _customers(data: Path | None, json: bool) -> None:
    """The models of customers are fitted in the run, on public purchases: no model of yours takes part."""
    from training import customers

    if data is None:
        raise InputError("the suite customers is measured on public purchases; name their folder: --data DIR")
    figures = []
    for figure in progress(customers.figures(data), "evaluating customers"):
        figures.append(figure)
        if json:
            print_json(asdict(figure) | {"reached": figure.reached})
    if not json:
        table("customers", customers.COLUMNS, map(customers.cells, figures))


def _subject(settings: Settings) -> Subject:
    from assistant import bootstrap
    from assistant.entities import EntityExtractor, EntityRules
    from assistant.heads import SentimentHead
    from assistant.intents import read_nlu
    from assistant.settings import configs_folder
    from training.evaluate import Subject

    models, reader = settings.models, bootstrap.build_reader(settings)
    return Subject(
        reader=reader,
        sentiment=SentimentHead.load(bootstrap.model_folder(settings, "sentiment", reader.encoder.version)),
        examples=read_nlu([models.intents]),
        extractor=EntityExtractor(EntityRules(models.order_formats, models.time_zone)),
        demo=configs_folder() / "demo",
    )


def _cells(row) -> tuple[str, ...]:
    interval = f"{100 * row.low:.1f} to {100 * row.high:.1f}"
    return row.data, row.language, row.system, row.metric, f"{100 * row.value:.1f}", interval, f"{row.n:,}"
