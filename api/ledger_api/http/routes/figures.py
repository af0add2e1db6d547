"""`/v1/metrics`: how the service runs, for the system administrator; on a port of its own for a watching program."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.running.metrics import Metrics

router: Final = APIRouter(tags=["service"], responses=RESPONSES)


@router.get(
    "/metrics",
    operation_id="read_metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text"}},
    openapi_extra=opened_by(Permission.SYSTEM),
)
def read_metrics(request: Request, _caller: Annotated[Caller, Depends(Door(Permission.SYSTEM))]) -> Response:
    """Requests, refusals, commits, the log and its read models, as Prometheus reads them."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
