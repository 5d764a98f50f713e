"""HTTP by asyncio for load generators: hundreds of connections at little CPU of their own, which the server needs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by their names in lower case; of a name that comes twice the last."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Connection:
    """One connection, kept alive; one request after the other. Raises OSError or EOFError when it breaks."""

    def __init__(self, address: tuple[str, int], headers: Mapping[str, str] | None = None):
        """headers: sent with every request."""
        self._address = address
        shared = {"Host": f"{address[0]}:{address[1]}", "Content-Type": "application/json", **(headers or {})}
        self._shared = "".join(f"{name}: {value}\r\n" for name, value in shared.items())
        self._free = asyncio.Lock()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        async with self._free:
            is_kept = self._writer is not None
            try:
                return await self._asked(method, path, body)
            except (OSError, EOFError):
                self.close()
                if not is_kept:
                    raise
            return await self._asked(method, path, body)  # as browsers do: servers close what was quiet for seconds

    async def events(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """The data of the server-sent events of a path, until the server ends them. Raises OSError for a refusal."""
        status, _ = await self._sent("GET", path)
        if status != 200:
            raise ConnectionRefusedError(f"{path} was answered with status {status}")
        while line := await self._reader.readline():  # the frames of the chunked coding stand on lines of their own
            if line.startswith(b"data: "):
                yield json.loads(line[6:])

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _asked(self, method: str, path: str, body: Any) -> Answer:
        status, headers = await self._sent(method, path, body)
        content = await self._reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return Answer(status, headers, content)

    async def _sent(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, str]]:
        """Send a request; the status and headers of its answer, whose content waits to be read."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._address, limit=MAX_HEAD_BYTES)
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._shared}Content-Length: {len(content)}\r\n\r\n"
        self._writer.write(head.encode() + content)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in pairs}
