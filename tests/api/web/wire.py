"""A cable between a browser and the server that a test can cut and mend; it passes on whatever goes through it."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread

N_BYTES = 65_536


class Wire:
    """Use as a context manager; `url` has no slash at the end."""

    def __init__(self, to: str):
        host, port = to.removeprefix("http://").split(":")
        self._server, self._is_cut = (host, int(port)), False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Wire:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """Break every connection and take no new one."""
        self._is_cut = True
        for end in list(self._open):
            _close(end)

    def mend(self) -> None:
        self._is_cut = False

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # the listener is closed: the test is over
                return
            if self._is_cut:
                _close(near)
                continue
            far = socket.create_connection(self._server)
            self._open |= {near, far}
            for ends in ((near, far), (far, near)):
                Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(N_BYTES):
                sink.sendall(content)
        for end in (source, sink):
            self._open.discard(end)
            _close(end)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in recv
    end.close()
