"""`serve.toml`: what it may say, what the command line says over it, what is refused before a socket is opened."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from ledger.errors import InputError
from ledger_api.cli.program import app
from ledger_api.http.running.server import tls_of
from ledger_api.http.running.settings import ServeSettings, read_serve_settings
from tests.tidy.sources import ROOT

GUIDE = ROOT / "docs/operations-http.md"
OPTION_OF = {"names": "name"}


def read(folder: Path, text: str | None, **given: Any) -> ServeSettings:
    file = folder / "serve.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    return read_serve_settings(file, needed=text is not None, given=given)


def test_without_a_file_only_this_machine_is_served(tmp_path: Path) -> None:
    found = read(tmp_path, None)
    assert (found.host, found.certificate, found.behind_proxy) == ("127.0.0.1", None, ())
    assert found.host_names == {"localhost", "127.0.0.1", "::1"}


def test_the_command_line_says_the_last_word(tmp_path: Path) -> None:
    text = '[serve]\nhost = "0.0.0.0"\nport = 1\nnames = ["a.test"]\nbehind_proxy = ["10.0.0.1"]\nworkers = 2\n'
    assert read(tmp_path, text).port == 1
    found = read(tmp_path, text, port=2, names=["b.test"], workers=None, behind_proxy=[])
    assert (found.port, found.names, found.workers, found.behind_proxy) == (2, ("b.test",), 2, ("10.0.0.1",))
    with pytest.raises(InputError, match="E_SERVE_FILE"):
        read_serve_settings(tmp_path / "other.toml", needed=True, given={})


def test_a_certificate_of_the_file_lies_beside_it(tmp_path: Path) -> None:
    text = '[serve]\ncertificate = "tls.crt"\ncertificate_key = "/etc/tls.key"\n'
    found = read(tmp_path, text)
    assert (found.certificate, found.certificate_key) == (str(tmp_path / "tls.crt"), "/etc/tls.key")
    assert read(tmp_path, text, certificate="here.crt").certificate == "here.crt"


REFUSED = {
    "unknown setting": ("[serve]\nprot = 1\n", "E_SERVE_SETTING"),
    "unknown table": ("[server]\nport = 1\n", "E_SERVE_SETTING"),
    "beside the table": ("port = 1\n[serve]\n", "E_SERVE_SETTING"),
    "no table": ("serve = 1\n", "E_SERVE_SETTING"),
    "port of text": ('[serve]\nport = "1"\n', "E_SERVE_SETTING"),
    "port too high": ("[serve]\nport = 65536\n", "E_SERVE_SETTING"),
    "no time at all": ("[serve]\nbody_seconds = 0\n", "E_SERVE_SETTING"),
    "time without end": ("[serve]\nbody_seconds = inf\n", "E_SERVE_SETTING"),
    "no such level": ('[serve]\nlog_level = "loud"\n', "E_SERVE_SETTING"),
    "a code that is none": ('[serve]\naccept = ["E_DOCTOR_MODE", "E_NOPE"]\n', "E_SERVE_SETTING"),
    "a code of something else": ('[serve]\naccept = ["E_UNSAFE_BOOK"]\n', "E_SERVE_SETTING"),
    "not TOML": ("[serve\n", "E_SERVE_FILE"),
    "not UTF-8": ("[serve]\nhost = '\udcff'\n", "E_SERVE_FILE"),
    "plain to all": ('[serve]\nhost = "0.0.0.0"\nnames = ["a.test"]\n', "E_SERVE_PLAIN"),
    "plain to a name": ('[serve]\nhost = "ledger.intranet"\nnames = ["a.test"]\n', "E_SERVE_PLAIN"),
    "plain to all of IPv6": ('[serve]\nhost = "::"\nnames = ["a.test"]\n', "E_SERVE_PLAIN"),
    "half a certificate": ('[serve]\ncertificate = "a"\n', "E_SERVE_CERTIFICATE"),
    "the other half": ('[serve]\ncertificate_key = "a"\n', "E_SERVE_CERTIFICATE"),
    "no names": ('[serve]\nhost = "0.0.0.0"\ncertificate = "a"\ncertificate_key = "b"\n', "E_SERVE_NAMES"),
    "a proxy by name": ('[serve]\nbehind_proxy = ["proxy.test"]\n', "E_SERVE_PROXY"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_what_cannot_be_is_refused(tmp_path: Path, how: str) -> None:
    text, code = REFUSED[how]
    file = tmp_path / "serve.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=code):
        read_serve_settings(file, needed=True, given={})


def test_a_code_that_the_doctor_does_not_know_is_named_wherever_it_was_said(tmp_path: Path) -> None:
    assert read(tmp_path, '[serve]\naccept = ["E_DOCTOR_MODE"]\n').accept == ("E_DOCTOR_MODE",)
    with pytest.raises(InputError, match="E_SERVE_SETTING") as told:
        read(tmp_path, None, accept=["E_DOCTOR_MODE", "E_NOPE"])
    assert (told.value.params["setting"], "E_NOPE" in told.value.message("en")) == ("accept", True)


def test_every_setting_has_its_option_and_its_line_in_the_guide() -> None:
    command = get_command(app).commands["serve"]  # type: ignore[attr-defined]  # a group of commands
    options = {one.name for one in command.params}
    told = set(re.findall(r"^\| `(\w+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    settings = set(ServeSettings.model_fields)
    assert {OPTION_OF.get(name, name) for name in settings} <= options
    assert told == settings


@pytest.mark.parametrize("name", ["certificate", "certificate_key"])
def test_a_certificate_that_is_not_there_is_named_before_anything_is_served(tmp_path: Path, name: str) -> None:
    text = '[serve]\ncertificate = "a.crt"\ncertificate_key = "a.key"\n'
    other = {"certificate": "a.key", "certificate_key": "a.crt"}[name]
    (tmp_path / other).write_text("no PEM", encoding="utf-8")
    missing = tmp_path / {"certificate": "a.crt", "certificate_key": "a.key"}[name]
    with pytest.raises(InputError, match="E_SERVE_CERTIFICATE_FILE") as told:
        tls_of(read(tmp_path, text))
    assert told.value.params["file"] == str(missing)
    missing.write_text("no PEM either", encoding="utf-8")
    with pytest.raises(InputError, match="E_SERVE_CERTIFICATE_FILE") as told:
        tls_of(read(tmp_path, text))
    assert {str(missing), str(tmp_path / other)} == set(str(told.value.params["file"]).split(", "))
