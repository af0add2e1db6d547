"""A householder who is dead and still receives is the matter of the bureau that pays the household, whichever bureau of
the book took over the list of the dead.
"""

import pytest

from ledger_projections.public_money.doubts import doubts
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.redress.test_matters_of_two_bureaus import NEXT, enter, read_in
from tests.application.proposing.relief.bereaved.test_dead_payees import CODE, THREE, deaths, told


def listed(county: County, entity: str | None = None) -> list[tuple[str, str]]:
    """(entity, code) of the doubts, with what was remarked at decisions."""
    with county.store.read() as connection:
        rows = doubts(connection, code=CODE, entity=entity, remarks=True).rows
    return [(row.entity, row.code) for row in rows]


@pytest.mark.parametrize("order", [(BUREAU, NEXT), (NEXT, BUREAU)], ids=["its own first", "the other first"])
def test_a_dead_householder_is_told_to_the_bureau_that_pays(enrolled: County, order: tuple[str, str]) -> None:
    enrolled.sign_off()
    enter(enrolled)
    sources = dict(zip(order, ("公安", "殡仪馆"), strict=True))
    reports = {one: read_in(enrolled, one, f"死亡-{one}.csv", deaths(THREE, source=sources[one])) for one in order}
    assert {one: len(told(report)) for one, report in reports.items()} == {BUREAU: 1, NEXT: 0}
    assert {one: report.wrong for one, report in reports.items()} == {BUREAU: [], NEXT: []}
    assert (listed(enrolled), listed(enrolled, BUREAU), listed(enrolled, NEXT)) == ([(BUREAU, CODE)],) * 2 + ([],)
