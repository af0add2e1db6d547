"""One serving process: the book opened, its application made with its limits, its figures on a port of their own."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import start_http_server

from ledger.application.writer import Writer
from ledger.errors import InputError
from ledger.signing.vkeys import NoteSigner
from ledger_api import books
from ledger_api.books import Book
from ledger_api.given_files import machine_reason
from ledger_api.hooks.addresses import Reach
from ledger_api.hooks.delivering import Deliverer, Policy
from ledger_api.hooks.sending import Manners, trusted
from ledger_api.http.app import create_app
from ledger_api.http.running.guard import Limits
from ledger_api.http.running.limits import Rates
from ledger_api.http.running.settings import ServeSettings
from ledger_api.http.running.writing import Hand, WritingProcess
from ledger_api.http.service import Service
from ledger_api.http.streaming.limits import StreamLimits

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ServedBook:
    """What each process of a server makes for itself."""

    directory: Path
    operator: NoteSigner | None
    settings: ServeSettings

    def writing(self, leave: Sequence[int]) -> WritingProcess | None:
        """A process that writes for all that will be; it closes the descriptors `leave`. None where nobody writes."""
        operator = self.operator
        if operator is None:
            return None

        def make() -> tuple[Writer, Callable[[], None]]:
            book = Book.open(self.directory, books.system_clock)
            return book.ledger(operator).writer, book.close

        return WritingProcess(make, self.settings.workers, leave)

    def __call__(self, place: int, hand: Hand | None) -> FastAPI:
        """The application of process `place`, counted from 0: its figures are at `metrics_port` + `place`. `hand` leads
        to the writer's process.
        """
        service = Service(Book.open(self.directory, books.system_clock), self.operator, hand)
        service.disk_bytes_min = self.settings.disk_megabytes * 2**20
        app = create_app(
            service,
            limits=limits_of(self.settings),
            streams=streams_of(self.settings),
            deliverer=None if self.operator is None else self._deliverer(service, self.operator),
        )
        if self.settings.metrics_port is not None:
            port = self.settings.metrics_port + place if self.settings.metrics_port else 0
            start_http_server(port, LOOPBACK, app.state.metrics.registry)
        return app

    def _deliverer(self, service: Service, operator: NoteSigner) -> Deliverer:
        """Whoever holds the operator's key tells web hooks; a replica without it tells nobody."""
        return Deliverer(service.store, operator, service.unix_now, hooks_of(self.settings))


def streams_of(settings: ServeSettings) -> StreamLimits:
    """How many streams there may be, and how long each lasts."""
    return StreamLimits(
        settings.streams, settings.streams_per_caller, settings.stream_seconds, stalled_seconds=settings.stalled_seconds
    )


def hooks_of(settings: ServeSettings) -> Policy:
    """Where web hooks may lead, and how long a receiver may fail. InputError E_SERVE_FILE for certificates that cannot
    be read.
    """
    reach = Reach(tuple(map(ipaddress.ip_network, settings.hook_networks)), frozenset(settings.hook_ports))
    file = None if settings.hook_certificates is None else Path(settings.hook_certificates)
    try:
        trusted(file)
    except OSError as error:
        raise InputError("E_SERVE_FILE", file=str(file), reason=machine_reason(error)) from None
    return Policy(Manners(reach, file), settings.hook_days)


def limits_of(settings: ServeSettings) -> Limits:
    """What the guard allows."""
    return Limits(
        names=settings.host_names,
        proxies=tuple(ipaddress.ip_network(address) for address in settings.behind_proxy),
        only_proxies=settings.certificate is None and not settings.loopback,
        body_bytes=settings.body_megabytes * 2**20,
        body_seconds=settings.body_seconds,
        rates=Rates(settings.requests_per_minute),
    )
