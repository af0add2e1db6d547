"""Reversal (红字冲销): the one way to mend a mistake. Both sides stay; a whole event is negated, never a part.

It carries all tags of its target, so that whoever reads a fund, a gift or a household sees it; decision models drop the
pair, so that every slot the target took is free again. Source: Accounting Law arts. 14 and 15; 红字冲销.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints

from ledger.accounts.legs import Leg
from ledger.accounts.roles import LIQUID, MONEY, Role
from ledger.flows.event import Event, Rests, Stage
from ledger.flows.fields import Day, EventId, FreeText
from ledger.flows.giving.funds import GOODS_SUFFIX, OPENING_KINDS, WAITING_SINCE, covered, restricted_left
from ledger.flows.giving.receipts import ReceiptReversed, gift_receipt_needs, left_to_receipt
from ledger.flows.knowledge import Knowledge, Need, Recorded
from ledger.flows.registry import event_classes
from ledger.flows.rules import Verdict, rule

TagText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_-]*:\S(.{0,300}\S)?$")]
Position = Annotated[int, Field(ge=1, le=2**53 - 1)]

_NEVER_CREDIT: Final = MONEY | {Role.INVENTORY, Role.RECOVERABLE, Role.PREPAID, Role.RECEIVABLE, Role.FIXED_ASSET}
"""Holdings: an account of one party that stands on the credit side is a thing that does not exist."""

_SHOWN: Final = 20
"""How many positions a finding names."""

_PROMISED: Final = frozenset({Role.COMMITTED, Role.PLEDGED})
"""Promises: one that stands below zero was paid and is not there; it would make room for another."""

_NEVER_DEBIT: Final = frozenset({Role.AGENCY, Role.SUSPENSE})
"""Debts to somebody: on the debit side, more was paid than was owed."""

_KEPT: Final = frozenset({Role.OFFSET_CLEARING, Role.DUE_TO_TREASURY})
"""What was kept back, and what the treasury is owed: neither stands on the debit side."""

_WAGES: Final = frozenset({Role.SALARY_PAYABLE, Role.TAX_PAYABLE})
"""Debts that a fund has as a whole: an opening may name the offices, and a remittance pays whichever."""

_ORDINARY_DEBTS: Final = _WAGES | {Role.PAYABLE}

_OF_TOO_MUCH: Final = {"recovery.refunded": frozenset({Role.RECOVERABLE, Role.DUE_TO_TREASURY})}
"""Kind -> roles on whose wrong side it found what it evened out: taken back, that stands there again."""

_RESTRICTED: Final = frozenset({Role.NET_RESTRICTED, Role.DONATION_RESTRICTED})
_ASSETS: Final = frozenset({Role.FIXED_ASSET, Role.DEPRECIATION})


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
        own = Need(f"event:{self.target}", ("event.reversed",))
        return (own, *_resting_needs(self.target_tags), *_receipt_needs(self.target_tags))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return covered(model, self.negated(model))

    def negated(self, model: Knowledge) -> tuple[Leg, ...]:
        """The target's legs with the opposite sign, before anything follows from them."""
        return negated(model.legs_of(self.target_position))


def negated(legs: Sequence[Leg]) -> tuple[Leg, ...]:
    """The same legs with the opposite sign, in the same order: red figures, not swapped sides."""
    return tuple(Leg(leg.fund, leg.role, -leg.amount_fen, leg.party, leg.book, leg.code) for leg in legs)


@cache
def _resting() -> Mapping[str, tuple[tuple[tuple[str, ...], bool], ...]]:
    """Prefix of a tag -> the kinds that may rest on some event with it, and whether only on standing facts."""
    found: defaultdict[str, dict[tuple[tuple[str, ...], bool], None]] = defaultdict(dict)
    for cls in event_classes().values():
        for prefix, kinds in (*cls.rested_on.items(), *cls.rested_also.items()):
            found[prefix][kinds, cls.standing] = None
    return {prefix: tuple(ways) for prefix, ways in found.items()}


def _resting_needs(tags: Sequence[str]) -> Iterator[Need]:
    """The histories of what may rest on an event with these tags. A channel's gifts are read for the channel alone."""
    standing = "standing:book" in tags
    for tag in tags:
        for kinds, of_standing in _resting().get(tag.partition(":")[0], ()):
            if standing or not of_standing:
                yield Need(tag, kinds)


def _receipt_needs(tags: Sequence[str]) -> Iterator[Need]:
    """What must be known of the gifts of a receipt: of a red letter, that they have room for its receipt again."""
    gifts = [tag.partition(":")[2] for tag in tags if tag.startswith("donation:")]
    for donation in gifts if any(tag.startswith("receipt:") for tag in tags) else ():
        yield from gift_receipt_needs(donation)


