"""A county's relief of two months as plain lists, and as events; tests count the lists and never ask the readers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.flows.event import Event
from ledger_projections import registry
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money.samples_relief import (
    amount,
    appropriation,
    authorised,
    confirmed,
    destitute,
    ended,
    members,
    paid,
    prepared,
    programme_opened,
    returned,
    setup,
)
from tests.projections.plain_log import folder, written


class Payment(NamedTuple):
    """A payment that arrived: programme, its scheme, month, enrolment, persons, fen, component."""

    programme: str
    scheme: str
    month: str
    enrolment: str
    persons: int
    fen: int
    component: str = "normal"


class Case(NamedTuple):
    """A household or person of a roster: from which month, why, and from which month not any more, why."""

    programme: str
    enrolment: str
    persons: int
    since: str
    reason: str
    until: str | None = None
    left_because: str = ""


PAYMENTS = (
    Payment("rural-dibao", "rural_dibao", "2025-08", "E1", 2, 123_456_700),
    Payment("rural-dibao", "rural_dibao", "2025-09", "E1", 2, 123_456_700),
    Payment("rural-dibao", "rural_dibao", "2025-09", "E2", 3, 8_765_400),
    Payment("rural-dibao", "rural_dibao", "2025-09", "E2", 3, 1_230_000, "arrears"),
    Payment("destitute", "destitute", "2025-08", "E9", 1, 9_500_000),
    Payment("destitute", "destitute", "2025-09", "E9", 1, 9_500_000),
    Payment("orphan", "orphan", "2025-09", "E20", 1, 14_250_000),
)
CASES = (
    Case("rural-dibao", "E1", 2, "2025-01", "opening"),
    Case("rural-dibao", "E2", 3, "2025-09", "new"),
    Case("rural-dibao", "E3", 4, "2025-01", "opening", "2025-10", "death"),
    Case("rural-dibao", "E4", 1, "2025-01", "opening", "2025-09", "income"),
    Case("destitute", "E9", 1, "2025-01", "opening"),
    Case("destitute", "E10", 1, "2025-10", "new"),
)
GIVEN_FEN = 500_000_000
ORDERED_FEN, COLLECTED_FEN, KEPT_FEN = 9_124_000, 8_000_000, 346_000
FAILED_FEN = 76_000


def relief(*schemes: str, months: tuple[str, ...] = ("2025-08", "2025-09")) -> list[Payment]:
    """The payments of these schemes (none: of all) and months."""
    return [one for one in PAYMENTS if one.month in months and (not schemes or one.scheme in schemes)]


def fen(*schemes: str) -> int:
    return sum(one.fen for one in relief(*schemes))


def events() -> list[Event]:
    """Everything of this module as events, in an order in which it can have happened."""
    found: list[Event] = [*setup()[:-1], appropriation(amount_fen=GIVEN_FEN)]
    found.append(programme_opened(programme="orphan", scheme="orphan", unit="person", categories=()))
    found.append(programme_opened(programme="urban-dibao", scheme="urban_dibao"))
    for case in CASES:
        found += _case(case)
    batches = dict.fromkeys((one.programme, one.month) for one in PAYMENTS)
    for programme, month in batches:
        batch = f"{programme}-{month}"
        mine = [one for one in PAYMENTS if (one.programme, one.month) == (programme, month)]
        total, persons = sum(one.fen for one in mine), sum(one.persons for one in mine)
        found.append(
            prepared(batch=batch, programme=programme, month=month, count=len(mine), persons=persons, total_fen=total)
        )
    found += [event for number, one in enumerate(PAYMENTS, 1) for event in _payment(f"L{number}", one)]
    failed = {"payment": "L90", "enrolment": "E1", "programme": "rural-dibao", "batch": "rural-dibao-2025-09"}
    found.append(authorised(**failed, amount_fen=FAILED_FEN))
    found.append(returned(**failed, amount_fen=FAILED_FEN))
    return [*found, *_redress()]


def _case(case: Case) -> Iterator[Event]:
    who = members(*(f"{case.enrolment}-{number}" for number in range(case.persons)))
    given = {
        "enrolment": case.enrolment,
        "person": f"{case.enrolment}-0",
        "members": who,
        "monthly": amount(persons=case.persons),
        "from_month": case.since,
    }
    if case.programme == "destitute":
        del given["monthly"]
        yield destitute(**given | {"members": ()}, reason=case.reason)
    else:
        yield confirmed(**given, household=f"H-{case.enrolment}", reason=case.reason)
    if case.until is not None:
        persons = tuple(one.person for one in who)
        yield ended(enrolment=case.enrolment, persons=persons, from_month=case.until, reason=case.left_because)


def _payment(payment: str, one: Payment) -> Iterator[Event]:
    subjects = tuple(f"{one.enrolment}-{number}" for number in range(one.persons))
    said = {
        "payment": payment,
        "enrolment": one.enrolment,
        "programme": one.programme,
        "batch": f"{one.programme}-{one.month}",
        "component": one.component,
        "period_from": one.month,
        "period_to": one.month,
        "amount_fen": one.fen,
        "persons": one.persons,
        "subjects": subjects,
    }
    yield authorised(**said)
    yield paid(**said, households=int(one.component == "normal"), occurred_on=date(2025, int(one.month[5:]), 20))


def _redress() -> Iterator[Event]:
    yield redress.clue()
    yield redress.assigned()
    yield redress.verified()
    yield redress.finding()
    yield redress.ordered(amount_fen=ORDERED_FEN)
    yield redress.collected(amount_fen=COLLECTED_FEN)
    yield redress.collected(amount_fen=KEPT_FEN, mode="offset", movement="in-2", account=None)


@contextmanager
def county() -> Iterator[tuple[Connection, int]]:
    """The county's log, read models up to date: a connection and the newest position."""
    told = events()
    with folder() as here:
        store = written(here / "log.db", told, "bureau")
        registry.catch_up(store)
        with store.read() as connection:
            yield connection, len(told)
        store.close()
