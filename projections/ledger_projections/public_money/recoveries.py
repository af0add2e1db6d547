"""Recoveries (追缴台账): 应追, 已追 by four ways, 上缴, 未追 with its age, and the state of every matter.

追回 is what came back from the person; 上缴 is what reached the treasury: two figures, never added. A recovery is open
for ordered - collected - written off. Source: 追缴台账 and 问题整改台账.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, Table, and_, select

from ledger_projections.keeping.ageing import Ages, aged, ages_of, still_open
from ledger_projections.keeping.answers import Answer, per_mille
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import AnyRow
from ledger_projections.public_money.recovery_lines import MATTERS, MONEY, ORDERS, PLANS, RECOVERIES

MODES: Final = ("transfer", "cash", "offset", "paid_to_treasury", "before_book")

STATES: Final = ("confirmed", "noticed", "rectifying", "reported", "accepted", "closed", "reopened")
"""处理状态: the steps that move a matter; a referral and a look back stand beside it."""


@dataclass(frozen=True, slots=True)
class RecoverySum(Answer):
    """Sums in fen. open - over = ordered - collected - written_off; `rate_per_mille` = collected of ordered, rounded
    half up.
    """

    recoveries: int
    ordered_fen: int
    """应追."""
    collected_fen: int
    """已追 (追回): the five ways together, less what was given back."""
    transfer_fen: int
    cash_fen: int
    offset_fen: int
    paid_to_treasury_fen: int
    before_book_fen: int
    """Collected before the book began."""
    refunded_fen: int
    """退还多收: given back of what came in too much."""
    treasury_fen: int
    """上缴: paid to the treasury by the person or by the bureau, less what it gave back; of what was paid before the
    book began what the opening's lines tell: what came in and is owed to the treasury no more.
    """
    written_off_fen: int
    open_fen: int
    """未追; never below nothing."""
    over_fen: int
    """多收未退: what came in, or was written off, beyond the order. It pays nobody else's debt."""
    ages: Ages
    cash_in_hand_fen: int
    """Cash that was taken and neither banked nor given back yet; of what an opening took over that of a fund's boxes,
    where only one recovery of the fund can have it: an opening tells what a box holds, and not of whom.
    """
    rate_per_mille: int | None


@dataclass(frozen=True, slots=True)
class Recovery(Answer):
    """One order. `state` is open, planned, partly, collected or written_off; `reason` says why it is still open, as
    the newest plan says, or what was given up since.
    """

    entity: str
    recovery: str
    finding: str
    programme: str
    enrolment: str | None
    person: str | None
    destination: str
    document: str | None
    responsible: str | None
    ordered_on: date
    due_on: date | None
    last_moved_on: date | None
    reason: str | None
    state: str
    sums: RecoverySum


@dataclass(frozen=True, slots=True)
class Matter(Answer):
    """One finding (认定问题) with its recoveries and where its handling stands.

    `is_case` says that it is about a person or household; `problem` is the finding that takes it in, the topmost.
    """

    entity: str
    finding: str
    found_by: str | None
    authority: str | None
    category: str | None
    programme: str | None
    document: str | None
    is_case: bool
    problem: str | None
    persons: int
    confirmed_fen: int
    confirmed_on: date
    state: str
    state_on: date | None
    due_on: date | None
    overdue_days: int
    """Days past the latest deadline of its rectification; 0 when it is accepted or closed."""
    referred: bool
    relapsed: int
    sums: RecoverySum


@dataclass(frozen=True, slots=True)
class RecoveryGroup(Answer):
    """The sums of all recoveries that share a programme or an origin."""

    name: str
    sums: RecoverySum


@dataclass(frozen=True, slots=True)
class RecoveryReport(Answer):
    """Every recovery and every matter; `on` is the day that what is open is aged by."""

    position: int
    as_of: date | None
    on: date
    recoveries: tuple[Recovery, ...]
    matters: tuple[Matter, ...]
    by_programme: tuple[RecoveryGroup, ...]
    by_origin: tuple[RecoveryGroup, ...]
    total: RecoverySum


