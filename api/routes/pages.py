"""The demo shop at /, the desk, reports and the widget: the built files of api/web, kept in memory."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, Request

from api.files import WEB, WebFile, read_files
from assistant.errors import NotFound

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
# at the desk strangers' words meet an agent's session: not even our own script may turn text into markup there
_DESK_POLICY = _POLICY + "; require-trusted-types-for 'script'; trusted-types 'none'"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def shop(request: Request):
    return _file("shop", "index.html").response(request, **{"Content-Security-Policy": _POLICY})


@router.get("/shop/{name}")
async def shop_file(name: str, request: Request):
    return _file("shop", name).response(request)


@router.get("/desk")
async def desk(request: Request):
    return _file("desk", "index.html").response(request, **{"Content-Security-Policy": _DESK_POLICY})


@router.get("/desk/{name}")
async def desk_file(name: str, request: Request):
    return _file("desk", name).response(request)


@router.get("/reports")
async def reports(request: Request):
    return _file("reports", "index.html").response(request, **{"Content-Security-Policy": _DESK_POLICY})


@router.get("/reports/{name}")
async def reports_file(name: str, request: Request):
    return _file("reports", name).response(request)


@router.get("/widget.js")
async def widget(request: Request):
    # a shop's pages ask for it at every visit: five minutes old is new enough
    return _file("", "widget.js").response(request, **{"Cache-Control": "public, max-age=300"})


@cache
def _files(folder: str) -> dict[str, WebFile]:
    return read_files(WEB / "dist" / folder)


def _file(folder: str, name: str) -> WebFile:
    if name not in _files(folder):
        raise NotFound("there is no such file")
    return _files(folder)[name]
