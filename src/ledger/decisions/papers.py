"""Papers in the place of a personal signature (线下审批): which one covers a voucher, and what rests on it already.

A paper is meant for a voucher when it names the voucher, when the voucher brings it, or when every event of the voucher
names it as its approval. A paper that names no voucher covers besides whatever it speaks of by kind, fund or payee.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import select

from ledger.accounts.roles import LIQUID
from ledger.decisions.amounts import moved_fen
from ledger.decisions.general_papers import ON_PAPER, Rest, red_letters
from ledger.decisions.model import Posted, World
from ledger.decisions.prepared import Prepared
from ledger.flows.books.papers import ApprovalRecorded, paper_need, resting
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Need, Recorded
from ledger.log import tables

_BESIDE: Final = frozenset({"approval.recorded", "attachment.added"})
"""Kinds that a paper need not name: they file it."""

FREED_SINCE: Final = 6
"""The edition of the rules since which what was taken back is free again under the paper that it rested on."""


class Wanting(NamedTuple):
    """A voucher that looks for a paper, what it posts and moves, and the number that it would take."""

    voucher: Prepared
    posted: Sequence[Sequence[Posted]]
    amount_fen: int
    number: int
    items: Sequence[Recorded]
    edition: int

    @property
    def events(self) -> Iterator[tuple[Event, Sequence[Posted]]]:
        """What the paper must speak of, with the legs of each."""
        pairs = zip(self.voucher.events, self.posted, strict=True)
        return ((event, legs) for event, legs in pairs if event.kind not in _BESIDE)


class Covered(NamedTuple):
    """The paper that covers a voucher, if there is one; else why those do not that were meant for it."""

    document: str | None
    hints: tuple[Finding, ...]

    def mark(self, capacity: str, amount_fen: int) -> Finding:
        """The remark that the voucher rests on the paper instead of a signature in a capacity."""
        said = (("document", self.document), ("capacity", capacity), ("amount_fen", amount_fen))
        return Finding(ON_PAPER, -1, said)


def named_need(voucher: str) -> Need:
    """Papers recorded to stand in the place of a personal signature on a voucher."""
    return Need(f"voucher:{voucher}", ("approval.recorded",))


def covered(world: World, wanting: Wanting) -> Covered:
    """The first paper of the voucher's entity that covers what it moves, beside all that rests on the paper already."""
    hints = []
    for paper in meant(world, wanting):
        found = _short_of(world, wanting, paper) if paper.vouchers else _short_of_general(world, wanting, paper)
        hint = _out_of_scope(wanting, paper) or found
        if hint is None:
            return Covered(paper.document, ())
        hints.append(hint)
    for paper in _speaking_of(world, wanting):
        if _out_of_scope(wanting, paper) is None:
            found = _short_of_general(world, wanting, paper)
            if found is None:
                return Covered(paper.document, ())
            hints.append(found)
    return Covered(None, tuple(dict.fromkeys(hints)))


def rests_of(findings: Sequence[Finding], entity: str, number: int) -> Iterator[Rest]:
    """Which papers a judged voucher rests on."""
    for finding in findings:
        if finding.code == ON_PAPER:
            said = dict(finding.params)
            yield Rest(entity, said["document"], number, said["amount_fen"])


def meant(world: World, wanting: Wanting) -> Iterator[ApprovalRecorded]:
    """Papers that name the voucher, that it brings for itself, or that all of its events name as their approval."""
    own, entity = wanting.voucher.statement.voucher, wanting.voucher.statement.entity
    need = named_need(own)
    for item in world.histories.history(need.tag, need.kinds):
        if item.entity == entity and isinstance(item.event, ApprovalRecorded) and item.number != wanting.number:
            yield item.event
    for event in wanting.voucher.events:
        if isinstance(event, ApprovalRecorded) and event.vouchers in ((), (own,)):
            yield event
    named = {getattr(event, "approval", None) for event, _ in wanting.events}
    for paper in _standing(world, entity):
        if named == {paper.document}:
            yield paper


def _speaking_of(world: World, wanting: Wanting) -> Iterator[ApprovalRecorded]:
    """Papers that say what they are for, decided by the day of the voucher, and for nothing that it does not say."""
    funds, payees = _funds(wanting), _payees(wanting)
    for paper in _standing(world, wanting.voucher.statement.entity):
        says = paper.kinds or paper.fund is not None or paper.payee is not None
        named = (paper.fund is None or funds) and (paper.payee is None or payees)
        if says and named and paper.decided_on <= wanting.voucher.voucher_date:
            yield paper


def _standing(world: World, entity: str) -> Iterator[ApprovalRecorded]:
    """The entity's papers that name no voucher and are not reversed."""
    for item in world.papers.of(entity):
        reversals = world.histories.history(f"event:{item.event.id}", ("event.reversed",))
        if isinstance(item.event, ApprovalRecorded) and not reversals:
            yield item.event


