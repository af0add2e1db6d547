"""One attempt: to the address that was looked at and no other, in bounded time, with a bounded answer."""

import asyncio
import subprocess
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from ledger_api.hooks.addresses import Reach, Target
from ledger_api.hooks.schedule import DELAYS_S, delay_s
from ledger_api.hooks.sending import Answer, Manners, attempt
from tests.api.hooks.receiver import Receiver, dawdling, receiving, status

HEADERS = {"webhook-id": "msg_1"}


def sent(receiver: Receiver, target: Target | None = None, **more: Any) -> Answer:
    manners = Manners(**{"reach": receiver.reach, **more})
    return asyncio.run(attempt(target or plain(receiver), b"{}", HEADERS, manners))


def plain(receiver: Receiver) -> Target:
    return Target("http", "127.0.0.1", receiver.port, "/told?who=us")


class Names:
    """A resolver with answers of its own, one list after the other."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for hooks.test, which is its own authority."""
    folder = tmp_path_factory.mktemp("tls")
    made = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    named = ("-subj", "/CN=hooks.test", "-addext", "subjectAltName=DNS:hooks.test")
    files = ("-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run(["openssl", *made, *named, *files], cwd=folder, check=True, capture_output=True)
    whole = folder / "both.pem"
    whole.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return whole


def test_what_is_sent_is_a_post_that_says_whose_it_is() -> None:
    with receiving() as receiver:
        assert sent(receiver) == Answer("200")
        (got,) = receiver.got
    assert (got.path, got.body, got.id) == ("/told?who=us", b"{}", "msg_1")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["content-type"] == "application/json"
    assert "authorization" not in got.headers


def test_the_connection_goes_to_the_address_that_was_looked_at_and_the_certificate_is_the_hosts(
    certificate: Path,
) -> None:
    with receiving(certificate) as receiver:
        target = Target("https", "hooks.test", receiver.port, "/x")
        names = Names(["127.0.0.1"], ["10.0.0.1"])
        assert sent(receiver, target, resolve=names, certificates=certificate) == Answer("200")
        assert names.asked == 1, "a second answer of the name is never used"
        assert receiver.got[0].headers["host"] == f"hooks.test:{receiver.port}"
        other = Target("https", "other.test", receiver.port, "/x")
        assert sent(receiver, other, resolve=Names(["127.0.0.1"]), certificates=certificate) == Answer("tls")
        assert sent(receiver, target, resolve=Names(["127.0.0.1"])) == Answer("tls"), "nobody vouches for it"
        assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["127.0.0.1", "::ffff:169.254.169.254"]]
)
def test_one_address_that_leads_inside_spoils_all_and_nothing_is_sent(addresses: list[str]) -> None:
    with receiving() as receiver:
        assert sent(receiver, resolve=Names(addresses)) == Answer("E_HOOK_ADDRESS")
        shut = Reach((), frozenset({receiver.port}))
        assert sent(receiver, reach=shut) == Answer("E_HOOK_ADDRESS")
        assert receiver.got == []


def test_nobody_is_followed_anywhere() -> None:
    with receiving() as receiver, receiving() as other:
        receiver.answers = [status(code, location=other.url) for code in (301, 302, 303, 307, 308)]
        assert [sent(receiver).said for _ in range(5)] == ["301", "302", "303", "307", "308"]
        assert other.got == []
    assert not any(Answer(said).is_delivered for said in ("301", "404", "500", "timeout", "2", "2000"))


def test_no_proxy_of_the_machine_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver, receiving() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert sent(receiver) == Answer("200")
        assert proxy.got == []


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100_000):
        handler.wfile.write(b"x" * 10_000)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    with receiving() as receiver:
        receiver.answers = [endless]
        assert sent(receiver) == Answer("200")


def test_a_receiver_that_dawdles_is_hung_up_on() -> None:
    done = threading.Event()
    with receiving() as receiver:
        receiver.answers = [dawdling(done), dripping]
        assert sent(receiver, timeout_s=0.3) == Answer("timeout")
        done.set()
        assert sent(receiver, timeout_s=0.3) == Answer("timeout"), "though a byte came in time, each time"


def test_what_else_can_go_wrong_has_a_word() -> None:
    async def nowhere(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    with receiving() as receiver:
        receiver.answers = [
            status(503, retry_after="77"),
            status(503, retry_after="soon"),
            lambda one: one.connection.close(),
        ]
        assert sent(receiver) == Answer("503", 77)
        assert sent(receiver) == Answer("503", 0)
        assert sent(receiver) == Answer("broken off")
        assert sent(receiver, resolve=Names([])) == Answer("unresolved")
        assert sent(receiver, resolve=nowhere) == Answer("broken off")
    assert sent(receiver) == Answer("unreached")


def test_the_schedule_is_the_specifications_and_never_shorter() -> None:
    for failures, usual in enumerate((*DELAYS_S, DELAYS_S[-1], DELAYS_S[-1]), 1):
        found = [delay_s(failures) for _ in range(50)]
        assert usual <= min(found) <= max(found) <= usual * 1.2
    assert len({delay_s(9) for _ in range(50)}) > 1, "receivers that failed together are not asked together"
    assert delay_s(1, 600) == 600
    assert sum(DELAYS_S) > 3 * 86_400
