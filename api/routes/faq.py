"""The FAQ over HTTP: anybody may search it, administrators change it, and the next search knows of the change."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from starlette.concurrency import run_in_threadpool

from api.checks import short_enough
from api.deps import USES_MODEL, WithParts, refusals
from api.schemas.base import MAX_ID_CHARS
from api.schemas.faq import (
    EntriesOut,
    EntryIn,
    EntryOut,
    ImportOut,
    RejectOut,
    SearchIn,
    SearchOut,
    entry_of,
    entry_out,
    hit_out,
)

ADMIN = refusals(401, 403)
FaqId = Annotated[str, InPath(min_length=1, max_length=MAX_ID_CHARS, pattern=r"^[^\x00-\x1f\x7f]+$")]
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
_FILE = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"format": "binary"}}}}}

router = APIRouter(tags=["FAQ"])


@router.post("/v1/faq/search", response_model=SearchOut, dependencies=USES_MODEL)
def search(body: SearchIn, parts: WithParts):
    """The entries likeliest to answer a query."""
    short_enough(body.query, "query", parts.settings)
    return SearchOut(hits=[hit_out(hit) for hit in parts.faq.find(body.query, body.k)])


@router.get("/v1/faq", response_model=EntriesOut, response_model_exclude_none=True, responses=ADMIN)
def entries(
    parts: WithParts,
    after: Annotated[str, Query(max_length=MAX_ID_CHARS, description="the last id of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
):
    """All entries by id, a page at a time."""
    following = [entry for entry in parts.faq.entries() if entry.faq_id > after]
    page = following[:limit]
    return EntriesOut(
        entries=[entry_out(entry) for entry in page], next=page[-1].faq_id if len(following) > limit else None
    )


@router.get(
    "/v1/faq/export",
    response_class=Response,
    responses=ADMIN | {200: {"content": {"text/csv": {}, "application/x-ndjson": {}}, "description": "the file"}},
)
def export(parts: WithParts, format: Literal["csv", "jsonl"] = "csv"):
    """The whole FAQ as a file that can be imported again; a CSV that a spreadsheet opens without running anything."""
    from assistant.faq_files import write_faq

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"faq.{format}"
        write_faq(path, parts.faq.entries())
        content = path.read_bytes()
    return Response(
        content, media_type=_TYPES[format], headers={"Content-Disposition": f'attachment; filename="faq.{format}"'}
    )


@router.post("/v1/faq/import", response_model=ImportOut, responses=ADMIN | refusals(507), openapi_extra=_FILE)
async def import_file(
    request: Request,
    parts: WithParts,
    filename: Annotated[str, Query(max_length=200, description="its ending tells the format: .csv .xlsx .jsonl .md")],
):
    """Add or change entries from a file, sent as the body (`curl --data-binary @faq.csv`).

    Rows that cannot be used are left out and named in `rejects`; all others go in.
    """
    raw = await request.body()  # after the token was checked: this dependency of the app comes first
    imported = await run_in_threadpool(parts.faq.import_file, Path(filename).name, raw)
    return ImportOut(
        n_added=imported.n_added,
        n_changed=imported.n_changed,
        n_unchanged=imported.n_unchanged,
        rejects=[RejectOut(row=reject.row, reason=reject.reason) for reject in imported.rejects],
        index_version=parts.faq.version,
    )


@router.get("/v1/faq/{faq_id}", response_model=EntryOut, responses=ADMIN | refusals(404))
def entry(faq_id: FaqId, parts: WithParts):
    """One entry."""
    return entry_out(parts.faq.get(faq_id))


@router.put("/v1/faq/{faq_id}", response_model=EntryOut, dependencies=USES_MODEL, responses=ADMIN | refusals(507))
def put(faq_id: FaqId, body: EntryIn, parts: WithParts):
    """Add an entry, or put it in the place of the one with its id; the next search finds it."""
    changed = entry_of(faq_id, body)
    parts.faq.upsert(changed)
    return entry_out(changed)


@router.delete("/v1/faq/{faq_id}", status_code=204, responses=ADMIN | refusals(404, 507))
def delete(faq_id: FaqId, parts: WithParts):
    """Take an entry out; the next search no longer finds it."""
    parts.faq.delete(faq_id)
