"""uvicorn, set up for a process that answers for a shop: quiet, bounded, and saying when it is ready."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from assistant.errors import InputError
from assistant.settings import ServerSettings

if TYPE_CHECKING:
    from api.workers import Workers

N_WAITING_SOCKETS = 2_048  # connections that the kernel keeps while the models load
SWITCH_INTERVAL_S = (
    0.0005  # a chat that comes back from the model waits this long for a thread that computes; 5 ms by default
)
SHUTDOWN_S = 10  # for turns that are being answered when the server is told to stop


class Server(uvicorn.Server):
    """Prints its lines once it answers; `began` is the time.perf_counter() of the start.

    workers: the processes that answer beside this one; they are started when this one answers, and end with it.
    """

    def __init__(
        self,
        app: FastAPI,
        settings: ServerSettings,
        lines: Sequence[str],
        began: float,
        workers: Workers | None = None,
    ):
        proxies = list(settings.trusted_proxies)
        options = uvicorn.Config(
            app,
            log_level="warning",
            log_config=None,  # its lines go where ours go: api/logs masks them
            access_log=False,  # /metrics counts; addresses and conversation ids are nobody's business
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
            backlog=N_WAITING_SOCKETS,
        )
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        super().__init__(options)
        self.lines, self.began, self.workers = lines, began, workers
        self._keeping: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()

    def ready(self) -> None:
        print(f"Huida is ready in {time.perf_counter() - self.began:.1f} s. Ctrl-C stops it.")
        print(*self.lines, sep="\n", flush=True)
        if self.workers is not None:
            self._keeping = asyncio.create_task(self.workers.keep())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.live.close()  # readers of live updates would stay until SHUTDOWN_S are over
        if self._keeping is not None:
            self._keeping.cancel()
            stopping = asyncio.create_task(asyncio.to_thread(self.workers.stop))
            await super().shutdown(sockets)
            await stopping
            return
        await super().shutdown(sockets)


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Return a listening socket. Raises InputError when the port is taken or the address is none of this machine.

    shared: among processes of one server, of which each has its own socket on the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=N_WAITING_SOCKETS, reuse_port=shared)
    except OSError as error:
        # the socket module adds the address to the system's words; a name that is not found has no number of them
        why = os.strerror(error.errno) if error.errno > 0 else error.strerror
        raise InputError(
            f"cannot listen on {host} port {port} ({why}); choose another with --port or --host"
        ) from error
