"""The description of the API: what FastAPI finds in the routes, and which of them take a token."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.auth import POLICY, Access
from api.sessions import COOKIE, CSRF_HEADER

_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "a token from `huida token create NAME`"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": f"from POST /v1/session; what changes something takes the header {CSRF_HEADER} too",
    },
}


def install(app: FastAPI) -> None:
    """Let the app describe itself so; the description is made at the first request and kept."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = plain()
            described["components"]["securitySchemes"] = _SCHEMES
            for path, operations in described["paths"].items():
                for method, operation in operations.items():
                    _complete(operation, POLICY[method.upper(), path])
        return app.openapi_schema

    app.openapi = openapi


def _complete(operation: dict[str, Any], access: Access) -> None:
    operation["summary"] = operation["description"].split("\n", 1)[0].rstrip(".")
    keys = [{"session": []}] if access is Access.PERSON else [{"token": []}, {"session": []}]
    if access is Access.LOCAL:
        operation["security"] = [{}, *keys]  # {}: none is needed on this machine
    elif access is not Access.OPEN:
        operation["security"] = keys
