"""huida bench: how fast, how large, how soon, on this machine."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Annotated, Literal

import typer

from api.commands.common import AsJson, Config, print_json, progress, read_settings, table

ENTRIES = "1000,10000,100000"


def bench(
    n_turns: Annotated[int, typer.Option("--turns", min=50, help="Chat turns of each measurement.")] = 2_000,
    connections: Annotated[int, typer.Option(min=1, max=500, help="Connections at once over HTTP.")] = 50,
    seconds: Annotated[float, typer.Option(min=1, help="Longest time that HTTP is loaded.")] = 20.0,
    entries: Annotated[str, typer.Option(help="Sizes of the FAQ to search, or none.")] = ENTRIES,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes of the HTTP server.")] = 2,
    suite: Annotated[
        Literal["service", "desk", "analyze", "peers"],
        typer.Option(
            help="desk: 50 agents look on while 300 customers write; analyze: a whole file of messages; "
            "peers: our reading beside three BERT-base models and SnowNLP."
        ),
    ] = "service",
    messages: Annotated[int, typer.Option(min=1_000, help="Rows of that file.")] = 1_000_000,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Measure a chat turn, the HTTP server, batch reading, FAQ search, start-up and memory with demo data.

    The server is a process of its own on the loopback device with a durable SQLite store. Nothing of yours is touched.

    Examples:

    - huida bench --entries 1000
    - huida bench --suite desk
    - huida bench --suite peers --json
    """
    from random import Random

    from training.bench import Plan, measure
    from training.bench_analyze import analyze_speed
    from training.bench_analyze import messages as short_messages
    from training.bench_desk import Size, desk_load
    from training.bench_peers import Size as PeersSize
    from training.bench_peers import peers

    plan = Plan(
        n_turns=n_turns,
        n_connections=connections,
        http_s=seconds,
        n_entries=_sizes(entries),
        workers=workers,
    )
    settings = read_settings(config)
    match suite:
        case "analyze":
            steps = [("analyze", partial(analyze_speed, messages))]
        case "desk":
            steps = [("desk", partial(desk_load, Size(n_fast=n_turns, n_writers=connections)))]
        case "peers":
            size = PeersSize()
            steps = [*peers(settings, [*short_messages(size.n_texts, Random(0))], size)]
        case _:
            steps = [*measure(settings, plan)]
    figures = [figure for _, step in progress(steps, "measuring", len(steps)) for figure in step()]
    if json:
        print_json([asdict(figure) for figure in figures])
    else:
        table(
            "huida bench",
            ("what", "figure", "unit", "how"),
            ((f.name, f"{f.value:,.1f}", f.unit, f.how) for f in figures),
        )


def _sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(size) for size in text.replace("none", "").split(",") if size.strip())
    except ValueError:
        sizes = (0,)
    if any(size < 1 for size in sizes):
        raise typer.BadParameter(f"{text!r} is no list of numbers such as {ENTRIES}", param_hint="--entries")
    return sizes
