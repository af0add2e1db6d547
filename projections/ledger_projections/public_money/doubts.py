"""Doubts (疑点): recorded facts that broke a rule, and clues (线索) that people or comparisons raised, with where each
stands.

A fact that breaks a rule is recorded all the same, with an explanation and a second signature; here all of them stand
together, the newest findings on older facts included (a death that is reported after the payments), and the households
that are paid to a dead householder, count a dead member, or are paid after a decided stop, until that is mended. What
a channel paid out beyond its gifts is reckoned anew: which of its files came first makes no difference. A clue goes
from raised over assigned to verified or refuted, and a founded one to a finding. Source: 疑点核查表; 线索台账.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Final, cast

import orjson
from sqlalchemy import Connection, or_, select

from ledger.catalogue import codes
from ledger.errors import InputError
from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.redress.clues import (
    ClueAssigned,
    ClueRaised,
    ClueRefuted,
    ClueRestated,
    ClueVerified,
    FindingConfirmed,
    as_restated,
)
from ledger.log.tables import findings
from ledger_projections.charity.channel_shortages import SHORT, Shortages
from ledger_projections.keeping.ageing import Ages, aged
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, log_moment
from ledger_projections.keeping.items import items_at
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.doubting.deaths import DEAD, Deaths
from ledger_projections.public_money.doubting.orders import OVER, Orders
from ledger_projections.public_money.doubting.stood import dated, gone_at
from ledger_projections.public_money.households.to_do import TO_DO, to_do

_STEPS: Final = ("clue.assigned", "clue.verified", "clue.refuted")
_FACT: Final = "fact"


@dataclass(frozen=True, slots=True)
class Doubt(Answer):
    """One rule that one recorded event broke. `detail` are the parameters of the code's sentence."""

    position: int
    code: str
    entity: str
    voucher_date: date
    number: int
    kind: str
    detail: Mapping[str, Any]
    reversed_at: int | None
    """Where the doubt was settled: the event was taken back. A payment to the dead is in doubt as long as the payment
    stands and any report of the death does, whichever of them the rule was broken by; a household that is paid to the
    dead until another receives; a channel's settlement until gifts explain it; what was collected beyond an order
    until a write-off, or another collection, that was counted against it is taken back.
    """


