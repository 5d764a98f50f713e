"""Reports for supervisors: asked for, watched, read and thrown away. They are made beside the server: api/report_jobs.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from starlette.concurrency import run_in_threadpool

from api.auth import current_user
from api.deps import refusals
from api.errors import Problem
from api.report_jobs import ReportJobs
from api.schemas.reports import ReportOut, ReportsOut, report_out
from assistant.batch.tables import SUFFIXES

MAX_WAITING = 20  # reports asked for and not yet made
STAFF = refusals(401, 403)
ReportId = Annotated[str, InPath(min_length=1, max_length=40, pattern=r"^[0-9a-f-]+$")]
Form = Literal["html", "xlsx", "json"]
_TYPES = {
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_FILE = {"requestBody": {"required": False, "content": {"application/octet-stream": {"schema": {"format": "binary"}}}}}

router = APIRouter(tags=["reports"])


@router.post(
    "/v1/reports", status_code=202, response_model=ReportOut, responses=STAFF | refusals(507), openapi_extra=_FILE
)
async def ask(
    request: Request,
    filename: Annotated[
        str, Query(max_length=200, description="of the messages sent as the body; its ending tells the format")
    ] = "",
    days: Annotated[int, Query(ge=0, le=3_660, description="only the last days; 0: all")] = 0,
    compare: Annotated[bool, Query(description="beside as many days before")] = False,
    language: Literal["zh", "en"] = "zh",
):
    """Ask for a report on a file of messages, sent as the body, or without a `filename` on our own conversations.

    It is made in the background: look at GET /v1/reports/{report_id} for its progress.
    """
    jobs, raw = _jobs(request), await request.body()
    name = Path(filename.replace("\\", "/")).name
    if compare and not days:
        raise Problem(422, "invalid", "compare needs days, which says how long a period is", "compare")
    if name and Path(name).suffix.lower() not in SUFFIXES:
        raise Problem(
            422, "bad_input", f"{name[:80]} has no known suffix; expected one of {' '.join(SUFFIXES)}", "filename"
        )
    if bool(name) != bool(raw):
        raise Problem(422, "invalid", "a body needs a filename and a filename a body; send neither for our own conversations",
                      "filename")  # fmt: skip
    by = current_user(request).name
    return await run_in_threadpool(_asked, jobs, name, days, compare, language, by, raw)


@router.get("/v1/reports", response_model=ReportsOut, responses=STAFF)
def reports(request: Request):
    """All reports, those under way too."""
    shelf = _jobs(request).shelf
    return ReportsOut(reports=[report_out(record, shelf.progress(record)) for record in shelf.all()])


@router.get("/v1/reports/{report_id}", response_model=ReportOut, responses=STAFF | refusals(404))
def report(report_id: ReportId, request: Request):
    """One report and how far it is."""
    shelf = _jobs(request).shelf
    record = shelf.get(report_id)
    return report_out(record, shelf.progress(record))


@router.get(
    "/v1/reports/{report_id}/file",
    response_class=Response,
    responses=STAFF | refusals(404) | {200: {"content": {media: {} for media in _TYPES.values()}}},
)
def file(report_id: ReportId, request: Request, format: Form = "html", download: bool = False):
    """The finished report: a page to read or print, a workbook, or JSON."""
    from assistant.reports.page import page_policy

    shelf = _jobs(request).shelf
    record = shelf.get(report_id)
    content = shelf.file(record, format).read_bytes()
    # sandboxed: a page that holds strangers' words has no part in the session of the supervisor who reads it
    policy = f"{page_policy()}; frame-ancestors 'none'; sandbox allow-scripts allow-downloads allow-modals"
    headers = {"Content-Security-Policy": policy}
    if download or format != "html":
        headers["Content-Disposition"] = f'attachment; filename="huida-report-{report_id}.{format}"'
    return Response(content, media_type=_TYPES[format], headers=headers)


@router.delete("/v1/reports/{report_id}", status_code=204, responses=STAFF | refusals(404, 409))
def remove(report_id: ReportId, request: Request):
    """Throw a finished report away."""
    shelf = _jobs(request).shelf
    if not shelf.get(report_id).finished_at:
        raise Problem(409, "not_finished", "the report is still being made; wait until it is done")
    shelf.remove(report_id)


def _asked(jobs: ReportJobs, name: str, days: int, compare: bool, language, by: str, raw: bytes) -> ReportOut:
    if sum(not record.finished_at for record in jobs.shelf.all()) >= MAX_WAITING:
        raise Problem(503, "overloaded", f"{MAX_WAITING} reports wait to be made; ask again when some are done")
    record = jobs.shelf.add(name, days, compare, language, by, raw)
    jobs.start(record)
    return report_out(record, {})


def _jobs(request: Request) -> ReportJobs:
    return request.app.state.reports
