"""huida customers, of all customers at once: scores of a day, who to contact, who is like whom, profiles anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from api.commands import dossier
from api.commands.common import AsJson, Config, counter, print_json, read_settings, table
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.customer.purchases import Purchases
    from assistant.customer.score_run import Said
    from assistant.settings import Settings


def score(
    as_of: Annotated[str, typer.Option(metavar="DATE", help="The day to stand on; by default the log's last.")] = "",
    horizon: Annotated[int, typer.Option(min=7, max=730, help="Days to look ahead.")] = 90,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Score every customer on one day: risk and why, value, segment, offers, who is like whom, and revenue to come.

    Dated and versioned; a run that is cut short goes on where it stood. The desk shows the newest at once.

    Example:  huida customers score --as-of 2026-11-22
    """
    from assistant.customer import scores
    from assistant.customer.score_history import last_change

    settings = read_settings(config)
    folder = customers_folder(settings)
    name, day = _scored(settings, as_of, horizon)
    done, change = scores.latest(folder / "scores"), last_change(folder / "scores")
    sums = {"p_churn": float(done.column("p_churn").mean()),
            "expected_spend_cny": float(done.column("expected_spend_cny").sum())}  # fmt: skip
    if json:
        since = {"since": change.since, "n_moved": sum(change.drift.moves.values())} if change else {}
        print_json({"version": name, "as_of": day, "n_customers": len(done), "method": done.method,
                    "drift": done.drift} | since | sums)  # fmt: skip
        return
    typer.echo(f"{name}: {len(done):,} customers as of {day} ({done.method})")
    typer.echo(f"  {sums['p_churn']:.1%} will buy nothing in {horizon} days; "
               f"CNY {sums['expected_spend_cny']:,.0f} to expect of all")  # fmt: skip
    groups = [(segment.en, segment.zh, int((done.groups == k).sum())) for k, segment in enumerate(done.segments)]
    typer.echo("  " + ", ".join(f"{en} {zh} {n:,}" for en, zh, n in groups))
    if change:
        names = {key: f"{name.en} {name.zh}" for key, name in change.names.items()}
        moves = [f"{names[a]} → {names[b]} {n:,}" for (a, b), n in list(change.drift.moves.items())[:3]]
        typer.echo(f"  since {change.since}: {change.drift.verdict} (PSI {change.drift.psi:.2f}); "
                   f"{', '.join(moves) or 'nobody changed their segment'}")  # fmt: skip


def _scored(settings: Settings, as_of: str, horizon: int) -> tuple[str, str]:
    """The version of the scores, and their day; on its own, so that the purchases are gone when it ends."""
    from assistant.customer import score_run

    folder = customers_folder(settings)
    log, version = bought(folder)
    day = read_day(as_of) if as_of else str(log.day[-1])
    with steps("scoring customers", score_run.STEPS) as tell:
        said = what_was_said(settings, log)
        return score_run.run(folder / "scores", log, day, horizon, version, said, tell), day


