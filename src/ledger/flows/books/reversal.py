"""Reversal (红字冲销): the one way to mend a mistake. Both sides stay; a whole event is negated, never a part.

It carries all tags of its target, so that whoever reads a fund, a gift or a household sees it; decision models drop the
pair, so that every slot the target took is free again. Source: Accounting Law arts. 14 and 15; 红字冲销.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints

from ledger.accounts.legs import Leg
from ledger.accounts.roles import LIQUID, MONEY, Role
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, EventId, FreeText
from ledger.flows.giving.funds import GOODS_SUFFIX
from ledger.flows.knowledge import Knowledge, Need, Recorded
from ledger.flows.rules import Verdict, rule

TagText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_-]*:\S(.{0,300}\S)?$")]
Position = Annotated[int, Field(ge=1, le=2**53 - 1)]

_NEVER_CREDIT: Final = MONEY | {Role.INVENTORY, Role.RECOVERABLE, Role.PREPAID, Role.RECEIVABLE, Role.FIXED_ASSET}
"""Holdings: an account of one party that stands on the credit side is a thing that does not exist."""

_PROMISED: Final = frozenset({Role.COMMITTED, Role.PLEDGED})
"""Promises: one that stands below zero was paid and is not there; it would make room for another."""

_NEVER_DEBIT: Final = frozenset({Role.AGENCY, Role.SUSPENSE})
"""Debts to somebody: on the debit side, more was paid than was owed."""


class EventReversed(Event):
    """An event is negated as a whole. `target_tags` repeats its tags in order; `on` is a day of an open period."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["event.reversed"] = "event.reversed"
    version: Literal[1] = 1
    target: EventId
    target_position: Position
    target_tags: Annotated[tuple[TagText, ...], Field(max_length=10_000)]
    reason: FreeText
    on: Day

    def more_tags(self) -> tuple[str, ...]:
        return self.target_tags

    def needs(self) -> tuple[Need, ...]:
        return (Need(f"event:{self.target}", ("event.reversed",)),)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return negated(model.legs_of(self.target_position))


def negated(legs: Sequence[Leg]) -> tuple[Leg, ...]:
    """The same legs with the opposite sign, in the same order: red figures, not swapped sides."""
    return tuple(Leg(leg.fund, leg.role, -leg.amount_fen, leg.party, leg.book, leg.code) for leg in legs)


def _target(event: EventReversed, model: Knowledge) -> Recorded | None:
    """The target as recorded, if the reversal names it rightly."""
    found = model.by_id(event.target)
    return found if found is not None and found.position == event.target_position else None


@rule(EventReversed, code="REVERSAL_TARGET", source="红字冲销", form=True)
def target_stands_there(event: EventReversed, model: Knowledge) -> Verdict:
    found = _target(event, model)
    if found is None or found.entity != model.entity:
        yield {"target": event.target, "position": event.target_position}


@rule(EventReversed, code="REVERSAL_TAGS", source="红字冲销", form=True)
def carries_all_tags(event: EventReversed, model: Knowledge) -> Verdict:
    found = _target(event, model)
    if found is not None and event.target_tags != found.event.tags():
        yield {"target": event.target, "missing": sorted(set(found.event.tags()) - set(event.target_tags))}


@rule(EventReversed, code="REVERSAL_KIND", source="红字冲销 (authority events never are)", form=True)
def target_is_reversible(event: EventReversed, model: Knowledge) -> Verdict:
    found = _target(event, model)
    if found is not None and not found.event.reversible:
        yield {"target": event.target, "kind": found.event.kind}


@rule(EventReversed, code="ALREADY_REVERSED", source="一笔只冲销一次", form=True)
def reversed_once(event: EventReversed, model: Knowledge) -> Verdict:
    if model.is_reversed(event.target):
        yield {"target": event.target, "position": event.target_position}


@rule(EventReversed, code="REVERSAL_BALANCE", source="红字冲销 (refused where a balance would fall below zero)")
def nothing_falls_below_zero(event: EventReversed, model: Knowledge) -> Verdict:
    yield from _turned(event, model, _NEVER_CREDIT, _NEVER_DEBIT)


@rule(EventReversed, code="REVERSAL_BALANCE", source="红字冲销 (what was promised and paid stays promised)", edition=2)
def no_promise_falls_below_zero(event: EventReversed, model: Knowledge) -> Verdict:
    yield from _turned(event, model, _PROMISED, frozenset())


def _turned(
    event: EventReversed, model: Knowledge, never_credit: frozenset[Role], never_debit: frozenset[Role]
) -> Verdict:
    """Accounts of these roles that a reversal would turn to the side on which they never stand."""
    if _target(event, model) is None:
        return
    moves: defaultdict[tuple[str, Role, str], int] = defaultdict(int)
    for leg in event.postings(model):
        moves[leg.fund, leg.role, leg.party] += leg.amount_fen
    for (fund, role, party), change in moves.items():
        after = model.balance(fund, role, party) + change
        if (role in never_credit and change < 0 and after < 0) or (role in never_debit and change > 0 and after > 0):
            yield {"fund": fund, "role": role.value, "party": party, "left_fen": after}


@rule(EventReversed, code="REVERSAL_AVAILABLE", source="红字冲销 (available: liquid minus agency minus commitments)")
def promises_stay_covered(event: EventReversed, model: Knowledge) -> Verdict:
    moves: defaultdict[str, int] = defaultdict(int)
    for leg in event.postings(model) if _target(event, model) is not None else ():
        if leg.role in LIQUID or (leg.role is Role.AGENCY and not leg.party.endswith(GOODS_SUFFIX)):
            moves[leg.fund] += leg.amount_fen
        elif leg.role is Role.COMMITTED:
            moves[leg.fund] -= leg.amount_fen
    for fund, change in moves.items():
        after = model.available(fund) + change
        if change < 0 and after < 0:
            yield {"fund": fund, "left_fen": after}