@dataclass(frozen=True, slots=True)
class DoubtList(Answer):
    """Doubts by position; `counts` says how many there are of each code, those that are settled left out."""

    position: int
    as_of: date | None
    rows: tuple[Doubt, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Clue(Answer):
    """One clue. `state` is raised, assigned, verified, refuted or confirmed; amounts are fen."""

    clue: str
    entity: str
    found_by: str
    test: str | None
    programme: str | None
    township: str | None
    village: str | None
    person: str | None
    enrolment: str | None
    exposure_fen: int
    raised_on: date
    data_as_of: date | None
    state: str
    state_on: date
    unit: str | None
    due_on: date | None
    overdue: bool
    """Given out, and not answered by the day `on`."""
    issued_on: date | None
    """下发日期: when it was last given out before its answer."""
    answered_on: date | None
    """反馈日期: the day of the first answer, which a review does not move."""
    days: int | None
    """From issue to answer, or to the day `on` while there is none; None while it was not given out."""
    overdue_days: int
    """How many days the answer came, or is, after its term."""
    result: str | None
    """founded, partly or unverifiable; the coded reason of a refutation."""
    confirmed_fen: int
    recover_fen: int
    finding: str | None


@dataclass(frozen=True, slots=True)
class ClueList(Answer):
    """Clues by id; `counts` by state; `on` is the day by which an answer is overdue. `ages` are the amounts of what
    nobody has answered, by the days since the term, or since the doubt was raised where there is none.
    """

    position: int
    on: date
    rows: tuple[Clue, ...]
    counts: Mapping[str, int]
    ages: Ages


def doubts(
    connection: Connection,
    *,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
    code: str | None = None,
    kept: Callable[[set[int]], set[int]] | None = None,
    remarks: bool = False,
) -> DoubtList:
    """Every recorded fact that broke a rule, of an entity and a code (None: of all). With `as_of` those are left out
    whose business came after the day, and what settled a doubt after it has not settled it yet; with `kept` those of
    events at positions that it does not answer. With `remarks` also what was remarked when something was decided,
    which was in nobody's way (no meeting named, no notice published).
    """
    moment = log_moment(connection, as_of, at)
    chosen = select(findings).where(findings.c.position <= moment.position)
    if code is not None:
        chosen = chosen.where(findings.c.code == code)
    if remarks:  # what has to be done is told as it is now, and not once more as a decision found it
        chosen = chosen.where(or_(findings.c.stage == _FACT, findings.c.code.not_in(sorted(TO_DO))))
    else:
        chosen = chosen.where(findings.c.stage == _FACT)
    found = connection.execute(chosen.order_by(findings.c.position, findings.c.code, findings.c.ordinal)).all()
    places = {row.position for row in found}
    places = places if kept is None else kept(places)
    items = {item.position: item for item in dated(items_at(connection, places), as_of)}
    gone = gone_at(connection, items.values(), moment)
    told = [(row, orjson.loads(row.detail)) for row in found if row.position in items]
    dead = Deaths.read(connection, (detail for row, detail in told if row.code == DEAD), moment)
    over = Orders.read(connection, (detail for row, detail in told if row.code == OVER), moment)
    settling = {DEAD: dead.settled_at, OVER: over.settled_at}
    short = [(items[row.position], detail) for row, detail in told if row.code == SHORT]
    rows = [
        _doubt(item, row.code, detail, settling[row.code](item, detail, settled) if row.code in settling else settled)
        for row, detail in told
        if row.code != SHORT
        for item in (dead.of_payer(items[row.position], detail) if row.code == DEAD else items[row.position],)
        for settled in (gone.get(item.event.id),)
        if entity in (None, item.entity)
    ]
    more = [*_to_do(connection, moment, kept)] if code is None or code in TO_DO else []
    more += _short(connection, moment, kept, short, gone) if code in (None, SHORT) else []
    mine = (one for one in more if code in (None, one.code) and entity in (None, one.entity))
    rows = sorted([*rows, *mine], key=_order)
    counts = _counted(row.code for row in rows if row.reversed_at is None)
    return DoubtList(moment.position, as_of, tuple(rows), counts)


def _doubt(item: Recorded, code: str, detail: Mapping[str, Any], ended: int | None) -> Doubt:
    place = item.position, code, item.entity, item.voucher_date, item.number, item.event.kind
    return Doubt(*place, detail, ended)


def _order(row: Doubt) -> tuple[int, str]:
    return row.position, row.code


def _to_do(connection: Connection, moment: Moment, kept: Callable[[set[int]], set[int]] | None) -> Iterator[Doubt]:
    """What has to be done, or was, about households; no fact that broke a rule."""
    found = list(to_do(connection, moment))
    places = {one.position for one in found}
    items = {item.position: item for item in items_at(connection, places if kept is None else kept(places))}
    for one in found:
        if (item := items.get(one.position)) is not None:
            whose = item if one.entity is None else item._replace(entity=one.entity)
            yield _doubt(whose, one.code, one.detail, one.ended_at)


def _short(
    connection: Connection,
    moment: Moment,
    kept: Callable[[set[int]], set[int]] | None,
    found: Iterable[tuple[Recorded, Mapping[str, Any]]],
    gone: Mapping[str, int],
) -> Iterator[Doubt]:
    """The settlements and fees that no gift explains, and those that broke the rule when they were recorded."""
    now = Shortages.read(connection, moment)
    for item, detail in found:
        where = item.position, (item.entity, str(detail["fund"]), str(detail["account"]))
        if where not in now.standing:
            yield _doubt(item, SHORT, detail, gone.get(item.event.id) or now.settled_at(*where))
    places = {position for position, _ in now.standing}
    known = {item.position: item for item in items_at(connection, places if kept is None else kept(places))}
    for (position, _), one in now.standing.items():
        if position in known:
            yield _doubt(known[position], SHORT, one.detail, None)


def require_kind(connection: Connection, code: str | None) -> None:
    """InputError E_DOUBT_CODE for a code that neither this program nor the book knows as one of a doubt: a list of
    none would read as if nothing were wrong. Whoever names none asks for all.
    """
    known = sorted(one for one in codes() if one.startswith("W_"))
    if code is None or code in known:
        return
    of_old = select(findings.c.code).where(findings.c.code == code)
    if connection.scalar(of_old.limit(1)) is None:
        raise InputError("E_DOUBT_CODE", value=code, near=", ".join(get_close_matches(code, known)) or "—")


def clues(
    connection: Connection,
    on: date,
    *,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
    kept: Callable[[Clue], bool] | None = None,
) -> ClueList:
    """Every clue with where it stood at the end of a day (None: as far as the book knows); what was taken back by then
    is left out, and with `kept` what it says no to. `on` is the day by which it is overdue.
    """
    moment = log_moment(connection, None, at)
    kinds = ("clue.raised", "clue.restated", *_STEPS, "finding.confirmed")
    items = standing(connection, kinds, moment.position, as_of, acted_on)
    steps: defaultdict[str, list[Recorded]] = defaultdict(list)
    findings_of: dict[str, FindingConfirmed] = {}
    for item in items:
        if item.event.kind in _STEPS or isinstance(item.event, ClueRestated):
            steps[str(getattr(item.event, "clue", ""))].append(item)
        elif isinstance(item.event, FindingConfirmed):
            findings_of |= dict.fromkeys(item.event.clues, item.event)
    raised = [i for i in items if isinstance(i.event, ClueRaised) and entity in (None, i.entity)]
    names = {cast("ClueRaised", item.event).clue: item for item in raised}
    rows = [_clue(item, steps[name], findings_of.get(name), on) for name, item in sorted(names.items())]
    rows = [row for row in rows if kept is None or kept(row)]
    unanswered = [(row.due_on or row.raised_on, row.exposure_fen) for row in rows if row.answered_on is None]
    return ClueList(moment.position, on, tuple(rows), _counted(row.state for row in rows), aged(unanswered, on))


def acted_on(item: Recorded) -> date:
    """The day on which a clue was raised, or an act on it done, whenever that was recorded."""
    event = item.event
    own = event.raised_on if isinstance(event, ClueRaised) else getattr(event, "on", None)
    return own if isinstance(own, date) else item.voucher_date


def _clue(item: Recorded, steps: Sequence[Recorded], finding: FindingConfirmed | None, on: date) -> Clue:
    raised = as_restated(cast("ClueRaised", item.event), (step.event for step in steps))
    state, state_on, result = "raised", raised.raised_on, None
    unit: str | None = None
    due_on: date | None = None
    issued_on: date | None = None
    answered_on: date | None = None
    confirmed = recover = 0
    for one in (step.event for step in steps):
        if isinstance(one, ClueAssigned):
            state, state_on, unit, due_on, issued_on = "assigned", one.on, one.unit, one.due_on, one.on
        elif isinstance(one, ClueVerified):
            state, state_on, result = "verified", one.on, str(one.result)
            # what could not be established is no money of anybody's, whatever a row may have said beside it
            confirmed, recover = (one.confirmed_fen, one.recover_fen) if one.result != "unverifiable" else (0, 0)
            answered_on = answered_on or one.on
        elif isinstance(one, ClueRefuted):
            state, state_on, result, confirmed, recover = "refuted", one.on, str(one.reason), 0, 0
            answered_on = answered_on or one.on
    if finding is not None:
        state, state_on = "confirmed", finding.on
    return Clue(
        raised.clue,
        item.entity,
        raised.found_by,
        raised.test,
        raised.programme,
        raised.township,
        raised.village,
        raised.person,
        raised.enrolment,
        raised.exposure_fen,
        raised.raised_on,
        raised.data_as_of,
        state,
        state_on,
        unit,
        due_on,
        state == "assigned" and due_on is not None and due_on < on,
        issued_on,
        answered_on,
        None if issued_on is None else max(0, ((answered_on or on) - issued_on).days),
        0 if due_on is None else max(0, ((answered_on or on) - due_on).days),
        result,
        confirmed,
        recover,
        None if finding is None else finding.finding,
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for name in names:
        counts[name] += 1
    return dict(sorted(counts.items()))
