"""The application: routes, doors, problems and the layer around them, put together for one service."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

import anyio.to_thread
from fastapi import APIRouter, FastAPI

from ledger_api.http import problems
from ledger_api.http.doors import Way, by_signature
from ledger_api.http.middleware import Around
from ledger_api.http.routes import books, import_rounds, imports, log, service, vouchers
from ledger_api.http.service import Service

PREFIX: Final = "/v1"
MAX_BODY_BYTES: Final = 32 * 1024 * 1024
"""A voucher of 10,000 events fits four times; what is larger is refused before it is read."""

THREADS: Final = 100
"""How many requests are worked on at once: those who wait for the writer must not keep readers out."""

ROUTERS: Final[tuple[APIRouter, ...]] = (
    service.router,
    vouchers.router,
    log.router,
    books.router,
    imports.router,
    import_rounds.router,
)
WAYS: Final[tuple[Way, ...]] = (by_signature,)

TAGS: Final = [
    {"name": "service", "description": "服务本身 · the service itself"},
    {"name": "vouchers", "description": "凭证、审核 · handing in and approving"},
    {"name": "log", "description": "事件、存证、检查点 · events, proofs, checkpoints"},
    {"name": "imports", "description": "导入文件:上传、预览、交签、入账 · files: uploaded, looked at, signed, posted"},
    {"name": "books", "description": "余额、科目余额表 · balances"},
]


def create_app(serving: Service | None, ways: Sequence[Way] = WAYS) -> FastAPI:
    """The application over a service; with None it can only describe itself (the OpenAPI document)."""
    app = _Described(
        title="Charity ledger",
        summary="慈善资金与补助发放的可核查账本 · a ledger for charity funds and subsidies that anyone can check",
        version=version("charity-ledger"),
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        lifespan=_lifespan(serving),
        separate_input_output_schemas=False,
    )
    app.state.service = serving
    app.state.ways = tuple(ways)
    for router in ROUTERS:
        # Not for the application as a whole: its limit stands outside `Around`, which makes a problem of the refusal.
        app.include_router(router, prefix=PREFIX, max_body_size=MAX_BODY_BYTES)
    problems.install(app)
    app.add_middleware(Around)
    return app


class _Described(FastAPI):
    """An application whose document has the problem's schema in it."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            self.openapi_schema = problems.described(super().openapi())
        return self.openapi_schema


def _lifespan(serving: Service | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        if serving is not None:
            serving.close()

    return running
