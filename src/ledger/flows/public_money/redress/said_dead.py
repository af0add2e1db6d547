"""Who is said to be dead by a register of recoveries or a finding, without any report of the death.

What another office wrote is its statement and no report: nobody signed for a death, and a matter of a death may name
the householder who was paid for one of the family. So nothing is recorded of it, and nobody is taken off a list;
whoever is paid after it is in doubt, until the death is reported or the person is taken in again.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Any, Final

from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.redress.stops import ORDERS
from ledger.values.dates import Period

SAYING: Final = ("finding.confirmed", "recovery.planned")
"""What may say of somebody that the person is dead."""
_DECEASED: Final = "deceased"
"""Why a recovery is open: 本人已死亡."""
_OF_DEATH: Final = re.compile(r"^T01|死亡|去世|亡故|病故")
_OF_OTHERS: Final = re.compile(r"成员|户内|家属|亲属|家人|配偶|父|母|子女")
"""A matter of a death in the family: whom it names is another."""


@dataclass(frozen=True, slots=True)
class SaidDead:
    """Somebody who is said to be dead: by which finding, and the first month that is paid wrongly if it is true."""

    person: str
    finding: str
    since: str
    position: int


def orders_of(saying: Iterable[Recorded]) -> dict[str, Need]:
    """Recovery -> where it was ordered, or taken over, of those of which it is said that the person is dead."""
    plans: list[Any] = [item.event for item in _of_plans(saying)]
    return {one.recovery: Need(f"recovery:{one.recovery}", ORDERS) for one in plans}


def said_dead(saying: Iterable[Recorded], ordered: Mapping[Need, Sequence[Recorded]]) -> dict[str, list[SaidDead]]:
    """Person -> all that says that the person is dead, the earliest month first: whoever was taken in again after one
    may be said to be dead by another. `ordered` are those of `orders_of`.
    """
    saying = list(saying)
    orders = orders_of(saying)
    told: list[tuple[str | None, str | None, Recorded]] = []
    for item in saying:
        event: Any = item.event
        if event.kind == SAYING[0] and _OF_DEATH.search(event.category) and not _OF_OTHERS.search(event.category):
            told.append((event.person, event.period_from, item))
    for item in _of_plans(saying):
        event = item.event
        told.append((_person_of(event.recovery, ordered[orders[event.recovery]]), None, item))
    found: defaultdict[str, list[SaidDead]] = defaultdict(list)
    for person, since, item in told:
        event = item.event
        if person is not None:
            one = SaidDead(person, event.finding, since or str(Period.of(event.on).next()), item.position)
            found[person].append(one)
    return {person: sorted(mine, key=lambda one: (one.since, one.position)) for person, mine in found.items()}


def people_paid(term: Any) -> dict[str, None]:
    """Whom a decision pays for: the householder, and those whom it names."""
    return dict.fromkeys((term.person, *(one.person for one in term.members)))


def _of_plans(saying: Iterable[Recorded]) -> list[Recorded]:
    """The plans that say it. Of a recovery the newest speaks, by its day, and those before it that said the same."""
    plans: defaultdict[str, list[Recorded]] = defaultdict(list)
    for item in saying:
        event: Any = item.event
        if event.kind == SAYING[1]:
            plans[event.recovery].append(item)
    return [one for mine in plans.values() for one in takewhile(_is_deceased, sorted(mine, key=_said_on, reverse=True))]


def _said_on(plan: Recorded) -> tuple[date, int]:
    return plan.event.business_day(plan.voucher_date), plan.position


def _is_deceased(plan: Recorded) -> bool:
    event: Any = plan.event
    return bool(event.reason == _DECEASED)


def _person_of(recovery: str, ordered: Sequence[Recorded]) -> str | None:
    """Of whom a recovery is, by its order or the opening that took it over."""
    for item in ordered:
        event: Any = item.event
        rows = [row for row in event.recoveries if row.recovery == recovery] if event.kind == ORDERS[1] else [event]
        for row in rows:
            return None if row.person is None else str(row.person)
    return None
