"""The parts of a bank's line: how it splits over what a household was to be paid in the batch.

The parts always come to what the bank paid, whatever was authorised.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, Final

from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.programmes import payment_id
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import PAYMENT
from ledger.flows.public_money.payment.payments import SubsidyPaid, line_in
from ledger.flows.public_money.payment.subsidies import tells_return

_NORMAL: Final = "normal"


def parts_of(context: Context, known: Iterable[Event], fen: int, where: tuple[str, str, str]) -> list[dict[str, Any]]:
    """How a bank line splits over what was authorised: over all of it, or, where the bank tells the components of a
    household in lines of their own, over the only ones that come to it. One whole payment when no sums meet.
    """
    enrolment, month, batch = where
    authorised: dict[str, Any] = {}
    kept: dict[str, int] = {}
    for one in known:
        payment = str(getattr(one, "payment", ""))
        if one.kind == "subsidy.authorised":
            authorised[payment] = one
        elif one.kind == "subsidy.offset":
            kept[payment] = kept.get(payment, 0) + int(getattr(one, "amount_fen", 0))
    nets = _shared([(one, one.amount_fen - kept.get(payment, 0)) for payment, one in authorised.items()])
    if parts := _coming_to([(one, net) for one, net in nets if net > 0], fen):
        return [_component(context, one, net, known) for one, net in parts]
    whole = {"payment": payment_id(context, enrolment, batch, "normal"), "component": "normal"}
    period = {"period_from": month, "period_to": month}
    return [{**whole, **period, "amount_fen": fen, "persons": 0, "households": 1, "subjects": []}]


def _shared(nets: Sequence[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """Components with what the bank pays of each: where more was kept back of one than it is, the others bear the rest,
    for the bank paid one sum.
    """
    short = -sum(net for _, net in nets if net < 0)
    found: list[tuple[Any, int]] = []
    for one, net in nets:
        borne = min(short, max(0, net))
        short -= borne
        found.append((one, max(0, net) - borne))
    return found


def _coming_to(nets: Sequence[tuple[Any, int]], fen: int) -> Sequence[tuple[Any, int]]:
    """All of the components, or the fewest that come to an amount together; none where several would."""
    if sum(net for _, net in nets) == fen:
        return nets
    for count in range(1, len(nets)):
        found = [chosen for chosen in combinations(nets, count) if sum(net for _, net in chosen) == fen]
        if found:
            return found[0] if len(found) == 1 else ()
    return ()


def _component(context: Context, one: Any, net: int, known: Iterable[Event]) -> dict[str, Any]:
    persons, households = _counted(context, one, known)
    return {
        "payment": one.payment,
        "component": one.component,
        "period_from": one.period_from,
        "period_to": one.period_to,
        "amount_fen": net,
        "persons": persons,
        "households": households,
        "subjects": list(one.subjects),
    }


def _counted(context: Context, claim: Any, known: Iterable[Event]) -> tuple[int, int]:
    """Persons and households that a component counts in 人次 and 户次: the month's own amount does, and so does what is
    paid in its place, unless it was credited after all. What was recorded counts what it counted.
    """
    for event in known:
        if isinstance(event, SubsidyPaid) and event.payment == claim.payment:
            return event.persons, event.households
    first, seen = claim, {claim.payment}
    while first.component != _NORMAL:
        old = None if first.reference is None else first.reference.payment
        if old is None:
            # What came back before the book had lists was authorised with its persons, and stands for its month.
            return claim.persons, int(claim.component == "arrears" and claim.persons > 0 and tells_return(claim.reason))
        if old in seen:
            return claim.persons, 0
        need = Need(f"payment:{old}", PAYMENT)
        history = context.find([need])[need]
        state = line_in(history, old)
        if state.standing > 0:
            return claim.persons, 0
        paid = [item.event for item in history if isinstance(item.event, SubsidyPaid) and item.event.payment == old]
        if state.authorised is None:
            return max((one.persons for one in paid), default=0), max((one.households for one in paid), default=1)
        first = state.authorised
        seen.add(old)
    return first.persons, 1
