"""huida customers segments: how many groups there are to find, by which way, and who would be in them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from api.commands.common import AsJson, Config, print_json, read_settings, table
from api.commands.scoring import bought, customers_folder, read_day
from assistant.errors import InputError

Method = Literal["kmeans", "ward", "dbscan"]


def segments(
    method: Annotated[Method, typer.Option(help="Of grouping.")] = "kmeans",
    k: Annotated[int | None, typer.Option("-k", min=2, max=50, help="How many groups; else they are chosen.")] = None,
    as_of: Annotated[str, typer.Option(metavar="DATE", help="The day to stand on; by default the log's last.")] = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Group the customers by recency, number of purchases and spend, and show what speaks for each number of groups.

    The tightest groups are taken that come back on other draws of customers (stability) and of which none is too small
    to act on; dbscan finds its own number. Nothing is stored: huida customers score keeps what it finds.

    Examples:

    - huida customers segments
    - huida customers segments --method ward
    - huida customers segments --method dbscan --as-of 2026-06-30
    """
    from assistant.customer.purchases import rfm
    from assistant.customer.segments import features, fit_segments

    if method == "dbscan" and k:
        raise InputError(f"dbscan finds the number of groups by itself; leave -k {k} out, or take kmeans or ward")
    log = bought(customers_folder(read_settings(config)))[0]
    day = read_day(as_of) if as_of else str(log.day[-1])
    found = fit_segments(features(rfm(log.until(day).by_day(), day)), method, k)
    if json:
        print_json({"as_of": day, "method": method, "candidates": [asdict(c) for c in found.candidates],
                    "segments": [asdict(s) for s in found.segments]})  # fmt: skip
        return
    if found.candidates:
        tried = ((f"{c.n_clusters}", f"{c.silhouette:.3f}", f"{c.stability:.2f}", f"{c.smallest_share:.1%}",
                  "chosen" if c.chosen else "") for c in found.candidates)  # fmt: skip
        table(f"how many groups ({method})", ("groups", "silhouette", "stability", "smallest", ""), tried)
    rows = ((f"{s.name.en} {s.name.zh}", f"{s.n:,}", f"{s.share:.1%}", f"{s.recency_days - 1:.0f}",
             f"{s.n_purchases:.0f}", f"{s.spend_cny:,.0f}") for s in found.segments)  # fmt: skip
    head = ("segment", "customers", "share", "days since the last", "days with a purchase", "spent, CNY")
    table(f"segments as of {day}, with their middle customer", head, rows)
    apart = 1 - sum(segment.share for segment in found.segments)
    if apart > 1e-9:
        typer.echo(f"{apart:.1%} lie apart from all groups")
