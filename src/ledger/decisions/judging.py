"""Judging one voucher: authority, form, every rule of every event in order, postings, and who must still sign.

A judgement holds every finding, not the first. Each event sees the ones before it in the same voucher, so a voucher
may open a fund and use it; nothing of a refused voucher remains for its neighbours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.accounts.legs import require_balanced
from ledger.decisions.authority import Authority
from ledger.decisions.model import BOOK, Model, Posted, World
from ledger.decisions.policies import paper_accepted, required_capacities, wrong_maker
from ledger.decisions.possession import possessed
from ledger.decisions.prepared import Prepared
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Need, Recorded
from ledger.flows.rules import rules_of

WITHDRAWAL_KINDS: Final = ("voucher.rejected", "voucher.withdrawn", "voucher.lapsed")


@dataclass(slots=True)
class Judgement:
    """What was found, what would be posted for each event, what it moves, and which capacities still must sign."""

    findings: list[Finding]
    posted: list[list[Posted]]
    amount_fen: int
    missing: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether any finding refuses the voucher."""
        return any(finding.refuses for finding in self.findings)


def needs_of(voucher: Prepared) -> Iterator[Need]:
    """Every history that judging the voucher may ask for."""
    yield Need("statement:" + voucher.digest.removeprefix("sha256:"), WITHDRAWAL_KINDS)
    yield _paper_need(voucher)
    for event in voucher.events:
        yield from event.needs()


def _paper_need(voucher: Prepared) -> Need:
    """Papers recorded to stand in the place of a personal signature on this voucher."""
    return Need(f"voucher:{voucher.statement.voucher}", ("approval.recorded",))


def judge(world: World, voucher: Prepared, number: int, first_position: int, posted_at: str) -> Judgement:
    """Judge a voucher on trial. The caller keeps it with `world.accept()` or drops it with `world.forget()`."""
    statement = voucher.statement
    today = date.fromisoformat(posted_at[:10])
    model = Model(world, statement.entity, voucher.voucher_date, today)
    findings = [*_authority(world.authority, voucher, number, posted_at), *_calendar(world, model, voucher)]
    posted: list[list[Posted]] = []
    for index, event in enumerate(voucher.events):
        for one in rules_of(type(event)):
            findings.extend(one.judge(event, index, model))
        legs = [] if any(f.refuses and f.event == index for f in findings) else event.postings(model)
        require_balanced(legs)
        posted.append(model.post(first_position + index, legs))
        item = Recorded(first_position + index, event, statement.entity, voucher.voucher_date, number)
        world.histories.attempt(item, event.tags())
    amount = sum(p.leg.amount_fen for legs in posted for p in legs if p.leg.book == "main" and p.leg.amount_fen > 0)
    amount = amount or max((_asked(event) for event in voucher.events), default=0)
    missing: tuple[str, ...] = ()
    if not any(f.refuses for f in findings):
        findings += _explained(findings, statement.note)
        missing = _missing(world, voucher, posted, findings, amount, number)
    return Judgement(findings, posted, amount, missing)


def business_day(event: Event, voucher_date: date) -> date:
    """The day a posting counts for (业务日期): the event's own day when it lies in the voucher's month, else 凭证日期.

    A closed month is thereby never changed by what is recorded later, and a month's voucher still shows its days.
    """
    own = getattr(event, "occurred_on", None) or getattr(event, "on", None)
    same = isinstance(own, date) and (own.year, own.month) == (voucher_date.year, voucher_date.month)
    return own if same and isinstance(own, date) else voucher_date


def _asked(event: Event) -> int:
    value = getattr(event, "amount_fen", 0)
    return value if isinstance(value, int) and value > 0 else 0


def _explained(findings: Sequence[Finding], note: str) -> list[Finding]:
    """A fact that breaks a rule needs its explanation in the voucher's note."""
    if note.strip() or not any(f.demands for f in findings):
        return []
    codes = sorted({f.code for f in findings if f.demands})
    return [Finding("E_EXPLANATION_MISSING", -1, (("codes", ", ".join(codes)),))]


def _authority(state: Authority, voucher: Prepared, number: int, posted_at: str) -> Iterator[Finding]:
    """Keys, persons and roles at the voucher's position. Voucher 1 is signed by the administrators it names."""
    statement, first = voucher.statement, number == 1
    acting = _named_by_opening(voucher) if first else state
    yield from _origin(acting, voucher)
    key = acting.key_of(voucher.keyid, posted_at)
    if key is None:
        yield Finding("E_KEY_REVOKED", -1, (("keyid", voucher.keyid),))
    elif key.officer != statement.maker:
        yield Finding("E_KEY_OF_OTHER", -1, (("keyid", voucher.keyid), ("officer", statement.maker)))
    elif key.machine_kinds is not None:
        yield from _machine(key.machine_kinds, voucher.events)
    if posted_at > statement.valid_until:
        yield Finding("E_EXPIRED", -1, (("valid_until", statement.valid_until),))
    if statement.entity not in state.entities and statement.entity != BOOK:
        yield Finding("E_ENTITY_UNKNOWN", -1, (("entity", statement.entity),))
    elif not first:
        yield from wrong_maker(state, statement.maker, statement.entity, voucher.events)
    yield from _approvals(acting, voucher, posted_at)
    yield from possessed(acting.origin or "", voucher.events)
    yield from _ends_own(voucher)


