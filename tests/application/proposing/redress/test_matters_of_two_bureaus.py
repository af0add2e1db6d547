"""Two bureaus of one book keep their own registers of problems and recoveries, also where they share a document."""

from datetime import date

import pytest

from ledger.application.proposing.context import Context
from ledger.application.proposing.importer import FileReport, Importer
from ledger.signing.keys import SigningKey
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, enrolment_of, rows_of
from tests.application.proposing.county_facts import BUREAU, Fact, Fields, bureau_facts

NEXT = "next-bureau"
SEPTEMBER = date(2025, 9, 1)
POSTS = {f"acct-{NEXT}": "accountant", f"check-{NEXT}": "checker"}
NAMES = {"fund", "account", "default_fund", "programme"}
RENAMED = {
    "relief",
    "lottery",
    "rcc-transit",
    "bureau-cash",
    "bureau-return",
    "rural-dibao",
    "urban-dibao",
    "destitute",
}


def renamed(fields: Fields) -> Fields:
    """The facts of the first bureau as the second one has them."""
    own = {name: f"next-{value}" for name, value in fields.items() if name in NAMES and value in RENAMED}
    return {**fields, **own, **({"aliases": []} if "aliases" in fields else {})}


def enter(county: County) -> None:
    """A second bureau enters the book: its officers, and funds, accounts and programmes like the first one's."""
    county.keys = {**county.keys, **{officer: SigningKey.generate() for officer in POSTS}}
    said = {"name": "邻县民政局", "entity_kind": "bureau", "book_kind": "control", "chart_family": "control"}
    facts: list[Fact] = [("entity.registered", {"entity": NEXT, **said, "public_fundraising": False})]
    for officer, role in POSTS.items():
        named = {"officer": officer, "name": officer, "entity": NEXT, "post": "other", "title": "测试"}
        facts += [
            ("officer.named", {**named, "valid_from": "2025-01-01"}),
            ("key.enrolled", {**enrolment_of(county, officer), "valid_from": "2025-01-01"}),
            ("role.granted", {"officer": officer, "role": role, "entity": NEXT}),
        ]
    county.post("guan-1", "book", facts, "guan-3", day=SEPTEMBER)
    county.decide(NEXT, *((kind, renamed(fields)) for kind, fields in bureau_facts()), day=SEPTEMBER)


def read_in(county: County, entity: str, name: str, grid: Grid) -> FileReport:
    """A file of one of the two, signed."""
    maker = f"acct-{entity}"
    context = Context(county.store, county.vault, county.options(maker, entity=entity))
    report = Importer(county.writer, context, lambda: county.signer(maker)).add_all([county.write(name, grid)])
    county.sign_off()
    return report.files[0]


@pytest.mark.parametrize("entered", ["before", "after"])
@pytest.mark.parametrize(("register", "rows"), [("rectification.csv", 3), ("recoveries.csv", 2)])
def test_each_has_its_own_matters(county: County, register: str, rows: int, entered: str) -> None:
    grid = rows_of(register)
    if register == "recoveries.csv":
        grid = [row for row in grid if "抵扣" not in row]
    if entered == "before":
        enter(county)
    first = read_in(county, BUREAU, "本县.csv", grid)
    if entered == "after":
        enter(county)
    second = read_in(county, NEXT, "邻县.csv", grid)
    assert [(one.new, one.duplicate, one.wrong) for one in (first, second)] == [(rows, 0, [])] * 2
    for entity in (BUREAU, NEXT):
        again = read_in(county, entity, f"{entity}.csv", [*grid, [""] * len(grid[0])])
        assert (again.new, again.duplicate, again.wrong) == (0, rows, []), entity
    findings = [one.finding for one in county.of_kind("finding.confirmed")]
    assert len(set(findings)) == len(findings) == 2 * rows
