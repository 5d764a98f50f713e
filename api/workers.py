"""Several processes that answer as one server: the first starts the others, starts one anew that died, and ends them.

Each has a socket of its own on the one port, among which the kernel deals out new connections (SO_REUSEPORT). Each holds
its own models; conversations, sessions and entries are in the store, which keeps apart what several write, and what is
true for a moment alone is told to the others by api.neighbours.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

from api import logs
from api.app import create_app
from api.neighbours import Neighbours, introduced
from api.server import Server, listen
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.bootstrap import Parts

Build = Callable[[Settings], "Parts"]

logger = logging.getLogger(__name__)

WATCH_S = 1.0  # how soon a worker that died is started again
STOP_S = 15.0  # for what a worker is answering when the server is told to stop


class Workers:
    """The processes beside this one. They are spawned, never forked: FAISS hangs in forked children."""

    def __init__(self, n: int, settings: Settings, port: int, build: Build, shop_customers: Mapping[str, str]):
        """n: processes in all; port: that of this process's own socket; build, shop_customers: see create_app."""
        server = settings.server.model_copy(update={"port": port})
        self._task = (settings.model_copy(update={"server": server}), build, dict(shop_customers))
        self._context = multiprocessing.get_context("spawn")
        self._introduced = introduced(n)
        self._running: dict[int, BaseProcess] = {}
        self._ready = {"0"}
        self.n, self.neighbours = n, Neighbours(0, *self._introduced[0])
        self.neighbours.on("ready", self._one_more)

    async def keep(self) -> None:
        """Start the others, and again those that died, until cancelled."""
        while self.n > 1:
            for number in range(1, self.n):
                worker = self._running.get(number)
                if worker is None or not worker.is_alive():
                    if worker is not None:
                        logger.error("worker %d ended (status %s); another takes its place", number, worker.exitcode)
                    try:
                        await asyncio.to_thread(self._start, number)
                    except OSError as error:  # no memory or no process free now
                        logger.error("worker %d cannot be started (%s); tried again", number, error)
            await asyncio.sleep(WATCH_S)

    def stop(self) -> None:
        """End all others and wait for them."""
        for worker in self._running.values():
            worker.terminate()
        for worker in self._running.values():
            worker.join(STOP_S)
            if worker.is_alive():
                worker.kill()
                worker.join()

    def _start(self, number: int) -> None:
        arguments = (*self._task, number, *self._introduced[number])
        worker = self._context.Process(target=work, args=arguments, name=f"huida worker {number}", daemon=True)
        worker.start()
        self._running[number] = worker

    def _one_more(self, number: str) -> None:
        if number not in self._ready:
            self._ready.add(number)
            print(f"  workers      {len(self._ready)} of {self.n} processes answer", flush=True)


class Worker(Server):
    """One that the first process started. It says nothing, and ends when that one is gone, however it went."""

    def ready(self) -> None:
        neighbours, first = self.config.app.state.neighbours, multiprocessing.parent_process()
        neighbours.tell("ready", str(neighbours.number))
        asyncio.get_running_loop().add_reader(first.sentinel, self._left_alone, first.sentinel)

    def _left_alone(self, sentinel: int) -> None:
        asyncio.get_running_loop().remove_reader(sentinel)
        self.should_exit = True


def work(
    settings: Settings,
    build: Build,
    shop_customers: Mapping[str, str],
    number: int,
    ear: socket.socket,
    voices: Sequence[socket.socket],
) -> None:
    """What another process does: build the parts, then listen and answer until told to stop or left alone."""
    with suppress(KeyboardInterrupt):  # Ctrl-C reaches every process of a terminal
        logs.install(settings.models)
        neighbours, parts = Neighbours(number, ear, voices), build(settings)
        app = create_app(settings, lambda _settings: parts, shop_customers, neighbours)  # closes the parts at its end
        listener = listen(settings.server.host, settings.server.port, shared=True)
        Worker(app, settings.server, [], 0.0).run(sockets=[listener])
