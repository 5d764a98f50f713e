"""huida serve and huida demo: the HTTP server, with the owner's data or with demo data in a throw-away store."""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import Config, read_settings

if TYPE_CHECKING:
    import socket

    from assistant.bootstrap import Parts
    from assistant.settings import Settings

Host = Annotated[
    str | None, typer.Option("--host", "-h", help="Address to listen on; 0.0.0.0 opens it to the network.")
]
Port = Annotated[int | None, typer.Option("--port", "-p", min=0, max=65_535, help="0 takes any free port.")]


def serve(config: Config = None, host: Host = None, port: Port = None) -> None:
    """Serve the HTTP API and the chat widget.

    The first start prints an administrator's token, once.

    Example:  huida serve --port 8080
    """
    run(read_settings(config, host=host, port=port), first_token)


def demo(config: Config = None, host: Host = None, port: Port = None) -> None:
    """Serve a demo shop: its FAQ, a throw-away store, nothing to set up. Ctrl-C ends it and removes the data.

    Example:  huida demo
    """
    from assistant.demo import thrown_away

    with tempfile.TemporaryDirectory(prefix="huida-demo-") as folder:
        settings = thrown_away(read_settings(config, host=host, port=port), Path(folder))
        run(settings, lambda parts: [*_load_demo(parts), *first_token(parts)])


def run(settings: Settings, prepare: Callable[[Parts], list[str]]) -> None:
    """Serve until told to stop. `prepare` works on the parts first and returns lines to print once."""
    from api.app import build, create_app
    from api.server import Server, listen

    began = time.perf_counter()
    signal.signal(signal.SIGTERM, _exit)  # the default kills at once: no lifespan ends and demo data stay behind
    listener = listen(settings.server.host, settings.server.port)  # before the models load: a taken port fails at once
    parts = build(settings)  # here rather than in the lifespan, so that a mistake ends in one clear line
    try:
        lines = [*_links(listener), *prepare(parts), *(f"  degraded     {why}" for why in parts.degraded)]
    except BaseException:
        parts.close()
        raise
    app = create_app(settings, lambda _settings: parts)  # closes the parts when it stops
    with suppress(KeyboardInterrupt):  # uvicorn has stopped by then and hands the signal on
        Server(app, settings.server, lines, began).run(sockets=[listener])


def _exit(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


def first_token(parts: Parts) -> list[str]:
    """Make an administrator's token when the store has no token at all, and return the lines that show it."""
    with parts.store.begin() as uow:
        if uow.tokens.all():
            return []
        _, secret = uow.tokens.create("first start", "admin", datetime.now(UTC))
    return [f"  admin token  {secret}", "               keep it: it is not shown again (huida token create makes more)"]


def _load_demo(parts: Parts) -> list[str]:
    from assistant import bootstrap

    return [f"  demo data    {bootstrap.load_demo(parts).n_added} FAQ entries in a throw-away store"]


def _links(listener: socket.socket) -> list[str]:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)
    pages = {"shop page": "/", "API docs": "/docs", "readiness": "/readyz"}
    return [f"  {name:<12} http://{shown}:{port}{path}" for name, path in pages.items()]
