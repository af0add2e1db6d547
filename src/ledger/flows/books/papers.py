"""Papers: approvals given with a pen (线下审批), attachments that come days later, and handovers (移交).

Leaders do not log in; a recorded paper stands in their place, so that nobody lends a key, and everything resting on it
is shown as such. Source: 线下审批登记, U, V; 会计基础工作规范 arts. 25 to 35.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.flows.authority.keys import KindName
from ledger.flows.authority.officers import officer_need, unknown_officer
from ledger.flows.checks import distinct, find, in_future, taken
from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import (
    AttachmentId,
    Count,
    Day,
    DigestText,
    DocumentNo,
    EntityId,
    EventId,
    Fen,
    FreeText,
    FundId,
    Label,
    OfficerId,
    PaperNumber,
    PayeeRef,
    PositiveFen,
    Uuid7,
)
from ledger.flows.knowledge import Knowledge, Need, Recorded
from ledger.flows.rules import Verdict, rule

AttachmentKind = Literal[
    "invoice",
    "donation_receipt",
    "bank_slip",
    "contract",
    "minutes",
    "approval",
    "list",
    "sign_off",
    "photo",
    "statement",
    "other",
]

RESTING: Final = (
    "approval.recorded",
    "fund.allocated",
    "fund.advanced",
    "grant.committed",
    "bank.transferred",
    "deposit.placed",
    "expense.paid",
    "advance.paid",
    "asset.acquired",
)
"""A paper and the kinds of event that may rest on one by naming it as their `approval`."""


class Decider(Part):
    """Who signed the paper; `officer` is null for a leader whom this book does not know."""

    name: Label
    post: Label
    officer: OfficerId | None


class ApprovalRecorded(Event):
    """A paper that approves spending: what it approves, up to how much, who decided, and where its scan is."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["approval.recorded"] = "approval.recorded"
    version: Literal[1] = 1
    document: DocumentNo
    form: Literal["approval_form", "minutes", "instruction", "letter"]
    decided_on: Day
    deciders: Annotated[tuple[Decider, ...], Field(min_length=1, max_length=30)]
    subject: FreeText
    kinds: Annotated[tuple[KindName, ...], Field(max_length=30)]
    """The kinds of event it approves; empty when it names none."""
    fund: FundId | None
    payee: PayeeRef | None
    max_fen: PositiveFen
    scan: DigestText | None
    vouchers: Annotated[tuple[Uuid7, ...], Field(max_length=100)]
    """Vouchers for which it stands in the place of a personal signature."""

    def more_tags(self) -> tuple[str, ...]:
        return tuple(f"voucher:{voucher}" for voucher in self.vouchers)

    def needs(self) -> tuple[Need, ...]:
        return (Need(f"document:{self.document}", ("approval.recorded",)),)


