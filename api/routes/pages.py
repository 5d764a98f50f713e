"""The demo shop at /, the desk, reports and the widget: the built files of api/web, kept in memory."""

from __future__ import annotations

import time
from functools import cache

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.deps import WithParts
from api.files import WEB, WebFile, read_files
from api.identity import sign
from assistant.errors import NotFound

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
# at the desk strangers' words meet an agent's session: not even our own script may turn text into markup there
_DESK_POLICY = _POLICY + "; require-trusted-types-for 'script'; trusted-types 'none'"
TOKEN_S = 24 * 3600  # how long a visitor of the demo shop stays signed in without loading the page again

router = APIRouter(include_in_schema=False)


@router.get("/shop/customers")
async def shop_customers(request: Request, parts: WithParts):
    """Who may sign in at the shop by a click, each with a fresh token: a demo's customers, and nobody elsewhere."""
    key, expires_at = parts.settings.server.customer_key, int(time.time()) + TOKEN_S
    customers = [
        {"name": name, "token": sign(customer_id, expires_at, key)}
        for customer_id, name in request.app.state.shop_customers.items()
        if key
    ]
    return JSONResponse({"customers": customers}, headers={"Cache-Control": "no-store"})


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


def _add_page(path: str, folder: str, policy: str) -> None:
    """The page of a folder at `path`, and the files that it loads at /folder/name."""

    async def page(request: Request):
        return _file(folder, "index.html").response(request, **{"Content-Security-Policy": policy})

    async def file(name: str, request: Request):
        return _file(folder, name).response(request)

    router.add_api_route(path, page)
    router.add_api_route(f"/{folder}/{{name}}", file)


_add_page("/", "shop", _POLICY)
_add_page("/desk", "desk", _DESK_POLICY)
_add_page("/reports", "reports", _DESK_POLICY)
