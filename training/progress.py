"""One progress line for long work: a bar on a terminal, a line every half minute in a log."""

from __future__ import annotations

import sys
import time


class Progress:
    """Counts towards `total` (units of the caller's choice) and says how far, how fast and how long still."""

    def __init__(self, title: str, total: float, every_seconds: float = 30.0):
        self.title, self.total, self.done = title, total, 0.0
        self._started = self._said = time.monotonic()
        self._every = 0.2 if sys.stderr.isatty() else every_seconds

    def advance(self, amount: float, note: str = "") -> None:
        self.done += amount
        now = time.monotonic()
        if now - self._said < self._every and self.done < self.total:
            return
        self._said = now
        elapsed = now - self._started
        rate = self.done / max(elapsed, 1e-9)
        left = (self.total - self.done) / max(rate, 1e-9)
        line = f"{self.title}: {self.done / self.total:4.0%}  {rate:,.0f}/s  {left / 60:.1f} min left  {note}"
        print(
            f"\r{line}" if sys.stderr.isatty() else line,
            end="" if sys.stderr.isatty() else "\n",
            file=sys.stderr,
            flush=True,
        )
        if self.done >= self.total and sys.stderr.isatty():
            print(file=sys.stderr)
