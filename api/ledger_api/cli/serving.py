"""`serve`: the book on the network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ledger.catalogue import say
from ledger.errors import InputError
from ledger.signing.vkeys import NoteSigner
from ledger_api.books import read_settings
from ledger_api.cli.desk import Desk, operator_of
from ledger_api.cli.options import command
from ledger_api.cli.output import DOES_NOT_HOLD, line, write_json
from ledger_api.given_files import machine_reason

if TYPE_CHECKING:
    from ledger_api.http.running.settings import ServeSettings

commands = typer.Typer()

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="设置文件,默认账套目录的 serve.toml。 The settings file."),
]
HostOption = Annotated[str | None, typer.Option("--host", metavar="HOST", help="监听的地址。 Where to listen.")]
PortOption = Annotated[
    int | None, typer.Option("--port", metavar="PORT", min=0, max=65535, help="端口,0 为任选。 The port; 0 takes any.")
]
NamesOption = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="NAME", help="对外的主机名,可写多次。 A host name that it answers to."),
]
CertificateOption = Annotated[
    Path | None, typer.Option("--certificate", metavar="FILE", help="TLS 证书(PEM)。 The TLS certificate.")
]
CertificateKeyOption = Annotated[
    Path | None, typer.Option("--certificate-key", metavar="FILE", help="证书的私钥(PEM)。 Its private key.")
]
ProxyOption = Annotated[
    list[str] | None,
    typer.Option("--behind-proxy", metavar="ADDRESS", help="可信反向代理的地址。 The trusted proxy's address."),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, help="进程数,限 PostgreSQL。 Processes; PostgreSQL only.")
]
MetricsOption = Annotated[
    int | None,
    typer.Option("--metrics-port", metavar="PORT", min=0, max=65535, help="本机上的指标端口。 Figures, on loopback."),
]
LevelOption = Annotated[
    str | None, typer.Option("--log-level", metavar="LEVEL", help="debug、info、warning、error。 What is logged.")
]
RateOption = Annotated[
    int | None,
    typer.Option("--requests-per-minute", metavar="N", min=0, help="每人每分钟请求数,0 不限。 A caller's requests."),
]
BodiesOption = Annotated[
    int | None, typer.Option("--body-megabytes", metavar="N", help="同时接收的正文总量。 Bodies in hand at once.")
]
BodyTimeOption = Annotated[
    float | None, typer.Option("--body-seconds", metavar="S", help="正文须在此时间内到齐。 A body's time to arrive.")
]
HeaderTimeOption = Annotated[
    float | None, typer.Option("--header-seconds", metavar="S", help="请求头须在此时间内到齐。 The headers' time.")
]
IdleOption = Annotated[
    float | None, typer.Option("--idle-seconds", metavar="S", help="空闲连接保留多久。 How long idle connections stay.")
]
StalledOption = Annotated[
    float | None,
    typer.Option("--stalled-seconds", metavar="S", help="多久不取回答即断开。 How long an answer may be left untaken."),
]
CrowdOption = Annotated[
    int | None,
    typer.Option(
        "--connections-per-address",
        metavar="N",
        min=0,
        help="同一地址的连接数(每进程),0 不限。 Connections of one address.",
    ),
]
StopOption = Annotated[
    int | None, typer.Option("--stop-seconds", metavar="S", help="停止时等候在办请求多久。 How long stopping waits.")
]
StreamsOption = Annotated[
    int | None, typer.Option("--streams", metavar="N", min=0, help="同时打开的事件流。 Streams that are open at once.")
]
StreamsEachOption = Annotated[
    int | None, typer.Option("--streams-per-caller", metavar="N", min=1, help="其中每人几个。 One caller's of these.")
]
StreamTimeOption = Annotated[
    float | None, typer.Option("--stream-seconds", metavar="S", help="一个事件流最长多久。 How long a stream may last.")
]
HookNetworksOption = Annotated[
    list[str] | None,
    typer.Option("--hook-networks", metavar="NET", help="通知可送往的内部网段,可写多次。 Inside networks for hooks."),
]
HookPortsOption = Annotated[
    list[int] | None, typer.Option("--hook-ports", metavar="PORT", help="通知可用的端口。 Ports that hooks may use.")
]
HookDaysOption = Annotated[
    int | None, typer.Option("--hook-days", metavar="N", min=1, help="连续几天不达即停。 Days until a hook has failed.")
]
HookCertificatesOption = Annotated[
    Path | None,
    typer.Option("--hook-certificates", metavar="FILE", help="接收方的根证书(PEM)。 The receivers' authority."),
]
DiskOption = Annotated[
    int | None, typer.Option("--disk-megabytes", metavar="N", min=0, help="磁盘余量低于此数即未就绪。 Least free disk.")
]
AcceptOption = Annotated[
    list[str] | None,
    typer.Option("--accept", metavar="CODE", help="明知不安全(doctor 的代码)仍提供服务。 Serve all the same."),
]

ON_ONE_PROCESS: Final = "sqlite:"


@command(commands, "serve")
def serve(  # noqa: PLR0913, PLR0917 - one option a setting, so that `--help` lists them all
    desk: Desk,
    settings: SettingsOption = None,
    host: HostOption = None,
    port: PortOption = None,
    name: NamesOption = None,
    certificate: CertificateOption = None,
    certificate_key: CertificateKeyOption = None,
    behind_proxy: ProxyOption = None,
    workers: WorkersOption = None,
    metrics_port: MetricsOption = None,
    log_level: LevelOption = None,
    requests_per_minute: RateOption = None,
    body_megabytes: BodiesOption = None,
    body_seconds: BodyTimeOption = None,
    header_seconds: HeaderTimeOption = None,
    idle_seconds: IdleOption = None,
    stalled_seconds: StalledOption = None,
    connections_per_address: CrowdOption = None,
    stop_seconds: StopOption = None,
    streams: StreamsOption = None,
    streams_per_caller: StreamsEachOption = None,
    stream_seconds: StreamTimeOption = None,
    hook_networks: HookNetworksOption = None,
    hook_ports: HookPortsOption = None,
    hook_days: HookDaysOption = None,
    hook_certificates: HookCertificatesOption = None,
    disk_megabytes: DiskOption = None,
    accept: AcceptOption = None,
) -> None:
    """在网络上提供账本(HTTP /v1)。 Serve the book over HTTP."""
    given = dict(locals())
    given["names"] = given.pop("name")
    del given["desk"], given["settings"]
    _serve(desk, settings, given)


def _serve(desk: Desk, file: Path | None, given: dict[str, Any]) -> None:
    from ledger_api.http.running.process import ServedBook
    from ledger_api.http.running.server import listening, run, tls_of
    from ledger_api.http.running.settings import FILE, read_serve_settings

    said = {name: str(value) if isinstance(value, Path) else value for name, value in given.items()}
    settings = read_serve_settings(file or desk.where() / FILE, needed=file is not None, given=said)
    if settings.certificate is not None:
        tls_of(settings)  # what cannot be served is told before anything is opened
    operator = _operator(desk, settings, file or desk.where() / FILE)
    try:
        opened = listening(settings)
    except OSError as error:
        address = f"{settings.host}:{settings.port}"
        raise InputError("E_SERVE_ADDRESS", address=address, reason=machine_reason(error)) from None
    address = f"{'http' if settings.certificate is None else 'https'}://{settings.host}:{opened.getsockname()[1]}"
    origin = read_settings(desk.where()).origin
    line(desk.text(f"{origin} 在 {address} 提供服务", f"{origin} is served at {address}"), err=True)
    run(settings, opened, ServedBook(desk.where(), operator, settings))


@command(commands, "health")
def health(desk: Desk, settings: SettingsOption = None, port: PortOption = None) -> None:
    """问本机的服务有没有应答:退出码 0 有,1 没有。 Whether this machine's service answers: exit code 0, or 1."""
    from ledger_api.http.running.probing import address_of, silence
    from ledger_api.http.running.settings import FILE, read_serve_settings

    found = read_serve_settings(settings or desk.where() / FILE, needed=settings is not None, given={"port": port})
    address, reason = address_of(found), silence(found)
    if desk.as_json:
        write_json({"address": address, "ok": reason is None, "reason": reason})
    elif reason is None:
        line(desk.text(f"{address} 有应答", f"{address} answers"))
    else:
        line(f"E_SERVE_SILENT: {say('E_SERVE_SILENT', desk.language, address=address, reason=reason)}", err=True)
    if reason is not None:
        raise typer.Exit(DOES_NOT_HOLD)


def _operator(desk: Desk, settings: "ServeSettings", file: Path) -> NoteSigner | None:
    """The operator's signer, of a book that is safe to serve; None on a replica that does without the key. Nothing of
    the database stays open, because processes may be forked.
    """
    from ledger_api.keeping.doctor import Serving, refuse_unsafe

    key = None if settings.certificate_key is None else Path(settings.certificate_key)
    with desk.book() as book:
        for check in refuse_unsafe(book, settings.accept, Serving(file, key)):
            line(f"{check.code} {check.message(desk.language)}", err=True)
        if settings.workers > 1 and book.settings.database.startswith(ON_ONE_PROCESS):
            raise InputError("E_SERVE_WORKERS", workers=settings.workers)
        if book.store.is_read_only and not book.settings.operator_key.exists():
            return None
        return operator_of(desk, book)
