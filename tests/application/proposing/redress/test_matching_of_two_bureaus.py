"""Two bureaus of one book compare the same list of another department, each with its own people."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.application.importing.check_sheets import own_number
from ledger_projections.public_money.doubts import clues
from ledger_projections.registry import catch_up
from ledger_projections.summaries.registry import TABLES, settled
from ledger_projections.summaries.table import Asked
from tests.application.importing.offices import Grid
from tests.application.proposing.county import TODAY, County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.redress.test_matching_lists import CAR, STRANGER, A, B, C, listed
from tests.application.proposing.redress.test_matters_of_two_bureaus import NEXT, enter, read_in

CARS = listed((A, "车辆", CAR, "2025-08-01"), (B, "车辆", CAR, "2025-03"), (STRANGER, "车辆", CAR, "2025-08"))
AGAIN: Grid = [*CARS, [""] * len(CARS[0])]
"""The same list in another file."""


def moved_in(county: County, *people: tuple[str, str]) -> None:
    """The second bureau enrols some of the people in the programme of its own."""
    terms = {one.person: one for one in county.of_kind("enrolment.confirmed")}
    for _, number in people:
        known = terms[county.vault.reference("person", number)].model_dump(mode="json")
        said = {
            **known,
            "enrolment": f"next-{number[-4:]}",
            "programme": "next-rural-dibao",
            "household": county.vault.reference("household", number),
        }
        told = {key: value for key, value in said.items() if key not in {"id", "kind"}}
        county.decide(NEXT, ("enrolment.confirmed", {**told, "origin": "history"}))


@pytest.fixture
def two(county: County) -> County:
    """One bureau's roster of 甲, 乙 and 丙, and of 乙 and 丙 the other's."""
    county.take_in("dibao_roster.csv")
    county.sign_off()
    return county


@pytest.mark.parametrize("entered", ["before", "after"])
@pytest.mark.parametrize("first", [BUREAU, NEXT])
def test_each_compares_its_own_people_with_the_same_list(two: County, entered: str, first: str) -> None:
    if entered == "after" and first == BUREAU:
        found = {BUREAU: read_in(two, BUREAU, "车辆.csv", CARS)}
        enter(two)
        moved_in(two, B, C)
        found[NEXT] = read_in(two, NEXT, "车辆2.csv", AGAIN)
    else:
        enter(two)
        moved_in(two, B, C)
        order = (BUREAU, NEXT) if first == BUREAU else (NEXT, BUREAU)
        grids = dict(zip(order, (CARS, AGAIN), strict=True))
        found = {entity: read_in(two, entity, f"车辆-{entity}.csv", grids[entity]) for entity in order}
    told = {entity: (one.new, one.duplicate, one.noted, one.wrong) for entity, one in found.items()}
    assert told == {BUREAU: (2, 0, 1, []), NEXT: (1, 0, 2, [])}
    runs = two.of_kind("matching.performed")
    assert sorted((one.listed, one.compared, one.hits) for one in runs) == [(3, 3, 1), (3, 3, 2)]
    assert len({one.list_digest for one in runs}) == 1, "it is one list"
    programmes = sorted((one.programme, one.enrolment or "") for one in two.of_kind("clue.raised"))
    assert [name for name, _ in programmes] == ["next-rural-dibao", "rural-dibao", "rural-dibao"]
    before = two.size()
    for entity in (BUREAU, NEXT):
        again = read_in(two, entity, f"再次-{entity}.csv", CARS)
        assert (again.new, again.wrong) == (0, []), entity
    assert two.size() == before
    catch_up(two.store)
    with two.store.read() as connection:
        assert [len(clues(connection, TODAY, entity=one).rows) for one in (BUREAU, NEXT)] == [2, 1]
        asked = Asked("2025-09", "2025-11", TODAY, at=settled(connection))
        shown = [TABLES["M6"].make(connection, replace(asked, entity=one)) for one in (BUREAU, NEXT, None)]
    for key in ("listed", "compared_persons", "matched", "hits"):
        own, others, whole = (one.column(key)[-1] for one in shown)
        assert (own or 0, others or 0) > (0, 0), key
        assert int(str(own)) + int(str(others)) == whole, f"{key}: what the two compared is added"


def test_a_list_that_hits_nobody_is_a_run_of_each(two: County) -> None:
    enter(two)
    nobody = listed((STRANGER, "房产", "商品房一套", "2025-01"))
    for entity in (BUREAU, NEXT):
        assert read_in(two, entity, f"房产-{entity}.csv", nobody).noted == 1
    assert [one.hits for one in two.of_kind("matching.performed")] == [0, 0]


def test_a_doubt_that_one_bureau_raised_about_the_others_people_is_not_raised_again(two: County) -> None:
    """As an earlier release did, in which whoever read a list compared everybody."""
    enter(two)
    moved_in(two, B)
    person, day = two.vault.reference("person", B[1]), date(2025, 9, 20)
    number = own_number(day, "T05", two.vault.reference("clue", f"vehicles\x1f{day}\x1f{person}\x1fnext-rural-dibao"))
    said = {"clue": number, "found_by": "matching", "test": "T05车辆", "data_as_of": "2025-09-20", "person": person}
    where = {"programme": "next-rural-dibao", "enrolment": f"next-{B[1][-4:]}", "township": "石岭镇", "exposure_fen": 0}
    more = {"summary": f"车辆:{CAR},2025-03起", "evidence": [], "raised_on": "2025-09-20"}
    two.decide(BUREAU, ("clue.raised", {**said, **where, **more}))
    report = read_in(two, NEXT, "车辆.csv", CARS)
    assert (report.new, report.duplicate, report.wrong) == (0, 1, [])
