"""Two bureaus in one book: one document of the province may give to the same project of both."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.application.proposing.context import Context
from ledger.application.proposing.importer import FileReport, Importer
from ledger.signing.keys import SigningKey
from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, enrolment_of, rows_of
from tests.application.proposing.county_facts import BUREAU

OTHER, START = "other-bureau", date(2025, 9, 1)
LOTTERY = rows_of("lottery.csv")


def join(county: County) -> None:
    """The second bureau enters the book, with a lottery fund of its own."""
    county.keys = {**county.keys, **{f"{post}-{OTHER}": SigningKey.generate() for post in ("acct", "check")}}
    named = {"name": "邻县民政局", "entity_kind": "bureau", "book_kind": "control", "chart_family": "control"}
    facts: list[tuple[str, dict[str, Any]]] = [
        ("entity.registered", {"entity": OTHER, **named, "public_fundraising": False})
    ]
    for post, role in (("acct", "accountant"), ("check", "checker")):
        officer = f"{post}-{OTHER}"
        who = {"officer": officer, "name": officer, "entity": OTHER, "post": "other", "title": "测试"}
        facts.append(("officer.named", {**who, "valid_from": "2025-01-01"}))
        facts.append(("key.enrolled", {**enrolment_of(county, officer), "valid_from": "2025-01-01"}))
        facts.append(("role.granted", {"officer": officer, "role": role, "entity": OTHER}))
    county.post("guan-1", "book", facts, "guan-2", day=START)
    fund = {"fund": "lottery", "name": "福彩公益金", "fund_kind": "lottery", "purpose": "福彩", "purposes": []}
    more = {"programmes": [], "no_cost": False, "on": "2025-09-01", "origin": "history"}
    county.decide(OTHER, ("fund.opened", {**fund, **more}), day=START)


def take_in(county: County, entity: str, name: str, grid: Grid) -> FileReport:
    """Import a file of one of the two, and sign all that waits."""
    file: Path = county.write(name, grid)
    officer = f"acct-{entity}"
    context = Context(county.store, county.vault, county.options(officer, entity=entity))
    report = Importer(county.writer, context, lambda: county.signer(officer)).add_all([file])
    county.sign_off()
    return report.files[0]


@pytest.mark.parametrize("joined", ["before", "after"])
def test_the_same_document_gives_to_the_projects_of_both(county: County, joined: str) -> None:
    if joined == "before":
        join(county)
    first = take_in(county, BUREAU, "本县.csv", LOTTERY)
    if joined == "after":
        join(county)
    second = take_in(county, OTHER, "邻县.csv", LOTTERY)
    assert [(one.new, one.duplicate, one.wrong) for one in (first, second)] == [(3, 0, [])] * 2
    for entity in (BUREAU, OTHER):
        again = take_in(county, entity, f"{entity}.csv", changed(LOTTERY, 1, "备注", "再"))
        assert (again.new, again.duplicate, again.wrong) == (0, 3, []), entity
        assert county.fen(entity, "lottery", "relief_cost") == 45_500_000
