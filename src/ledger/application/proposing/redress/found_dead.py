"""A confirmed doubt that came of comparing a list of the dead (T01) is a report of the death.

A hit of a list is a doubt and no fact: whoever is refuted lives. Nor does a doubt that another office drew up name the
dead: it may name a householder who was paid for one. Once it is confirmed, the death stands in the book as
if a list of the dead had told it, so that no later list pays the dead, and payments before it are found all the same.
"""

from typing import Any, Final

from ledger.application.importing.check_sheets import is_own_number
from ledger.application.proposing.context import Context
from ledger.application.proposing.redress.matching import said_since
from ledger.application.proposing.relief.deaths import identity, reporter
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.entitlement.deaths import death_need
from ledger.values.dates import Period

_OF_DEATHS: Final = "T01"


class FoundDead:
    """The deaths that the answers of a file confirm, each once, however many programmes it was a doubt of."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told: set[tuple[object, ...]] = set()

    def of(self, raised: Any) -> tuple[Need, Event] | None:
        """The report of a confirmed doubt; None where it came of no comparison, is of no death, does not say of which
        month, or the same report is recorded or told already.
        """
        is_of_death = is_own_number(raised.clue) and str(raised.test or "").startswith(_OF_DEATHS)
        if raised.person is None or not is_of_death:
            return None
        month, day = _died(raised)
        if month is None:
            return None
        office = "比对名单" if raised.source is None else raised.source.organisation
        event = self._context.event(
            "death.reported",
            person=raised.person,
            died_on=day,
            died_month=month,
            reported_by=reporter([office, raised.summary]),
            organisation=office,
            documented_on=None,
            note=f"疑点{raised.clue}核查认定",
            source=None if raised.source is None else raised.source.model_dump(mode="json"),
            place=None if raised.place is None else raised.place.model_dump(mode="json"),
        )
        need, own = death_need(raised.person), (raised.person, *identity(event))
        known = any(identity(one.event) == own[1:] for one in self._context.find([need])[need])
        if known or own in self._told:
            return None
        self._told.add(own)
        return need, event


def _died(raised: Any) -> tuple[str | None, str | None]:
    """The earliest month that the list named, and its day where it named one; where it named none, the month before
    the first that was paid wrongly.
    """
    named = said_since(raised.summary)
    if not named:
        return (None if raised.period_from is None else str(Period.parse(raised.period_from).previous())), None
    month = min(one for _, one in named)
    days = [said for said, one in named if one == month and said != one]
    return month, min(days, default=None)
