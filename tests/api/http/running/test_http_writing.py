"""The writer's own process: what it answers, what becomes of requests when it dies, and that it never outlives its
server.
"""

import copy
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Pipe
from pathlib import Path

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.errors import AuthorityError, BusyError, EvidenceError, InputError, LedgerError, NotFoundError, RefusedError
from ledger.flows.knowledge import Finding
from ledger.signing.vkeys import NoteSigner
from ledger_api.books import Book
from ledger_api.http.running.writing import BEHIND, LANES, Hand, Lane, WritingProcess, answer_lane
from ledger_api.http.service import Service
from tests.api.http.house import body_of, donation
from tests.api.http.running.live import START_S, Live, client_of, directory_of, live, voucher
from tests.application.proposing.county import ORIGIN, County

MAKER = "acct-charity"
KINDS = (InputError, AuthorityError, RefusedError, NotFoundError, EvidenceError, BusyError)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_from_another_process_as_it_is(kind: type[LedgerError]) -> None:
    error = kind("E_BOOK_BUSY", voucher="v", rows=[1, 2])
    found = copy.copy(error)  # by the way that also leads between processes
    assert (type(found), found.code, found.params, str(found)) == (kind, error.code, error.params, str(error))


def test_a_refusal_comes_with_all_its_findings() -> None:
    error = VoucherRefusedError("v", [Finding("E_FUND_SHORT", 0, (("fund", "f"),)), Finding("W_LATE", 1, ())], 7)
    found = copy.copy(error)  # by the way that also leads between processes
    assert (type(found), found.findings, found.params) == (VoucherRefusedError, error.findings, error.params)


def children(server: Live) -> list[int]:
    pid = server.process.pid
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def posted(county: County, server: Live, number: int) -> int:
    with client_of(server.url, county.keys[MAKER]) as client:
        body = body_of(voucher(county, MAKER, "charity", donation(number)))
        return client.post("/v1/vouchers", json=body).status_code


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def gone(pid: int) -> bool:
    until = time.monotonic() + START_S
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not is_alive(pid)


def test_it_ends_with_its_server(county: County) -> None:
    with live(directory_of(county)) as server:
        (writer,) = children(server)
        assert posted(county, server, 1) == 201
        assert server.stop() == 0
        assert not is_alive(writer), "whoever starts the server again finds nobody writing"
    assert not [one for one in server.lines() if one["level"] == "error"]


def test_it_stands_back_for_who_answers_requests(county: County) -> None:
    with live(directory_of(county)) as server:
        (writer,) = children(server)
        assert posted(county, server, 1) == 201
        server_at, writer_at = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (server.process.pid, writer))
        assert writer_at == min(server_at + BEHIND, 19) > server_at
        assert server.stop() == 0


def test_it_ends_when_its_server_is_killed(county: County) -> None:
    with live(directory_of(county)) as server:
        (writer,) = children(server)
        assert posted(county, server, 1) == 201
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        assert gone(writer)
    with live(directory_of(county)) as server:
        assert posted(county, server, 2) == 201
        assert server.stop() == 0


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_everybody_does_not_end_it_first(county: County, sig: signal.Signals) -> None:
    """A service manager and a terminal signal the whole group; what is handed in after that is still written."""
    with live(directory_of(county)) as server:
        (writer,) = children(server)
        os.kill(writer, sig)
        assert posted(county, server, 1) == 201
        assert is_alive(writer)
        assert server.stop() == 0


def test_a_server_goes_on_when_it_is_gone(county: County) -> None:
    with live(directory_of(county)) as server:
        (writer,) = children(server)
        assert posted(county, server, 1) == 201
        os.kill(writer, signal.SIGKILL)
        assert gone(writer)
        assert [posted(county, server, number) for number in (2, 3)] == [201, 201]
        assert server.stop() == 0
    told = [one for one in server.lines() if one["level"] == "error"]
    assert [one["message"] for one in told] == ["writer gone"]


class Deaf:
    """A pipe whose other end dies after it has read what it was asked: nobody knows what became of it."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def ask(self, _way: str, submissions: Sequence[Submission]) -> None:
        self._service.writer.submit_all(submissions)
        raise EOFError

    def close(self) -> None:
        """Nothing is open."""


def test_what_was_posted_before_it_died_is_posted_once(county: County) -> None:
    service = Service(Book.open(directory_of(county)), NoteSigner(ORIGIN, county.operator))
    hand = Hand(dict.fromkeys(LANES, Deaf(service)))  # type: ignore[arg-type]  # of a lane it has what is used
    submission = voucher(county, MAKER, "charity", donation(1))
    (answer,) = hand.submit("vouchers", "submit_all", [submission], service.writer)
    assert isinstance(answer, Receipt)
    assert answer.repeated
    assert service.writer.receipt(answer.voucher).number == answer.number
    service.close()


class Broken(Writer):
    """A writer with a fault of its own."""

    def __init__(self) -> None:
        """It has nothing."""
        self.committed = str

    def submit_all(self, submissions: Sequence[Submission]) -> list[Receipt]:  # type: ignore[override]  # it answers none
        raise ZeroDivisionError(len(submissions))


def test_a_fault_of_its_own_is_told_to_whoever_asked() -> None:
    """And it goes on: the next who asks is answered as well."""
    process = WritingProcess(lambda: (Broken(), lambda: None), 1, [])
    hand = process.keep(0)
    for _ in range(2):
        with pytest.raises(EvidenceError) as caught:
            hand.submit("vouchers", "submit_all", [], Broken())
        assert (caught.value.code, caught.value.params["reason"]) == ("E_WRITER", "ZeroDivisionError")
    process.end()
    assert not is_alive(process.pid)


def test_a_lane_that_is_closed_says_so() -> None:
    own, other = Pipe()
    other.close()
    with pytest.raises((OSError, EOFError)):
        Lane(own).ask("submit_all", [])


class Idle(Writer):
    """A writer that has nothing to do."""

    def __init__(self) -> None:
        """It has nothing."""
        self.committed = str  # set by the process

    def submit_all(self, submissions: Sequence[Submission]) -> list[Receipt]:  # type: ignore[override]  # it answers none
        del submissions
        return []


class TakenMeanwhile(deque[int]):
    """Counts that another thread takes between a look at them and the taking."""

    def __len__(self) -> int:
        return 1


def test_counts_that_another_thread_has_taken_keep_nobody_waiting() -> None:
    own, other = Pipe()
    thread = threading.Thread(target=answer_lane, args=(Idle(), other, TakenMeanwhile()), daemon=True)
    thread.start()
    own.send(("submit_all", []))
    assert own.poll(START_S), "whoever asked is answered"
    assert own.recv() == ([], [])
    own.close()
    thread.join(START_S)
    assert not thread.is_alive()


class Unsendable(Writer):
    """A writer whose answer cannot be sent."""

    def __init__(self) -> None:
        """It has nothing."""
        self.committed = str

    def submit_all(self, submissions: Sequence[Submission]) -> list[Receipt]:  # type: ignore[override]  # it answers none
        return [threading.Lock() for _ in (*submissions, 1)]  # type: ignore[misc]  # no receipt at all


def test_whoever_is_not_answered_does_it_alone() -> None:
    process = WritingProcess(lambda: (Unsendable(), lambda: None), 1, [])
    assert process.keep(0).submit("vouchers", "submit_all", [], Idle()) == []
    process.end()
