"""The HTTP application: `create_app(settings)` puts parts, limits and routes together; nothing happens before.

app = create_app(settings.load())          uvicorn.run(app)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from api import errors, openapi
from api.auth import authorise
from api.deps import EVERYWHERE, N_IDENTITY_THREADS, N_REQUEST_THREADS, refusals
from api.limits import Attempts, Gate, KnownSessions, RateLimit
from api.live import STREAMS, Live
from api.metrics import Metrics
from api.middleware import Answered, Headers, Limited
from api.neighbours import Neighbours
from api.report_jobs import ReportJobs
from api.routes import ROUTERS
from api.shared import Shared
from assistant.errors import AssistantError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.bootstrap import Parts

logger = logging.getLogger(__name__)

IMPORT = "/v1/faq/import"
REPORTS = "/v1/reports"
IMPORT_TIMEOUT_S = 900.0  # an index of 100,000 entries is built in minutes
INDEX_S = 20.0  # how long what was said waits for its words to be indexed: a search finds little left to do
FOLLOW_S = 3.0  # how late a change of another process is seen; asking costs one small query

DESCRIPTION = """Reads what customers write, finds the answer in your FAQ, answers or hands over.

Every answer that is not a success has the shape `{"error": {"code", "message", "field"?}}`.
Administrative routes take `Authorization: Bearer TOKEN`; make one with `huida token create NAME`."""


def build(settings: Settings) -> Parts:
    """Open the store and load the models. Raises AssistantError with one clear line."""
    from assistant import bootstrap  # loads numpy, onnxruntime and faiss: not before they are needed

    return bootstrap.build(settings)


def create_app(
    settings: Settings,
    build: Callable[[Settings], Parts] = build,
    shop_customers: Mapping[str, str] = MappingProxyType({}),
    neighbours: Neighbours | None = None,
) -> FastAPI:
    """Return the app. Its lifespan builds the parts and closes them; tests and `huida serve` may bring a builder.

    shop_customers: names by customer id, whose tokens the demo shop hands to any visitor; for made-up customers alone.
    neighbours: the processes that answer beside this one, see api.workers.
    """
    server, neighbours = settings.server, neighbours or Neighbours()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = N_REQUEST_THREADS
        app.state.parts = await anyio.to_thread.run_sync(build, settings)
        for why in app.state.parts.degraded:
            logger.warning("degraded: %s", why)
        parts, live = app.state.parts, app.state.live
        neighbours.listen()
        following = [asyncio.create_task(_follow_faq(parts, neighbours)), asyncio.create_task(live.follow(parts.store))]
        if neighbours.number == 0:  # once for all
            following.append(asyncio.create_task(_index_words(parts)))
        await anyio.to_thread.run_sync(app.state.reports.resume)
        try:
            yield
        finally:
            live.close()
            await anyio.to_thread.run_sync(app.state.reports.close)
            for task in following:
                task.cancel()
            neighbours.close()
            parts.close()

    app = FastAPI(
        title="Huida 慧答",
        version=_version(),
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=lifespan,
        dependencies=[Depends(authorise)],
        responses=refusals(*EVERYWHERE),
        openapi_url=None,  # /openapi.json and /docs are ours: the built-in page loads its script from a CDN
        telemetry={"tracing": False, "metrics": False, "logs": False},  # its logs would hold customers' words
        redirect_slashes=False,
    )
    app.state.gate, app.state.metrics = Gate(server.max_in_flight), Metrics()
    app.state.known_sessions = KnownSessions()
    app.state.live, app.state.neighbours = Live(server.max_live, neighbours), neighbours
    app.state.queues = {"open": Shared(), "closed": Shared()}
    app.state.reports = ReportJobs(settings)
    app.state.shop_customers = shop_customers
    access = settings.access
    app.state.attempts = Attempts(access.sign_ins_per_address, access.sign_ins_per_account, neighbours)
    app.state.hashing, app.state.desk_origins = anyio.CapacityLimiter(1), access.desk_origins
    app.state.identifying = anyio.CapacityLimiter(N_IDENTITY_THREADS)
    errors.install(app)
    openapi.install(app)
    for router in ROUTERS:
        app.include_router(router)
    _surround(app, settings)
    return app


def _surround(app: FastAPI, settings: Settings) -> None:
    """Add the middleware, innermost first."""
    server = settings.server
    app.add_middleware(
        Limited,
        rate=RateLimit(server.requests_per_minute, app.state.neighbours),
        sessions=app.state.known_sessions,
        max_body_bytes=server.max_body_bytes,
        larger={IMPORT: server.max_import_bytes, REPORTS: server.max_import_bytes},
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(server.allowed_origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Content-Type"],  # no Authorization: tokens stay out of other sites' pages
        expose_headers=["Retry-After"],
        max_age=600,
    )
    longer = {IMPORT: max(IMPORT_TIMEOUT_S, server.request_timeout_s)}
    app.add_middleware(
        Answered, timeout_s=server.request_timeout_s, longer=longer, metrics=app.state.metrics, endless=STREAMS
    )
    app.add_middleware(Headers)


async def _follow_faq(parts: Parts, neighbours: Neighbours) -> None:
    """Take over what other processes changed or built: another worker, `huida faq import`, a second replica."""
    changed = asyncio.Event()
    neighbours.on("faq", changed.set)
    parts.faq.on_change = lambda: neighbours.tell("faq")
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), FOLLOW_S)
        changed.clear()
        try:
            await anyio.to_thread.run_sync(parts.faq.refresh)
            await anyio.to_thread.run_sync(parts.suggestions.prepare)
        except AssistantError as error:  # the store is away for a moment: what is served now goes on
            logger.warning("the FAQ could not be refreshed: %s", error)


async def _index_words(parts: Parts) -> None:
    while True:
        await asyncio.sleep(INDEX_S)
        try:
            await anyio.to_thread.run_sync(parts.desk.search.catch_up)
        except AssistantError as error:
            logger.warning("what was said could not be indexed: %s", error)


def _version() -> str:
    try:
        return version("huida")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0+source"
