"""Is it alive, is it ready, what is it doing: for load balancers and Prometheus."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.deps import WithParts, refusals
from api.errors import problem_of
from api.schemas.base import Out
from api.schemas.chat import VersionsOut
from assistant.errors import AssistantError

router = APIRouter(tags=["operation"])


class Health(Out):
    status: Literal["ok"]


class Readiness(Out):
    status: Literal["ready", "degraded", "unavailable"]
    degraded: list[str] = []
    versions: VersionsOut


@router.get("/healthz", response_model=Health)
async def healthz():
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness}})
def readyz(parts: WithParts):
    """Whether a chat would be answered and saved. `degraded` names each part that runs on a fall-back, and why."""
    degraded, status = list(parts.degraded), "degraded" if parts.degraded else "ready"
    try:
        parts.store.revision()
    except AssistantError as error:
        degraded, status = [*degraded, f"store: {problem_of(error).message}"], "unavailable"
    versions = VersionsOut(model=parts.reader.version, index=parts.faq.version)
    ready = Readiness(status=status, degraded=degraded, versions=versions)
    return JSONResponse(ready.model_dump(), 503 if status == "unavailable" else 200)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text format"}} | refusals(401),
)
async def metrics(request: Request):
    """Counters for Prometheus: names of routes and numbers, nothing that anybody wrote."""
    state = request.app.state
    text = state.metrics.text(state.gate.n_inside, len(state.parts.degraded))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
