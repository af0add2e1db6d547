"""The doctor and the settings of a server that lie elsewhere than beside the book."""

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ledger_api.cli import app
from tests.api.county import Office


def elsewhere(office: Office, **settings: str) -> Path:
    """Settings in a folder of their own, with a certificate that can be served."""
    folder = office.folder / "etc"
    folder.mkdir()
    made = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    files = ("-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.pem"), "-subj", "/CN=ledger.test")
    subprocess.run(("openssl", *made, *files), check=True, capture_output=True)
    told = settings or {"certificate": "tls.pem", "certificate_key": "tls.key"}
    lines = [f'{name} = "{value}"' for name, value in told.items()]
    file = folder / "office.toml"
    file.write_text("\n".join(["[serve]", *lines, ""]), encoding="utf-8")
    file.chmod(0o644)
    (folder / "tls.key").chmod(0o644)
    return file


def test_settings_that_lie_elsewhere_are_looked_at_with_the_book_and_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = elsewhere(office)
    told = office.asked("doctor", "--settings", file, code=1)
    names = {one["name"] for one in told["checks"]}
    assert {str(file), str(file.parent / "tls.key"), str(office.book)} <= names
    wrong = {one["name"]: one["code"] for one in told["checks"] if not one["ok"]}
    assert wrong[str(file.parent / "tls.key")] == "E_DOCTOR_MODE"
    (file.parent / "tls.key").chmod(0o600)
    monkeypatch.delenv("LEDGER_BOOK", raising=False)
    alone = CliRunner().invoke(app, ["doctor", "--settings", str(file), "--json"])
    assert alone.exit_code == 0, alone.output
    assert {one["name"] for one in json.loads(alone.stdout)["checks"]} == {str(file), str(file.parent / "tls.key")}
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 2, "nothing was named to look at"


UNSERVABLE: dict[str, tuple[dict[str, str] | None, str]] = {
    "no such file": (None, "E_SERVE_FILE"),
    "no such setting": ({"colour": "red"}, "E_SERVE_SETTING"),
    "plain on the network": ({"host": "192.0.2.1"}, "E_SERVE_PLAIN"),
    "no certificate there": ({"certificate": "gone.pem", "certificate_key": "tls.key"}, "E_SERVE_CERTIFICATE_FILE"),
}


@pytest.mark.parametrize("case", UNSERVABLE)
def test_settings_that_cannot_be_served_are_told_as_serve_tells_them(office: Office, case: str) -> None:
    settings, code = UNSERVABLE[case]
    file = office.folder / "nowhere.toml" if settings is None else elsewhere(office, **settings)
    assert office.asked("doctor", "--settings", file, code=2)["error"]["code"] == code
    assert office.asked("serve", "--settings", file, code=2)["error"]["code"] == code
