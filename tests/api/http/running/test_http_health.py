"""`health` asks the service as its settings say that it listens; the container's check is that command."""

import socket
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ledger_api.cli import app
from ledger_api.http.running.probing import address_of
from ledger_api.http.running.settings import ServeSettings
from tests.api.http.running.live import ROOT, directory_of, live
from tests.application.proposing.county import County

# As an operator has it -> what `serve.toml` says beside the port.
KEPT = {
    "nothing is set": "",
    "a name on loopback": 'names = ["ledger.intranet"]',
    "TLS": 'host = "0.0.0.0"\nnames = ["ledger.intranet"]\ncertificate = "tls.crt"\ncertificate_key = "tls.key"',
    "behind a proxy": 'host = "0.0.0.0"\nnames = ["ledger.intranet"]\nbehind_proxy = ["10.0.0.7"]',
}


def asked(folder: Path, *words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["health", "--book", str(folder), *words])
    return result.exit_code, result.stdout, result.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.mark.parametrize("said", KEPT.values(), ids=KEPT)
def test_the_service_is_found_as_it_is_set_up(said: str, sqlite_county: County) -> None:
    folder, port = directory_of(sqlite_county), free_port()
    (folder / "serve.toml").write_text(f"[serve]\nport = {port}\n{said}\n", encoding="utf-8")
    if "certificate" in said:
        made = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=ledger.intranet",
            "-days",
            "2",
        ]
        subprocess.run(
            [*made, "-keyout", folder / "tls.key", "-out", folder / "tls.crt"], check=True, capture_output=True
        )
        (folder / "tls.key").chmod(0o600)
    with live(folder, "--port", str(port)) as server:
        assert asked(folder)[::2] == (0, "")
        assert server.stop() == 0
    code, _, told = asked(folder)
    assert code == 1
    assert told.startswith(f"E_SERVE_SILENT: {'https' if 'certificate' in said else 'http'}://127.0.0.1:{port} ")


def test_what_answers_otherwise_is_not_the_service(sqlite_county: County) -> None:
    """A service of another name refuses; one that speaks no TLS cannot be greeted; any port is none to ask."""
    folder = directory_of(sqlite_county)
    settings = folder / "serve.toml"
    settings.write_text('[serve]\nnames = ["ledger.intranet"]\n', encoding="utf-8")
    with live(folder) as server:
        port = server.url.rsplit(":", 1)[1]
        assert asked(folder, "--port", port)[0] == 0
        settings.write_text('[serve]\nnames = ["other.intranet"]\n', encoding="utf-8")
        code, _, told = asked(folder, "--port", port)
        assert (code, "HTTP 400" in told) == (1, True)
        settings.write_text('[serve]\ncertificate = "a"\ncertificate_key = "a"\n', encoding="utf-8")
        assert asked(folder, "--port", port)[0] == 1
        assert server.stop() == 0
    settings.write_text("[serve]\nport = 0\n", encoding="utf-8")
    code, _, told = asked(folder)
    assert (code, "E_HEALTH_PORT" in told) == (2, True)


@pytest.mark.parametrize(
    ("host", "expected"),
    {"127.0.0.1": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]", "10.1.2.3": "10.1.2.3", "a.b": "a.b"}.items(),
)
def test_every_address_is_reached_by_this_machines_own(host: str, expected: str) -> None:
    assert address_of(ServeSettings(host=host, port=1)) == f"http://{expected}:1"


def test_the_container_asks_with_this_command() -> None:
    (line,) = [
        line
        for line in (ROOT / "deploy/Containerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("HEALTHCHECK")
    ]
    assert line.partition(" CMD ")[2] == "/opt/charity-ledger/bin/charity-ledger health || exit 1"
