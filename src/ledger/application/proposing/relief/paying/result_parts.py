"""The parts of a bank's line: how it splits over what a household was to be paid in the batch.

The parts always come to what the bank paid, whatever was authorised.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.paying.meant import Line, meant, otherwise, recorded_as, spread
from ledger.application.proposing.relief.paying.stories import Return, Story
from ledger.application.proposing.relief.programmes import TERMS, payment_id
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import PAYMENT, RESULTS
from ledger.flows.public_money.payment.payments import SubsidyPaid, line_in
from ledger.flows.public_money.payment.subsidies import tells_return

_NORMAL: Final = "normal"
_OF_RETURN: Final = ("payment", "amount_fen")
_OF_PAYMENT: Final = (*_OF_RETURN, "component", "period_from", "period_to", "persons", "households", "subjects")


class For(NamedTuple):
    """Of which enrolment, month and batch a bank line is, the person of its row where a person is who is enrolled, and
    the terms by which the enrolment was to be paid (None: the book knows none).
    """

    enrolment: str
    month: str
    batch: str
    person: str | None
    terms: Any


def terms_in(context: Context, enrolments: Mapping[str, str]) -> Mapping[str, Any]:
    """Enrolment -> its terms of a month, by the decisions that took effect until then; the first ones where all came
    later, for who is paid early is who is enrolled then.
    """
    needs = {name: Need(f"enrolment:{name}", TERMS[:2]) for name in enrolments}
    known = context.find(needs.values())
    found: dict[str, Any] = {}
    for name, month in enrolments.items():
        decisions: list[Any] = [item.event for item in known[needs[name]]]
        past = [one for one in decisions if one.from_month <= month]
        found |= {name: (past or decisions[:1])[-1]} if decisions else {}
    return found


def parts_of(context: Context, known: Iterable[Event], line: Line, of: For) -> list[dict[str, Any]]:
    """How a bank line splits over what was authorised: as it was recorded; else over all of it, or, where the bank
    tells the components of a household in lines of their own, over what it means of them. One whole payment when no
    sums meet.
    """
    known = list(known)
    if recorded := recorded_as([one for one in known if one.kind in RESULTS], line):
        return [_as_recorded(one) for one in recorded]
    due = _due(known)
    if parts := meant(due, line) or otherwise(due, known, line) or spread(due, line):
        return [_component(context, one, net, known) for one, net in parts]
    payment = payment_id(context, of.enrolment, of.batch, _NORMAL)
    whole = {"payment": payment, "component": _NORMAL, "period_from": of.month, "period_to": of.month}
    return [{**whole, "amount_fen": line.fen, "households": 1, **_whose(known, payment, of)}]


def may_be_of_another(known: Iterable[Event], back: Return, story: Callable[[str], Story]) -> bool:
    """Whether a return that is taken for money of one payment that came back may as well be of another one of the
    household that comes to the same: one that failed last, and that the bank may have tried again.
    """
    day = back.occurred_on
    return any(
        net == back.amount_fen and one.payment != back.payment and _failed_last(story(one.payment), day)
        for one, net in _due(known)
    )


def _failed_last(story: Story, day: date) -> bool:
    is_told = story.told(day, success=True) or story.told(day, success=False)
    return not is_told and story.failed_before(day) and not story.stands(day)


def _due(known: Iterable[Event]) -> list[tuple[Any, int]]:
    """What was authorised, with what the bank pays of it where it pays anything."""
    authorised: dict[str, Any] = {}
    kept: dict[str, int] = {}
    for one in known:
        payment = str(getattr(one, "payment", ""))
        if one.kind == "subsidy.authorised":
            authorised[payment] = one
        elif one.kind == "subsidy.offset":
            kept[payment] = kept.get(payment, 0) + int(getattr(one, "amount_fen", 0))
    nets = _shared([(one, one.amount_fen - kept.get(payment, 0)) for payment, one in authorised.items()])
    return [(one, net) for one, net in nets if net > 0]


def _as_recorded(event: Any) -> dict[str, Any]:
    """The part that an event of the book tells of."""
    names = _OF_PAYMENT if isinstance(event, SubsidyPaid) else _OF_RETURN
    return {name: getattr(event, name) for name in names}


def _whose(known: Iterable[Event], payment: str, of: For) -> dict[str, Any]:
    """The persons of a payment that is not what was authorised, so that whoever asks for the dead finds them: as it was
    recorded, else as the month was authorised, else by the terms, else the person of the row.
    """
    mine: list[Any] = [one for one in known if getattr(one, "payment", "") == payment]
    told = [one for one in mine if isinstance(one, SubsidyPaid)] or [one for one in mine if hasattr(one, "subjects")]
    if told:
        return {"persons": told[0].persons, "subjects": list(told[0].subjects)}
    if of.terms is not None:
        persons = of.terms.monthly.persons
        return {"persons": persons, "subjects": [of.terms.person] if persons == 1 else []}
    return {"persons": 0 if of.person is None else 1, "subjects": [] if of.person is None else [of.person]}


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
