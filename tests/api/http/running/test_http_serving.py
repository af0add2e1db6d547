"""`charity-ledger serve` as a process: its TLS, its log, clients who dawdle, its end under load, several processes."""

import json
import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from ledger_api.cli.program import app
from ledger_api.http.middleware import new_trace
from ledger_api.http.running.logs import STRUCK, JsonLines, struck
from ledger_api.http.running.server import RESTARTS_MAX
from tests.api.http.house import body_of, donation
from tests.api.http.running.live import PASSPHRASE, PROGRAM, ROOT, START_S, Live, client_of, directory_of, live, voucher
from tests.application.proposing.county import County

MAKER = "acct-charity"
IDENTITY = "110101199003078515"
MOBILE = "13812345678"
TOKEN = "clk_7f3a_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"
FORGED = 'x\r\n{"level": "error", "message": "forged"}'


def test_the_log_tells_what_was_asked_and_nothing_of_anybody(sqlite_county: County) -> None:
    """Numbers, tokens and line ends are planted wherever a client can write."""
    key = sqlite_county.keys[MAKER]
    with live(directory_of(sqlite_county), "--log-level", "debug") as server:
        with client_of(server.url, key) as client:
            planted = f"{IDENTITY}/{MOBILE}/{TOKEN}"
            client.get(f"/v1/trails/donor:{IDENTITY}")
            client.get(f"/v1/{planted}", params={"who": FORGED})
            client.get("/v1/balances", params={"entity": IDENTITY, "at": FORGED})
            client.get("/v1/health", headers={"Authorization": f"Bearer {TOKEN}", "User-Agent": IDENTITY})
            client.post("/v1/vouchers", json={"envelope": planted, "events": [FORGED]})
            client.request(f"GET{MOBILE}", "/v1/health")
            body = body_of(voucher(sqlite_county, MAKER, "charity", donation(1)))
            assert client.post("/v1/vouchers", json=body).status_code == 201
        with socket.create_connection(_address(server)) as raw:
            raw.sendall(f"GET /{IDENTITY} HTTP/1.1\r\nHost: {MOBILE}\r\n{TOKEN}\r\n\r\n".encode())
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
        assert server.stop() == 0
    everything = "\n".join(server.said)
    for secret in (IDENTITY, MOBILE, TOKEN, PASSPHRASE, sqlite_county.operator.seed.hex(), "forged"):
        assert secret not in everything
    lines = server.lines()
    assert len(lines) == len(server.said) - 1, "every line but the first is JSON"
    posted = [one for one in lines if (one.get("route"), one.get("status")) == ("/v1/vouchers", 201)]
    assert [(one["caller"], one["method"]) for one in posted] == [(MAKER, "POST")]
    assert all(one["time"].endswith("+00:00") and one["level"] and one["logger"] for one in lines)


def test_what_is_struck_out_of_a_line() -> None:
    for secret in (
        IDENTITY,
        MOBILE,
        TOKEN,
        f"Bearer {TOKEN}",
        "６２２２０２１２３４５６７８９０１２３",
        "a" * 64,
        "138 1234 5678",
    ):
        assert struck(f"before {secret} after").replace(STRUCK, "") == "before  after", secret
    for plain in ("Started server process [4711]", "2025-09-30T10:00:00+08:00", "fund:general-2025"):
        assert struck(plain) == plain


def test_of_a_read_only_key_the_name_is_logged_and_never_the_secret() -> None:
    """Also where the name looks like a number: the door wrote it, and no client chooses it."""
    name, number = "clk_f262442ee27be657", "clk_6222021234567890"
    secret = f"{name}_FyJ8mYZK2a2A8DYTwShcfreXmCWTvcpHBdDawDU-0lM"
    for one in (name, number):
        record = logging.makeLogRecord({"msg": "request", "caller": one, "code": "E_NOT_ALLOWED"})
        assert json.loads(JsonLines().format(record))["caller"] == one
    for spoilt in (
        secret,
        secret[:-10],
        f"{name}_",
        f"{name}-x",
        f"{name}.x",
        f"{name}0",
        number + "_" + "x" * 43,
        IDENTITY,
    ):
        record = logging.makeLogRecord({"msg": "request", "caller": spoilt})
        assert json.loads(JsonLines().format(record))["caller"] == STRUCK, spoilt
    assert struck(f"of {name} now") == f"of {name} now"
    assert struck(f"of {secret} now") == f"of {STRUCK} now"


