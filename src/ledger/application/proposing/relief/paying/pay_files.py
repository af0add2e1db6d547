"""Pay files (代发上盘): what is sent to the bank, compared row by row with what was authorised.

A pay file is the bureau's own act and may be refused: when one of its rows asks for another amount than was authorised,
the file is not recorded as sent, and the row is shown.
"""

from collections.abc import Sequence
from typing import Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import text, whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, each_row
from ledger.application.proposing.relief.programmes import enrolments_of, first_day, of_memo
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import LINES

_BANK: Final = "代发银行"


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """One `batch.instructed` for each batch in the file; its rows are evidence."""
    proposal = Proposal(columns={"E_PROGRAMME_CHOICE": "摘要", "E_PAY_FILE_SUM": "金额"})
    entity = context.entity("bureau")
    batches: dict[tuple[str, str, str], list[CleanRow]] = {}

    def one(row: CleanRow) -> None:
        memo = str(row.values.get("memo") or "")
        opened, month, batch = of_memo(context, memo, parsed.month or _only_month(context, memo))
        batches.setdefault((opened.programme, batch, month), []).append(row)

    each_row(parsed, proposal, one)
    for (programme_id, batch, month), rows in batches.items():
        if wrong := _differing(context, proposal, programme_id, batch, rows):
            proposal.noted += len(rows) - wrong  # compared and right, but nothing of the batch is sent
            continue
        event = context.event(
            "batch.instructed",
            batch=batch,
            bank=_BANK,
            count=len(rows),
            total_fen=sum(whole(row.values, "amount_fen") for row in rows),
            file_digest=parsed.digest,
            on=first_day(month).isoformat(),
            origin="history",
        )
        known = Need(f"batch:{batch}", ("batch.instructed",))
        day = first_day(month)
        proposal.items.append(Proposed(rows[0].place, known, (event,), entity, day, sameness="content", whole=True))
        proposal.noted += len(rows) - 1
    return proposal


def _only_month(context: Context, memo: str) -> str | None:
    """The month of the one prepared batch that a memo without a year (农低保9月) can mean."""
    found: set[str] = set()
    for opened in context.facts("programme.opened"):
        for event in context.events(Need(f"programme:{opened.programme}", ("batch.prepared",))):
            if f"{int(event.month[5:])}月" in memo:
                found.add(event.month)
    return found.pop() if len(found) == 1 else None


def _differing(context: Context, proposal: Proposal, programme_id: str, batch: str, rows: Sequence[CleanRow]) -> int:
    """How many rows ask for other than their line may be paid; a batch without lines yet is for the rules to judge."""
    due = _due(context, batch)
    if not due:
        return 0
    named = [(programme_id, text(row.values, "remark"), text(row.values, "id_number")) for row in rows]
    before = len(proposal.wrong)
    for row, enrolment in zip(rows, enrolments_of(context, named, due), strict=True):
        amount = whole(row.values, "amount_fen")
        if amount != due.get(enrolment, 0):
            params = {"said_fen": amount, "known_fen": due.get(enrolment, 0)}
            proposal.refuse(row, "金额", "E_PAY_FILE_DIFFERS", params)
    return len(proposal.wrong) - before


def _due(context: Context, batch: str) -> dict[str, int]:
    """Enrolment -> fen that the batch may pay it: authorised, less deductions; a line taken out is due nothing."""
    due: dict[str, int] = {}
    signs = {"subsidy.authorised": 1, "subsidy.offset": -1}
    for event in context.events(Need(f"batch:{batch}", LINES)):
        if event.batch == batch:
            due[event.enrolment] = due.get(event.enrolment, 0) + signs.get(event.kind, 0) * event.amount_fen
    return due
