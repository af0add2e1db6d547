"""A programme that one office opened and another pays: the other's rows are of it, and nothing in them is unknown."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ledger.flows.public_money.payment.batches import FundSource
from ledger_projections.public_money.doubts import doubts
from ledger_projections.registry import catch_up
from ledger_projections.summaries.table import Table
from tests.audit.earlier.editions import by_edition
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, PEOPLE, OpenedBook, event, opened
from tests.projections.summaries.summary_book import checks, home, rows, table

FEDERATION = "federation"
LINE = relief.LINE_FEN
DAY = date(2025, 9, 3)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenedBook]:
    """The bureau's programmes, and a second office with people and money of its own."""
    monkeypatch.setitem(PEOPLE, FEDERATION, PEOPLE[BUREAU])
    made = opened(tmp_path)
    said = {"name": "示例县残联", "entity_kind": "bureau", "book_kind": "control", "chart_family": "control"}
    events = [event("entity.registered", entity=FEDERATION, **said, public_fundraising=False)]
    for officer, roles in zip(PEOPLE[BUREAU], (("accountant",), ("checker", "approver")), strict=True):
        events += [event("role.granted", officer=officer, role=role, entity=FEDERATION) for role in roles]
    made.post("book", *events, on=date(2025, 1, 1))
    *standing, quota = relief.setup()
    made.post(BUREAU, *standing, on=date(2025, 1, 2))
    made.post(BUREAU, quota, on=date(2025, 1, 2))
    once = {"programme": "aid", "name": "临时救助", "scheme": "temporary_aid"}
    opening = relief.programme_opened(**once), relief.standard_set(programme="aid")
    made.post(BUREAU, *opening, on=date(2025, 1, 2))
    made.post(FEDERATION, relief.fund_opened(fund="own"), on=date(2025, 1, 2))
    made.post(FEDERATION, relief.appropriation(fund="own", document="残函1号"), on=date(2025, 1, 2))
    yield made
    made.close()


def paid_by(book: OpenedBook, programme: str, *, enrols: bool = True) -> None:
    """The federation enrols a household in the bureau's programme, lists it and pays it."""
    batch = {"batch": "BF", "programme": programme, "fund": "own"}
    known = relief.prepared().fund_source[0].model_dump()
    sources = (FundSource(**{**known, "document": "残函1号", "fen": LINE}),)
    if enrols:
        book.post(FEDERATION, home("E9", "石岭镇", programme=programme, from_month="2025-09"), on=date(2025, 9, 1))
    line = relief.authorised(payment="L9", enrolment="E9", subjects=("PE9",), batch="BF", programme=programme)
    made = relief.prepared(**batch, count=1, persons=2, total_fen=LINE, fund_source=sources, on=DAY)
    book.post(FEDERATION, made, line, on=DAY)
    signed = relief.approved(batch="BF", count=1, total_fen=LINE, on=DAY)
    book.post(FEDERATION, relief.reviewed(batch="BF", on=DAY), signed, on=DAY)
    book.post(FEDERATION, relief.paid(payment="L9", enrolment="E9", batch="BF", programme=programme, fund="own"))


def causes(found: Table) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Two sides -> cause -> what it comes to."""
    told = {}
    for one in rows(found, "part"):
        parts = [(part.code, part.params) for part in one["explanation"].params["parts"]]
        counts = {code: (said["households"], said["persons"], said["part_fen"]) for code, said in parts}
        told[one["programme"].code.removeprefix("table_between.")] = counts
    return told


@pytest.mark.parametrize(("programme", "name"), [("aid", "临时救助"), (relief.DIBAO, "示例")])
@pytest.mark.parametrize("entity", [None, FEDERATION])
def test_what_another_office_pays_is_called_as_it_was_opened(
    book: OpenedBook, programme: str, name: str, entity: str | None
) -> None:
    paid_by(book, programme)
    found = table(book, "M4", "2025-09", entity=entity)
    (row,) = [one for one in rows(found) if one["bank_fen"]]
    assert (row["programme"], row["roster_households"]) == (name, None if programme == "aid" else 1)
    assert (checks(found), causes(found)) == ([], {})
    if programme == "aid":
        assert table(book, "M4", "2025-10", entity=entity).rows == (), "aid given once is on no roster of later months"
        assert table(book, "M5", "2025-09", entity=entity).column("households") == [0, 0]


@pytest.mark.parametrize("remark", [None, "残联发放"])
def test_the_province_counts_a_programme_whole(book: OpenedBook, remark: str | None) -> None:
    """The bureau takes over the export, in which the federation's household stands with its own."""
    book.post(BUREAU, home("E1", "石岭镇"), on=date(2025, 1, 10))
    paid_by(book, relief.DIBAO)
    whole = {"households": 2, "persons": 4, "amount_fen": 2 * LINE, "explanation": remark}
    book.post(BUREAU, relief.counted(**whole), on=date(2025, 9, 5))
    found = table(book, "M4", "2025-09")
    assert checks(found) == []
    assert causes(found)["province_roster"] == {"table_gap.other_office": (1, 2, LINE)}
    book.post(BUREAU, relief.counted(**whole | {"households": 3}, counted_on=date(2025, 9, 6)), on=date(2025, 9, 6))
    found = table(book, "M4", "2025-09")
    rest = "table_gap.remarked" if remark else "table_gap.rest"
    assert causes(found)["province_roster"] == {"table_gap.other_office": (1, 2, LINE), rest: (1, 0, 0)}
    assert checks(found) == [] if remark else ["check.province"]


def test_a_payment_to_the_dead_is_a_doubt_of_whoever_paid(book: OpenedBook) -> None:
    """The bureau took over the list of the dead; the federation's own list of doubts has its payment."""
    paid_by(book, relief.DIBAO)
    book.post(
        BUREAU,
        relief.death(person=relief.paid().subjects[0], died_on=date(2025, 7, 20), died_month="2025-07"),
        note="死亡名单",
    )
    catch_up(book.store)
    with book.store.read() as connection:
        found = {entity: doubts(connection, code="W_PAYEE_DEAD", entity=entity).rows for entity in (BUREAU, FEDERATION)}
        whole = doubts(connection, code="W_PAYEE_DEAD").rows
    assert [(one.entity, one.detail["payment"]) for one in whole] == [(FEDERATION, "L9")]
    assert (found[BUREAU], found[FEDERATION]) == ((), whole)


def test_a_household_of_another_offices_roster_is_told(book: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the fourth edition of the rules let one office pay whom another had enrolled."""
    book.post(BUREAU, home("E9", "石岭镇", from_month="2025-09"), on=date(2025, 9, 1))
    by_edition(monkeypatch, 4)
    paid_by(book, relief.DIBAO, enrols=False)
    found = table(book, "M4", "2025-09", entity=FEDERATION)
    assert causes(found)["roster_bank"] == {"table_gap.other_office": (-1, -2, -LINE)}
    assert checks(found) == []
