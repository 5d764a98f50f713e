"""What all requests share: strict types, no unknown fields, text that every database can hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError
from starlette.responses import Response

MAX_ID_CHARS = 200  # more than any UUID or channel id; the service has a cap of its own in the settings


class In(BaseModel):
    """A request. Numbers in quotes, numbers for text and misspelt fields are refused rather than guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Out(BaseModel):
    """A response, built from the fields of one of our values."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def storable(text: str) -> str:
    """Refuse what PostgreSQL (NUL) or UTF-8 (half a surrogate pair) cannot hold."""
    if "\0" in text:
        raise PydanticCustomError("nul", "holds a NUL character; remove it")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("surrogate", "holds half a surrogate pair; send whole characters")
    return text


def written(text: str) -> str:
    """Refuse text that says nothing."""
    if not text.strip():
        raise PydanticCustomError("empty", "is empty; write at least one character")
    return text


def _one_line(name: str) -> str:
    if not name.isprintable():
        raise PydanticCustomError("id", "holds a control character; use letters, digits, - and _")
    return name


Text = Annotated[str, AfterValidator(storable)]
WrittenText = Annotated[str, AfterValidator(storable), AfterValidator(written)]
Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_ID_CHARS),
    AfterValidator(storable),
    AfterValidator(written),
    AfterValidator(_one_line),
]


# six decimals: more say nothing, and a ranking of twenty intents would be half digits
P = Annotated[float, PlainSerializer(lambda p: round(p, 6), return_type=float)]


def answer(out: Out) -> Response:
    """A response as its JSON, for routes that are asked often: FastAPI would check what we built and build it again."""
    return Response(out.model_dump_json(exclude_none=True), media_type="application/json")


class ErrorDetail(Out):
    code: str
    message: str
    field: str | None = None


class ErrorBody(Out):
    """The one shape of every answer that is not a success."""

    error: ErrorDetail

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"error": {"code": "invalid", "message": "text: ...", "field": "text"}}]}
    )
