"""Several processes of a service beside one book: whichever is asked next goes on where another left off."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.signing.vkeys import NoteSigner
from ledger_api.books import Book, Settings
from ledger_api.client.imports import sign_all
from ledger_api.http.app import create_app
from ledger_api.http.imports import sessions
from ledger_api.http.service import Service
from tests.api.http.house import HOST, House
from tests.api.http.uploads import MAKER, OTHER, put, roster
from tests.application.importing.offices import delimited, sample
from tests.application.proposing.county import ORIGIN
from tests.application.proposing.test_cashier_registers import PLEDGES


@pytest.fixture
def beside(house: House) -> Iterator[House]:
    """Another process of the same service: another memory over the same folder and book."""
    county = house.county
    url = county.store.engine.url.render_as_string(hide_password=False)
    settings = Settings(county.folder, ORIGIN, url, Path("operator.clkey"), None)
    service = Service(Book(settings, lambda: county.now), NoteSigner(ORIGIN, county.operator))
    found = House(county, TestClient(create_app(service), base_url=f"http://{HOST}"), service)
    with found.client:
        yield found


class Balanced:
    """A program whose requests go to one process and the other in turn; before each, everybody may have a look."""

    def __init__(self, *houses: House, look: bool, officer: str = MAKER) -> None:
        self._programs = cycle([house.program(officer) for house in houses])
        self._looked_at, self._officer = houses if look else (), officer

    def post(self, path: str, **more: Any) -> Any:
        for house in self._looked_at:
            house.get(self._officer, f"{path.rpartition('/')[0]}/rows")
        return next(self._programs).post(path, **more)


def signed_by_turns(import_id: str, *houses: House, look: bool = False, officer: str = MAKER) -> list[dict[str, Any]]:
    county = houses[0].county
    client: Any = Balanced(*houses, look=look, officer=officer)
    return [dict(one) for one in sign_all(client, import_id, lambda: county.signer(officer), lambda: county.now)]


@pytest.mark.parametrize("turn", [0, 1], ids=["proposed by one, handed in to the other", "the other way round"])
@pytest.mark.parametrize("a_round", [1, 4, 10_000])
@pytest.mark.parametrize("look", [False, True], ids=["", "each looks before each step"])
def test_rounds_go_on_in_whichever_process_is_asked(
    house: House, beside: House, monkeypatch: pytest.MonkeyPatch, a_round: int, turn: int, *, look: bool
) -> None:
    monkeypatch.setattr(sessions, "EVENTS_A_ROUND", a_round)
    made = roster(house)
    houses = (house, beside) if turn else (beside, house)
    results = signed_by_turns(made["id"], *houses, look=look)
    assert results
    assert {one["state"] for one in results} == {"posted"}
    for one in houses:
        told = one.get(MAKER, f"/v1/imports/{made['id']}")
        assert (told["state"], told["counts"]["posted"], told["counts"]["new"]) == ("done", 3, 0)
    rows = [one.get(MAKER, f"/v1/imports/{made['id']}/rows")["rows"] for one in houses]
    assert rows[0] == rows[1]
    assert all(row["position"] for row in rows[0])


@pytest.mark.parametrize("a_round", [1, 10_000])
def test_rows_that_are_one_event_are_handed_on_together(
    house: House, beside: House, monkeypatch: pytest.MonkeyPatch, a_round: int
) -> None:
    monkeypatch.setattr(sessions, "EVENTS_A_ROUND", a_round)
    made = put(house, delimited(PLEDGES).encode()).json()
    signed_by_turns(made["id"], beside, house, look=True, officer=OTHER)
    for one in (house, beside):
        counts = one.get(OTHER, f"/v1/imports/{made['id']}")["counts"]
        assert (counts["posted"] + counts["pending"], counts["new"]) == (len(PLEDGES) - 1, 0)


def test_an_open_round_is_handed_out_again_by_the_other_process(house: House, beside: House) -> None:
    made = roster(house)
    path = f"/v1/imports/{made['id']}/proposals"
    asked = house.post(MAKER, path, None, 200)
    assert asked["vouchers"]
    assert beside.post(MAKER, path, None, 200) == asked
    assert beside.get(MAKER, f"/v1/imports/{made['id']}")["state"] == "signing"


def test_other_choices_end_a_round_in_both(house: House, beside: House) -> None:
    made = roster(house)
    path = f"/v1/imports/{made['id']}"
    house.post(MAKER, f"{path}/proposals", None, 200)
    assert beside.get(MAKER, path)["state"] == "signing"
    tag = beside.call(MAKER, "GET", path).headers["etag"]
    answer = beside.call(MAKER, "PATCH", path, {**made["chosen"], "note": "另一批"}, **{"if-match": tag})
    assert answer.status_code == 200, answer.text
    assert [one.get(MAKER, path)["state"] for one in (house, beside)] == ["ready", "ready"]
    asked = house.post(MAKER, f"{path}/proposals", None, 200)
    assert {one["note"] for one in asked["vouchers"]} == {"另一批"}


def test_what_the_other_process_has_refused_comes_again_sorted(house: House, beside: House) -> None:
    """Somebody records a row while the round is being signed: its voucher is refused, and the rest comes again, judged
    on the book as it is then: the batch was closed with that one row, so that another household comes too late.
    """
    made = roster(house)
    county = house.county
    path = f"/v1/imports/{made['id']}"
    house.post(MAKER, f"{path}/proposals", None, 200)
    assert county.one(county.write("一户.csv", sample("dibao_roster")[:2])).new == 1
    results = signed_by_turns(made["id"], beside, house)
    assert {one["state"] for one in results} >= {"posted"}
    told = [one.get(MAKER, path)["counts"] for one in (house, beside)]
    assert told[0] == told[1]
    assert {name: told[0][name] for name in ("new", "duplicate", "wrong", "posted")} == {
        "new": 0,
        "duplicate": 1,
        "wrong": 1,
        "posted": 1,
    }


def test_a_round_that_was_changed_on_the_disk_is_none(house: House, beside: House) -> None:
    made = roster(house)
    path = f"/v1/imports/{made['id']}"
    house.post(MAKER, f"{path}/proposals", None, 200)
    (file,) = house.county.folder.rglob("*.round")
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert beside.get(MAKER, path)["state"] == "ready"
    assert house.call(MAKER, "DELETE", path, if_match="*").status_code == 204
    assert list(house.county.folder.rglob("*.round")) == []


def _without(state: dict[str, Any], name: str) -> dict[str, Any]:
    vouchers = [{key: value for key, value in one.items() if key != name} for one in state["open"]]
    return {**{key: value for key, value in state.items() if key != name}, "open": vouchers}


def _of_rows(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "open": [{**one, "parts": [part[:2] for part in one["parts"]]} for one in state["open"]]}


OLDER: dict[str, Callable[[dict[str, Any]], Any]] = {
    **{f"without {name}": partial(_without, name=name) for name in ("round", "results", "waits", "codes", "parts")},
    "other parts": _of_rows,
    "no round": lambda state: {**state, "round": None},
    "results by row": lambda state: {**state, "results": [[1, "v", 2]]},
    "an odd root": lambda state: {**state, "open": [{**one, "root": "!"} for one in state["open"]]},
    "a list": lambda _state: [],
}


@pytest.mark.parametrize("older", OLDER.values(), ids=OLDER)
def test_a_round_that_another_release_kept_is_none(
    house: House, beside: House, older: Callable[[dict[str, Any]], Any]
) -> None:
    """The import goes on from what the book says."""
    made = roster(house)
    path = f"/v1/imports/{made['id']}"
    house.post(MAKER, f"{path}/proposals", None, 200)
    spool = house.service.imports.spool
    kept = spool.round_kept(made["id"])
    assert kept is not None
    assert kept["open"]
    spool.keep_round(made["id"], older(kept))
    told = beside.get(MAKER, path)
    assert (told["state"], told["round"]) == ("ready", 0)
    assert {one["state"] for one in signed_by_turns(made["id"], beside)} == {"posted"}


def test_nobody_reads_a_kept_round_without_the_key(house: House) -> None:
    put(house, delimited(sample("deaths")).encode())
    made = roster(house)
    house.post(MAKER, f"/v1/imports/{made['id']}/proposals", None, 200)
    (file,) = house.county.folder.rglob("*.round")
    assert file.stat().st_mode & 0o077 == 0
    assert b"enrolment" not in file.read_bytes()
