"""Figures for whoever watches the service (Prometheus text format): what was asked and refused, how quickly it was
answered, how many vouchers shared a commit, and how the log and its read models stand.

Labels are routes, codes and read models: no caller, no entity, nothing of a person.
"""

import shutil
import time
from collections import Counter as Counted
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from ledger.log.side_tables import hooks, pending
from ledger.log.tables import head
from ledger_api.hooks.registry import ACTIVE
from ledger_api.http.service import Service
from ledger_projections.keeping.folding import states
from ledger_projections.registry import PROJECTIONS

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves this function untyped

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The figures of one application of one process."""

    def __init__(self, service: Service | None) -> None:
        self.registry: Final = CollectorRegistry()
        self._seconds: Final = Histogram(
            "http_request_seconds",
            "How long requests took, by route",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._refused: Final = Counter("http_refused", "Refusals, by code", ("code",), registry=self.registry)
        self._group: Final = Histogram(
            "ledger_commit_vouchers", "Vouchers that shared a commit", buckets=_SIZES, registry=self.registry
        )
        if service is not None:
            service.writer.committed = self._group.observe
            self.registry.register(Standing(service))

    def count_streams(self, opened: Callable[[], float]) -> None:
        """Have the open streams counted as well."""
        Gauge("http_streams", "Open streams of events", registry=self.registry).set_function(opened)

    def answered(self, method: str, route: str | None, status: int, seconds: float, code: str | None) -> None:
        """A request was answered; `route` is the pattern, None where no route matched."""
        self._seconds.labels(method, route or "none", status).observe(seconds)
        if code is not None:
            self._refused.labels(code).inc()

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self.registry)


class Standing(Collector):
    """How the log stands, read when it is asked for."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One snapshot of the book."""
        begun = time.perf_counter()
        with self._service.store.read() as connection:
            row = connection.execute(select(head.c.number, head.c.position, head.c.posted_at)).one()
            waiting = connection.scalar(select(func.count()).where(pending.c.state == "pending"))
            models = states(connection, tuple(PROJECTIONS.values()))
            told = connection.execute(select(hooks.c.state, hooks.c.delivered)).all()
        yield _gauge("ledger_size", "Vouchers in the log", row.number)
        yield _gauge("ledger_position", "Events in the log", row.position)
        yield _gauge("ledger_head_age_seconds", "Since the newest voucher", self._service.seconds_since(row.posted_at))
        yield _gauge("ledger_pending", "Vouchers that wait for signatures", waiting or 0)
        lag = GaugeMetricFamily("ledger_projection_lag", "Events that a read model has yet to fold", labels=("model",))
        failed = GaugeMetricFamily("ledger_projection_failed", "1 for a read model that stopped", labels=("model",))
        for model in models:
            lag.add_metric((model.name,), model.head - model.position)
            failed.add_metric((model.name,), model.failure is not None)
        yield lag
        yield failed
        states_of = GaugeMetricFamily("ledger_hooks", "Web hooks, by state", labels=("state",))
        for state, number in Counted(one.state for one in told).items():
            states_of.add_metric((state,), number)
        yield states_of
        behind = max((row.number - one.delivered for one in told if one.state == ACTIVE), default=0)
        yield _gauge("ledger_hook_lag", "Vouchers that the slowest active web hook was not told of", behind)
        free = shutil.disk_usage(self._service.book.settings.directory).free
        yield _gauge("ledger_disk_free_bytes", "Left on the disk of the book's directory", free)
        yield _gauge("ledger_collect_seconds", "How long reading these took", time.perf_counter() - begun)


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)
