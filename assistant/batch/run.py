"""A whole run: from a source of messages to a file with every row read, in bounded memory and as often as it takes.

    done = analyze(open_files(Path("messages.csv")), Path("out.csv"), pool, plan)

Killed at any moment, the same call goes on after the last finished part; its output is, byte for byte, that of a run
nobody disturbed. Beside OUT it leaves OUT's .summary.json and, when rows were left out, .rejects.csv.
"""

from __future__ import annotations

import csv
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from assistant.batch import state
from assistant.batch.columns import guess_roles, guess_text
from assistant.batch.formats import RESULT_TYPES, Columns, Format, format_of, written
from assistant.batch.memory import LAG, Memory
from assistant.batch.parts import PART_ROWS, Layout, Parts, Reject, Work, counted, parts
from assistant.batch.places import parts_path, rejects_path, summary_path
from assistant.batch.pool import Pool
from assistant.batch.sources import Source, SourceRow
from assistant.cells import as_text, quoted
from assistant.customer.import_cells import date_order
from assistant.errors import InputError

N_SAMPLED = 1_000  # rows from which the text's column is guessed
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Plan:
    """columns: role -> header, where the guess is wrong (assistant.batch.columns). Zones as in Layout."""

    columns: Mapping[str, str] = field(default_factory=dict)
    file_zone: ZoneInfo = _UTC
    shop_zone: ZoneInfo = _UTC
    masked: bool = False
    part_rows: int = PART_ROWS
    as_of: datetime | None = None  # an aware instant instead of now


@dataclass(frozen=True, slots=True)
class Tick:
    """How far a run is. n_total: about, None when nobody knows; n_before: rows that an earlier run had finished."""

    n_rows: int
    n_total: int | None
    n_before: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """Role -> header of the columns that were found; `order`: how dates such as 3/4/2026 begin."""

    roles: dict[str, str]
    order: str | None


def choose(source: Source, named: Mapping[str, str]) -> Chosen:
    """Tell the text's column and the others from their headers and the first rows. Raises InputError."""
    header = source.header
    with source.rows() as rows:
        sample = [[as_text(cell) for cell in row.cells] for row in islice(rows, N_SAMPLED) if row.cells is not None]
    roles = guess_roles(header, named)
    if "text" not in named:
        roles.pop("text", None)
        place = guess_text(header, sample)
        roles = {"text": place, **{role: at for role, at in roles.items() if at != place}}
    order = date_order(cells[roles["at"]] for cells in sample) if "at" in roles else None
    return Chosen({role: header[place] for role, place in roles.items()}, order)


