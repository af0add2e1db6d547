"""The samples through the network: the same book as at the desk, and no doubles whatever happens in between."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.signing.keys import SigningKey
from ledger_api.client.imports import Imported, import_file, sign_all, upload
from ledger_api.http.app import create_app
from ledger_api.http.imports import sessions
from ledger_api.http.service import Service
from tests.api.http.house import House, served
from tests.application.importing.offices import SAMPLES
from tests.application.proposing.county import FILES, MONTH, STANDARD, County, copied

Made = tuple[Path, Mapping[str, SigningKey], SigningKey]


def taken_in(house: House, file: Path, *, rehearsed: bool = True, **chosen: Any) -> Imported:
    """A file through the network, signed by the accountant whose file it is."""
    county = house.county
    officer = f"acct-{county.office_of(file)}"
    return import_file(
        house.program(officer),
        file,
        lambda: county.signer(officer),
        lambda: county.now,
        chosen={"month": MONTH, **chosen},
        rehearsed=rehearsed,
    )


@pytest.fixture
def pair(first_county: Made, tmp_path: Path) -> Iterator[tuple[County, House]]:
    """Two copies of one county: one at a desk, one behind the interface."""
    folders = tmp_path / "desk", tmp_path / "served"
    for folder in folders:
        folder.mkdir()
    desk, behind = (copied(folder, *first_county) for folder in folders)
    with closing(desk), closing(behind):
        # The same people look at both, so that the books can be compared whole.
        served(desk)
        yield desk, served(behind)


def facts_of(county: County) -> list[tuple[str, dict[str, Any]]]:
    """What the book says happened, but for the ids and commitments that chance makes."""
    by_chance = {"id", "fields", "key", "keyid", "possession"}
    said = [(one.kind, one.model_dump(mode="json", exclude=by_chance)) for one in county.all_events()]
    return sorted(said, key=str)


def test_the_samples_make_the_same_book_as_at_the_desk(pair: tuple[County, House]) -> None:
    desk, house = pair
    desk.standard()
    for name in STANDARD:
        if name == "road":
            house.county.road()
            continue
        done = taken_in(house, SAMPLES / name)
        assert done.described["counts"]["wrong"] == 0, name
        assert done.described["state"] == "done", name
        assert {one["state"] for one in done.results} <= {"posted", "pending"}, name
    house.county.sign_off()
    assert facts_of(house.county) == facts_of(desk)
    assert house.county.balances() == desk.balances()
    assert house.county.findings() == desk.findings()
    assert house.county.size() == desk.size()


@pytest.mark.parametrize("name", FILES)
def test_whole_groups_that_come_unjudged_make_the_same_book(pair: tuple[County, House], name: str) -> None:
    desk, house = pair
    for county in (desk, house.county):
        if name != "dibao_roster.csv":
            county.take_in("dibao_roster.csv")
            county.road()
    report = desk.one(name)
    done = taken_in(house, SAMPLES / name, rehearsed=False)
    assert done.described["counts"]["wrong"] == len({cell.place for cell in report.wrong}) == 0
    for county in (desk, house.county):
        county.sign_off()
    assert facts_of(house.county) == facts_of(desk)
    assert house.county.balances() == desk.balances()
    assert house.county.findings() == desk.findings()


@pytest.mark.parametrize("name", FILES)
def test_the_same_file_again_adds_nothing(house: House, name: str) -> None:
    if name != "dibao_roster.csv":
        house.county.take_in("dibao_roster.csv")
        house.county.road()
    taken_in(house, SAMPLES / name)
    before = house.county.size()
    again = taken_in(house, SAMPLES / name)
    assert again.results == []
    assert again.described["counts"]["new"] == 0
    assert house.county.size() == before
    house.county.sign_off()
    before = house.county.size()
    assert taken_in(house, SAMPLES / name).described["counts"]["new"] == 0
    assert house.county.size() == before


def restarted(house: House) -> House:
    """The same book served by another process: nothing that was in memory is left."""
    service = Service(house.service.book, house.service.operator)
    client = type(house.client)(create_app(service), base_url=str(house.client.base_url))
    return House(house.county, client, service)


def test_an_import_that_is_cut_off_after_every_group_goes_on_in_another_process(
    pair: tuple[County, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a posting is lost each time, and so is all that the server knew; the upload is not."""
    monkeypatch.setattr(sessions, "EVENTS_A_ROUND", 1)
    desk, house = pair
    desk.take_in("dibao_roster.csv")
    officer = "acct-bureau"
    file = SAMPLES / "dibao_roster.csv"
    made = upload(house.program(officer), file.name, file.read_bytes(), {"month": MONTH})
    lives = 0
    while True:
        lives += 1
        client = restarted(house).program(officer)
        step = sign_all(client, made["id"], lambda: house.county.signer(officer), lambda: house.county.now)
        if next(step, None) is None:
            break
    assert lives > 3
    assert restarted(house).get(officer, f"/v1/imports/{made['id']}")["counts"]["new"] == 0
    again = taken_in(house, file)  # begun anew, by somebody who does not know how far it got
    assert again.described["counts"] == {**dict.fromkeys(again.described["counts"], 0), "duplicate": 3}
    assert facts_of(house.county) == facts_of(desk)
    assert house.county.size() == desk.size()


def test_a_round_that_was_signed_before_the_process_ended_is_answered_or_refused(house: House) -> None:
    """What reached the book is answered from the book; what did not must be asked for again, and is never doubled."""
    officer, file = "acct-bureau", SAMPLES / "dibao_roster.csv"
    client = house.program(officer)
    made = upload(client, file.name, file.read_bytes(), {"month": MONTH})
    bodies: list[bytes] = []
    client.event_hooks["request"].append(lambda request: bodies.append(request.content))
    list(sign_all(client, made["id"], lambda: house.county.signer(officer), lambda: house.county.now))
    before = house.county.size()
    signed = [body for body in bodies if body.startswith(b'{"vouchers"')]
    assert signed
    other = restarted(house)
    for body in signed:
        sent = {"content-type": "application/json"}
        answer = other.program(officer).post(f"/v1/imports/{made['id']}/vouchers", content=body, headers=sent)
        assert answer.status_code == 200, answer.text
        assert {one["state"] for one in answer.json()["results"]} == {"posted"}
        assert all(one["repeated"] for one in answer.json()["results"])
    assert house.county.size() == before
