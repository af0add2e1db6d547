"""Judging one voucher: authority, form, every rule of every event in order, postings, and who must still sign.

A judgement holds every finding, not the first. Each event sees the ones before it in the same voucher, so a voucher
may open a fund and use it; nothing of a refused voucher remains for its neighbours.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from ledger.accounts.legs import Leg, require_balanced
from ledger.decisions.amounts import moved_fen
from ledger.decisions.belonging import (
    KNOWN_ACCOUNTS_SINCE,
    OWN_ACCOUNTS_SINCE,
    alone,
    foreign_accounts,
    unknown_accounts,
)
from ledger.decisions.calendar import BOUNDED_SINCE, bounds_findings, day_findings
from ledger.decisions.duties import asked_by_profile, duty_findings
from ledger.decisions.model import Model, Posted, World
from ledger.decisions.papers import Wanting, covered, meant, named_need, rests_of
from ledger.decisions.policies import IN_PERSON, paper_accepted, required_capacities
from ledger.decisions.prepared import Prepared
from ledger.decisions.scopes import out_of_scope
from ledger.decisions.signatures import signature_findings
from ledger.flows.books.opening import opening_need
from ledger.flows.checks import role_of
from ledger.flows.collecting.suspense import SuspenseCleared
from ledger.flows.event import Event, own_day
from ledger.flows.fields import MAX_INTEGER
from ledger.flows.giving.funds import AHEAD, AHEAD_SINCE
from ledger.flows.knowledge import Finding, Need, Recorded
from ledger.flows.public_money.payment.promises import PROMISED_SINCE, promised_twice
from ledger.flows.rules import EDITION, Check, Rule, asked_of

WITHDRAWAL_KINDS: Final = ("voucher.rejected", "voucher.withdrawn", "voucher.lapsed")
_BARRED: Final = frozenset({"E_ROLE", "E_SCOPE"})
"""That a signer has no say in what is signed."""


@dataclass(slots=True)
class Judgement:
    """What was found, what would be posted for each event, what it moves, and which capacities still must sign."""

    findings: list[Finding]
    items: list[Recorded]
    """The events with the places that they would take."""
    posted: list[list[Posted]]
    amount_fen: int
    missing: tuple[str, ...]
    hints: tuple[Finding, ...] = ()
    """Why papers do not stand for what is missing: for whoever waits, and never recorded."""
    edition: int = EDITION
    """The edition of the rules that judged."""
    of_signers: int = 0
    """How many of the findings, the first of them, are of signatures and of what their signers may do."""

    @property
    def told(self) -> Sequence[Finding]:
        """What is told of a refusal. Whoever has no say in what is signed learns that, and nothing that the book knows
        of the matter: what the rules found would answer any question about other people's books and townships.
        """
        barred = any(finding.code in _BARRED for finding in self.findings)
        return self.findings[: self.of_signers] if barred else self.findings

    @property
    def refused(self) -> bool:
        """Whether any finding refuses the voucher."""
        return any(finding.refuses for finding in self.findings)


def needs_of(voucher: Prepared) -> Iterator[Need]:
    """Every history that judging the voucher may ask for."""
    yield Need("statement:" + voucher.digest.removeprefix("sha256:"), WITHDRAWAL_KINDS)
    yield _rejected_need(voucher)
    yield opening_need(voucher.statement.entity)
    yield named_need(voucher.statement.voucher)
    for event in voucher.events:
        yield from event.needs()


def _rejected_need(voucher: Prepared) -> Need:
    """Rejections of the voucher's id: a refused id may be tried again, a rejected one not, whatever the bytes."""
    return Need(f"voucher:{voucher.statement.voucher}", ("voucher.rejected",))


