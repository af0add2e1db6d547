"""`serve`: the book on the network."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from ledger_api.cli.desk import Desk, operator_of
from ledger_api.cli.options import command
from ledger_api.cli.output import line

commands = typer.Typer()


@command(commands, "serve")
def serve(
    desk: Desk,
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="监听的地址。 Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="端口。 The port.")] = 8443,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="TLS 证书(PEM)。 The TLS certificate.")
    ] = None,
    certificate_key: Annotated[
        Path | None, typer.Option("--certificate-key", metavar="FILE", help="证书的私钥(PEM)。 Its private key.")
    ] = None,
) -> None:
    """在网络上提供账本(HTTP /v1)。 Serve the book over HTTP."""
    import uvicorn

    from ledger_api.http.app import create_app
    from ledger_api.http.service import Service

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    book = desk.book()
    app = create_app(Service(book, operator_of(desk, book)))
    line(desk.text(f"{book.origin} 在 {host}:{port} 提供服务", f"{book.origin} is served at {host}:{port}"), err=True)
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        date_header=True,
        log_level="warning",
        ssl_certfile=certificate,
        ssl_keyfile=certificate_key,
        timeout_graceful_shutdown=10,
    )
