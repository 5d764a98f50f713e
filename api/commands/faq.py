"""huida faq: what the assistant may answer from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import (
    AsJson,
    Commands,
    Config,
    built_parts,
    opened_store,
    print_json,
    progress,
    table,
    tell_of_empty,
)
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.values import FaqEntry

app = typer.Typer(cls=Commands, no_args_is_help=True, help="The FAQ: import, list, export, build, search.")


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=".csv .tsv .xlsx .jsonl or .md")],
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Add or change entries from files with the columns id, question, variants, answer, category, language.

    Rows that cannot be used are left out and written beside the file as FILE.rejects.csv, with number and reason: mend
    them there and import that file.

    Example:  huida faq import faq.xlsx more.csv
    """
    from assistant.faq_files import write_rejects

    contents = {path: path.read_bytes() for path in files}  # all of them readable, before anything changes
    with built_parts(config) as parts:
        for path, raw in progress(contents.items(), "importing", len(contents)):
            done = parts.faq.import_file(path.name, raw)
            rejected_to = path.with_name(f"{path.stem}.rejects.csv") if done.rejects else None
            if rejected_to:
                write_rejects(rejected_to, done.rejects)
            counts = {"n_added": done.n_added, "n_changed": done.n_changed, "n_unchanged": done.n_unchanged}
            if json:
                print_json({"file": str(path), **counts, "n_rejected": len(done.rejects), "rejects": rejected_to})
                continue
            words = ", ".join(f"{n} {name.removeprefix('n_')}" for name, n in counts.items())
            typer.echo(
                f"{path}: {words}" + (f"; {len(done.rejects)} rejected, see {rejected_to}" if rejected_to else "")
            )


@app.command("list")
def list_entries(config: Config = None, json: AsJson = False) -> None:
    """List the entries by id.

    Example:  huida faq list
    """
    entries = _stored(config)
    if json:
        for entry in entries:
            print_json(asdict(entry))
        return
    rows = ((e.faq_id, e.language, e.category, e.question, len(e.variants)) for e in entries)
    table(f"{len(entries)} entries", ("id", "language", "category", "question", "variants"), rows)


@app.command()
def export(file: Annotated[Path, typer.Argument(metavar="FILE", help=".csv or .jsonl")], config: Config = None) -> None:
    """Write the whole FAQ into a file that can be edited and imported again.

    Example:  huida faq export faq.csv
    """
    from assistant.faq_files import write_faq

    entries = _stored(config)
    write_faq(file, entries)
    typer.echo(f"{file}: {len(entries)} entries")


@app.command()
def build(config: Config = None, json: AsJson = False) -> None:
    """Build the index anew and learn its thresholds again; a running server takes it over by itself.

    Needed after another encoder was set, and worthwhile after many small changes.

    Example:  huida faq build
    """
    with built_parts(config) as parts:
        version = parts.faq.build()
        n_entries = len(parts.faq.entries())
    print_json({"version": version, "n_entries": n_entries}) if json else typer.echo(f"{version}: {n_entries} entries")


@app.command()
def search(
    query: Annotated[str, typer.Argument(metavar='"QUERY"', help="What a customer might ask.")],
    k: Annotated[int, typer.Option("-k", min=1, max=50, help="How many entries.")] = 5,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Show the entries likeliest to answer a query, with the probability that each does.

    Example:  huida faq search "退货运费谁出" -k 3
    """
    if not query.strip():
        raise InputError("the query is empty; write at least one character")
    with built_parts(config) as parts:
        hits = parts.faq.find(query, k)
        tell_of_empty(parts)
    if json:
        for hit in hits:
            print_json(asdict(hit))
        return
    rows = ((f"{hit.p_correct:.2f}", hit.faq_id, hit.question, hit.answer) for hit in hits)
    table(query, ("p", "id", "question", "answer"), rows)


@app.command()
def gaps(
    days: Annotated[float, typer.Option(min=0.01, help="How many days to look back.")] = 30.0,
    limit: Annotated[int, typer.Option(min=1, help="How many gaps at most.")] = 20,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Show what customers asked and the FAQ did not answer, the most conversations first.

    Questions are grouped by meaning; a draft comes from what an agent replied; a gap that an entry or a larger gap asks
    already says so.

    Example:  huida faq gaps --days 7
    """
    with built_parts(config) as parts:
        found = parts.drafts.gaps(days)[:limit]
    if json:
        for gap in found:
            print_json(asdict(gap))
        return
    if not found:
        typer.echo(f"nothing was left unanswered in the last {days:g} days")
        return
    rows = ((g.n_conversations, g.question, g.draft.answer if g.draft else "", g.duplicate_of or "") for g in found)
    table("gaps", ("conversations", "question", "an agent's answer", "asked already by"), rows)


def _stored(config: Path | None) -> list[FaqEntry]:
    with opened_store(config) as store, store.read() as uow:
        return uow.faq.all()
