"""huida customers: purchases in, and what they say of each customer out."""

from __future__ import annotations

import csv
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from api.commands import dossier, foresight, groups, imports, scoring
from api.commands.common import AsJson, Commands, Config, counter, print_json, read_settings, table
from api.commands.scoring import customers_folder
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.customer.import_files import Options
    from assistant.customer.scores import Score
    from assistant.settings import Settings

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Customers: purchases, risk and value.")


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=".csv .tsv .txt .xlsx .parquet")],
    returns: Annotated[bool, typer.Option("--returns", help="The files list goods that came back.")] = False,
    people: Annotated[bool, typer.Option("--people", help="The files list customers with phone or e-mail.")] = False,
    conversations: Annotated[bool, typer.Option("--conversations", help="The files list past messages.")] = False,
    column: Annotated[list[str] | None, typer.Option(metavar="NAME=HEADER", help="Which header a column has.")] = None,
    rate: Annotated[list[str] | None, typer.Option(metavar="CUR=CNY", help="What a unit costs: USD=7.1")] = None,
    currency: Annotated[str, typer.Option(help="Of rows that name none.")] = "CNY",
    time_zone: Annotated[str, typer.Option(help="Of times without a zone; by default the shop's.")] = "",
    dates: Annotated[Literal["dmy", "mdy"] | None, typer.Option(help="How dates such as 3/4/2026 begin.")] = None,
    drop_duplicates: Annotated[bool, typer.Option(help="Equal lines of one order are one line.")] = False,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Import order lines. Importing a file again changes nothing; bad rows go to FILE.rejects.csv with the reason.

    What came back (a negative quantity, --returns, or a status such as 已退货) counts as bought until that day: spend, days
    with a purchase and offers are net of it.

    Needs a customer, a date, and an amount or a price; finds them under many Chinese and English headers. With --people,
    ids that share a phone or an e-mail become one customer; with --conversations, past messages are read and counted.

    Examples:

    - huida customers import orders.csv --column customer=买家昵称 --rate USD=7.1
    - huida customers import members.csv --people
    - huida customers import chats.xlsx --conversations
    """
    if returns + people + conversations > 1:
        raise InputError("a file lists returns, people or conversations; give one of the three")
    if people:
        return imports.people(files, dict(map(_pair, column or [])), config, json)
    if conversations:
        return imports.conversations(files, dict(map(_pair, column or [])), time_zone, config, json)
    from assistant.customer import purchase_log
    from assistant.customer.alone import alone
    from assistant.customer.import_files import read_lines

    settings = read_settings(config)
    options = _options(settings, returns, column or [], rate or [], currency, time_zone, dates, not drop_duplicates)
    root = customers_folder(settings) / "purchases"
    for path in files:
        rejects = path.with_name(f"{path.stem}.rejects.csv")
        with counter(f"reading {path.name}") as tick:
            read = read_lines(path, options, rejects, tick=tick)
        with alone(root.parent):  # read again for each file: somebody may have been erased meanwhile
            done = purchase_log.merged(purchase_log.load(root), read.lines)
            purchase_log.publish(root, done.lines)  # so that an interrupted import has only the rest to do
        counts = asdict(read.counts) | {"n_added": done.n_added, "n_known": done.n_known}
        rejected_to = rejects if read.counts.n_rejected else None
        if json:
            print_json({"file": str(path)} | counts | {"n_withdrawn": done.n_withdrawn, "rejects": rejected_to})
            continue
        words = [f"{done.n_added:,} lines added", f"{done.n_known:,} known already"]
        named = {"returns": "n_returns", "cancelled": "n_cancelled", "without a customer": "n_without_customer",
                 "duplicates dropped": "n_duplicates"}  # fmt: skip
        words += [f"{counts[name]:,} {word}" for word, name in named.items() if counts[name]]
        typer.echo(f"{path}: {', '.join(words)}")
        if rejected_to:
            why = ", ".join(f"{reason} ... {n:,}" for reason, n in list(read.counts.reasons.items())[:5])
            typer.echo(f"  {read.counts.n_rejected:,} rows rejected ({why}), see {rejected_to}")


@app.command()
def show(customer: dossier.Customer, config: Config = None, json: AsJson = False) -> None:
    """Show what is known of one customer: conversations, orders and the latest scores. It is noted in the audit.

    Example:  huida customers show 13085
    """
    with dossier.opened(config) as dossiers:
        known = dossiers.known(customer)
        with dossiers.store.begin() as uow:
            uow.audit.add(*dossier.ACTOR, "read", "customer", customer, datetime.now(UTC))
    profile, found = known.profile, known.score
    if json:
        orders = [asdict(order) for order in known.orders]
        print_json({"customer_id": customer, "profile": asdict(profile), "orders": orders,
                    "score": found and found._asdict(), "popular": known.popular,
                    "also": [asdict(one) for one in known.also]})  # fmt: skip
        return
    rows = [("also known as", f"{one.customer_id}, same {one.because or 'phone or email'}") for one in known.also]
    rows += _score_rows(found) if found else [("scores", "none; see huida customers score")]
    rows += [("sells best now", ", ".join(known.popular[:5]))] if known.popular else []
    rows += [
        ("order", f"{o.order_no}, {o.status}, CNY {o.amount_cny:,.2f}, {o.ordered_at:%Y-%m-%d}") for o in known.orders
    ]
    if profile.n_turns:
        rows += [("turns", profile.n_turns), ("mood", f"{profile.mood:+.2f}, {profile.sentiment_trend}"),
                 ("last contact", f"{profile.last_contact_at:%Y-%m-%d}"), ("open issues", len(profile.open_issues))]  # fmt: skip
    table(customer, ("", ""), rows)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; replaced when it is there.")],
    customer: Annotated[
        str | None, typer.Option(metavar="ID", help="All that is held of this customer, as JSON.")
    ] = None,
    masked: Annotated[bool, typer.Option("--masked", help="With --customer: phones, e-mails, cards masked.")] = False,
    config: Config = None,
) -> None:
    """Write the latest scores of all customers as CSV, likeliest to leave first; or one customer's whole file.

    Examples:

    - huida customers export scores.csv
    - huida customers export their.json --customer 13085
    """
    if customer is not None:
        return dossier.write(customer, file, masked, config)
    from assistant.cells import quoted
    from assistant.customer import scores

    done = scores.latest(customers_folder(read_settings(config)) / "scores")
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["customer_id", "as_of", "horizon_days", *scores.COLUMNS, "first_reason", "second_reason"])
        for one in sorted(done, key=lambda one: (-one.p_churn, one.customer_id)):
            values = (getattr(one, name) for name in scores.COLUMNS)
            numbers = ("" if value is None else f"{value:.6g}" for value in values)
            reasons = (name for name, _ in one.reasons[:2])
            writer.writerow([quoted(one.customer_id), one.as_of, one.horizon_days, *numbers, *reasons])
    typer.echo(f"{file}: {len(done):,} customers as of {done.as_of}")


app.command()(scoring.score)
app.command("next")(scoring.next_to_contact)
app.command()(groups.segments)
app.command()(scoring.like)
app.command()(foresight.rules)
app.command()(foresight.forecast)
app.command()(scoring.report)
app.command()(scoring.rebuild)
app.command()(scoring.bench)
app.command()(dossier.erase)


def _score_rows(one: Score) -> list[tuple]:
    ahead = f"in {one.horizon_days} days"
    why = ", ".join(f"{name} {added:+.2f}" for name, added in one.reasons[:3] if added)
    return [
        ("as of", one.as_of), (f"buys nothing {ahead}", f"{one.p_churn:.1%}"),
        *([("because of (log odds)", why)] if why else []),  # the purchase model alone gives no reasons
        (f"days with a purchase {ahead}", f"{one.expected_days:.2f}"),
        (f"spend {ahead}", f"CNY {one.expected_spend_cny:,.2f}{_between(one)}"),
        ("bought on", f"{one.n_days:.0f} days, last {one.recency_days:.0f} days ago, first {one.age_days:.0f}"),
        ("spent", f"CNY {one.spend_cny:,.2f}"),
        *([("segment", f"{one.segment_en} {one.segment_zh}")] if one.segment else []),
        *([("likely to buy", ", ".join(one.offers[:5]))] if one.offers else []),
        *([("new to them", ", ".join(one.new_offers[:5]))] if one.new_offers else []),
    ]  # fmt: skip


def _between(one: Score) -> str:
    if one.spend_low_cny is None or one.spend_high_cny is None:
        return ""
    return f", nine in ten between {one.spend_low_cny:,.2f} and {one.spend_high_cny:,.2f}"


def _options(
    settings: Settings, returns: bool, columns: list[str], rates: list[str], currency: str, time_zone: str, dates,
    keep_duplicates: bool,
) -> Options:  # fmt: skip
    from assistant.customer.import_files import Options

    shop = settings.models.time_zone
    try:
        zones = ZoneInfo(time_zone or shop), ZoneInfo(shop)
        costs = {name.strip().upper(): float(value) for name, value in map(_pair, rates)}
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(f"{error}; expected a zone such as Asia/Shanghai and rates such as USD=7.1") from error
    return Options(
        dict(map(_pair, columns)), currency.upper(), {"CNY": 1.0} | costs, *zones, dates, returns, keep_duplicates
    )


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not (name and mark and value):
        raise InputError(f"{text!r} is no NAME=VALUE")
    return name, value