def next_to_contact(
    n: Annotated[int, typer.Option("-n", min=1, max=100_000, help="How many customers.")] = 20,
    output: Annotated[Path | None, typer.Option("-o", metavar="FILE", help="Write CSV instead of a table.")] = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Who to contact today and why: risk times value, open complaints, falling mood; most at stake first.

    Whom an agent has at this moment, or who waits for one, is left out.

    Example:  huida customers next -n 50 -o today.csv
    """
    from assistant import bootstrap
    from assistant.customer.score_book import ScoreBook
    from assistant.outreach import as_csv, who_to_contact

    settings = read_settings(config)
    scores = ScoreBook(customers_folder(settings) / "scores")
    with closing(bootstrap.open_store(settings)) as store:
        found = who_to_contact(store, scores, datetime.now(UTC), n)
    if json:
        for action in found:
            print_json(asdict(action))
    elif output:
        output.write_bytes(as_csv(found))
        typer.echo(f"{output}: {len(found):,} customers to contact")
    elif not found:
        typer.echo("nobody gives a reason to be contacted today")
    else:
        rows = ((a.customer_id, a.step, f"{a.at_stake_cny:,.0f}", "; ".join(w.zh for w in a.reasons)) for a in found)
        table("who to contact", ("customer", "step", "CNY at stake", "why"), rows)
    latest = scores.latest()
    if latest is not None and latest.n_erased:
        typer.echo(f"customers erased since the models were fitted: {latest.n_erased:,}; "
                   "huida customers score fits them anew", err=True)  # fmt: skip


def like(
    customer: Annotated[str, typer.Argument(metavar="ID", help="The customer's id in your shop.")],
    n: Annotated[int, typer.Option("-n", min=1, max=100, help="How many.")] = 5,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Customers like this one: what they bought and asked that this one did too, and what they alone did.

    Example:  huida customers like 13085
    """
    from assistant.customer import scores
    from assistant.customer.similar import SimilarCustomers
    from index.folder import current

    root = customers_folder(read_settings(config)) / "scores"
    scores.latest(root)  # says what to do when there is none
    found = SimilarCustomers.load(current(root) / "similar").like(customer, n)
    if json:
        print_json([asdict(one) for one in found])
        return
    sides = ("products", "other_products", "intents", "other_intents")
    if not found:
        typer.echo(f"nobody else is known who could be like {customer}")
        return
    rows = ((o.customer_id, f"{o.cosine:.2f}", *(", ".join(getattr(o, side)) for side in sides)) for o in found)
    table(
        f"like {customer}", ("customer", "cosine", "bought too", "bought besides", "asked too", "asked besides"), rows
    )


def report(
    output: Annotated[Path, typer.Option("-o", metavar="FILE", help="Where to write; replaced when it is there.")],
    language: Annotated[Literal["zh", "en"], typer.Option("--lang", help="Of the page.")] = "zh",
    n: Annotated[int, typer.Option("-n", min=0, max=500, help="How many customers to contact it lists.")] = 20,
    config: Config = None,
) -> None:
    """Write a page of the latest scores: segments in words, the map, risk, value, revenue to come, who to contact.

    One HTML file that opens offline and prints. Whom it lists is noted in the audit.

    Example:  huida customers report -o customers.html
    """
    from assistant import bootstrap
    from assistant.customer import scores
    from assistant.customer.score_book import ScoreBook
    from assistant.customer.score_history import last_change
    from assistant.customer.segments import Segments
    from assistant.outreach import who_to_contact
    from assistant.reports.customer_page import render
    from index.folder import current

    settings, now = read_settings(config), datetime.now(UTC)
    root = customers_folder(settings) / "scores"
    latest, segments = scores.latest(root), Segments.load(current(root) / "segments")
    with closing(bootstrap.open_store(settings)) as store:
        actions = who_to_contact(store, ScoreBook(root), now, n) if n else []
        with store.begin() as uow:
            uow.audit.add(*dossier.ACTOR, "exported", "list", "customer report", now, {"n": len(actions)})
    output.write_text(render(latest, segments, actions, language, now, last_change(root)), "utf-8")
    typer.echo(f"{output}: {len(latest):,} customers as of {latest.as_of}")


def bench(
    customers: Annotated[int, typer.Option(min=100, help="How many customers.")] = 100_000,
    lines: Annotated[int, typer.Option(min=1_000, help="How many order lines.")] = 1_000_000,
    products: Annotated[int, typer.Option(min=10, help="Of the catalogue; ALS replaces EASE beyond 10,000.")] = 4_000,
    json: AsJson = False,
) -> None:
    """Measure import and scoring on drawn customers, in a throw-away folder: seconds and the most memory used.

    Examples:

    - huida customers bench
    - huida customers bench --customers 5000 --lines 50000
    - huida customers bench --customers 20000 --lines 400000 --products 40000
    - huida customers bench --customers 1000000 --lines 10000000
    """
    from training.customer_bench import measure

    figures = list(measure(customers, lines, products))
    if json:
        print_json([asdict(figure) for figure in figures])
        return
    table("huida customers bench", ("what", "seconds", "peak MiB", "how"),
          ((f.name, f"{f.seconds:.1f}", f"{f.peak_mib:,.0f}", f.how) for f in figures))  # fmt: skip


def rebuild(config: Config = None, json: AsJson = False) -> None:
    """Fold every customer's profile again from the log of turns, and say how many were another before.

    Example:  huida customers rebuild
    """
    from assistant import bootstrap
    from assistant.history import rebuild_profiles

    with closing(bootstrap.open_store(read_settings(config))) as store, counter("rebuilding profiles") as tick:
        n, changed = rebuild_profiles(store, tick)
    if json:
        print_json({"n_profiles": n, "n_changed": changed})
    else:
        typer.echo(f"{n:,} profiles rebuilt, {changed:,} were another before")


def bought(folder: Path) -> tuple[Purchases, str]:
    """The purchases under the first id of each person, and their version. Raises InputError when there are none."""
    from assistant.customer import identities, purchase_log
    from index.folder import current

    lines, same = purchase_log.load(folder / "purchases"), identities.load(folder / "identities").same
    log = purchase_log.sales(identities.joined(lines, same) if same else lines)
    if not len(log):
        raise InputError("there are no purchases yet; run: huida customers import orders.csv")
    return log, "+".join([current(folder / "purchases").name, *([_digest(same)] if same else [])])


def what_was_said(settings: Settings, log: Purchases) -> Said:
    """The conversations of the store, under the first id of each person."""
    from assistant import bootstrap
    from assistant.customer import identities
    from assistant.customer.score_run import Said
    from assistant.customer.talks import talks_of

    same = identities.load(customers_folder(settings) / "identities").same
    with closing(bootstrap.open_store(settings)) as store, store.read() as uow:
        rows = ((same.get(who, who), *rest) for who, *rest in uow.turns.moods())
        talks = talks_of(rows, log.customer_ids, ZoneInfo(settings.models.time_zone))
        asked: dict[str, dict[str, int]] = {}
        for profile in uow.profiles.since():
            counts = asked.setdefault(same.get(profile.customer_id, profile.customer_id), {})
            for intent, n in profile.n_intents.items():
                counts[intent] = counts.get(intent, 0) + n
    return Said(talks, asked)


def customers_folder(settings: Settings) -> Path:
    return settings.store.data_dir / "customers"


def read_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InputError(f"{text!r} is no date; expected such as {datetime.now().date()}") from error  # noqa: DTZ005


@contextmanager
def steps(title: str, names: tuple[str, ...]) -> Iterator[Callable[[str], None]]:
    """A bar over named steps on standard error; on a pipe there is none."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(title, total=len(names))
        yield lambda name: bar.update(task, description=f"{title}: {name}", completed=names.index(name))


def _digest(same: dict[str, str]) -> str:
    import hashlib

    return hashlib.sha256(repr(sorted(same.items())).encode()).hexdigest()[:12]
