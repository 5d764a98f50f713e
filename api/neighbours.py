"""What the processes of one server tell each other the moment it happens; what must not be lost lies in the store.

| news           | told by                                | what the others do                             |
|----------------|----------------------------------------|------------------------------------------------|
| changed        | a commit that wrote to the journal     | look at the journal now instead of half a second later |
| faq            | a change of the entries or the index   | take it over now instead of seconds later      |
| agent_types, customer_types | who writes at the moment  | tell their own live streams                    |
| request, attempt, forgotten | what counts against a limit | count it too, so that a limit is one for all |
| ready          | a worker that answers                  | the first says when all do                     |

News that finds a full ear is dropped: it is then late (the polls find it) or uncounted, in a flood that is over its limit anyway.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress

MAX_NEWS_BYTES = 4_096  # names of addresses and conversations
N_HEARD_AT_ONCE = 64  # then other work of the event loop has its turn


class Neighbours:
    """One process's ear, and its voice into the ears of the others. Alone, it tells nobody."""

    def __init__(self, number: int = 0, ear: socket.socket | None = None, voices: Sequence[socket.socket] = ()):
        """number: 0 for the process that the others were started by."""
        self.number, self._ear, self._voices = number, ear, tuple(voices)
        self._heard: dict[str, list[Callable[..., object]]] = defaultdict(list)
        for end in (*self._voices, *([ear] if ear else ())):
            end.setblocking(False)

    def on(self, news: str, do: Callable[..., object]) -> None:
        """Call `do` on the event loop with what was said each time that another process tells this."""
        self._heard[news].append(do)

    def tell(self, news: str, *said: str) -> None:
        """Tell all others. Never waits; safe for threads."""
        if self._voices:
            content = json.dumps([news, *said]).encode()
            for voice in self._voices:
                with suppress(OSError):
                    voice.send(content)

    def listen(self) -> None:
        """Hear from now on, on the running event loop."""
        if self._ear is not None:
            asyncio.get_running_loop().add_reader(self._ear, self._hear)

    def close(self) -> None:
        if self._ear is not None:
            asyncio.get_running_loop().remove_reader(self._ear)

    def _hear(self) -> None:
        for _ in range(N_HEARD_AT_ONCE):
            try:
                content = self._ear.recv(MAX_NEWS_BYTES)
            except BlockingIOError:
                return
            if not content:  # all others are gone
                return self.close()
            news, *said = json.loads(content)
            for do in self._heard[news]:
                do(*said)


def introduced(n: int) -> list[tuple[socket.socket | None, list[socket.socket]]]:
    """The ears and voices of n processes that can hear each other."""
    if n == 1:
        return [(None, [])]
    # message by message, and with room for hundreds: a datagram socket's queue takes ten
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(n)]
    voices = [voice for _, voice in pairs]
    return [(ear, voices[:number] + voices[number + 1 :]) for number, (ear, _) in enumerate(pairs)]
