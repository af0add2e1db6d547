"""Payments to the dead (领款人已死亡): in doubt as long as the payment stands and any report of the death does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.deaths import DEATH, death_need
from ledger_projections.keeping.clocks import Moment
from ledger_projections.public_money.doubting.stood import Stood, stood_under

DEAD: Final = "W_PAYEE_DEAD"


@dataclass(frozen=True, slots=True)
class Deaths:
    """The reports of deaths, and the payments after them, that doubts name."""

    _reports: Mapping[str, Sequence[Stood]]
    """Person -> the reports of that person's death."""
    _paid: Mapping[str, Sequence[Stood]]
    """Payment -> what the bank credited."""

    @classmethod
    def read(cls, connection: Connection, details: Iterable[Mapping[str, Any]], moment: Moment) -> "Deaths":
        """What stood at a moment, in a few queries for all of them."""
        named = list(details)
        people, payments = ({str(one[name]) for one in named if name in one} for name in ("person", "payment"))
        needs = {one: death_need(one) for one in people}
        paid = {one: Need(f"payment:{one}", ("subsidy.paid",)) for one in payments}
        stood = stood_under(connection, (*needs.values(), *paid.values()), moment)
        reports, credited = ({one: stood[need] for one, need in part.items()} for part in (needs, paid))
        return cls(reports, credited)

    def of_payer(self, item: Recorded, detail: Mapping[str, Any]) -> Recorded:
        """A doubt as one of whoever paid: another office may have taken over the list of the dead first."""
        paid = self._paid.get(str(detail.get("payment")), ()) if item.event.kind == DEATH else ()
        return item._replace(entity=paid[-1].item.entity) if paid else item

    def settled_at(self, item: Recorded, detail: Mapping[str, Any], gone: int | None) -> int | None:
        """Where the last of the reports that show a payment to be after the death was taken back, or the payment was;
        `gone` is where the event that broke the rule was, which a report may be that others support.
        """
        month = str(detail.get("month"))
        reports = [one for one in self._reports.get(str(detail.get("person")), ()) if one.event.died_month < month]
        if not any(one.position <= item.position for one in reports):
            return gone
        ends = [_end(reports, item.position)]
        if item.event.kind == DEATH:
            ends.append(_end(self._paid.get(str(detail.get("payment")), ()), item.position))
        else:
            ends.append(gone)
        return min((end for end in ends if end is not None), default=None)


def _end(some: Sequence[Stood], position: int) -> int | None:
    """Where the last of them was taken back that stood at a position or came while another one did; None while one
    stands. What comes after that raises a doubt of its own.
    """
    end = position
    for one in some:
        if one.position > end:
            break
        if one.gone_at is None:
            return None
        end = max(end, one.gone_at)
    return end if end > position else None