def judge(
    world: World, voucher: Prepared, number: int, first_position: int, posted_at: str, edition: int = EDITION
) -> Judgement:
    """Judge a voucher on trial. The caller keeps it with `world.accept()` or drops it with `world.forget()`.

    An earlier edition is only for what the log holds already.
    """
    statement, day = voucher.statement, voucher.voucher_date
    today = date.fromisoformat(posted_at[:10])
    model = Model(world, statement.entity, day, today, edition, first_position=first_position)
    findings = [*signature_findings(world.authority, voucher, number, posted_at)]
    if number > 1:
        findings += out_of_scope(world.authority, model, voucher)
    judgement = Judgement(findings, [], [], 0, (), (), edition, len(findings))
    findings += [*day_findings(world.authority, model, voucher.events), *_ended(world, voucher)]
    barred = {finding.event for finding in findings if finding.refuses}
    kinds: set[type[Event]] = set(map(type, voucher.events))
    rules = {kind: _binding(kind, day, edition) for kind in kinds}
    leading = {kind for kind in kinds if kind.leads_to is not Event.leads_to}
    for index, event in enumerate(voucher.events):
        if type(event) in leading:
            world.histories.load(event.leads_to(model))  # many of them, at once and not one by one
        found = [
            rule.finding(event, index, params) for check, rule in rules[type(event)] for params in check(event, model)
        ]
        findings += (found := alone(found, edition))
        stands = index not in barred and not (found and any(finding.refuses for finding in found))
        item = Recorded(first_position + index, event, statement.entity, day, number)
        _book(judgement, world, model, item, event.postings(model) if stands else ())
        world.histories.attempt(item, voucher.tags[index])  # so that the next one is judged with it
    _conclude(judgement, world, model, voucher, number)
    return judgement


def _binding(kind: type[Event], day: date, edition: int) -> list[tuple[Check, Rule]]:
    return [(one.check, one) for one in asked_of(kind) if one.edition <= edition and one.binds(day)]


def _book(judgement: Judgement, world: World, model: Model, item: Recorded, legs: Sequence[Leg]) -> None:
    if legs:
        require_balanced(legs)
        world.posted[item.position] = item
    judgement.posted.append(model.post(item.position, legs))
    judgement.items.append(item)


def _conclude(judgement: Judgement, world: World, model: Model, voucher: Prepared, number: int) -> None:
    """What the voucher moves as a whole, and who must still sign it."""
    findings, posted = judgement.findings, judgement.posted
    highest = 0
    for item, legs in zip(judgement.items, posted, strict=True):
        if legs:
            highest = max(highest, *[abs(one.balance_after_fen) for one in legs])
        judgement.amount_fen += moved_fen(item.event, [one.leg for one in legs])
    judged = list(zip(voucher.events, posted, strict=True))
    if judgement.edition > 1:
        findings += _unbooked(judged)
    if judgement.edition >= OWN_ACCOUNTS_SINCE:
        findings += foreign_accounts(model, judged)
    if judgement.edition >= KNOWN_ACCOUNTS_SINCE:
        findings += unknown_accounts(model, judged)
    if judgement.edition >= PROMISED_SINCE:
        refused = {finding.event for finding in findings if finding.refuses}
        findings += promised_twice(model, [(event, at not in refused) for at, event in enumerate(voucher.events)])
    if judgement.edition >= BOUNDED_SINCE:
        findings += bounds_findings(world, model, judgement.items, posted)
    if judgement.edition >= AHEAD_SINCE:
        findings += _spent_ahead(model, judged)
    if max(judgement.amount_fen, highest) > MAX_INTEGER:
        findings.append(Finding("E_AMOUNT_LIMIT", -1, (("amount_fen", max(judgement.amount_fen, highest)),)))
    if not judgement.refused:
        findings += duty_findings(world.authority, model, voucher, judged)
        findings += _explained(findings, "" if voucher.unexplained else voucher.statement.note)
        wanting = Wanting(voucher, posted, judgement.amount_fen, number, judgement.items, judgement.edition)
        _ask_for_signatures(judgement, world, wanting)
    world.papers.attempt(judgement.items, rests_of(findings, voucher.statement.entity, number))


def _unbooked(judged: Sequence[tuple[Event, Sequence[Posted]]]) -> Iterator[Finding]:
    """Waiting money that is cleared comes back to its account in the same voucher, by as much, under its own name."""
    if not any(isinstance(event, SuspenseCleared) for event, _ in judged):
        return
    back: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for event, legs in judged:
        for account, fen in _came(legs).items() if not isinstance(event, SuspenseCleared) else ():
            back[account].append(fen)
    for index, (event, legs) in enumerate(judged):
        if not isinstance(event, SuspenseCleared) or not legs:
            continue
        account, fen = (role_of(event.means).value, event.account), event.amount_fen
        if fen in back[account]:
            back[account].remove(fen)
        else:
            told = {"suspense": event.suspense, "account": event.account, "amount_fen": fen}
            yield Finding("E_SUSPENSE_UNBOOKED", index, tuple(told.items()))