def _rests_on(found: Recorded, model: Knowledge) -> list[int]:
    """Positions of the events that came after one, rest on it and were not ended."""
    resting = _resting_on(found, model, found.event.rested_on)
    endings = {place: one for place, one in resting.items() if type(one).undoes is not Event.undoes}
    over = {place for place, one in resting.items() if any(ending.undoes(one) for ending in endings.values())}
    over |= {place for place, ending in endings.items() if any(map(ending.undoes, resting.values()))}
    return sorted(resting.keys() - over)


def _rests_also(found: Recorded, model: Knowledge) -> list[int]:
    """The same of what is asked since the fifth edition. Most endings end what came before them only."""
    resting = _resting_on(found, model, found.event.rested_also)
    endings = {place: one for place, one in resting.items() if type(one).undoes is not Event.undoes}
    over: set[int] = set()
    for ended_at, ending in endings.items():
        reached = {place: one for place, one in resting.items() if ending.ends_ahead or place <= ended_at}
        ended = {place for place, one in reached.items() if ending.undoes(one)}
        over |= {*ended, ended_at} if ended else ended
    return sorted(resting.keys() - over)


def _resting_on(found: Recorded, model: Knowledge, rests: Rests) -> dict[int, Event]:
    """Position -> each later event of the entity that rests on one by a tag that they share."""
    resting: dict[int, Event] = {}
    for tag in found.event.tags():
        kinds = rests.get(tag.partition(":")[0])
        for item in () if kinds is None else model.history(tag, *kinds):
            later = item.position > found.position and item.entity == found.entity
            if later and found.event.carries(item.event):
                resting[item.position] = item.event
    return resting


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


@rule(EventReversed, code="REVERSAL_EARLIER", source="红字冲销 (nothing is undone before it happened)", edition=3)
def comes_after_its_target(event: EventReversed, model: Knowledge) -> Verdict:
    found = _target(event, model)
    if found is not None:
        done, undone = found.event.business_day(found.voucher_date), event.business_day(model.voucher_date)
        if undone < done:
            told = {"target": event.target, "position": event.target_position, "kind": found.event.kind}
            yield {**told, "day": done.isoformat(), "on": undone.isoformat()}


@rule(EventReversed, code="REVERSAL_BALANCE", source="红字冲销 (refused where a balance would fall below zero)")
def nothing_falls_below_zero(event: EventReversed, model: Knowledge) -> Verdict:
    yield from _turned(event, model, _NEVER_CREDIT, _NEVER_DEBIT)


@rule(EventReversed, code="REVERSAL_BALANCE", source="红字冲销 (what was promised and paid stays promised)", edition=2)
def no_promise_falls_below_zero(event: EventReversed, model: Knowledge) -> Verdict:
    yield from _turned(event, model, _PROMISED, frozenset())


@rule(EventReversed, code="REVERSAL_BALANCE", source="红字冲销 (what was paid on a debt keeps the debt)", edition=4)
def no_ordinary_debt_falls_below_zero(event: EventReversed, model: Knowledge) -> Verdict:
    yield from _turned(event, model, frozenset(), _ORDINARY_DEBTS)


@rule(EventReversed, code="REVERSAL_BALANCE", source="红字冲销 (what was collected keeps what it came from)", edition=5)
def no_money_kept_falls_below_zero(event: EventReversed, model: Knowledge) -> Verdict:
    yield from _turned(event, model, frozenset(), _KEPT)


def _turned(
    event: EventReversed, model: Knowledge, never_credit: frozenset[Role], never_debit: frozenset[Role]
) -> Verdict:
    """Accounts of these roles that a reversal would turn to the side on which they never stand."""
    found = _target(event, model)
    if found is None:
        return
    moves: defaultdict[tuple[str, Role, str | None], int] = defaultdict(int)
    for leg in event.postings(model):
        if leg.role not in _OF_TOO_MUCH.get(found.event.kind, ()):
            moves[leg.fund, leg.role, None if leg.role in _WAGES else leg.party] += leg.amount_fen
    for (fund, role, party), change in moves.items():
        after = model.balance(fund, role, party) + change
        if (role in never_credit and change < 0 and after < 0) or (role in never_debit and change > 0 and after > 0):
            yield {"fund": fund, "role": role.value, "party": party or "", "left_fen": -abs(after)}


@rule(EventReversed, code="REVERSAL_RESTRICTED", source="民间非营利组织会计制度 (限定性净资产)", edition=4)
def no_restriction_falls_below_zero(event: EventReversed, model: Knowledge) -> Verdict:
    """More would have been freed than was ever given for a purpose."""
    if _target(event, model) is None:
        return
    moves: defaultdict[str, int] = defaultdict(int)
    for leg in event.negated(model):
        if leg.role in _RESTRICTED:
            moves[leg.fund] += leg.amount_fen
    for fund, change in moves.items():
        left_fen = restricted_left(model, fund) - change
        if change > 0 and left_fen < 0:
            yield {"fund": fund, "left_fen": left_fen}


