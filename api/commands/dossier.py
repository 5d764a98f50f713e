"""huida customers, of one customer: everything that is held of them as JSON, and its erasure."""

from __future__ import annotations

import json as as_json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import AsJson, Config, print_json, read_settings

if TYPE_CHECKING:
    from assistant.dossier import Dossiers

ACTOR = ("command line", "admin")  # whoever may run commands here owns the database file too
Customer = Annotated[str, typer.Argument(metavar="ID", help="The customer's id in your shop.")]


def write(customer: str, file: Path, masked: bool, config: Path | None) -> None:
    """Write everything that is held of the customer as JSON, readable by its owner alone, and note it in the audit."""
    from api.logs import masking

    now = datetime.now(UTC)
    with opened(config) as dossiers:
        held = dossiers.export(customer, now, masking(read_settings(config).models) if masked else None)
        file.touch(mode=0o600)
        file.write_text(as_json.dumps(held, ensure_ascii=False, indent=1) + "\n", "utf-8")
        with dossiers.store.begin() as uow:
            uow.audit.add(*ACTOR, "exported", "customer", customer, now)
    n_rows = sum(map(len, held["tables"].values()))
    typer.echo(f"{file}: {n_rows:,} rows of {len(held['tables'])} tables, {len(held['purchases']):,} purchases")
    if identity := held["identity"]:
        also = ", ".join(one["customer_id"] for one in identity["also"])
        also = f"; other ids of the same person, each with an export of its own: {also}" if also else ""
        typer.echo(f"  {len(identity['marks'])} marks of a phone or e-mail{also}")


def erase(
    customer: Customer,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Erase everything that is held of one customer, for good, and print a receipt that names nobody.

    Goes, under every id of theirs: conversations, feedback, profile, purchases, scores, marks of phone and e-mail.
    Stays: their orders, without their id. Backups are yours to treat. The receipt is an entry of the audit: huida db
    audit --noted RECEIPT shows that it is still there.

    Example:  huida customers erase 13085
    """
    if not yes:
        typer.confirm(
            f"Erase everything that is held of customer {customer}? This cannot be undone.", abort=True, err=True
        )
    with opened(config) as dossiers:
        receipt = dossiers.erase(customer, *ACTOR, datetime.now(UTC))
    if json:
        print_json(asdict(receipt))
        return
    counts = ", ".join(f"{n:,} {name}" for name, n in receipt.counts.items())
    typer.echo(f"erased at {receipt.erased_at:%Y-%m-%d %H:%M} UTC: {counts}\nreceipt {receipt.receipt_id}")


@contextmanager
def opened(config: Path | None) -> Iterator[Dossiers]:
    """The dossiers of the settings' store and data folder."""
    from assistant import bootstrap
    from assistant.dossier import Dossiers

    settings = read_settings(config)
    with closing(bootstrap.open_store(settings)) as store:
        yield Dossiers(store, settings.store.data_dir / "customers")