def _came(legs: Sequence[Posted]) -> dict[tuple[str, str], int]:
    """(role, account) -> fen that came there, all funds together."""
    came: defaultdict[tuple[str, str], int] = defaultdict(int)
    for leg, _, _ in legs:
        came[leg.role.value, leg.party] += leg.amount_fen
    return {account: fen for account, fen in came.items() if fen > 0}


def _spent_ahead(model: Model, judged: Sequence[tuple[Event, Sequence[Posted]]]) -> Iterator[Finding]:
    """W_SPENT_AHEAD for each event and fund by what the event spends while nothing restricted is left. It is also how a
    verification knows that this was remembered: where an earlier edition posted the event, nothing is said.
    """
    for index, (_, legs) in enumerate(judged) if model.posted_to(AHEAD) else ():
        ahead: defaultdict[str, int] = defaultdict(int)
        for leg, _, _ in legs:
            if leg.party == AHEAD:
                ahead[leg.fund] += leg.amount_fen
        for fund, fen in ahead.items():
            if fen > 0:
                yield Finding("W_SPENT_AHEAD", index, (("fund", fund), ("amount_fen", fen)))


def business_day(event: Event, voucher_date: date, edition: int = EDITION) -> date:
    """The day a posting counts for. The first edition of the rules knew two names of such a day only."""
    return event.business_day(voucher_date) if edition > 1 else own_day(event, _early_fields(type(event)), voucher_date)


@cache
def _early_fields(kind: type[Event]) -> tuple[str, ...]:
    return tuple(name for name in Event.day_fields if name in kind.model_fields)


def _explained(findings: Sequence[Finding], note: str) -> list[Finding]:
    """A fact that breaks a rule needs its explanation in the voucher's note."""
    if note.strip() or not any(f.demands for f in findings):
        return []
    codes = sorted({f.code for f in findings if f.demands})
    return [Finding("E_EXPLANATION_MISSING", -1, (("codes", ", ".join(codes)),))]


def _ended(world: World, voucher: Prepared) -> Iterator[Finding]:
    """Whether these bytes, or the voucher of this id, were ended before."""
    tag = "statement:" + voucher.digest.removeprefix("sha256:")
    need = _rejected_need(voucher)
    ended = {item.position: item for item in world.histories.history(tag, WITHDRAWAL_KINDS)}
    ended |= {item.position: item for item in world.histories.history(need.tag, need.kinds)}
    for item in ended.values():
        yield Finding("E_REJECTED", -1, (("kind", item.event.kind), ("position", item.position)))


def _ask_for_signatures(judgement: Judgement, world: World, wanting: Wanting) -> None:
    """Capacities still without a signature, and what is to be said of the papers that stand for one or do not. Voucher
    1 needs a second of the three administrators.
    """
    voucher, state, entity = wanting.voucher, world.authority, wanting.voucher.statement.entity
    flat = [item for legs in wanting.posted for item in legs]
    wanted = (
        ("administrator",)
        if wanting.number == 1
        else required_capacities(state, entity, voucher.events, flat, judgement.findings, wanting.amount_fen)
    )
    judged = list(zip(voucher.events, wanting.posted, strict=True))
    asked = None if wanting.number == 1 else asked_by_profile(state, entity, judged)
    wanted = tuple(sorted({*wanted, *(asked.capacities if asked else ())}))
    signed = {item.approval.capacity for item in voucher.approvals}
    kinds = {event.kind for event in voucher.events}
    missing: list[str] = []
    hints: list[Finding] = []
    for capacity in (one for one in wanted if one not in signed):
        if paper_accepted(state, entity, kinds, capacity, wanting.amount_fen, asked):
            found = covered(world, wanting)
            if found.document is not None:
                judgement.findings.append(found.mark(capacity, wanting.amount_fen))
                continue
            hints += found.hints
        elif capacity not in IN_PERSON:
            papers = dict.fromkeys(paper.document for paper in meant(world, wanting))
            hints += [Finding("W_PAPER_NOT_TAKEN", -1, (("document", one), ("capacity", capacity))) for one in papers]
        missing.append(capacity)
    judgement.missing, judgement.hints = tuple(missing), tuple(hints)
