"""Welfare-lottery projects (福彩公益金项目台账): allocations, and what was paid out of them.

The register states what was paid in all, and this month's payment; what the book does not know of the total was paid
before it began.
"""

from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import Chain, coded, day_of
from ledger.application.proposing.community.booked import booked_fen
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row

_YEAR_FIRST: Final = 1990
_LEVELS: Final = {"中央": "central", "省": "province", "市": "city", "县": "county"}
_PURPOSES: Final = {"扶老": "elderly", "助残": "disabled", "救孤": "orphans", "济困": "poverty"}


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Allocation, this payment, and what was paid before the book began, for each project."""
    proposal = Proposal()
    entity = context.entity("bureau")
    fund = context.fund(entity, None, "lottery")
    each_row(parsed, proposal, lambda row: _project(parsed, context, proposal, entity, fund, row))
    return proposal


def _project(parsed: ParsedFile, context: Context, proposal: Proposal, entity: str, fund: str, row: CleanRow) -> None:
    values = row.values
    year = _year(row, context)
    natural = (year, values["doc_no"], values["project"])
    allocation = context.reference("allocation", *natural)
    purpose = coded(_PURPOSES, values.get("direction"), "other")
    place = context.place(parsed, row)
    chain = Chain(context)
    issued = day_of(values.get("issued_on"), context)
    known = chain.add(
        f"allocation:{allocation}",
        issued,
        "lottery.allocated",
        allocation=allocation,
        fund=fund,
        year=year,
        level=coded(_LEVELS, values.get("level"), "county"),
        document=values["doc_no"],
        budget_item=values.get("budget_item") or "2296002",
        project=context.reference("project", *natural),
        project_label=values["project"],
        user_label=values.get("user_unit") or "未填",
        purpose=purpose,
        amount_fen=values["allotted_fen"],
        carried_over=False,
        on=str(issued),
        origin="history",
        place=place,
    )
    _payments(context, chain, row, {"allocation": allocation, "fund": fund, "purpose": purpose, "place": place})
    chain.close(proposal, row, entity, known)


def _year(row: CleanRow, context: Context) -> int:
    """The year of the money: as the row says, else that in which it was allotted. E_CELL_MISSING, E_YEAR."""
    stated, issued = row.values.get("year"), row.values.get("issued_on")
    if stated is None and not isinstance(issued, date):
        raise RowRefusedError("年度", "E_CELL_MISSING")
    year = whole(row.values, "year") if stated is not None or not isinstance(issued, date) else issued.year
    if not _YEAR_FIRST <= year <= context.options.today.year + 1:
        raise RowRefusedError("年度", "E_YEAR", value=year)
    return year


def _payments(context: Context, chain: Chain, row: CleanRow, common: dict[str, Any]) -> None:
    """The row's own payment, and, when the total says more, what was paid before it."""
    values, allocation = row.values, common["allocation"]
    paid, total = whole(values, "paid_fen"), whole(values, "paid_total_fen")
    day = day_of(values.get("paid_on"), context)
    stated = (values.get("paid_on") or "", paid, values.get("voucher_no") or "")
    own = context.reference("movement", allocation, "paid", *stated)
    earlier = context.reference("movement", allocation, "before", total - paid)
    tag = f"allocation:{allocation}"
    booked = booked_fen(context, tag, "lottery.used")
    known = sum(booked_fen(context, tag, "lottery.used", movement=one) for one in (own, earlier))
    before = total - paid - (booked - known)
    if total and paid > total:
        raise RowRefusedError("累计支付(万元)", "E_LOTTERY_TOTAL", paid_fen=paid, total_fen=total)
    parts = (
        (earlier, before, "以前支付", None),
        (own, paid, values.get("progress") or "按进度支付", values.get("voucher_no")),
    )
    for movement, fen, use, voucher in parts:
        if fen > 0:
            chain.add(
                f"movement:{movement}",
                day,
                "lottery.used",
                **common,
                movement=movement,
                use=use,
                payee_label=values.get("payee") or values.get("user_unit") or "未填",
                amount_fen=fen,
                contract=values.get("contract_no"),
                voucher_ref=voucher,
                beneficiaries=whole(values, "beneficiaries"),
                occurred_on=str(day),
            )