class AttachmentAdded(Event):
    """A source document was put into the store and belongs to a voucher or an event; at any later time."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["attachment.added"] = "attachment.added"
    version: Literal[1] = 1
    attachment: AttachmentId
    voucher: Uuid7 | None
    event: EventId | None
    digest: DigestText
    paper: AttachmentKind
    pages: Count
    name: PaperNumber
    taken_by: OfficerId
    on: Day

    def more_tags(self) -> tuple[str, ...]:
        return () if self.voucher is None else (f"voucher:{self.voucher}",)

    def needs(self) -> tuple[Need, ...]:
        return (Need(f"attachment:{self.attachment}", ("attachment.added",)),)


class HandedItem(Part):
    """One line of the handover list: what, how many, and of what amount."""

    what: Label
    count: Count
    amount_fen: Fen


class HandoverCompleted(Event):
    """One officer handed the books over to another before a third. Source: 会计基础工作规范 arts. 25 to 35."""

    stage: ClassVar[Stage] = Stage.FACT
    reversible: ClassVar[bool] = False

    kind: Literal["handover.completed"] = "handover.completed"
    version: Literal[1] = 1
    entity: EntityId
    from_officer: OfficerId
    to_officer: OfficerId
    supervised_by: OfficerId
    position: Annotated[int, Field(ge=1, le=2**53 - 1)]
    """The log position up to which the one who leaves answers."""
    items: Annotated[tuple[HandedItem, ...], Field(min_length=1, max_length=500)]
    list_digest: DigestText
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return tuple(officer_need(officer) for officer in dict.fromkeys(self._people()))

    def _people(self) -> tuple[str, str, str]:
        return (self.from_officer, self.to_officer, self.supervised_by)


# ------------------------------------------------------------------------------------- what rests on a paper asks these


def paper_need(document: str) -> Need:
    """The history of a paper and of what rests on it."""
    return Need(f"document:{document}", RESTING)


def paper_needs(document: str | None) -> tuple[Need, ...]:
    """`paper_need` of an event that may rest on a paper."""
    return () if document is None else (paper_need(document),)


def paper_of(model: Knowledge, document: str) -> ApprovalRecorded | None:
    """The recorded paper of that number, the entity's own before another's, or None; needs `paper_need(document)`."""
    papers = _papers(find(model, paper_need(document)))
    return papers.get(model.entity, next(iter(papers.values()), None))


def paper_used_fen(model: Knowledge, document: str) -> int:
    """What events resting on `paper_of` took of it so far; needs `paper_need(document)`."""
    items = resting(find(model, paper_need(document)), document, model.entity)
    return sum(int(getattr(item.event, "amount_fen", 0)) for item in items)


def resting(history: Sequence[Recorded], document: str, entity: str) -> list[Recorded]:
    """Of a `paper_need`'s history what rests on the paper that an entity means by that number: each entity means its
    own, where it has one, else the one that was recorded first, so that everything rests on exactly one paper.
    """
    papers = _papers(history)
    first = next(iter(papers), None)

    def owner(of: str) -> str | None:
        return of if of in papers else first

    naming = (item for item in history if getattr(item.event, "approval", None) == document)
    return [item for item in naming if owner(item.entity) == owner(entity)]


def _papers(history: Sequence[Recorded]) -> dict[str, ApprovalRecorded]:
    """Entity -> its own paper, in the order of the log."""
    found: dict[str, ApprovalRecorded] = {}
    for item in history:
        if isinstance(item.event, ApprovalRecorded):
            found.setdefault(item.entity, item.event)
    return found


def over_paper(model: Knowledge, document: str | None, amount_fen: int) -> Verdict:
    """The body of APPROVAL_EXCEEDED: more than the paper allows, with everything that rests on it."""
    paper = None if document is None else paper_of(model, document)
    if paper is None or document is None:
        return
    used = paper_used_fen(model, document) + amount_fen
    if used > paper.max_fen:
        yield {"document": document, "max_fen": paper.max_fen, "used_fen": used}


def before_paper(model: Knowledge, document: str | None, on: Day) -> Verdict:
    """The body of PAPER_AFTER: done before it was decided, or with a paper that nobody recorded yet."""
    if document is None:
        return
    paper = paper_of(model, document)
    if paper is None or paper.decided_on > on:
        yield {"document": document, "on": str(on), "decided_on": None if paper is None else str(paper.decided_on)}


@rule(ApprovalRecorded, code="PAPER_TWICE", source="线下审批登记", form=True)
def recorded_once(event: ApprovalRecorded, model: Knowledge) -> Verdict:
    """Each office numbers its own papers: 第7号 of one association is not that of another."""
    for recorded in find(model, event.needs()[0]):
        if recorded.entity == model.entity:
            yield {"document": event.document, "number": recorded.number}
            return


@rule(ApprovalRecorded, code="FACT_IN_FUTURE", source="会计期间", form=True)
def decided_already(event: ApprovalRecorded, model: Knowledge) -> Verdict:
    yield from in_future(model, event.decided_on)


@rule(ApprovalRecorded, code="PAPER_NO_SCAN", source="线下审批登记 (paper without scan)", warns=True)
def has_a_scan(event: ApprovalRecorded, model: Knowledge) -> Verdict:
    if event.scan is None:
        yield {"document": event.document}


@rule(AttachmentAdded, code="ATTACHMENT_TWICE", source="原始凭证附件", form=True)
def added_once(event: AttachmentAdded, model: Knowledge) -> Verdict:
    yield from taken(model, event.needs()[0], attachment=event.attachment)


@rule(AttachmentAdded, code="ATTACHMENT_TARGET", source="原始凭证附件", form=True)
def belongs_to_one_thing(event: AttachmentAdded, model: Knowledge) -> Verdict:
    unknown = event.event is not None and model.by_id(event.event) is None
    if (event.voucher is None) == (event.event is None) or unknown:
        yield {"attachment": event.attachment}


@rule(HandoverCompleted, code="OFFICER_UNKNOWN", source="docs/security.md", form=True)
def people_are_known(event: HandoverCompleted, model: Knowledge) -> Verdict:
    yield from unknown_officer(model, event.from_officer, event.to_officer, event.supervised_by)


@rule(HandoverCompleted, code="HANDOVER_PEOPLE", source="会计基础工作规范 art. 28 (移交人, 接交人, 监交人)", form=True)
def three_people(event: HandoverCompleted, model: Knowledge) -> Verdict:
    if not distinct((event.from_officer, event.to_officer, event.supervised_by)):
        yield {"entity": event.entity}
