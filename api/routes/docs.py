"""The description of the API at /openapi.json, and a page that shows it without loading anything from elsewhere."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.files import WEB, WebFile, read_files
from assistant.errors import NotFound

# Swagger UI writes style attributes and draws its icons from data: addresses
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def openapi(request: Request):
    return JSONResponse(request.app.openapi())


@router.get("/docs")
async def page(request: Request):
    return _file("docs.html").response(request, **{"Content-Security-Policy": _POLICY})


@router.get("/docs/{name}")
async def file(name: str, request: Request):
    return _file(name).response(request)


@cache
def _files() -> dict[str, WebFile]:
    return read_files(WEB / "docs")


def _file(name: str) -> WebFile:
    if name not in _files():
        raise NotFound("there is no such file")
    return _files()[name]