@rule(EventReversed, code="REVERSAL_WEAR", source="民间非营利组织会计制度 (固定资产, 累计折旧)", edition=4)
def wear_stays_within_cost(event: EventReversed, model: Knowledge) -> Verdict:
    """An asset would be worn by more than it cost, or by less than nothing."""
    if _target(event, model) is None:
        return
    moves: defaultdict[tuple[str, str], Counter[Role]] = defaultdict(Counter)
    for leg in event.postings(model):
        if leg.role in _ASSETS:
            moves[leg.fund, leg.party][leg.role] += leg.amount_fen
    for (fund, asset), change in moves.items():
        cost_fen = model.balance(fund, Role.FIXED_ASSET, asset) + change[Role.FIXED_ASSET]
        worn_fen = -model.balance(fund, Role.DEPRECIATION, asset) - change[Role.DEPRECIATION]
        too_much = sum(change.values()) < 0 and worn_fen > cost_fen
        if too_much or (change[Role.DEPRECIATION] > 0 and worn_fen < 0):
            yield {"fund": fund, "asset": asset, "cost_fen": cost_fen, "worn_fen": worn_fen}


@rule(EventReversed, code="REVERSAL_RESTS", source="红字冲销 (what rests on an event goes first)", edition=2)
def nothing_rests_on_it(event: EventReversed, model: Knowledge) -> Verdict:
    yield from _still_rests(event, model, 2)


@rule(EventReversed, code="REVERSAL_RESTS", source="线索—认定—追缴—整改 (no order without its finding)", edition=3)
def no_step_of_a_matter_rests_on_it(event: EventReversed, model: Knowledge) -> Verdict:
    yield from _still_rests(event, model, 3)


@rule(EventReversed, code="REVERSAL_RESTS", source="民间非营利组织会计制度 (no wear without its asset)", edition=4)
def nothing_of_an_asset_rests_on_it(event: EventReversed, model: Knowledge) -> Verdict:
    yield from _still_rests(event, model, 4)


@rule(EventReversed, code="REVERSAL_RESTS", source="红字冲销 (no chain is broken in the middle)", edition=5)
def no_later_step_rests_on_it(event: EventReversed, model: Knowledge) -> Verdict:
    """What rests on it by the rules of earlier editions is told above."""
    found = _target(event, model)
    if found is not None and not _rests_on(found, model):
        yield from _told(event, found, _rests_also(found, model))


def _still_rests(event: EventReversed, model: Knowledge, since: int) -> Verdict:
    """What rests on the target, where that is asked of its kind since an edition of the rules."""
    found = _target(event, model)
    if found is not None and found.event.rests_since == since:
        yield from _told(event, found, _rests_on(found, model))


def _told(event: EventReversed, found: Recorded, places: Sequence[int]) -> Verdict:
    if places:
        shown = ", ".join(map(str, places[:_SHOWN])) + (" …" if len(places) > _SHOWN else "")
        yield {"target": event.target, "kind": found.event.kind, "count": len(places), "positions": shown}


@rule(EventReversed, code="REVERSAL_FUND_USED", source="红字冲销 (a fund with figures stays open)", edition=2)
def fund_is_empty(event: EventReversed, model: Knowledge) -> Verdict:
    found = _target(event, model)
    if found is None or found.event.kind not in OPENING_KINDS:
        return
    fund = str(getattr(found.event, "fund", ""))
    held = {role.value: model.balance(fund, role) for role in Role}
    if any(held.values()):
        yield {"fund": fund, "roles": [role for role, fen in held.items() if fen]}


@rule(EventReversed, code="REVERSAL_OVER_COVER", source="Charity Law art. 38 (no gift has two receipts)", edition=4)
def receipts_stay_within_the_gift(event: EventReversed, model: Knowledge) -> Verdict:
    """A red letter freed its gifts for another receipt; it may not go while the gift cannot bear both."""
    found = _target(event, model)
    for cover in found.event.covers if found is not None and isinstance(found.event, ReceiptReversed) else ():
        room_fen = left_to_receipt(model, cover.donation)
        if cover.fen > room_fen:
            yield {"donation": cover.donation, "amount_fen": cover.fen, "left_fen": room_fen}


@rule(EventReversed, code="REVERSAL_AVAILABLE", source="红字冲销 (available: liquid minus agency minus commitments)")
def promises_stay_covered(event: EventReversed, model: Knowledge) -> Verdict:
    moves: defaultdict[str, int] = defaultdict(int)
    held = LIQUID | {Role.SUSPENSE} if model.edition >= WAITING_SINCE else LIQUID
    for leg in event.postings(model) if _target(event, model) is not None else ():
        if leg.role in held or (leg.role is Role.AGENCY and not leg.party.endswith(GOODS_SUFFIX)):
            moves[leg.fund] += leg.amount_fen
        elif leg.role is Role.COMMITTED:
            moves[leg.fund] -= leg.amount_fen
    for fund, change in moves.items():
        after = model.available(fund) + change
        if change < 0 and after < 0:
            yield {"fund": fund, "left_fen": after}
