"""Whose householder is dead is told to the bureau that pays the household since the eleventh edition: the tenth told
whoever reported the death, and its vouchers stand.
"""

import pytest

from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, earlier_ones, stands, verdict_of
from tests.audit.earlier.test_rules_of_the_fourth_edition_enrolments import terms
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, event

CODE = "W_PAYEE_TO_CHANGE"


def death() -> Event:
    said = {"person": "P1", "died_month": "2025-09", "died_on": "2025-09-11", "reported_by": "funeral"}
    return event("death.reported", **said, organisation="殡仪馆")


def told(book: OpenedBook, entity: str) -> list[str]:
    """What is told of a household of two when an entity reports the death of its householder."""
    return [one.code for one in book.post(entity, death(), note="死亡名单").warnings if one.code == CODE]


def told_of_another(book: OpenedBook) -> None:
    assert told(book, CHARITY) == [CODE]


def test_it_is_told_to_whose_household_it_is(relief: OpenedBook) -> None:
    relief.post(BUREAU, terms("confirmed", "P1", "P2", reason="new", origin="history"), note="纳入")
    assert told(relief, CHARITY) == []
    assert earlier_ones(verdict_of(relief)) == []


def test_its_own_bureau_is_told(relief: OpenedBook) -> None:
    relief.post(BUREAU, terms("confirmed", "P1", "P2", reason="new", origin="history"), note="纳入")
    assert told(relief, BUREAU) == [CODE]


def test_what_the_tenth_edition_told_stands(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    relief.post(BUREAU, terms("confirmed", "P1", "P2", reason="new", origin="history"), note="纳入")
    with monkeypatch.context() as patch:
        by_edition(patch, 10)
        stands(relief, told_of_another)
