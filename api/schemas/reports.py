"""Reports: what is on the shelf, and how far the ones under way are."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas.base import Out
from assistant.reports.shelf import Record


class ReportOut(Out):
    report_id: str
    source: str = Field(description="the uploaded file's name; empty: our own conversations")
    days: int = Field(description="only the last days; 0: all")
    compare: bool = Field(description="beside as many days before")
    language: Literal["zh", "en"]
    asked_by: str
    asked_at: str
    state: Literal["waiting", "running", "done", "failed"]
    stage: str = Field("", description="reading or counting, while it runs")
    n_done: int = 0
    n_total: int | None = Field(None, description="messages of this stage, about; unknown at first")
    finished_at: str = ""
    n: int = Field(0, description="messages that it is about, when it is done")
    headline: str = ""
    error: str = Field("", description="why it failed, for people")


class ReportsOut(Out):
    reports: list[ReportOut] = Field(description="newest first")


def report_out(record: Record, progress: dict) -> ReportOut:
    under_way = progress if record.state == "running" else {}
    fields = {name: getattr(record, name) for name in record.__slots__}
    return ReportOut(**fields, **under_way)
