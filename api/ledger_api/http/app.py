"""The application: routes, doors, problems and the layer around them, put together for one service."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from fastapi.telemetry import TelemetryConfig

from ledger_api.hooks.delivering import Deliverer
from ledger_api.http import problems
from ledger_api.http.access.routes import ACCESS_ROUTERS
from ledger_api.http.access.ways import by_read_key, by_session
from ledger_api.http.describing.details import detailed
from ledger_api.http.doors import Way, by_signature
from ledger_api.http.middleware import Around
from ledger_api.http.routes import (
    books,
    charity,
    exports,
    figures,
    hooks,
    import_rounds,
    imports,
    log,
    mirroring,
    redress,
    relief,
    reports,
    service,
    stream,
    summaries,
    tiles,
    vouchers,
)
from ledger_api.http.routes.oversight import checks, sheets
from ledger_api.http.running.direct import Direct
from ledger_api.http.running.guard import Guard, Limits
from ledger_api.http.running.heads import Heads
from ledger_api.http.running.metrics import Metrics
from ledger_api.http.running.tidying import tidying
from ledger_api.http.safeguards.queries import plainly_asked
from ledger_api.http.service import Service
from ledger_api.http.streaming.limits import StreamLimits
from ledger_api.http.streaming.stream import Streams

PREFIX: Final = "/v1"
THREADS: Final = 100
"""How many requests are worked on at once: those who wait for the writer must not keep readers out."""

ROUTERS: Final[tuple[APIRouter, ...]] = (
    service.router,
    vouchers.router,
    stream.router,
    log.router,
    books.router,
    figures.router,
    charity.router,
    relief.router,
    redress.router,
    checks.router,
    sheets.router,
    tiles.router,
    mirroring.router,
    summaries.router,
    exports.router,
    reports.router,
    imports.router,
    import_rounds.router,
    hooks.router,
    *ACCESS_ROUTERS,
)
WAYS: Final[tuple[Way, ...]] = (by_signature, by_read_key, by_session)

TAGS: Final = [
    {"name": "service", "description": "服务本身 · the service itself"},
    {"name": "vouchers", "description": "凭证、审核 · handing in and approving"},
    {"name": "log", "description": "事件、存证、检查点 · events, proofs, checkpoints"},
    {
        "name": "access",
        "description": "登录、只读密钥、三员、查阅记录 · sessions, read-only keys, duties, who read what",
    },
    {"name": "people", "description": "个人、经办人、密钥、审批权限 · people, officers, keys, policies"},
    {"name": "imports", "description": "导入文件:上传、预览、交签、入账 · files: uploaded, looked at, signed, posted"},
    {"name": "books", "description": "余额、科目余额表、银行对账 · balances and reconciliation"},
    {"name": "charity", "description": "认捐、互助社、福彩公益金 · pledges, societies, lottery proceeds"},
    {"name": "relief", "description": "补助发放、名册、年度数字 · subsidies, rosters, figures"},
    {"name": "summaries", "description": "监管报表、报告句子、报告核对 · tables, sentences, reports checked"},
    {"name": "reports", "description": "报告、导出 · reports and exports"},
    {"name": "redress", "description": "疑点、线索、追缴整改 · doubts, clues, recoveries"},
]


def create_app(
    serving: Service | None,
    ways: Sequence[Way] = WAYS,
    limits: Limits | None = None,
    streams: StreamLimits | None = None,
    deliverer: Deliverer | None = None,
) -> FastAPI:
    """The application over a service; with None it can only describe itself (the OpenAPI document). `deliverer` tells
    the web hooks as long as it runs.
    """
    app = _Described(
        title="Charity ledger",
        summary="慈善资金与补助发放的可核查账本 · a ledger for charity funds and subsidies that anyone can check",
        version=version("charity-ledger"),
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        lifespan=_lifespan(serving, deliverer),
        separate_input_output_schemas=False,
        redirect_slashes=False,  # a signature covers the path: nobody is sent on to another one
        telemetry=_UNWATCHED,
    )
    app.state.service = serving
    app.state.ways = tuple(ways)
    app.state.limits = limits or Limits()
    app.state.streams = None if serving is None else Streams(serving, streams or StreamLimits())
    app.state.metrics = Metrics(serving)
    if app.state.streams is not None:
        app.state.metrics.count_streams(lambda: app.state.streams.places.taken)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX, dependencies=[Depends(plainly_asked)])
    problems.install(app)
    app.add_middleware(Direct, prefix=PREFIX, routers=ROUTERS)
    app.add_middleware(Heads)
    app.add_middleware(Guard, limits=app.state.limits)
    app.add_middleware(Around, metrics=app.state.metrics, prefix=PREFIX)
    return app


_UNWATCHED: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
"""No setting of the environment may have requests told to somebody else; `Metrics` and the log say what is told."""


class _Described(FastAPI):
    """An application whose document has the problem's schema in it, examples, links, and how one comes in."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            self.openapi_schema = detailed(problems.described(super().openapi()))
        return self.openapi_schema


def _lifespan(
    serving: Service | None, deliverer: Deliverer | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        if deliverer is not None:
            deliverer.start()
        tidies = None if serving is None else asyncio.create_task(tidying(serving))
        yield
        if tidies is not None:
            tidies.cancel()
            await asyncio.gather(tidies, return_exceptions=True)
        if deliverer is not None:
            await anyio.to_thread.run_sync(deliverer.stop)
        if serving is not None:
            app.state.streams.close()
            serving.close()

    return running