def test_no_requests_number_is_taken_for_a_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of random digits one in a hundred was struck out of the line that its sender was told to ask for."""
    chosen = [number * 8 for number in (b"\x13", b"\x99", b"\x00", b"\xfa")]
    monkeypatch.setattr("ledger_api.http.middleware.random", lambda _: chosen[-1])
    found = set[str]()
    while chosen:
        trace = new_trace()
        assert (struck(trace), len(trace), trace.isalpha()) == (trace, 16, True)
        found.add(trace)
        chosen.pop()
    assert len(found) == 4


def test_an_unprotected_address_is_refused(sqlite_county: County) -> None:
    folder = directory_of(sqlite_county)
    for options, code in [
        (["--host", "0.0.0.0"], "E_SERVE_PLAIN"),
        (["--workers", "2"], "E_SERVE_WORKERS"),
        (["--behind-proxy", "nobody"], "E_SERVE_PROXY"),
        (["--settings", "nowhere.toml"], "E_SERVE_FILE"),
    ]:
        arguments = ["serve", "--book", str(folder), "--port", "0", *options]
        ended = CliRunner().invoke(app, arguments)
        assert ended.exit_code == 2
        assert code in ended.stderr


def test_a_client_that_dawdles_is_hung_up_on(sqlite_county: County) -> None:
    options = ("--header-seconds", "0.4", "--body-seconds", "0.4")
    with live(directory_of(sqlite_county), *options) as server:
        address = _address(server)
        silent = socket.create_connection(address, timeout=30)
        dripping = socket.create_connection(address, timeout=30)
        half = socket.create_connection(address, timeout=30)
        half.sendall(b"POST /v1/vouchers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
        try:
            for byte in b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 1000:
                dripping.sendall(bytes([byte]))
                time.sleep(0.02)
        except OSError:
            pass
        else:
            pytest.fail("headers could be dripped for ever")
        assert silent.recv(100) == b""
        assert half.recv(1000).startswith(b"HTTP/1.1 408")
        assert httpx2.get(f"{server.url}/v1/health").status_code == 200
        assert server.stop() == 0
        for one in (silent, dripping, half):
            one.close()


def test_tls_with_an_authority_of_ones_own(sqlite_county: County, tmp_path: Path) -> None:
    """The recipe of the guide, run as it is printed."""
    guide = (ROOT / "docs/operations-http.md").read_text(encoding="utf-8")
    recipe = guide.partition("<!-- recipe -->\n```sh\n")[2].partition("```")[0]
    assert recipe
    subprocess.run(["bash", "-euo", "pipefail", "-c", recipe], cwd=tmp_path, check=True, capture_output=True)
    options = ("--certificate", str(tmp_path / "tls.crt"), "--certificate-key", str(tmp_path / "tls.key"))
    with live(directory_of(sqlite_county), "--host", "0.0.0.0", "--name", "ledger.intranet", *options) as server:
        port = _address(server)[1]
        context = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
        with _greeted(context, port) as secured:
            assert secured.version() == "TLSv1.3"
            secured.sendall(b"GET /v1/health HTTP/1.1\r\nHost: ledger.intranet\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: secured.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.1 200")
            assert b"strict-transport-security: max-age=31536000" in answer
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with _greeted(context, port) as secured:
            cipher = secured.cipher()
            assert cipher is not None
            assert cipher[0].startswith("ECDHE-")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError):
            _greeted(old, port)
        with pytest.raises(ssl.SSLCertVerificationError):
            _greeted(ssl.create_default_context(), port)
        assert server.stop() == 0


def test_told_to_end_it_answers_what_it_was_asked(sqlite_county: County) -> None:
    """Sixteen clients post without a pause when SIGTERM comes: what was answered is in the book, and no more is."""
    answered: set[str] = set()
    asked: set[str] = set()
    key = sqlite_county.keys[MAKER]
    with live(directory_of(sqlite_county)) as server:

        def work(name: int) -> None:
            with client_of(server.url, key) as client:
                for number in range(1000):
                    donated = f"http-{name * 1000 + number}"
                    body = body_of(voucher(sqlite_county, MAKER, "charity", donation(name * 1000 + number)))
                    asked.add(donated)
                    try:
                        answer = client.post("/v1/vouchers", json=body)
                    except httpx2.TransportError:
                        return
                    assert answer.status_code == 201, answer.text
                    answered.add(donated)

        threads = [threading.Thread(target=work, args=(name,)) for name in range(16)]
        for thread in threads:
            thread.start()
        while len(answered) < 40:
            time.sleep(0.01)
        assert server.stop() == 0
        for thread in threads:
            thread.join()
    with sqlite_county.store.read() as connection:
        rows = connection.execute(text("select data from events where kind = 'donation.received'"))
        recorded = {json.loads(data)["donation"] for (data,) in rows} & asked
    assert len(answered) >= 40
    assert recorded == answered


def test_several_processes_share_a_socket_and_a_log(pg_county: County) -> None:
    key = pg_county.keys[MAKER]
    with live(directory_of(pg_county), "--workers", "2") as server:
        for number in range(20):
            with client_of(server.url, key) as client:  # a connection of its own each: the kernel chooses who answers
                body = body_of(voucher(pg_county, MAKER, "charity", donation(number)))
                assert client.post("/v1/vouchers", json=body).status_code == 201
        _writer, *workers = _children(server.process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        server.until(lambda: len(_started(server)) == 3)
        with client_of(server.url, key) as client:
            assert client.get("/v1/balances").status_code == 200
        for number in range(20, 30):  # also the one that came anew, which has no part in the writer
            with client_of(server.url, key) as client:
                body = body_of(voucher(pg_county, MAKER, "charity", donation(number)))
                assert client.post("/v1/vouchers", json=body).status_code == 201
        assert server.stop() == 0
    assert len(_started(server)) == 3
    ended = [one for one in server.lines() if one["message"] == "worker ended"]
    assert [one["status"] for one in ended] == [-signal.SIGKILL]


def test_an_operators_wrong_passphrase_serves_nothing(sqlite_county: County) -> None:
    folder = directory_of(sqlite_county)
    (folder / "passphrase").write_text("wrong", encoding="utf-8")
    ended = CliRunner().invoke(app, ["serve", "--book", str(folder), "--port", "0"])
    assert (ended.exit_code, "E_PASSPHRASE" in ended.stderr) == (2, True)


def _started(server: Live) -> set[str]:
    """Every process that ever served."""
    return {one["message"] for one in server.lines() if one["message"].startswith("Started server process")}


def _address(server: Live) -> tuple[str, int]:
    port = int(server.url.rpartition(":")[2])
    return "127.0.0.1", port


def _greeted(context: ssl.SSLContext, port: int) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=30)
    try:
        return context.wrap_socket(plain, server_hostname="ledger.intranet")
    except BaseException:
        plain.close()
        raise


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def test_an_unsafe_book_is_served_by_nobody_unless_its_fault_is_accepted(sqlite_county: County) -> None:
    folder = directory_of(sqlite_county)
    (folder / "passphrase").chmod(0o644)
    words = [sys.executable, "-c", PROGRAM, "serve", "--book", str(folder), "--port", "0", "--lang", "en"]
    refused = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=START_S)
    assert (refused.returncode, "E_UNSAFE_BOOK" in refused.stderr) == (1, True), refused.stderr
    with live(folder, "--accept", "E_DOCTOR_MODE") as server:
        assert any(text.startswith("E_DOCTOR_MODE") for text in server.said)
        assert server.stop() == 0


NOTHING_TO_SERVE = """
from pathlib import Path

