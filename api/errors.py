"""What goes wrong, as HTTP: one table from our errors to statuses, and one JSON shape for every answer that is none.

    {"error": {"code": "too_long", "message": "text has 2,413 characters ...", "field": "text"}}

Messages of our own errors are written for people and go out as they are, except where the fault is ours (5xx): those
may name a path or a host, so the caller gets a sentence of this table and the log gets the truth. A request's words are
never repeated: they may be personal, and half a surrogate pair cannot be written as UTF-8.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant import errors as ours

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 1  # a turn takes milliseconds, so a queue that is full now is empty then


class Problem(HTTPException):
    """A refusal that only HTTP knows: no token, too many requests, a body that is too large."""

    def __init__(
        self, status: int, code: str, message: str, field: str | None = None, headers: Mapping[str, str] | None = None
    ):
        super().__init__(status, message, headers)
        self.code, self.message, self.field = code, message, field


@dataclass(frozen=True, slots=True)
class Answer:
    """`message` takes the place of the error's own words where those are not for strangers."""

    status: int
    code: str
    message: str | None = None


# the nearest class in an error's ancestry counts
ANSWERS: dict[type[Exception], Answer] = {
    ours.TooLong: Answer(422, "too_long"),
    ours.InputError: Answer(422, "bad_input"),
    ours.NotFound: Answer(404, "not_found"),
    ours.OwnedByOther: Answer(409, "owned_by_other"),
    ours.Overloaded: Answer(503, "overloaded"),
    ours.Conflict: Answer(409, "conflict", "somebody else changed it at the same moment; read it again and repeat"),
    ours.StoreBusy: Answer(503, "store_busy", "the database is busy; try again shortly"),
    ours.StoreFull: Answer(507, "store_full", "the database has no room left, nothing was saved; tell the operator"),
    ours.StoreError: Answer(503, "store_error", "the database cannot be used now; the operator finds why in the log"),
    ours.ArtifactError: Answer(
        503, "model_error", "a model or index cannot be used; the operator finds why in the log"
    ),
    ours.AssistantError: Answer(500, "internal_error", "something went wrong on our side; it is in the log"),
    Exception: Answer(500, "internal_error", "something went wrong on our side; it is in the log"),
}
# what the validator says too briefly; its other messages name what is expected
_WORDS = {"missing": "is missing; send it", "extra_forbidden": "is no field of this request; leave it out"}
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def problem_response(problem: Problem) -> JSONResponse:
    error = {"code": problem.code, "message": problem.message} | ({"field": problem.field} if problem.field else {})
    headers = dict(problem.headers or {})
    if problem.status_code == 503:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    return JSONResponse({"error": error}, problem.status_code, headers)


def problem_of(error: Exception) -> Problem:
    """Return what the caller may know of any error."""
    if isinstance(error, Problem):
        return error
    answer = next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)
    if answer.status >= 500:
        logger.error("request failed", exc_info=error, extra={"code": answer.code})
    return Problem(answer.status, answer.code, answer.message or str(error))


def install(app: FastAPI) -> None:
    """Make every error of the app leave in the one shape."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (Problem, ours.AssistantError, Exception):
        app.add_exception_handler(kind, lambda _request, error: problem_response(problem_of(error)))


def _http(_request: Request, error: HTTPException) -> JSONResponse:
    """What Starlette refuses by itself: an unknown path, a method that the path does not have, an unreadable body."""
    said = {
        400: "the body cannot be read; send JSON in UTF-8",
        404: "there is nothing under this path; /docs lists what there is",
        405: f"this path does not take that method; it takes {(error.headers or {}).get('Allow', 'another')}",
    }
    code = _CODES.get(error.status_code, "http_error")
    message = said.get(error.status_code, str(error.detail))
    return problem_response(Problem(error.status_code, code, message, None, error.headers))


def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    """The first mistake of a request, by field: "options.0.title", or none where the whole body is at fault."""
    first, n_more = error.errors()[0], len(error.errors()) - 1
    where = [_printable(str(part)) for part in first["loc"][1:]]
    if first["type"] == "json_invalid":
        return problem_response(Problem(422, "bad_json", f"the body is not JSON (character {where[0]})"))
    name, said = ".".join(where), _WORDS.get(first["type"], first["msg"])
    if not where and first["type"] in ("missing", "model_attributes_type", "model_type"):
        said = "expected a JSON object, sent with Content-Type: application/json"
    joint = " " if said[:1].islower() and name else ": " if name else ""  # our own messages go on from the name
    message = f"{name}{joint}{said}" + (f" (and {n_more} more)" if n_more else "")
    return problem_response(Problem(422, "invalid", message, name or None))


def _printable(name: str) -> str:
    """A name that the caller made up, safe to send back."""
    return name[:60].encode("ascii", "backslashreplace").decode() if not name.isprintable() else name[:60]
