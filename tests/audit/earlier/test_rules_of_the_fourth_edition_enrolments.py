"""Changes and ends of an enrolment that named others than it covers: refused today, and right where the fourth edition
let them in.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, earlier_ones, refused_today, stands, verdict_of
from tests.projections.opened_book import BUREAU, OpenedBook, event

SELF = {"relation": "self", "supplement_class": None, "since": "2025-09"}
CHILD = {**SELF, "relation": "child"}
HOME = {"enrolment": "E1", "household": "H1", "programme": "dibao", "decided_on": "2025-08-20", "origin": "decision"}
TWO = {"P1": SELF, "P2": CHILD}


def terms(kind: str, *persons: str, **more: Any) -> Event:
    fen = 50_000 * len(persons)
    counted = {"mode": "full", "income_per_head_fen": 0, "standard_fen": 50_000, "persons": len(persons)}
    monthly = {**counted, "base_fen": fen, "supplements": [], "rounding": "none", "total_fen": fen}
    paid = {"payee": "A1", "payee_kind": "householder", "authorisation": None}
    of = {"unit": "household", "person": "P1", "category": "农村B类", "township": "镇", "payee": paid}
    members = [{**TWO[person], "person": person} for person in persons]
    said = {**HOME, **of, "members": members, "monthly": monthly, "from_month": "2025-10", **more}
    return event(f"enrolment.{kind}", **said)


def ended(*persons: str, **more: Any) -> Event:
    said = {**HOME, "from_month": "2025-11", "reason": "income", "persons": list(persons), **more}
    return event("enrolment.ended", **said)


def changed(*persons: str, **more: Any) -> Event:
    return terms("changed", *persons, **{"removed": [], "reasons": ["members"], **more})


def ended_for_another(book: OpenedBook) -> None:
    book.post(BUREAU, ended("P1", "P7"))


def ended_for_one_of_two(book: OpenedBook) -> None:
    book.post(BUREAU, ended("P1"))


def ended_elsewhere(book: OpenedBook) -> None:
    book.post(BUREAU, ended("P1", "P2", programme="destitute"))


def dropped_without_a_word(book: OpenedBook) -> None:
    book.post(BUREAU, changed("P1"))


def removed_a_stranger(book: OpenedBook) -> None:
    book.post(BUREAU, changed("P1", "P2", removed=["P7"]))


REFUSED: dict[Callable[[OpenedBook], None], str] = {
    ended_for_another: "E_PERSON_NOT_COVERED",
    ended_for_one_of_two: "E_PERSON_NOT_NAMED",
    ended_elsewhere: "E_ENROLMENT_PROGRAMME",
    dropped_without_a_word: "E_PERSON_NOT_NAMED",
    removed_a_stranger: "E_PERSON_NOT_COVERED",
}


@pytest.fixture
def enrolled(relief: OpenedBook) -> OpenedBook:
    """A household of two is on the roster since September."""
    standard = {"programme": "dibao", "category": "农村B类", "effective_from": "2025-01", "tiers_fen": []}
    of = {"document": "示民发〔2025〕1号", "decided_on": "2025-01-01", "origin": "decision"}
    relief.post(BUREAU, event("standard.set", **standard, amount_fen_per_month=50_000, **of))
    relief.post(BUREAU, terms("confirmed", "P1", "P2", from_month="2025-09", reason="new"))
    return relief


@pytest.mark.parametrize(("act", "code"), REFUSED.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(enrolled: OpenedBook, act: Callable[[OpenedBook], None], code: str) -> None:
    refused_today(enrolled, act, code)


@pytest.mark.parametrize("act", REFUSED, ids=lambda one: one.__name__)
def test_a_book_of_the_fourth_edition_still_holds(
    enrolled: OpenedBook, act: Callable[[OpenedBook], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, 4)
    stands(enrolled, act)


def test_who_was_dropped_without_a_word_is_free_again(enrolled: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book of the fourth edition is mended by a change that names the one who left: another household takes them."""
    with monkeypatch.context() as before:
        by_edition(before, 4)
        dropped_without_a_word(enrolled)
    child = terms("confirmed", "P2", enrolment="E2", household="H2", person="P2", reason="new")
    assert enrolled.try_post(BUREAU, child) is None
    enrolled.post(BUREAU, changed("P1", removed=["P2"]))
    enrolled.post(BUREAU, child)
    verdict = verdict_of(enrolled)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])


def test_a_change_from_before_it_began_is_told(enrolled: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = enrolled.post(BUREAU, changed("P1", "P2", from_month="2025-08"))
    assert [one.code for one in receipt.warnings] == ["W_CHANGE_BEFORE_START"]
    with monkeypatch.context() as before:
        by_edition(before, 4)
        enrolled.post(BUREAU, changed("P1", "P2", from_month="2025-07"))
    verdict = verdict_of(enrolled)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])
