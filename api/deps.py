"""What a route may ask for: the parts that the app was built of. Async, so that none costs a thread of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from api.limits import admitted
from api.live import Live
from api.metrics import Metrics
from api.schemas.base import ErrorBody

if TYPE_CHECKING:
    from assistant.bootstrap import Parts

N_REQUEST_THREADS = 8  # requests that run at once; more of them only take the interpreter from each other
N_IDENTITY_THREADS = 2  # who asks is looked up in threads of their own: fifty desks never stand before a chat turn


async def _parts(request: Request) -> Parts:
    return request.app.state.parts


async def _metrics(request: Request) -> Metrics:
    return request.app.state.metrics


async def _live(request: Request) -> Live:
    return request.app.state.live


WithParts = Annotated["Parts", Depends(_parts)]
WithMetrics = Annotated[Metrics, Depends(_metrics)]
WithLive = Annotated[Live, Depends(_live)]
USES_MODEL = [Depends(admitted)]  # dependencies=USES_MODEL: of a route that runs a model


def refusals(*statuses: int) -> dict[int | str, dict]:
    """OpenAPI's `responses` for these statuses, all in the one error shape."""
    return {status: {"model": ErrorBody, "description": _MEANINGS[status]} for status in statuses}


_MEANINGS = {
    401: "a token is needed: Authorization: Bearer ... (`huida token create`)",
    403: "the token may not do this, or the customer token is refused",
    404: "there is nothing under that id",
    409: "another agent has the conversation, or somebody changed it at the same moment",
    413: "the body is larger than this server takes",
    422: "the request cannot be understood; `field` says where",
    429: "too many requests from this address or session",
    500: "a fault of ours",
    502: "the other system did not take the answer",
    503: "busy or not ready; try again after Retry-After seconds",
    507: "the store has no room left",
}
EVERYWHERE = (413, 422, 429, 500, 503)
