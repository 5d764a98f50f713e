"""huida customers rules and forecast: what goes together, and how much is to come; of orders, or of messages."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from api.commands.common import AsJson, Config, print_json, read_settings, table
from api.commands.scoring import bought, customers_folder
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.customer.forecast import Forecast
    from assistant.settings import Settings

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Messages = Annotated[bool, typer.Option("--messages", help="Of messages by intent, in place of orders.")]


def rules(
    messages: Messages = False,
    support: Annotated[float, typer.Option(help="Least share of all orders or conversations.")] = 0.01,
    confidence: Annotated[float, typer.Option(help="Least probability of the right side, given the left.")] = 0.3,
    least: Annotated[int, typer.Option(min=1, help="Orders or conversations that a rule must rest on.")] = 3,
    n: Annotated[int, typer.Option("-n", min=1, help="How many rules, greatest lift first.")] = 20,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Which products are bought together; with --messages, which intents come up in one conversation.

    Greetings, thanks and other small talk are no matter of a conversation, nor are messages out of scope.

    Example:  huida customers rules --support 0.005          Example:  huida customers rules --messages
    """
    from assistant.customer.rules import mine_rules, product_rules
    from assistant.policy import SMALLTALK
    from assistant.values import OUT_OF_SCOPE

    settings = read_settings(config)
    if messages:
        baskets: dict[str, set[str]] = {}
        for conversation, intent, _ in _said(settings):
            baskets.setdefault(conversation, set()).update({intent} - SMALLTALK.keys() - {OUT_OF_SCOPE})
        found = mine_rules(baskets.values(), support, confidence, max_size=3)
    else:
        log = bought(customers_folder(settings))[0]
        found = product_rules(log.until(log.day[-1]), support, confidence)  # without what came back
    found = [rule for rule in found if rule.n_baskets >= least][:n]
    if json:
        print_json([asdict(rule) for rule in found])
    elif not found:
        typer.echo("no rule reaches these bounds; lower --support, --confidence or --least")
    else:
        rows = ((", ".join(r.given), ", ".join(r.then), f"{r.support:.2%}", f"{r.confidence:.0%}", f"{r.lift:.1f}",
                 f"{r.n_baskets:,}") for r in found)  # fmt: skip
        table("rules", ("who has", "has too", "support", "confidence", "lift", "times"), rows)


def forecast(
    messages: Messages = False,
    days: Annotated[int, typer.Option(min=1, max=365, help="How many days ahead.")] = 30,
    n: Annotated[int, typer.Option("-n", min=1, help="With --messages: how many intents, the most frequent.")] = 5,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Revenue of the days to come; with --messages, how many come of each intent. The model is chosen by backtest.

    Nine days in ten should lie between low and high. Weekdays on which nothing ever happens are found and stay at 0.

    Example:  huida customers forecast --days 14          Example:  huida customers forecast --messages
    """
    import numpy as np

    from assistant.customer.forecast import daily_by, daily_sums
    from assistant.customer.forecast import forecast as ahead

    settings = read_settings(config)
    if messages:
        zone = ZoneInfo(settings.models.time_zone)
        said = [(intent, at.astimezone(zone).date()) for _, intent, at in _said(settings)]
        series = daily_by(np.array([day for _, day in said], "datetime64[D]"), [intent for intent, _ in said])
    else:
        log = bought(customers_folder(settings))[0]
        series = {"revenue, CNY": daily_sums(log.day, log.amount_cny)}
    for name, daily in list(series.items())[:n]:
        _show(name, ahead(daily, days), json)


def _show(name: str, found: Forecast, json: bool) -> None:
    closed = [WEEKDAYS[day] for day in found.closed_weekdays]
    rows = list(zip(map(str, found.days), found.mean, found.low, found.high, strict=True))
    if json:
        print_json({"series": name, "model": found.model, "mase": dict(found.mase), "closed_weekdays": closed,
                    "days": [[day, *map(float, numbers)] for day, *numbers in rows]})  # fmt: skip
        return
    shut = f", closed {' '.join(closed)}" if closed else ""
    lines = ((day, *(f"{number:,.1f}" for number in numbers)) for day, *numbers in rows)
    table(f"{name} ({found.model}{shut})", ("day", "mean", "low", "high"), lines)


def _said(settings: Settings) -> list[tuple[str, str, datetime]]:
    """(conversation, intent, instant) of every message. Raises InputError when there is none."""
    from assistant import bootstrap

    with closing(bootstrap.open_store(settings)) as store, store.read() as uow:
        said = [(t.message.conversation_id, t.reading.intent.name, t.message.received_at) for t in uow.turns.all()]
    if not said:
        raise InputError("there are no messages yet; import some: huida customers import chats.csv --conversations")
    return said
