"""Server-sent events as a browser reads them, over a plain socket that can be cut at any moment."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any


class Events:
    """An open stream. `place` is what the browser would send as Last-Event-ID when it comes again."""

    def __init__(self, address: tuple[str, int], path: str, headers: dict[str, str] | None = None):
        self.place: str | None = None
        self._connection = http.client.HTTPConnection(*address, timeout=20)
        self._connection.request("GET", path, headers=headers or {})
        self._answer = self._connection.getresponse()
        self.status = self._answer.status

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Each event's data; ends when the server ends the stream."""
        while line := self._answer.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                self.place = value
            elif name == "data":
                yield json.loads(value)

    def next(self, kind: str) -> dict[str, Any]:
        """The next event of a kind; others are passed over."""
        return next(data for data in self if data["kind"] == kind)

    def cut(self) -> None:
        self._connection.sock.close() if self._connection.sock else None
        self._answer.close()

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_) -> None:
        self.cut()
