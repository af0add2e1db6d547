"""Decided stops (停发): a verified doubt may say from which month on a payment stops. The decision stops nothing by
itself: who is on the list of that month is paid, and that is to be seen.

A household that was made smaller (减员), or is paid less from then on, rightly stays on the list. Nor does the death of
one end what the others are paid: deaths that lists tell are held against later lists by themselves.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.redress.clues import ClueRaised, ClueRefuted, ClueVerified

ANSWERS: Final = ("clue.raised", "clue.verified", "clue.refuted")
"""What tells of a decided stop."""
TAKEN_IN: Final = ("enrolment.confirmed",)
"""What shows that a household was taken in, or in again."""
DECISIONS: Final = (*TAKEN_IN, "enrolment.changed")
"""What says whom an enrolment is of."""
ORDERS: Final = ("recovery.ordered", "opening.recorded")
"""What something may be kept back for; an opening has the tags of those whose recoveries it took over."""


_OF_DEATHS: Final = "T01"
_GOES_ON: Final = re.compile(r"减员|减人|核减|调减|调整|降低|降档")
"""Measures (处理措施) with which the payment goes on."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What a doubt's answer stops: since which month, and where the answer stands."""

    clue: str
    enrolment: str | None
    programme: str | None
    person: str | None
    since: str
    position: int

    def enrolments(self, of_person: Iterable[Recorded]) -> set[str]:
        """The enrolments that it stops: the doubt's own, or those of its person and programme."""
        if self.enrolment is not None:
            return {self.enrolment}
        decisions: list[Any] = [item.event for item in of_person]
        return {one.enrolment for one in decisions if self.programme is not None and one.programme == self.programme}


def stop_of(history: Sequence[Recorded]) -> Stop | None:
    """What the standing history of a doubt stops; None where its last answer stops nothing."""
    raised = next((item.event for item in history if isinstance(item.event, ClueRaised)), None)
    answers = [item for item in history if isinstance(item.event, ClueVerified | ClueRefuted)]
    last = answers[-1] if answers else None
    if raised is None or last is None or not isinstance(last.event, ClueVerified):
        return None
    if last.event.stop_from is None or last.event.result == "unverifiable" or not last.position:
        return None  # what waits for a signature (position 0) is not decided
    is_a_listed_death = raised.source is not None and (raised.test or "").startswith(_OF_DEATHS)
    if is_a_listed_death or _GOES_ON.search(last.event.measures or ""):
        return None
    return Stop(raised.clue, raised.enrolment, raised.programme, raised.person, last.event.stop_from, last.position)


def people_of(stops: Iterable[Stop]) -> dict[str, Need]:
    """Person -> the decisions about them, of those stops that name no enrolment."""
    return {one.person: Need(f"person:{one.person}", DECISIONS) for one in stops if one.person and not one.enrolment}


def stopped(stops: Sequence[Stop], decisions: Mapping[Need, Iterable[Recorded]]) -> dict[str, list[Stop]]:
    """Enrolment -> the stops of it; `decisions` are those of `people_of`."""
    people = people_of(stops)
    found: defaultdict[str, list[Stop]] = defaultdict(list)
    for stop in stops:
        need = people.get(stop.person or "")
        for name in sorted(stop.enrolments(() if need is None else decisions[need])):
            found[name].append(stop)
    return found


def orders_about(enrolment: str, terms: Iterable[Any]) -> list[Need]:
    """The recoveries for which something may be kept back of an enrolment: those of itself, and of the households and
    people that these terms of it name.
    """
    found: list[str] = []
    for one in terms:
        found += [f"household:{one.household}"] if one.household else []
        found += [f"person:{person}" for person in (one.person, *(member.person for member in one.members))]
    return [Need(tag, ORDERS) for tag in (f"enrolment:{enrolment}", *dict.fromkeys(found))]
