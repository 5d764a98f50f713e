"""Work that many threads ask for at once, done in one go: whoever comes first does what is waiting.

A pass over eight messages takes little longer than over one. Nobody waits for company: a thread that finds the worker's
place free begins at once with what is there, and those who come meanwhile make up the next batch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Job(Generic[Item, Result]):
    def __init__(self, items: Sequence[Item]):
        self.items = items
        self.results: list[Result] | None = None
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.results is not None or self.error is not None


class Together(Generic[Item, Result]):
    """Calls `run(items) -> results`, one for one, from one thread at a time; safe for threads.

    max_items: what one call is given at most, unless one job alone is larger.
    """

    def __init__(self, run: Callable[[list[Item]], list[Result]], max_items: int):
        self._run, self._max_items = run, max_items
        self._waiting: list[_Job[Item, Result]] = []
        self._counter, self._place = threading.Lock(), threading.Lock()

    def __call__(self, items: Sequence[Item]) -> list[Result]:
        """The results of these items, in order. Raises what `run` raised: then for nobody else's items."""
        job: _Job[Item, Result] = _Job(items)
        with self._counter:
            self._waiting.append(job)
        while not job.done:
            with self._place:
                if not job.done:
                    self._work(self._taken())
        if job.error is not None:
            raise job.error
        return job.results or []

    def _taken(self) -> list[_Job[Item, Result]]:
        """The jobs that came first, as many as go into one call."""
        with self._counter:
            n_jobs, n_items = 1, len(self._waiting[0].items)
            while n_jobs < len(self._waiting) and n_items + len(self._waiting[n_jobs].items) <= self._max_items:
                n_items += len(self._waiting[n_jobs].items)
                n_jobs += 1
            taken, self._waiting = self._waiting[:n_jobs], self._waiting[n_jobs:]
            return taken

    def _work(self, jobs: list[_Job[Item, Result]]) -> None:
        try:
            results = self._run([item for job in jobs for item in job.items])
        except BaseException as error:
            if len(jobs) == 1:
                jobs[0].error = error
                return
            for job in jobs:  # one bad item must not fail its neighbours
                self._work([job])
            return
        start = 0
        for job in jobs:
            job.results = results[start : start + len(job.items)]
            start += len(job.items)
