"""Households whose dead are still counted (成员死亡未减员): what the decisions on an enrolment tell of one person.

No rule stands here: a list may state the month of a death long before the office that keeps the household hears of it.
Whoever imports or reads asks, and says what is to be done.
"""

from collections.abc import Iterable

from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.enrolments import EnrolmentChanged, EnrolmentConfirmed, EnrolmentEnded


def still_counted(decisions: Iterable[Event], person: str, died: str) -> bool:
    """Whether an enrolment counts somebody who died in a month, by its decisions in order.

    Members are known where a decision names them; one that names none and counts fewer persons from that month on has
    taken the dead off, and one that counts fewer from an earlier one leaves nobody knowing who went, but for the
    householder, whom it still names. A household of the dead alone is no matter of this: it is not to be paid at all.
    """
    counted, alone, persons = False, True, 0
    for event in decisions:
        if isinstance(event, EnrolmentEnded):
            counted = False
        elif isinstance(event, EnrolmentConfirmed | EnrolmentChanged):
            before, persons = persons, event.monthly.persons
            is_head = event.person == person
            alone = persons == 1 and is_head
            fewer = persons < before
            if event.members:
                counted = any(one.person == person for one in event.members)
            elif isinstance(event, EnrolmentConfirmed):
                counted = is_head
            elif person in event.removed and not is_head and fewer:
                counted = False
            elif fewer:
                counted = counted and is_head and event.from_month < died
    return counted and not alone
