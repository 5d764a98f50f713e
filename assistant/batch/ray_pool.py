"""Workers on a Ray cluster: the one that RAY_ADDRESS names, or a new one on this machine.

Each worker is an actor that loads the models once. Ray starts a dead one again and repeats its calls; the order of the
rows, the checkpoints and the output stay with the run that hands out the work, so that all engines write the same bytes.
Every node needs huida installed in the same version, with the same data folder.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.batch.pool import N_LIVES, MakeScorer, WorkerLost
from assistant.errors import InputError

# of a worker, as Ray counts them: with whole ones, workers that take every CPU of a node can wait for each other for ever
# (ray issue 44687)
CPUS_A_WORKER = 0.5
N_AHEAD = 2  # calls that a worker has: one that it reads and one that waits
START_TIMEOUT_S = 180  # the models load in 5 s; a cluster without room would let us wait for ever
_OBJECT_STORE_BYTES = 100 << 20  # messages are small, and Ray would take 30 % of the memory


@dataclass(slots=True)
class _Call:
    method: str
    items: Sequence
    actor: int = -1
    ref: Any = None
    done: bool = False


class RayPool:
    """Raises InputError when Ray is not installed or gives no worker; WorkerLost when one dies again and again."""

    def __init__(self, make_scorer: MakeScorer, n_workers: int):
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it reports to its maker otherwise
        try:
            import ray
        except ImportError as error:
            raise InputError("--engine ray needs Ray: pip install 'huida[ray]'") from error
        self._ray, self._began = ray, False
        self._connect(n_workers)
        worker = ray.remote(num_cpus=CPUS_A_WORKER, max_restarts=N_LIVES, max_task_retries=N_LIVES)(_Worker)
        spread = worker.options(scheduling_strategy="SPREAD")
        self._actors = [spread.remote(make_scorer) for _ in range(n_workers or self._n_cpus())]
        self._load = [0] * len(self._actors)
        self._waiting: deque[_Call] = deque()
        self._sent: dict[Any, _Call] = {}
        self.version = self._one_version()

    def submit(self, method: str, items: Sequence) -> _Call:
        call = _Call(method, items)
        self._waiting.append(call)
        self._fill()
        return call

    def result(self, handle: _Call) -> list:
        while not handle.done:
            [ref], _ = self._ray.wait(list(self._sent), num_returns=1)
            call = self._sent.pop(ref)
            call.done = True
            self._load[call.actor] -= 1
            self._fill()
        ref, handle.ref = handle.ref, None
        return self._got(ref)

    def close(self) -> None:
        for actor in self._actors:
            self._ray.kill(actor)
        if self._began:
            self._ray.shutdown()

    def _connect(self, n_workers: int) -> None:
        if self._ray.is_initialized():
            return
        quiet = dict(log_to_driver=False, configure_logging=False)
        if not os.environ.get("RAY_ADDRESS"):
            n_cpus = max(2, n_workers, os.cpu_count() or 1)
            quiet |= dict(num_cpus=n_cpus, include_dashboard=False, object_store_memory=_OBJECT_STORE_BYTES)
        try:
            self._ray.init(**quiet)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise InputError(f"the Ray cluster cannot be reached ({error}); check RAY_ADDRESS") from error
        self._began = True

    def _n_cpus(self) -> int:
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def _one_version(self) -> str:
        refs = [actor.version.remote() for actor in self._actors]
        ready, missing = self._ray.wait(refs, num_returns=len(refs), timeout=START_TIMEOUT_S)
        if missing:
            raise InputError(
                f"{len(missing)} of {len(refs)} Ray workers did not start in {START_TIMEOUT_S} s; the cluster has "
                f"{self._ray.available_resources().get('CPU', 0):g} free CPUs, name fewer: --workers {len(ready) or 1}"
            )
        versions = {self._got(ref) for ref in refs}
        if len(versions) > 1:
            raise InputError(
                f"the Ray workers have different models ({', '.join(sorted(versions))}); install one version"
            )
        return versions.pop()

    def _fill(self) -> None:
        """Hand waiting calls to the workers that have the fewest."""
        while self._waiting and min(self._load) < N_AHEAD:
            call = self._waiting.popleft()
            call.actor = self._load.index(min(self._load))
            call.ref = self._actors[call.actor].run.remote(call.method, call.items)
            self._load[call.actor] += 1
            self._sent[call.ref] = call

    def _got(self, ref: Any) -> Any:
        errors = self._ray.exceptions
        try:
            return self._ray.get(ref)
        except errors.RayTaskError as error:
            raise error.cause or error from None
        except errors.RayError as error:
            raise WorkerLost(
                f"Ray lost a worker {N_LIVES + 1} times ({type(error).__name__}); run it again: it goes on there"
            ) from error


class _Worker:
    """One actor; the models are loaded by the first call, so that Ray hands their errors on."""

    def __init__(self, make_scorer: MakeScorer):
        self._make, self._scorer = make_scorer, None

    def version(self) -> str:
        return self._loaded().version

    def run(self, method: str, items: Sequence) -> list:
        return getattr(self._loaded(), method)(items)

    def _loaded(self):
        self._scorer = self._scorer or self._make()
        return self._scorer