def analyze(
    source: Source,
    out: Path,
    pool: Pool,
    plan: Plan | None = None,
    chosen: Chosen | None = None,
    form: Format | None = None,
    tick: Callable[[Tick], None] = lambda _: None,
    note: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Read every row and write it with what was understood; return the summary.

    form: where the rows go when that is no file; `out` then only says where the parts and the summary lie. note: hears,
    in words, that a run is resumed or begun anew. Raises InputError, StoreFull, WorkerLost; what is finished is kept.
    """
    plan, form = plan or Plan(), form or format_of(out)
    chosen = chosen or choose(source, plan.columns)
    began, folder = time.monotonic(), parts_path(out)
    with state.locked(folder):
        progress, changed = state.resume(folder, _key(source, pool, plan, chosen, out), plan.as_of or datetime.now(UTC))
        n_before = progress.n_rows
        if n_before or changed:
            note(f"going on after row {n_before:,}" if n_before else f"beginning anew: other {changed} than last time")
        columns = Columns(carried_names(source.header), source.types)
        run = _Run(source, columns, form, _layout(source, plan, chosen, progress), pool, progress, plan)
        run.read(tick)
        form.join([progress.path(n) for n in range(len(progress.parts))], columns, out)
        _join_rejects(progress, columns, rejects_path(out))
        summary = _summary(source, pool, chosen, progress)
        with written(summary_path(out)) as file:
            json.dump(summary, file, ensure_ascii=False, indent=1)
        progress.end()
    seconds = time.monotonic() - began
    n_now = summary["n_rows"] - n_before
    return summary | {"n_resumed": n_before, "seconds": round(seconds, 2), "rows_per_second": round(n_now / seconds, 1)}


def carried_names(header: Sequence[str]) -> tuple[str, ...]:
    """The input's columns as the output calls them: input_row where the name is one of ours."""
    names = []
    for name in header:
        while name in RESULT_TYPES or name in names:
            name = f"input_{name}"
        names.append(name)
    return tuple(names)


class _Run:
    """The parts of one source, started ahead and finished in order."""

    def __init__(
        self, source: Source, columns: Columns, form: Format, layout: Layout, pool: Pool, progress: state.Progress,
        plan: Plan,
    ):  # fmt: skip
        self._source, self._columns, self._form = source, columns, form
        self._progress, self._plan, self._memory = progress, plan, Memory()
        self._parts = Parts(layout, pool, self._memory)

    def read(self, tick: Callable[[Tick], None]) -> None:
        n_before, n_total = self._progress.n_rows, self._source.n_rows
        tick(Tick(n_before, n_total, n_before))
        n_parts = len(self._progress.parts)
        for number in range(n_parts):
            self._memory.recall(number, self._progress.reads(number))
        with self._source.rows() as rows:
            _skip(rows, n_before)
            waiting: deque[Work] = deque()

            def finish() -> None:
                work, done = waiting.popleft(), self._progress.n_rows
                self._finish(work, lambda share: tick(Tick(done + int(share * work.n_rows), n_total, n_before)))

            for number, part in enumerate(parts(rows, self._plan.part_rows), n_parts):
                waiting.append(self._parts.start(number, part))
                if len(waiting) >= LAG:
                    finish()
            while waiting:
                finish()

    def _finish(self, work: Work, tick: Callable[[float], None]) -> None:
        rows, rejects = self._parts.finish(work, tick)
        number, n_carried = work.number, len(self._columns.carried)
        path = self._progress.path(number)
        self._memory.learn(number, work.fresh, self._progress.reads(number))
        self._form.write(path, self._columns, rows)
        self._write_rejects(self._progress.rejects(number), rejects)
        reasons: dict[str, int] = {}
        for reject in rejects:
            reasons[reject.reason] = reasons.get(reject.reason, 0) + 1
        languages, moods = counted(rows, n_carried)
        self._progress.add(
            state.Part(work.n_rows, len(rows), len(work.fresh), path.stat().st_size, reasons, languages, moods)
        )

    def _write_rejects(self, path: Path, rejects: Sequence[Reject]) -> None:
        path.unlink(missing_ok=True)
        if rejects:
            with written(path) as file:
                csv.writer(file).writerows(
                    [quoted(r.file), r.number, r.reason, *(quoted(as_text(cell)) for cell in r.cells)] for r in rejects
                )


def _skip(rows: Iterator[SourceRow], n: int) -> None:
    if sum(1 for _ in islice(rows, n)) < n:
        raise InputError("the input has fewer rows than were read of it before; run it again")


def _layout(source: Source, plan: Plan, chosen: Chosen, progress: state.Progress) -> Layout:
    place = {role: source.header.index(name) for role, name in chosen.roles.items()}
    today = progress.as_of.astimezone(plan.shop_zone).date()
    return Layout(place["text"], place.get("at"), chosen.order, plan.file_zone, plan.shop_zone, today, plan.masked)


def _key(source: Source, pool: Pool, plan: Plan, chosen: Chosen, out: Path) -> dict[str, Any]:
    """What two runs must have in common so that one can go on with the other's parts."""
    return {
        "input": source.digest,
        "models": pool.version,
        "columns": {"header": source.header, "roles": chosen.roles, "dates": chosen.order},
        "options": {"mask": plan.masked, "part_rows": plan.part_rows, "suffix": out.suffix.lower(),
                    "zones": [plan.file_zone.key, plan.shop_zone.key]},
    }  # fmt: skip


def _join_rejects(progress: state.Progress, columns: Columns, out: Path) -> None:
    found = [path for number in range(len(progress.parts)) if (path := progress.rejects(number)).is_file()]
    if not found:
        out.unlink(missing_ok=True)  # that of an earlier run says nothing of this one
        return
    with written(out) as file:
        file.write("\ufeff")
        csv.writer(file).writerow(["file", "row", "reason", *map(quoted, columns.carried)])
        file.writelines(path.read_text("utf-8") for path in found)


def _summary(source: Source, pool: Pool, chosen: Chosen, progress: state.Progress) -> dict[str, Any]:
    done = progress.parts
    named = dict(zip(source.header, carried_names(source.header), strict=True))
    return {
        "input": source.name, "digest": source.digest, "models": pool.version, "as_of": progress.as_of.isoformat(),
        "text_column": named[chosen.roles["text"]], "columns": {role: named[name] for role, name in chosen.roles.items()},
        "encodings": dict(source.encodings), "n_rows": sum(p.n_rows for p in done),
        "n_written": sum(p.n_written for p in done), "n_rejected": sum(p.n_rows - p.n_written for p in done),
        "n_texts": sum(p.n_texts for p in done), "rejected": state.total(done, "rejected"),
        "languages": state.total(done, "languages"), "sentiments": state.total(done, "sentiments"),
    }  # fmt: skip
