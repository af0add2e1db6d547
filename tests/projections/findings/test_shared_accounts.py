"""One account for several households: two are a warning, three a red flag; who shares by right is listed apart."""

from datetime import date
from typing import Any

import pytest

from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.enrolments import Payee
from ledger_projections.public_money.shared_accounts import SharedAccount, shared_accounts
from tests.flows.event_samples import make
from tests.flows.public_money import samples_relief as s
from tests.projections.plain_log import DAY, folder, written

PAPER = f"sha256:{'a' * 64}"


def home(number: int, account: str = "A1", kind: str = "agent", paper: str | None = None, **over: Any) -> Event:
    """A household of its own, paid through an account."""
    payee = make(Payee, payee=account, payee_kind=kind, authorisation=paper)
    own = {"enrolment": f"E{number}", "household": f"H{number}", "person": f"P{number}", "members": ()}
    return s.confirmed(**{**own, "payee": payee, **over})


def moved(number: int, account: str, **over: Any) -> Event:
    payee = make(Payee, payee=account, payee_kind="self")
    own = {"enrolment": f"E{number}", "household": f"H{number}", "person": f"P{number}", "members": ()}
    return s.changed(**{**own, "payee": payee, **over})


SAID: dict[str, date] = {}
"""Event -> the day of its voucher, where it is another than all others'."""


def on(day: date, event: Event) -> Event:
    SAID[event.id] = day
    return event


def found(*events: Event, **asked: Any) -> tuple[SharedAccount, ...]:
    with folder() as here:
        store = written(here / "log.db", events, "bureau", lambda event: SAID.get(event.id, DAY))
        with store.read() as connection:
            rows = shared_accounts(connection, **asked).rows
        store.close()
    return rows


@pytest.mark.parametrize(("many", "level"), [(2, "warning"), (3, "high"), (5, "high")])
def test_the_more_households_the_redder(many: int, level: str) -> None:
    (row,) = found(home(1, kind="self"), *(home(n) for n in range(2, many + 1)), home(9, "A9"))
    assert (row.payee, row.homes, row.level, row.entity) == ("A1", many, level, "bureau")
    assert [one.enrolment for one in row.rows] == [f"E{n}" for n in range(1, many + 1)]
    assert row.rows[0].payee_kind == "self"


NO_FLAG: list[tuple[str, tuple[Event, ...]]] = [
    ("each its own", (home(1, "A1"), home(2, "A2"))),
    ("a care home's account", tuple(home(n, kind="institution") for n in range(1, 9))),
    ("a registered guardian's account", tuple(home(n, kind="guardian", paper=PAPER) for n in range(1, 4))),
    ("the account of a guardian of two", (home(1, kind="guardian"), home(2, kind="guardian"))),
    ("a guardian's own household beside a ward", (home(1, kind="self"), home(2, kind="guardian"))),
    ("one household, two programmes", (home(1), home(2, household="H1", programme=s.DESTITUTE))),
    ("one person, two programmes", (home(1), home(2, household=None, person="P1", programme=s.DESTITUTE))),
    ("a child of the household", (home(1, members=s.members("P1", "P2")), home(2, household=None))),
    ("one gave the account up", (home(1), home(2), moved(1, "A7"))),
    ("one left", (home(1), home(2), s.ended(enrolment="E2"))),
]


@pytest.mark.parametrize(("what", "events"), NO_FLAG, ids=[case[0] for case in NO_FLAG])
def test_what_is_no_red_flag(what: str, events: tuple[Event, ...]) -> None:
    assert found(*events) == (), what


def test_beside_those_who_share_by_right_the_others_are_counted() -> None:
    (row,) = found(*(home(n, kind="guardian", paper=PAPER) for n in (1, 2)), home(3, kind="self"), home(4))
    assert (row.homes, row.level) == (2, "warning")


@pytest.mark.parametrize("kinds", [["guardian"] * 3, ["self", "guardian", "guardian"], ["guardian", "agent", "self"]])
def test_one_word_in_a_cell_switches_no_red_flag_off(kinds: list[str]) -> None:
    """Whoever is called a guardian, and has no authorisation on record, counts from three households on."""
    (row,) = found(*(home(n, kind=kind) for n, kind in enumerate(kinds, 1)))
    assert (row.homes, row.level, [one.payee_kind for one in row.rows]) == (3, "high", kinds)


APART: list[tuple[str, tuple[Event, ...], list[tuple[int, int, str]]]] = [
    # the case, its events, then (homes, without an agreement, level) of each account
    ("a home of eight", tuple(home(n, kind="institution", paper=PAPER) for n in range(1, 9)), [(8, 0, "listed")]),
    ("no contract for three", tuple(home(n, kind="institution") for n in range(1, 4)), [(3, 3, "high")]),
    ("no contract for two", tuple(home(n, kind="institution") for n in range(1, 3)), [(2, 2, "listed")]),
    (
        "a contract for one of three",
        (home(1, kind="institution", paper=PAPER), *(home(n, kind="institution") for n in (2, 3))),
        [(3, 2, "listed")],
    ),
    ("a guardian of three", tuple(home(n, kind="guardian", paper=PAPER) for n in (1, 2, 3)), [(3, 0, "listed")]),
    ("one alone", (home(1, kind="institution"),), []),
    ("agents", (home(1), home(2)), []),
]


@pytest.mark.parametrize(("what", "events", "told"), APART, ids=[case[0] for case in APART])
def test_who_shares_by_right_is_listed_apart(
    what: str, events: tuple[Event, ...], told: list[tuple[int, int, str]]
) -> None:
    with folder() as here:
        store = written(here / "log.db", events, "bureau")
        with store.read() as connection:
            apart = shared_accounts(connection).apart
            nobody = shared_accounts(connection, entity="charity").apart
        store.close()
    assert [(one.homes, one.without, one.level) for one in apart] == told, what
    assert nobody == ()


def test_it_is_asked_of_a_position_and_of_an_entity() -> None:
    events = (home(1), home(2), moved(1, "A7"))
    assert len(found(*events, at=2)) == 1
    assert found(*events, at=2, entity="charity") == ()


def test_it_is_asked_of_a_business_date_as_what_was_decided_by_then_has_it() -> None:
    events = (home(1), on(date(2025, 9, 6), home(2)), on(date(2025, 9, 8), moved(1, "A7")))
    assert found(*events) == ()
    assert [row.homes for row in found(*events, as_of=date(2025, 9, 7))] == [2]
    assert found(*events, as_of=DAY) == ()
    assert found(*events, as_of=date(2025, 9, 7), at=1) == ()
