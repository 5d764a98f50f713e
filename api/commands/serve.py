"""huida serve and huida demo: the HTTP server, with the owner's data or with demo data in a throw-away store."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import Config, read_settings
from assistant.errors import InputError

if TYPE_CHECKING:
    import socket

    from api.workers import Build
    from assistant.bootstrap import Parts
    from assistant.settings import Settings

MAX_BY_ITSELF = 2  # workers where the owner names no number: each holds the models, 400 MB

Host = Annotated[
    str | None, typer.Option("--host", "-h", help="Address to listen on; 0.0.0.0 opens it to the network.")
]
Port = Annotated[int | None, typer.Option("--port", "-p", min=0, max=65_535, help="0 takes any free port.")]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", "-w", min=0, max=64, help="Processes that answer, some 400 MB each; 0: one a core, at most 2."
    ),
]


def serve(config: Config = None, host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Serve the HTTP API and the chat widget.

    The first start prints an administrator's password and token, once.

    Example:  huida serve --port 8080
    """
    settings = read_settings(config, host=host, port=port, workers=workers)
    run(settings, lambda parts: [*held(parts), *first_keys(parts)])


def demo(config: Config = None, host: Host = None, port: Port = None, workers: Workers = 1) -> None:
    """Serve a demo shop: its FAQ, a throw-away store, nothing to set up. Ctrl-C ends it and removes the data.

    The shop's page signs visitors in as one of its made-up customers, who may ask for their orders, or as a guest.

    Example:  huida demo
    """
    from assistant.demo import CUSTOMERS, thrown_away

    with tempfile.TemporaryDirectory(prefix="huida-demo-") as folder:
        settings = thrown_away(read_settings(config, host=host, port=port, workers=workers), Path(folder))
        run(settings, _prepare_demo, CUSTOMERS)


def run(
    settings: Settings,
    prepare: Callable[[Parts], list[str]],
    shop_customers: Mapping[str, str] = MappingProxyType({}),
    build: Build | None = None,
) -> None:
    """Serve until told to stop. `prepare` works on the parts first and returns lines to print once.

    build: what makes the parts in each worker, a function of a module; by default the real ones.
    """
    began = time.perf_counter()
    signal.signal(signal.SIGTERM, _exit)  # the default kills at once: no lifespan ends and demo data stay behind
    with _counted_together(n := _n_workers(settings.server.workers)):
        from api import logs
        from api.app import build as build_parts
        from api.app import create_app
        from api.server import Server, listen
        from api.workers import Workers

        logs.install(settings.models)
        host, port = settings.server.host, settings.server.port
        listener = listen(host, port)  # before the models load: a taken port fails at once
        if n > 1:  # looked for as if it were to be had alone: a shared one is had beside another server's too
            port = listener.getsockname()[1]
            listener.close()
            listener = listen(host, port, shared=True)
        build = build or build_parts
        parts = build(settings)  # here rather than in the lifespan, so that a mistake ends in one clear line
        try:
            lines = [*_links(listener), *prepare(parts), *(f"  degraded     {why}" for why in parts.degraded)]
        except BaseException:
            parts.close()
            raise
        workers = Workers(n, settings, listener.getsockname()[1], build, shop_customers)
        app = create_app(settings, lambda _settings: parts, shop_customers, workers.neighbours)  # closes the parts
        with suppress(KeyboardInterrupt):  # uvicorn has stopped by then and hands the signal on
            Server(app, settings.server, lines, began, workers).run(sockets=[listener])


def _n_workers(wanted: int) -> int:
    """How many processes answer; wanted: 0 for as many as there are cores, up to MAX_BY_ITSELF. Raises InputError."""
    can = sys.platform == "linux"  # elsewhere one of several sockets on a port gets every connection
    if wanted > 1 and not can:
        raise InputError(f"{wanted} workers need Linux, which deals connections out to them; set workers to 1")
    if wanted or not can:
        return wanted or 1
    return min(len(os.sched_getaffinity(0)), MAX_BY_ITSELF)


@contextmanager
def _counted_together(n_workers: int) -> Iterator[None]:
    """Let several processes count in files, whose sum /metrics tells whichever of them is asked."""
    if n_workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="huida-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # read when prometheus_client is loaded, which is not yet
        try:
            yield
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def _exit(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


def held(parts: Parts) -> list[str]:
    """Return the line that says what there is to answer from, and how to fill it when there is nothing."""
    n = len(parts.faq.entries())
    return [f"  FAQ          {n} entries" if n else "  FAQ          empty; fill it: huida faq import FILE"]


def first_keys(parts: Parts, must_change: bool = True) -> list[str]:
    """Make the user `admin` and a token when there is no user or token at all, and return the lines that show them.

    must_change: the password opens the desk once, to choose another; a demo is thrown away before it could leak.
    """
    return [*_first_user(parts, must_change), *_first_token(parts)]


def _first_user(parts: Parts, must_change: bool) -> list[str]:
    from api import passwords
    from assistant.store.users import User

    password = passwords.one_time()
    with parts.store.read() as uow:
        if uow.users.count():
            return []
    hashed = passwords.hashed(password, "admin")
    with suppress(InputError), parts.store.begin() as uow:  # another server may have started on this store meanwhile
        uow.users.add(User("admin", "Admin", "admin", datetime.now(UTC), must_change_password=must_change), hashed)
        uow.audit.add("first start", "admin", "added", "user", "admin", datetime.now(UTC), {"role": "admin"})
        once = "for the first sign-in, where you choose your own; " if must_change else ""
        return [f"  desk user    admin, password {password}", f"               ({once}huida user add makes more)"]
    return []


def _first_token(parts: Parts) -> list[str]:
    with parts.store.begin() as uow:
        if uow.tokens.all():
            return []
        _, secret = uow.tokens.create("first start", "admin", datetime.now(UTC))
    return [f"  admin token  {secret}", "               keep it: it is not shown again (huida token create makes more)"]


def _prepare_demo(parts: Parts) -> list[str]:
    from assistant import bootstrap

    with ThreadPoolExecutor(1) as beside:  # a password takes a fifth of a second to hash, without Python's lock
        keys = beside.submit(first_keys, parts, must_change=False)
        n_entries = bootstrap.load_demo(parts).n_added
    return [f"  demo data    {n_entries} FAQ entries in a throw-away store", *keys.result()]


def _links(listener: socket.socket) -> list[str]:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)
    pages = {"shop page": "/", "desk": "/desk", "API docs": "/docs", "readiness": "/readyz"}
    return [f"  {name:<12} http://{shown}:{port}{path}" for name, path in pages.items()]