def _ends_own(voucher: Prepared) -> Iterator[Finding]:
    """Only the maker withdraws a voucher, and nobody rejects his own."""
    maker = voucher.statement.maker
    for index, event in enumerate(voucher.events):
        own = getattr(event, "maker", None) == maker
        if event.kind == "voucher.withdrawn" and not own:
            yield Finding("E_NOT_MAKER", index, (("officer", maker),))
        if event.kind == "voucher.rejected" and own:
            yield Finding("E_SAME_PERSON", index, (("officer", maker), ("capacity", "checker")))


def _named_by_opening(voucher: Prepared) -> Authority:
    """The authority that the first voucher names, so that its own signatures can be judged by it."""
    state = Authority()
    items = [Recorded(i, e, BOOK, voucher.voucher_date, 1) for i, e in enumerate(voucher.events, 1)]
    state.learn(item for item in items if item.event.kind == "book.opened")
    return state


def _origin(state: Authority, voucher: Prepared) -> Iterator[Finding]:
    if state.origin is None:
        yield Finding("E_BOOK_NOT_OPENED", -1)
    elif state.origin != voucher.statement.ledger:
        yield Finding("E_OTHER_BOOK", -1, (("ledger", voucher.statement.ledger), ("origin", state.origin)))


def _machine(kinds: tuple[str, ...], events: Sequence[Event]) -> Iterator[Finding]:
    for index, event in enumerate(events):
        if event.kind not in kinds:
            yield Finding("E_MACHINE_KIND", index, (("kind", event.kind),))


def _approvals(state: Authority, voucher: Prepared, posted_at: str) -> Iterator[Finding]:
    """Each approval by another person, in a role that person holds, with a key that counts, in time."""
    persons = {voucher.statement.maker}
    for item in voucher.approvals:
        approval = item.approval
        where = (("officer", approval.person), ("capacity", approval.capacity))
        key = state.key_of(item.keyid, posted_at)
        if key is None:
            yield Finding("E_KEY_REVOKED", -1, (("keyid", item.keyid), *where))
        elif key.officer != approval.person:
            yield Finding("E_KEY_OF_OTHER", -1, (("keyid", item.keyid), *where))
        elif key.machine_kinds is not None:
            yield Finding("E_MACHINE_APPROVES", -1, where)
        if approval.person in persons:
            yield Finding("E_SAME_PERSON", -1, where)
        persons.add(approval.person)
        if not state.holds(approval.person, approval.capacity, voucher.statement.entity):
            yield Finding("E_CAPACITY", -1, (*where, ("entity", voucher.statement.entity)))
        if approval.rejects:
            yield Finding("E_REJECTED", -1, where)
        if posted_at > approval.valid_until:
            yield Finding("E_EXPIRED", -1, (("valid_until", approval.valid_until), *where))


def _calendar(world: World, model: Model, voucher: Prepared) -> Iterator[Finding]:
    """Dates and periods, and whether these bytes were ended before."""
    entity, day = voucher.statement.entity, voucher.voucher_date
    if day > model.today:
        yield Finding("E_DATE_FUTURE", -1, (("date", day.isoformat()), ("today", model.today.isoformat())))
    if not world.authority.month_open(entity, day) and not all(_of_calendar(e) for e in voucher.events):
        yield Finding("E_PERIOD_CLOSED", -1, (("entity", entity), ("period", day.isoformat()[:7])))
    tag = "statement:" + voucher.digest.removeprefix("sha256:")
    for item in world.histories.history(tag, WITHDRAWAL_KINDS):
        yield Finding("E_REJECTED", -1, (("kind", item.event.kind), ("position", item.position)))


def _of_calendar(event: Event) -> bool:
    """Closing and reopening a month is dated in that very month."""
    return event.kind.startswith("period.")


def _missing(
    world: World,
    voucher: Prepared,
    posted: Sequence[Sequence[Posted]],
    findings: Sequence[Finding],
    amount_fen: int,
    number: int,
) -> tuple[str, ...]:
    """Capacities still without a signature. Voucher 1 needs a second of the three administrators."""
    state, entity = world.authority, voucher.statement.entity
    flat = [item for legs in posted for item in legs]
    wanted = (
        ("administrator",)
        if number == 1
        else required_capacities(state, entity, voucher.events, flat, findings, amount_fen)
    )
    signed = [item.approval.capacity for item in voucher.approvals]
    missing = []
    kinds = {event.kind for event in voucher.events}
    for capacity in wanted:
        if capacity in signed:
            signed.remove(capacity)
        elif not (paper_accepted(state, entity, kinds, capacity) and _on_paper(world, voucher, amount_fen)):
            missing.append(capacity)
    return tuple(missing)


def _on_paper(world: World, voucher: Prepared, amount_fen: int) -> bool:
    """Whether a recorded paper covers what the voucher moves: one that names the voucher, or one that it brings."""
    need = _paper_need(voucher)
    recorded = [item.event for item in world.histories.history(need.tag, need.kinds)]
    papers = [*recorded, *(event for event in voucher.events if event.kind == "approval.recorded")]
    return any(amount_fen <= int(getattr(paper, "max_fen", 0)) for paper in papers)