from ledger_api.http.running.process import ServedBook
from ledger_api.http.running.server import listening, run
from ledger_api.http.running.settings import ServeSettings

settings = ServeSettings(port=0, workers=2)
run(settings, listening(settings), ServedBook(Path("nowhere"), None, settings))
"""


MORTAL = """
import sys
import time

from ledger_api.http.running import server
from ledger_api.http.running.settings import ServeSettings

class Mortal:
    def writing(self, leave):
        return None

    def __call__(self, place, hand):
        if place == 0:
            time.sleep(600)
        time.sleep(0.05)
        raise RuntimeError("dead")

server.RESTARTS_S = float(sys.argv[1])
settings = ServeSettings(port=0, workers=2)
server.run(settings, server.listening(settings), Mortal())
"""
"""Of two processes one lives, and the other dies again and again."""


@contextmanager
def mortal(seconds: str) -> Iterator[Live]:
    words = [sys.executable, "-c", MORTAL, seconds]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Live(process)
        finally:
            if process.poll() is None:
                process.terminate()


def deaths(server: Live) -> int:
    return sum(one["message"] == "worker ended" for one in server.lines())


def test_a_worker_that_dies_is_started_again_however_long_the_service_has_run() -> None:
    with mortal("0.3") as server:
        server.until(lambda: deaths(server) > 2 * RESTARTS_MAX)
        assert server.stop() == 0


def test_a_service_whose_workers_die_too_fast_ends_and_says_so_and_does_not_shrink() -> None:
    """The one that lives would serve alone for ever, and nobody would know."""
    with mortal("60") as server:
        assert server.process.wait(START_S) == 1
        assert server.stop() == 1
        assert deaths(server) == RESTARTS_MAX + 1
        assert [one["level"] for one in server.lines() if one["message"] == "workers end too often"] == ["critical"]


def test_a_server_whose_processes_all_ended_by_themselves_did_not_end_well() -> None:
    """Whoever looks after the service (systemd) starts it again only when it says so."""
    ended = subprocess.run([sys.executable, "-c", NOTHING_TO_SERVE], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count(b"worker failed") > 2, "they were started again a few times"
