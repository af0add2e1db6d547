"""Who is said to be dead by a register of recoveries or a finding, without any report of the death.

What another office wrote is its statement and no report: nobody signed for a death, and a matter of a death may name
the householder who was paid for one of the family. So nothing is recorded of it, and nobody is taken off a list;
whoever is paid after it is in doubt, until the death is reported or the person is taken in again.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.flows.knowledge import Need, Recorded
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
    """Recovery -> where it was ordered, of those of which it is said that the person is dead."""
    plans: list[Any] = [item.event for item in saying if item.event.kind == SAYING[1]]
    return {one.recovery: Need(f"recovery:{one.recovery}", ("recovery.ordered",)) for one in plans if _is_deceased(one)}


def said_dead(saying: Iterable[Recorded], ordered: Mapping[Need, Sequence[Recorded]]) -> dict[str, SaidDead]:
    """Person -> what says that the person is dead, the earliest month of all; `ordered` are those of `orders_of`."""
    saying = list(saying)
    orders = orders_of(saying)
    found: dict[str, SaidDead] = {}
    for item in saying:
        event: Any = item.event
        if event.kind == SAYING[0]:
            is_said = bool(_OF_DEATH.search(event.category)) and not _OF_OTHERS.search(event.category)
            person, since = (event.person if is_said else None), event.period_from
        else:
            known: list[Any] = [one.event for one in ordered[orders[event.recovery]]] if _is_deceased(event) else []
            person, since = next((one.person for one in known), None), None
        if person is None:
            continue
        one = SaidDead(person, event.finding, since or str(Period.parse(f"{event.on:%Y-%m}").plus(1)), item.position)
        if person not in found or one.since < found[person].since:
            found[person] = one
    return found


def counts(term: Any, person: str) -> bool:
    """Whether a decision pays for somebody: the householder, or one of those whom it names."""
    return bool(term.person == person or any(one.person == person for one in term.members))


def _is_deceased(plan: Any) -> bool:
    return bool(plan.reason == _DECEASED)