def recoveries(
    connection: Connection,
    on: date,
    *,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> RecoveryReport:
    """The recoveries of an entity (None: of all), with what is open aged by the day `on`."""
    moment = moment_of(connection, [RECOVERIES], as_of, at)
    money, plans = _by(connection, moment, MONEY, "recovery"), _by(connection, moment, PLANS, "recovery")
    orders = _by(connection, moment, ORDERS, "recovery")
    rows = [_recovery(found[-1], money[key], plans[key], on) for key, found in sorted(orders.items())]
    rows = [row for row in rows if entity in (None, row.entity)]
    matters = _matters(_steps(connection, moment), rows, on, entity)
    origin = origins(matters)
    return RecoveryReport(
        moment.position,
        as_of,
        on,
        recoveries=tuple(rows),
        matters=matters,
        by_programme=_groups(rows, lambda row: row.programme),
        by_origin=_groups(rows, lambda row: origin.get(row.finding, "")),
        total=_total(row.sums for row in rows),
    )


def _by(connection: Connection, moment: Moment, table: Table, key: str) -> defaultdict[str, list[AnyRow]]:
    found: defaultdict[str, list[AnyRow]] = defaultdict(list)
    chosen = select(table).where(moment.counts(table)).order_by(table.c.position, table.c.line)
    for row in connection.execute(chosen):
        found[getattr(row, key)].append(row)
    return found


def _steps(connection: Connection, moment: Moment) -> dict[str, list[AnyRow]]:
    """The steps of each finding, by the day on which each was done, whatever voucher told it: of a finding that was
    recorded late the months of it know too, and an end of later is none yet.
    """
    steps = _by(connection, Moment(moment.position), MATTERS, "finding")
    if moment.as_of is None:
        return steps
    until = moment.as_of
    for row in _taken_back_since(connection, moment):
        steps[row.finding].append(row)
    for acts in steps.values():
        acts.sort(key=lambda row: (row.position, row.line))
    taken = {finding: [row for row in acts if row.done_on <= until] for finding, acts in steps.items()}
    return {finding: acts for finding, acts in taken.items() if acts}


def _taken_back_since(connection: Connection, moment: Moment) -> Iterable[AnyRow]:
    """The steps that still stood on the day of the moment and were taken back by a voucher of later."""
    known = and_(MATTERS.c.position <= moment.position, MATTERS.c.ended_at <= moment.position)
    return connection.execute(select(MATTERS).where(known, MATTERS.c.ended_on > moment.as_of)).all()


def _recovery(order: AnyRow, money: Sequence[AnyRow], plans: Sequence[AnyRow], on: date) -> Recovery:
    newest = max(((row.day, row.position) for row in plans), default=None)  # told of the latest day, and there last
    latest = [row for row in plans if (row.day, row.position) == newest]
    given_up = [row for row in money if row.act == "written_off"]
    sums = _sums(order, money, [(row.due_on, row.fen) for row in latest if row.due_on is not None], on)
    says = max((*latest, *given_up), key=lambda row: (row.day, row.position), default=None)
    names = ("entity", "recovery", "finding", "programme", "enrolment", "person", "destination", "document")
    return Recovery(
        **{name: getattr(order, name) for name in names},
        responsible=order.responsible,
        ordered_on=order.ordered_on,
        due_on=min((row.due_on for row in latest if row.due_on is not None), default=order.due_on),
        last_moved_on=max((row.moved_on for row in money if row.act == "collected"), default=None),
        reason=None if says is None else says.reason,
        state=_state(sums, planned=bool(latest)),
        sums=sums,
    )


def _state(sums: RecoverySum, *, planned: bool) -> str:
    if not sums.open_fen:
        return "written_off" if sums.collected_fen < sums.ordered_fen else "collected"
    if sums.collected_fen:
        return "partly"
    return "planned" if planned else "open"


def _sums(
    order: AnyRow,
    money: Sequence[AnyRow],
    plan: Sequence[tuple[date, int]],
    on: date,
) -> RecoverySum:
    fen: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in money:
        fen[row.act, ""] += row.fen
        fen[row.act, row.mode] += row.fen if row.mode else 0
    collected_fen, written_off_fen = fen["collected", ""] - fen["refunded", ""], fen["written_off", ""]
    left_fen = order.fen - collected_fen - written_off_fen
    open_fen = max(0, left_fen)
    straight_fen = fen["collected", "paid_to_treasury"] - fen["refunded", "by_treasury"]
    return RecoverySum(
        recoveries=1,
        ordered_fen=order.fen,
        collected_fen=collected_fen,
        **{f"{mode}_fen": fen["collected", mode] for mode in MODES},
        refunded_fen=fen["refunded", ""],
        treasury_fen=straight_fen + fen["remitted_before", ""] + fen["remitted", ""],
        written_off_fen=written_off_fen,
        open_fen=open_fen,
        over_fen=open_fen - left_fen,
        ages=aged(still_open(plan, open_fen, order.due_on or order.ordered_on), on),
        cash_in_hand_fen=_in_hand(money),
        rate_per_mille=per_mille(collected_fen, order.fen),
    )


def _in_hand(money: Iterable[AnyRow]) -> int:
    """The cash in hand after these movements. What is given back in cash when none is left is other money; what is
    banked when none is left is what came in before the book, as far as that may have been cash.
    """
    hand = before = 0
    for row in money:
        fen = int(row.fen)
        if row.act == "in_hand_before" or (row.act, row.mode) == ("collected", "cash"):
            hand += fen
        if row.act in {"in_hand_before", "remitted_before"}:
            before -= fen
        elif (row.act, row.mode) == ("collected", "before_book"):
            before += fen
        elif (row.act, row.mode) == ("refunded", "cash"):
            hand -= min(fen, max(0, hand))
        elif row.act == "handed_over":
            of_before = min(before, max(0, fen - max(0, hand)))
            before -= of_before
            hand -= fen - of_before
    return max(0, hand)


def _total(many: Iterable[RecoverySum]) -> RecoverySum:
    many = list(many)
    apart = {"ages", "rate_per_mille"}
    names = [name for name in RecoverySum.__dataclass_fields__ if name not in apart]
    sums = {name: sum(getattr(one, name) for one in many) for name in names}
    rate = per_mille(sums["collected_fen"], sums["ordered_fen"])
    return RecoverySum(**sums, ages=ages_of(one.ages for one in many), rate_per_mille=rate)


def _groups(rows: Sequence[Recovery], name: Callable[[Recovery], str]) -> tuple[RecoveryGroup, ...]:
    found: defaultdict[str, list[RecoverySum]] = defaultdict(list)
    for row in rows:
        found[name(row)].append(row.sums)
    return tuple(RecoveryGroup(one, _total(found[one])) for one in sorted(found))


def _matters(
    steps: Mapping[str, Sequence[AnyRow]],
    rows: Sequence[Recovery],
    on: date,
    entity: str | None,
) -> tuple[Matter, ...]:
    """A matter begins with its confirmation: what bears an earlier date than that is none yet."""
    sums: defaultdict[str, list[RecoverySum]] = defaultdict(list)
    for row in rows:
        sums[row.finding].append(row.sums)
    known = {
        finding: acts
        for finding, acts in sorted(steps.items())
        if entity in (None, acts[0].entity) and any(row.act == "confirmed" for row in acts)
    }
    over = _topmost(known)
    return tuple(
        _matter(finding, acts, over.get(finding), _total(sums[finding]), on) for finding, acts in known.items()
    )


def _topmost(steps: Mapping[str, Sequence[AnyRow]]) -> dict[str, str]:
    """Finding -> the problem that it stands under at last. A book may hold groupings within groupings; of findings that
    take in each other the first stands for all, so that none is lost.
    """
    last = {
        finding: problem
        for finding, acts in steps.items()
        if (problem := next((row.problem for row in reversed(acts) if row.act == "grouped"), None)) in steps
    }
    found = {}
    for finding in last:
        way = [finding]
        while (upper := last.get(way[-1])) is not None and upper not in way:
            way.append(upper)
        top = way[-1] if upper is None else min(way[way.index(upper) :])
        if top != finding:
            found[finding] = top
    return found


def origins(matters: Iterable[Matter]) -> dict[str, str]:
    """Finding -> where its problem came from, which is where its money is counted."""
    own = {one.finding: one for one in matters}
    return {one.finding: own[one.problem or one.finding].found_by or "" for one in own.values()}


def _standing(steps: Iterable[AnyRow]) -> AnyRow:
    """The step by which a matter stands where it does. What is told of a closed one (a register's longer text, a moved
    deadline) opens it no more than a report opens an accepted one: only a reopening does, or a plan made since.
    """
    stands: AnyRow | None = None
    for step in steps:
        if stands is not None and stands.act == "closed" and step.act != "reopened":
            continue
        later = step.act in {"closed", "reopened", "accepted"} or (
            step.act == "rectifying" and stands is not None and step.done_on > stands.done_on
        )
        if stands is None or stands.act != "accepted" or later:
            stands = step
    if stands is None:
        raise AssertionError
    return stands


def _matter(finding: str, acts: Sequence[AnyRow], problem: str | None, sums: RecoverySum, on: date) -> Matter:
    confirmed = next(row for row in acts if row.act == "confirmed")
    state = _standing(row for row in acts if row.act in STATES)
    due = [row.due_on for row in acts if row.act == "rectifying"]
    late = (on - due[-1]).days if due and state.act not in {"accepted", "closed"} else 0
    names = ("found_by", "authority", "category", "programme", "document", "persons")
    return Matter(
        entity=acts[0].entity,
        finding=finding,
        **{name: getattr(confirmed, name) for name in names},
        is_case=bool(confirmed.is_case),
        problem=problem,
        confirmed_fen=confirmed.fen,
        confirmed_on=confirmed.done_on,
        state=state.act,
        state_on=state.done_on,
        due_on=due[-1] if due else None,
        overdue_days=max(0, late),
        referred=any(row.act == "referred" for row in acts),
        relapsed=sum(row.persons for row in acts if row.act == "looked_back"),
        sums=sums,
    )
