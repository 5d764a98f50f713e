"""Who reads the messages: this process, or spawned ones beside it. Forked ones would hang in OpenMP and FAISS.

    with LocalPool(make_scorer, n_workers=2) as pool:
        handle = pool.submit("read", messages)
        pool.result(handle)

`make_scorer` is a picklable function without arguments: each worker makes its own models. A worker that dies is replaced
and its work done again, up to N_LIVES times in a run.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from typing import Any, Protocol

from assistant.batch.scoring import Scorer
from assistant.errors import StoreError

N_LIVES = 3  # pools that may break in one run; after that something is wrong with the machine or the input
MakeScorer = Callable[[], Scorer]


class WorkerLost(StoreError):
    """Workers keep dying; what is finished is kept."""


class Pool(Protocol):
    """`version` names the models that every worker has."""

    version: str

    def submit(self, method: str, items: Sequence) -> Any: ...

    def result(self, handle: Any) -> list: ...

    def close(self) -> None: ...


class OwnProcess:
    """Reads in this process, when the result is asked for: no start-up, for small inputs."""

    def __init__(self, make_scorer: MakeScorer):
        self._scorer = make_scorer()
        self.version = self._scorer.version

    def submit(self, method: str, items: Sequence) -> tuple[str, Sequence]:
        return method, items

    def result(self, handle: tuple[str, Sequence]) -> list:
        return getattr(self._scorer, handle[0])(handle[1])

    def close(self) -> None:
        pass


@dataclass(slots=True)
class _Task:
    method: str
    items: Sequence
    future: Future | None = None


class LocalPool:
    """Spawned processes on this machine, each with its own models.

    Raises WorkerLost from any call when workers died N_LIVES + 1 times, and what a worker's models raised at their loading.
    """

    def __init__(self, make_scorer: MakeScorer, n_workers: int):
        self._make_scorer, self._n_workers, self._lives = make_scorer, n_workers, N_LIVES
        self._waiting: list[_Task] = []
        self._executor = self._started()
        self.version = self._first_version()

    def submit(self, method: str, items: Sequence) -> _Task:
        task = _Task(method, items)
        self._waiting.append(task)
        self._send(task)
        return task

    def result(self, handle: _Task) -> list:
        """Raises WorkerLost when workers die again and again, and whatever error of ours the worker met."""
        while True:
            try:
                found = handle.future.result()
            except BrokenProcessPool:
                self._start_again()
                continue
            self._waiting.remove(handle)
            return found

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._n_workers, get_context("spawn"), _start, (self._make_scorer,))

    def _first_version(self) -> str:
        """All workers begin to load their models; the first one's answer counts."""
        while True:
            try:
                first, *_ = [self._executor.submit(_version) for _ in range(self._n_workers)]
                return first.result()
            except BrokenProcessPool:
                self._start_again()

    def _send(self, task: _Task) -> None:
        try:
            task.future = self._executor.submit(_run, task.method, task.items)
        except BrokenProcessPool:
            self._start_again()

    def _start_again(self) -> None:
        """A new pool, and in it everything that was not yet done."""
        self._lives -= 1
        self._executor.shutdown(wait=False, cancel_futures=True)
        if self._lives < 0:
            raise WorkerLost(
                f"workers died {N_LIVES + 1} times; is there memory for {self._n_workers}? Run it again with --workers 1: "
                "it goes on where it stopped"
            )
        self._executor = self._started()
        for task in self._waiting:
            done = task.future is not None and task.future.done() and not task.future.cancelled()
            if not (done and task.future.exception() is None):
                task.future = self._executor.submit(_run, task.method, task.items)


_make: MakeScorer | None = None  # what this worker process was started with
_scorer: Scorer | None = None  # and what it made of it


def _start(make_scorer: MakeScorer) -> None:
    """Models are loaded by the first call instead: an error in here would be lost."""
    global _make
    _make = make_scorer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed closes no queue: without this its workers would wait for ever."""
    parent_process().join()
    os._exit(1)


def _loaded() -> Scorer:
    global _scorer
    _scorer = _scorer or _make()
    return _scorer


def _version() -> str:
    return _loaded().version


def _run(method: str, items: Sequence) -> list:
    return getattr(_loaded(), method)(items)
