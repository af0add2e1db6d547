"""Pay files and results (代发上盘、回盘): what was sent to the bank, and what the bank says became of each line.

One line of the bank may pay several components of one household; what was authorised tells how it splits. A result
that comes before its roster is recorded as it is, for the bank paid it, and is shown as not authorised.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.context import Context
from ledger.application.proposing.programmes import enrolment_id, first_day, of_batch_no, of_memo, payment_id
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, each_row
from ledger.flows.event import Event
from ledger.flows.knowledge import Need

_LINES = ("subsidy.authorised", "subsidy.offset")


def propose_pay_file(parsed: ParsedFile, context: Context) -> Proposal:
    """One `batch.instructed` for each batch in the file; its rows are compared with what was authorised."""
    proposal = Proposal()
    entity = context.entity("bureau")
    batches: dict[tuple[str, str], list[CleanRow]] = {}

    def one(row: CleanRow) -> None:
        memo = str(row.values.get("memo") or "")
        _, month, batch = of_memo(context, memo, parsed.month or _only_month(context, memo))
        batches.setdefault((batch, month), []).append(row)

    each_row(parsed, proposal, one)
    for (batch, month), rows in batches.items():
        event = context.event(
            "batch.instructed",
            batch=batch,
            bank="代发银行",
            count=len(rows),
            total_fen=sum(int(row.values["amount_fen"] or 0) for row in rows),
            file_digest=parsed.digest,
            on=first_day(month).isoformat(),
            origin="history",
        )
        known = Need(f"batch:{batch}", ("batch.instructed",))
        for index, row in enumerate(rows):
            if index:
                proposal.noted += 1
            else:
                item = Proposed(row.place, known, (event,), entity, first_day(month), by_content=True)
                proposal.items.append(item)
    return proposal


def _only_month(context: Context, memo: str) -> str | None:
    """The month of the one prepared batch that a memo without a year (农低保9月) can mean."""
    found: set[str] = set()
    for opened in context.facts("programme.opened"):
        need = Need(f"programme:{opened.programme}", ("batch.prepared",))
        for item in context.find([need])[need]:
            month = str(getattr(item.event, "month", ""))
            if f"{int(month[5:])}月" in memo:
                found.add(month)
    return found.pop() if len(found) == 1 else None


def propose_pay_result(parsed: ParsedFile, context: Context) -> Proposal:
    """`subsidy.paid` or `subsidy.returned` for every line, and the result file itself."""
    proposal = Proposal()
    entity = context.entity("bureau")
    found: dict[int, tuple[Any, str, str, str]] = {}

    def one(row: CleanRow) -> None:
        household = row.values.get("remark") or row.values.get("id_number")
        if not household:
            raise RowRefusedError("备注", "E_CELL_MISSING")
        opened, month, batch = of_batch_no(context, str(row.values.get("batch_no") or ""))
        found[id(row)] = (opened, month, batch, enrolment_id(context, opened.programme, str(household)))

    each_row(parsed, proposal, one)
    needs = {where[3]: Need(f"enrolment:{where[3]}", _LINES) for where in found.values()}
    lines = context.find(list(needs.values()))
    for row in parsed.rows:
        if id(row) in found:
            opened, month, batch, enrolment = found[id(row)]
            authorised = [item.event for item in lines[needs[enrolment]] if getattr(item.event, "batch", "") == batch]
            _result(parsed, context, proposal, (entity, row), (opened, month, batch, enrolment), authorised)
    for batch in sorted({where[2] for where in found.values()}):
        rows = [row for row in parsed.rows if id(row) in found and found[id(row)][2] == batch]
        _file(parsed, context, proposal, entity, batch, rows)
    return proposal


def _result(
    parsed: ParsedFile,
    context: Context,
    proposal: Proposal,
    at: tuple[str, CleanRow],
    where: tuple[Any, str, str, str],
    lines: Sequence[Event],
) -> None:
    (entity, row), (opened, month, batch, enrolment) = at, where
    values, outcome = row.values, row.values["outcome"]
    if outcome == "pending":
        proposal.noted += 1
        return
    day = values.get("processed_on")
    day = day if isinstance(day, date) else first_day(month)
    common = {"enrolment": enrolment, "programme": opened.programme, "fund": opened.fund, "batch": batch}
    common |= {"occurred_on": day.isoformat(), "result_ref": values.get("bank_serial")}
    parts = _split(context, lines, int(values["amount_fen"] or 0), (enrolment, month, batch))
    events = []
    for part in parts:
        if outcome == "paid":
            events.append(context.event("subsidy.paid", **common, **part, origin="decision"))
        else:
            failed = {"code": values.get("fail_class") or "OTHER", "reason_text": values.get("fail_reason")}
            money = {"payment": part["payment"], "amount_fen": part["amount_fen"]}
            events.append(context.event("subsidy.returned", **common, **money, **failed, was_paid=False))
    known = Need(f"payment:{parts[0]['payment']}", (events[0].kind,))
    proposal.add(row, known, entity, day, *events)


def _split(context: Context, lines: Sequence[Event], fen: int, where: tuple[str, str, str]) -> list[dict[str, Any]]:
    """How a bank line splits over what was authorised; one whole payment when the sums do not meet."""
    enrolment, month, batch = where
    authorised: list[Any] = [one for one in lines if one.kind == "subsidy.authorised"]
    kept: dict[str, int] = {}
    for one in lines:
        if one.kind == "subsidy.offset":
            payment = str(getattr(one, "payment", ""))
            kept[payment] = kept.get(payment, 0) + int(getattr(one, "amount_fen", 0))
    nets = [(one, one.amount_fen - kept.get(one.payment, 0)) for one in authorised]
    if nets and sum(net for _, net in nets) == fen:
        return [
            {
                "payment": one.payment,
                "component": one.component,
                "period_from": one.period_from,
                "period_to": one.period_to,
                "amount_fen": net,
                "persons": one.persons,
                "households": 1 if one.component == "normal" else 0,
                "subjects": list(one.subjects),
            }
            for one, net in nets
            if net > 0
        ]
    return [
        {
            "payment": payment_id(context, enrolment, batch, "normal"),
            "component": "normal",
            "period_from": month,
            "period_to": month,
            "amount_fen": fen,
            "persons": 0,
            "households": 1,
            "subjects": [],
        },
    ]


def _file(
    parsed: ParsedFile, context: Context, proposal: Proposal, entity: str, batch: str, rows: Sequence[CleanRow]
) -> None:
    sums: dict[str, list[int]] = {"paid": [], "failed": [], "pending": []}
    for row in rows:
        sums[str(row.values["outcome"])].append(int(row.values["amount_fen"] or 0))
    days = [day for row in rows if isinstance(day := row.values.get("processed_on"), date)]
    day = max(days, default=context.options.today)
    event = context.event(
        "batch.result_imported",
        batch=batch,
        **{f"{name}_count": len(amounts) for name, amounts in sums.items()},
        **{f"{name}_fen": sum(amounts) for name, amounts in sums.items()},
        occurred_on=day.isoformat(),
        source=context.source(parsed, "代发银行"),
    )
    known = Need(f"batch:{batch}", ("batch.result_imported",))
    proposal.items.append(Proposed(rows[0].place, known, (event,), entity, day, file_level=True, by_content=True))
