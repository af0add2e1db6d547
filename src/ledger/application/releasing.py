"""A paper is recorded: what waited for it is judged again in the same transaction, and posted when nothing is missing.

The paper stands whatever becomes of them. What a paper names is always answered for; of the rest, what it covers.
"""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ledger.application import waiting
from ledger.application.outcomes import Outcome, Receipt, Waiting
from ledger.application.waiting import PENDING, WaitingVoucher
from ledger.decisions.general_papers import ON_PAPER
from ledger.decisions.prepared import Prepared, Submission, prepare
from ledger.errors import LedgerError
from ledger.flows.books.papers import ApprovalRecorded
from ledger.flows.knowledge import Finding
from ledger.flows.registry import read_event
from ledger.signing.keys import PublicKey

MOST_EVENTS: Final = 20_000
"""How many events one paper may bring into the log at once; what is beyond them is said to wait for another look."""

Judge = Callable[[Prepared], Outcome]


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of one voucher, which are its entity's."""

    entity: str
    named: tuple[str, ...]
    """The vouchers that they name."""
    general: tuple[ApprovalRecorded, ...]
    documents: frozenset[str]


def papers_of(voucher: Prepared) -> Papers | None:
    """The papers that a voucher records; None without any."""
    found = [event for event in voucher.events if isinstance(event, ApprovalRecorded)]
    if not found:
        return None
    named = tuple(dict.fromkeys(one for paper in found for one in paper.vouchers))
    general = tuple(paper for paper in found if not paper.vouchers)
    return Papers(voucher.statement.entity, named, general, frozenset(paper.document for paper in found))


def release(
    connection: Connection, papers: Papers, gone: AbstractSet[str], keys: dict[str, PublicKey], judge: Judge
) -> Iterator[Outcome | LedgerError]:
    """What becomes of the waiting vouchers that recorded papers may cover. `gone` are ids that the batch
    has posted, whatever the table of waiting ones still says.
    """
    left = MOST_EVENTS
    for row in _concerned(connection, papers, gone):
        left -= len(row.submission.events)
        if left < 0:
            again = Finding("W_JUDGE_AGAIN", -1, (("voucher", row.voucher),))
            yield Waiting(row.voucher, row.statement, (), row.amount_fen, (again,))
            continue
        try:
            found: Outcome | LedgerError = judge(_bare(row, keys))
        except LedgerError as error:
            found = error.with_traceback(None)
            found.params.setdefault("voucher", row.voucher)
        if row.voucher in papers.named or _tells(found, papers):
            yield found


def _bare(row: WaitingVoucher, keys: dict[str, PublicKey]) -> Prepared:
    """The voucher without its approvals: those that still count are joined to it when it is judged."""
    return prepare(Submission(row.submission.envelope, row.submission.events), keys)


def _concerned(connection: Connection, papers: Papers, gone: AbstractSet[str]) -> Iterator[WaitingVoucher]:
    """Waiting vouchers of the entity that a paper names, in the paper's order, then those it may speak of by age."""
    kept = waiting.rows_of(connection, papers.named)
    named = [kept[voucher] for voucher in papers.named if voucher in kept]
    others = waiting.all_waiting(connection) if papers.general else []
    for row in (*named, *(one for one in others if one.voucher not in kept)):
        ours = row.entity == papers.entity and row.state == PENDING and row.voucher not in gone
        if ours and (row.voucher in kept or any(_may_cover(paper, row) for paper in papers.general)):
            yield row


def _may_cover(paper: ApprovalRecorded, row: WaitingVoucher) -> bool:
    """Whether a paper that names no voucher speaks of a kind of it, or an event of it names the paper."""
    events = [read_event(data) for data in row.submission.events]
    if any(getattr(event, "approval", None) == paper.document for event in events):
        return True
    return not paper.kinds or any(event.kind in paper.kinds for event in events)


def _tells(found: Outcome | LedgerError, papers: Papers) -> bool:
    """Whether an outcome is due to one of the papers, or is a posting that nobody asked for otherwise."""
    if isinstance(found, LedgerError):
        return False
    marks = {dict(one.params)["document"] for one in found.warnings if one.code == ON_PAPER}
    return isinstance(found, Receipt) or bool(papers.documents & marks)
