"""Counts and timings for Prometheus: numbers and names of routes, never what anybody wrote."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import Scope

from assistant.values import Turn

_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30)


class Metrics:
    """One registry per app, so that two apps in one process do not share counts.

    Several workers count in files of one folder (PROMETHEUS_MULTIPROC_DIR), and whichever is asked tells their sum.
    """

    def __init__(self):
        self.registry = CollectorRegistry()
        self._together = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        if not self._together:
            ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "huida_requests_total", "HTTP requests answered", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "huida_request_seconds", "Time to answer", ["route"], buckets=_SECONDS, registry=self.registry
        )
        self._turns = Counter("huida_turns_total", "Chat turns", ["outcome", "sentiment"], registry=self.registry)
        ours = {"registry": self.registry, "multiprocess_mode": "mostrecent"}  # of the worker that was asked
        self._parts = Gauge("huida_degraded_parts", "Parts that run on a fall-back", **ours)
        self._inside = Gauge("huida_requests_in_flight", "Model requests running or waiting", **ours)

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")  # an unknown path is one series, not one for each
        self._requests.labels(scope["method"] if route != "none" else "any", route, status or "cut").inc()
        self._seconds.labels(route).observe(seconds)

    def turn(self, turn: Turn) -> None:
        self._turns.labels(turn.decision.outcome, turn.reading.sentiment.label).inc()

    def text(self, n_in_flight: int, n_degraded: int) -> bytes:
        self._inside.set(n_in_flight)
        self._parts.set(n_degraded)
        if not self._together:
            return generate_latest(self.registry)
        everything = CollectorRegistry()
        MultiProcessCollector(everything)
        return generate_latest(everything)