def _out_of_scope(wanting: Wanting, paper: ApprovalRecorded) -> Finding | None:
    """What the paper says that the voucher does not keep to; or that nobody but its maker decided."""
    kinds = {event.kind for event, _ in wanting.events}
    maker = wanting.voucher.statement.maker
    wrong = {
        "kinds": paper.kinds and not kinds <= set(paper.kinds),
        "fund": paper.fund is not None and not _funds(wanting) <= {paper.fund},
        "payee": paper.payee is not None and not _payees(wanting) <= {paper.payee},
        "deciders": all(one.officer == maker for one in paper.deciders),
    }
    field = next((name for name, it_is in wrong.items() if it_is), None)
    return None if field is None else Finding("W_PAPER_SCOPE", -1, (("document", paper.document), ("field", field)))


def _funds(wanting: Wanting) -> set[str]:
    """The funds whose money leaves; for an event that moves none, those that it names."""
    found: set[str] = set()
    for event, legs in wanting.events:
        spent = {leg.fund for leg, _, _ in legs if leg.book == "main" and leg.amount_fen < 0 and leg.role in LIQUID}
        found |= spent or _tagged(event, "fund:")
    return found


def _payees(wanting: Wanting) -> set[str]:
    return {payee for event, _ in wanting.events for payee in _tagged(event, "payee:")}


def _tagged(event: Event, prefix: str) -> set[str]:
    return {tag.removeprefix(prefix) for tag in event.tags() if tag.startswith(prefix)}


def _short_of(world: World, wanting: Wanting, paper: ApprovalRecorded) -> Finding | None:
    """More than a paper allows, with what the other vouchers that it names have moved, recorded before this one or
    accepted in this batch.
    """
    used: dict[int, int] = {}
    others = [one for one in paper.vouchers if one != wanting.voucher.statement.voucher]
    if others:
        columns = tables.vouchers.c
        chosen = select(columns.number, columns.amount_fen)
        stored = chosen.where(columns.voucher_id.in_(others), columns.number < wanting.number)
        used.update((row.number, row.amount_fen) for row in world.connection.execute(stored))
        used.update(world.moved[one] for one in others if one in world.moved)
    return _more_than(world, wanting, paper, used, {})


def _short_of_general(world: World, wanting: Wanting, paper: ApprovalRecorded) -> Finding | None:
    """More than a paper allows, with the vouchers that rest on it and the events that name it as their approval."""
    entity = wanting.voucher.statement.entity
    need = paper_need(paper.document)
    naming: dict[int, int] = {}
    for item in resting(world.histories.history(need.tag, need.kinds), paper.document, entity):
        if item.number != wanting.number:
            naming[item.number] = naming.get(item.number, 0) + int(getattr(item.event, "amount_fen", 0))
    return _more_than(world, wanting, paper, world.papers.rests_on(entity, paper.document), naming)


def _more_than(
    world: World, wanting: Wanting, paper: ApprovalRecorded, resting: Mapping[int, int], naming: Mapping[int, int]
) -> Finding | None:
    """W_PAPER_SHORT where a paper allows less than the voucher, with the vouchers that rest on it and the standing
    events that name it (number -> fen), wants. What was taken back is looked for only where it matters.
    """
    used_fen, amount_fen = _all_of(resting, naming), wanting.amount_fen
    if used_fen + amount_fen > paper.max_fen and wanting.edition >= FREED_SINCE:
        freed = _freed(world, wanting, {*resting, *naming})
        used_fen = _all_of({number: fen - freed.get(number, 0) for number, fen in resting.items()}, naming)
        amount_fen -= freed.get(wanting.number, 0)
    if used_fen + amount_fen <= paper.max_fen:
        return None
    sums = (("max_fen", paper.max_fen), ("used_fen", used_fen), ("amount_fen", wanting.amount_fen))
    return Finding("W_PAPER_SHORT", -1, (("document", paper.document), *sums))


def _all_of(resting: Mapping[int, int], naming: Mapping[int, int]) -> int:
    """A voucher that rests on a paper and names it is counted once."""
    return sum(max(resting.get(number, 0), naming.get(number, 0), 0) for number in resting.keys() | naming.keys())


def _freed(world: World, wanting: Wanting, numbers: set[int]) -> dict[int, int]:
    """Number -> fen of a voucher that count no longer: what red letters took back of the vouchers of those numbers, and
    those red letters themselves, which only undo what the paper had allowed.
    """
    freed: defaultdict[int, int] = defaultdict(int)
    for letter in (*world.papers.red_letters(), *red_letters(wanting.items)):
        target = world.histories.by_id(letter.target)
        if target is not None and target.number in numbers:
            freed[target.number] += moved_fen(target.event, world.legs_of(target.position))
            freed[letter.number] += moved_fen(None, world.legs_of(letter.position))
    return freed
