"""Uploads when much comes at once, when something broke in between, and when roles go."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ledger.application.drafting import draft
from ledger.application.outcomes import Receipt
from ledger.errors import BusyError, RefusedError
from ledger.flows.registry import read_event
from ledger.values.dates import parse_day
from ledger_api.books import Book
from ledger_api.http.app import create_app
from ledger_api.http.imports import sessions
from ledger_api.http.imports.chosen import Chosen
from ledger_api.http.imports.sessions import Import
from ledger_api.http.imports.spool import KEPT_DAYS
from ledger_api.http.running import tidying
from ledger_api.http.service import Service
from tests.api.http.browsers import counted
from tests.api.http.house import House
from tests.api.http.uploads import MAKER, OTHER, put, roster
from tests.application.importing.offices import delimited, sample
from tests.application.proposing.county import MONTH, TODAY

CSV = delimited(sample("deaths")).encode()


def listed(house: House, officer: str = OTHER) -> int:
    return len(house.get(officer, "/v1/imports")["imports"])


def folder(house: House) -> Path:
    return house.county.folder / "imports"


def test_what_was_answered_is_answered_again_without_being_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the officer has as many uploads as there may be: the one that is asked for is among them."""
    monkeypatch.setattr(sessions, "KEPT_MOST", 1)
    first = put(house, CSV, key="k-1")
    work: list[str] = []
    counted(monkeypatch, work, sessions, "parse_file")
    again = put(house, CSV, key="k-1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert work == []
    assert put(house, CSV, key="k-2").json()["code"] == "E_IMPORT_TOO_MANY"


def test_of_many_at_once_no_more_are_kept_than_may_be(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them were read before the first one was kept."""
    monkeypatch.setattr(sessions, "KEPT_MOST", 2)
    imports = house.service.imports
    read = [imports.receive(OTHER, "a.csv", CSV, Chosen(kind=None)) for _ in range(3)]
    for one in read[:2]:
        imports.keep(one, CSV)
    with pytest.raises(RefusedError) as raised:
        imports.keep(read[2], CSV)
    assert raised.value.code == "E_IMPORT_TOO_MANY"
    assert listed(house) == 2


def test_nothing_is_kept_of_an_upload_that_could_not_be_answered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RefusedError("E_IMPORT_TOO_MANY", limit=0)

    monkeypatch.setattr(sessions.Imports, "_remember", full)  # after both files are written
    assert put(house, CSV).status_code == 409
    assert list(folder(house).iterdir()) == []


@contextmanager
def busy(found: Import, requests: int) -> Iterator[None]:
    """As many requests at an upload as are given, all but one of which wait."""
    for _ in range(requests):
        assert found.room._places.acquire(blocking=False)  # noqa: SLF001 - whoever waits holds a place and no turn
    try:
        yield
    finally:
        for _ in range(requests):
            found.room._places.release()  # noqa: SLF001 - as above


def test_whoever_asks_for_one_upload_over_and_over_is_sent_away(house: House) -> None:
    """They would stand in line for its lock, each with a thread of the service."""
    made = roster(house)
    with house.service.imports.held(MAKER, made["id"]) as found:
        pass
    with busy(found, 4):
        answer = house.call(MAKER, "GET", f"/v1/imports/{made['id']}/rows")
        assert (answer.status_code, answer.json()["code"]) == (503, "E_IMPORT_BUSY")
        assert answer.headers["retry-after"] == "2"
    assert house.call(MAKER, "GET", f"/v1/imports/{made['id']}/rows").status_code == 200


def test_one_officer_has_so_many_requests_at_uploads_at_once(house: House) -> None:
    made = [upload_id(house, key=f"k-{number}") for number in range(9)]
    imports = house.service.imports
    with ExitStack() as inside:
        for name in made[:8]:
            inside.enter_context(imports.held(OTHER, name))
        with pytest.raises(BusyError) as raised, imports.held(OTHER, made[8]):
            raise AssertionError("nine at once")
        assert raised.value.code == "E_IMPORT_BUSY"
        mine = roster(house)
        with imports.held(MAKER, mine["id"]):
            pass


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def upload_id(house: House, key: str) -> str:
    return str(put(house, CSV, key=key).json()["id"])


@pytest.mark.parametrize("left", [0, 10, 24, 30, 60])
def test_a_file_that_was_cut_off_is_gone_and_hides_no_other(house: House, left: int) -> None:
    """A disk that lost its power may keep the name of a file and not all of its bytes."""
    one, other = upload_id(house, "k-1"), upload_id(house, "k-2")
    for part in ("json", "file"):
        path = folder(house) / f"{one}.{part}"
        path.write_bytes(path.read_bytes()[:left])
    assert [each["id"] for each in house.get(OTHER, "/v1/imports")["imports"]] == [other]
    answer = house.call(OTHER, "GET", f"/v1/imports/{one}")
    assert (answer.status_code, answer.json()["code"]) == (404, "E_IMPORT_UNKNOWN")


def test_what_another_release_kept_is_unknown_and_breaks_nothing(house: House) -> None:
    one = upload_id(house, "k-1")
    spool = house.service.imports.spool
    spool.keep(one, {**spool.described(one), "colour": "of another release"})
    assert listed(house) == 0
    assert house.call(OTHER, "GET", f"/v1/imports/{one}").status_code == 404
    assert put(house, CSV, key="k-2").status_code == 201


def test_parts_that_nobody_can_ask_for_are_destroyed_too(house: House) -> None:
    """They name people; that they are sealed does not make them less of what is to be destroyed."""
    kept = upload_id(house, "k-1")
    fresh, old = (f"01990000-0000-7000-8000-00000000000{number}.file" for number in (1, 2))
    for name in (fresh, old):
        (folder(house) / name).write_bytes(b"sealed")
    (folder(house) / "another-key.json").write_bytes(b"sealed with another operator's key")
    past = time.time() - KEPT_DAYS * 86_400 - 60
    for name in (old, "another-key.json"):
        os.utime(folder(house) / name, (past, past))
    Service(house.service.book, house.service.operator).imports.tidy()
    assert sorted(path.name for path in folder(house).iterdir()) == sorted([f"{kept}.file", f"{kept}.json", fresh])


def test_what_expired_is_destroyed_when_the_service_starts(house: House) -> None:
    upload_id(house, "k-1")
    house.county.now += timedelta(days=KEPT_DAYS, seconds=1)
    Service(house.service.book, house.service.operator)
    assert list(folder(house).iterdir()) == []


def test_what_expired_is_destroyed_though_nobody_asks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The running service tidies by itself, and goes on where it once could not."""
    upload_id(house, "k-1")
    told = house.call(
        "supervisor-1", "POST", "/v1/reports", {"kind": "lottery", "format": "json"}, idempotency_key="r-1"
    )
    reports = house.county.folder / "reports"
    until(lambda: house.get("supervisor-1", f"/v1/reports/{told.json()['id']}")["state"] == "done")
    service = Service(Book(house.service.book.settings, house.service.book.clock), house.service.operator)
    house.county.now += timedelta(days=KEPT_DAYS, seconds=60)
    monkeypatch.setattr(tidying, "EVERY_S", 0.02)
    right, turns = service.imports.tidy, [0]

    def fails_once() -> None:
        turns[0] += 1
        if turns[0] == 1:
            raise OSError("no room")
        right()

    monkeypatch.setattr(service.imports, "tidy", fails_once)
    with TestClient(create_app(service)):
        until(lambda: not list(folder(house).iterdir()) and not list(reports.iterdir()))
        assert turns[0] > 1
    assert house.service.imports._open  # noqa: SLF001 - what was read from it names people too
    house.service.tidy()
    assert not house.service.imports._open  # noqa: SLF001 - the same


def test_a_file_is_looked_at_with_the_roles_of_now(house: House) -> None:
    """Who lost the role learns no more from the comparison that was made with it."""
    county = house.county
    county.take_in("dibao_roster.csv")
    made = roster(house)
    before = house.get(MAKER, f"/v1/imports/{made['id']}")
    assert before["counts"]["duplicate"] == 3
    swap = [
        ("role.granted", {"officer": MAKER, "role": "accountant", "entity": "charity"}),
        ("role.withdrawn", {"officer": MAKER, "role": "accountant", "entity": "bureau"}),
    ]
    done = county.post("guan-1", "book", swap, "guan-2", day=TODAY)
    assert isinstance(done, Receipt), done
    after = house.get(MAKER, f"/v1/imports/{made['id']}")
    assert (after["state"], after["counts"]["duplicate"]) == ("refused", 0)


def test_a_voucher_of_a_round_that_was_signed_twice_is_sent_back_whole(house: House) -> None:
    """Two statements over the same events: the second could only be refused, and would make posted rows wrong."""
    made = roster(house)
    path = f"/v1/imports/{made['id']}"
    first = house.post(MAKER, f"{path}/proposals", None, 200)["vouchers"][0]
    events = [read_event(text.encode()) for text in first["events"]]
    signed = [
        draft(house.county.signer(MAKER), first["entity"], parse_day(first["voucher_date"]), events, house.county.now)
        for _ in range(2)
    ]
    body = {"vouchers": [{"envelope": one.envelope.to_json_value()} for one in signed]}
    size = house.county.size()
    answer = house.call(MAKER, "POST", f"{path}/vouchers", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "E_IMPORT_ROUND")
    assert house.county.size() == size
    same = {"vouchers": [body["vouchers"][0], body["vouchers"][0]]}
    assert house.call(MAKER, "POST", f"{path}/vouchers", same).status_code == 409
    assert house.post(MAKER, f"{path}/vouchers", {"vouchers": body["vouchers"][:1]}, 200)["results"]


def test_a_header_has_a_length(house: House) -> None:
    made = roster(house, month=MONTH)
    answer = house.call(MAKER, "PATCH", f"/v1/imports/{made['id']}", {"columns": {"列" * 201: "x"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "E_REQUEST_FIELD")
