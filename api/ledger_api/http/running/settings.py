"""`serve.toml`: how a book is served. Every setting has an option of the same name on the command line, which wins.

What would let a password or a voucher travel unprotected is refused before a socket is opened: plain HTTP is for this
machine, or for a proxy that is named.
"""

import ipaddress
import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ledger.catalogue import codes
from ledger.errors import InputError
from ledger.flows.forms import form, form_fault
from ledger_api.given_files import machine_reason

FILE: Final = "serve.toml"
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")


class ServeSettings(BaseModel):
    """The table `[serve]`. Times are in seconds; 0 turns a limit of requests, of connections or of disk off."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    host: str = Field(default="127.0.0.1", max_length=255)
    port: int = Field(default=8443, ge=0, le=65535)
    names: tuple[str, ...] = Field(default=(), strict=False)
    certificate: str | None = None
    certificate_key: str | None = None
    behind_proxy: tuple[str, ...] = Field(default=(), strict=False)
    workers: int = Field(default=1, ge=1, le=64)
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    requests_per_minute: int = Field(default=6_000, ge=0, le=10_000_000)
    body_megabytes: int = Field(default=256, ge=32, le=65_536)
    body_seconds: float = Field(default=30, gt=0, le=3600, strict=False)
    header_seconds: float = Field(default=10, gt=0, le=3600, strict=False)
    idle_seconds: float = Field(default=30, gt=0, le=3600, strict=False)
    stalled_seconds: float = Field(default=60, gt=0, le=3600, strict=False)
    connections_per_address: int = Field(default=200, ge=0, le=2_000)
    stop_seconds: int = Field(default=30, ge=1, le=3600)
    streams: int = Field(default=200, ge=0, le=1_000)
    streams_per_caller: int = Field(default=4, ge=1, le=1_000)
    stream_seconds: float = Field(default=3600, gt=0, le=86_400, strict=False)
    hook_networks: tuple[str, ...] = Field(default=(), strict=False)
    hook_ports: tuple[int, ...] = Field(default=(443, 8443), strict=False)
    hook_days: int = Field(default=5, ge=1, le=365)
    hook_certificates: str | None = None
    disk_megabytes: int = Field(default=512, ge=0, le=1_000_000_000)
    accept: tuple[str, ...] = Field(default=(), strict=False)
    """Codes of unsafe findings (`charity-ledger doctor`) that are served all the same; each is told at the start."""

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the socket."""
        return self.host == "localhost" or _is_loopback(self.host)

    @property
    def host_names(self) -> frozenset[str]:
        """The names that a request may be addressed to, in lower case."""
        return frozenset(name.lower() for name in (*self.names, *(LOOPBACK_NAMES if self.loopback else ())))


def read_serve_settings(file: Path, *, needed: bool, given: dict[str, Any]) -> ServeSettings:
    """The settings of a file, with what was `given` on the command line (None: not given) over them.

    Raises InputError E_SERVE_FILE for a file that cannot be read (`needed`: also for one that is not there),
    E_SERVE_SETTING for a setting that is unknown or cannot be, and what `require_safe` raises.
    """
    found = _read(file) if needed or file.is_file() else {}
    said = found | {name: value for name, value in given.items() if value not in (None, (), [])}
    try:
        settings = ServeSettings.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        setting = ".".join(map(str, first["loc"]))
        raise InputError("E_SERVE_SETTING", file=str(file), setting=setting, reason=form_fault(first)) from None
    if unknown := [code for code in settings.accept if not _is_of_the_doctor(code)]:
        raise InputError(
            "E_SERVE_SETTING", file=str(file), setting="accept", reason=form("no_finding", value=unknown[0][:64])
        )
    base = file.parent
    placed = {
        name: str(base / found[name])
        for name in ("certificate", "certificate_key", "hook_certificates")
        if found.get(name) is not None and given.get(name) is None
    }
    if placed:
        settings = ServeSettings.model_validate(settings.model_dump() | placed)
    require_safe(settings)
    return settings


def require_safe(settings: ServeSettings) -> None:
    """Raises InputError E_SERVE_PLAIN, E_SERVE_CERTIFICATE, E_SERVE_NAMES, E_SERVE_PROXY or E_SERVE_HOOK_NETWORK."""
    if (settings.certificate is None) != (settings.certificate_key is None):
        raise InputError("E_SERVE_CERTIFICATE")
    for address in settings.behind_proxy:
        try:
            ipaddress.ip_network(address)
        except ValueError:
            raise InputError("E_SERVE_PROXY", value=address[:64]) from None
    for network in settings.hook_networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise InputError("E_SERVE_HOOK_NETWORK", value=network[:64]) from None
    if settings.loopback:
        return
    if settings.certificate is None and not settings.behind_proxy:
        raise InputError("E_SERVE_PLAIN", host=settings.host)
    if not settings.names:
        raise InputError("E_SERVE_NAMES", host=settings.host)


def _read(file: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError("E_SERVE_FILE", file=str(file), reason=machine_reason(error)) from None
    except UnicodeDecodeError:
        raise InputError("E_SERVE_FILE", file=str(file), reason=form("file_utf8")) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError("E_SERVE_FILE", file=str(file), reason=str(error)) from None
    unknown = [name for name in document if name != "serve"]
    table = document.get("serve", {})
    if unknown or not isinstance(table, dict):
        setting = unknown[0] if unknown else "serve"
        raise InputError("E_SERVE_SETTING", file=str(file), setting=setting, reason="[serve]")
    return table


def _is_of_the_doctor(code: str) -> bool:
    """Whether the doctor may find something of this code."""
    return code.startswith("E_DOCTOR_") and code in codes()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
