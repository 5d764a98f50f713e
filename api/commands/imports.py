"""huida customers import, of people and of past conversations."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from api.commands.common import counter, print_json, read_settings
from api.commands.scoring import customers_folder
from assistant.errors import InputError


def people(files: list[Path], columns: Mapping[str, str], config: Path | None, json: bool) -> None:
    """Merge ids that share a phone or an e-mail, and write who became whom to FILE.merged.csv."""
    from assistant.cells import quoted
    from assistant.customer import identities
    from assistant.customer.alone import alone
    from assistant.customer.import_people import read_people

    root = customers_folder(read_settings(config)) / "identities"
    for path in files:
        rejects, report = path.with_name(f"{path.stem}.rejects.csv"), path.with_name(f"{path.stem}.merged.csv")
        with alone(root.parent):
            done = identities.merged(identities.load(root), read_people(path, columns, rejects))
            identities.publish(root, done.met)
        with report.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["customer_id", "merged_into", "because"])
            writer.writerows((quoted(a.customer_id), quoted(a.merged_into), a.because) for a in done.links)
        if json:
            counts = {"n_people": done.n_people, "n_unusable": done.n_unusable, "n_shared": done.n_shared}
            print_json({"file": str(path), "n_merged": len(done.links), "report": str(report)} | counts)
            continue
        typer.echo(f"{path}: {done.n_people:,} customers, {len(done.links):,} merged anew (see {report}), "
                   f"{done.n_unusable:,} without a phone or e-mail")  # fmt: skip
        if done.n_shared:
            typer.echo(f"  {done.n_shared:,} phones or e-mails belong to more than {identities.MAX_SHARED} customers "
                       "and merge nobody")  # fmt: skip
        if rejects.exists():
            typer.echo(f"  rows that name no customer: see {rejects}")


def conversations(
    files: list[Path], columns: Mapping[str, str], time_zone: str, config: Path | None, json: bool
) -> None:
    """Read past messages, put them into the log and fold the profiles of their customers again."""
    from assistant import bootstrap
    from assistant.history import import_history, read_history

    settings = read_settings(config)
    try:
        zone = ZoneInfo(time_zone or settings.models.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(f"{error}; expected a zone such as Asia/Shanghai") from error
    read = {path: read_history(path, columns, path.with_name(f"{path.stem}.rejects.csv"), zone) for path in files}
    reader = bootstrap.build_reader(settings)
    with closing(bootstrap.open_store(settings)) as store:
        for path, rows in read.items():
            with counter(f"reading {path.name}") as tick:
                done = import_history(store, reader, rows, tick)
            rejects = path.with_name(f"{path.stem}.rejects.csv")
            if json:
                print_json({"file": str(path), "rejects": rejects if rejects.exists() else None} | asdict(done))
                continue
            typer.echo(f"{path}: {done.n_turns:,} messages added, {done.n_known:,} known already, "
                       f"{done.n_replies:,} of them answered, {done.n_customers:,} profiles folded")  # fmt: skip
            if rejects.exists():
                typer.echo(f"  some rows were rejected, see {rejects}")
