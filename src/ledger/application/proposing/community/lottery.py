"""Welfare-lottery projects (福彩公益金项目台账): allocations, what was paid out of them, and how far each has come.

The register states what was paid in all, and this month's payment; what the book does not know of the total was paid
before it began. What a year left is listed by the next one: it is the same allocation (see `which_allocation`).
Whether a project is finished, bears the mark and was made public is a report of its own, and only what differs from the
newest one is reported again.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from ledger.application.importing.kinds.community import LEVELS, PURPOSES
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import Chain, coded, day_of
from ledger.application.proposing.community.which_allocation import Allocations, user_of
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.flows.knowledge import Need
from ledger.values.dates import day_text

_YEAR_FIRST: Final = 1990
_CLASS: Final = re.compile(r"^\d+[名个位户人](?!.*\d{6})|经费|工资|运行|奖励|投资")
"""Payees who are nobody in particular (14名学生本人账户), and words that say what the money may not pay for."""
_BEFORE: Final = "以前支付"
"""The use of what was paid before the book knew of it, in one sum."""
_TOLD: Final = ("progress", "marked", "beneficiaries", "published_at", "published_on", "score")
"""The columns that say how far a project has come; a register without any of them reports nothing."""
_REPORTED: Final = ("progress", "marked", "beneficiaries", "published_at", "published_on", "self_score")


_Payments = Mapping[str, tuple[date, int]]
"""Movement -> (day, fen)."""


@dataclass(slots=True)
class _Sheet:
    """A register and what its earlier rows pay: allocation -> movement -> (day, fen)."""

    parsed: ParsedFile
    context: Context
    entity: str
    fund: str
    allocations: Allocations
    paid: defaultdict[str, dict[str, tuple[date, int]]] = field(default_factory=lambda: defaultdict(dict))
    found_again: set[str] = field(default_factory=set)
    """Payments of the book that a row has which states no voucher number, or states it for the first time."""
    notes: list[Note] = field(default_factory=list)


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Allocation, this payment, what was paid before the book began, and the report, for each project."""
    proposal = Proposal()
    entity = context.entity("bureau")
    allocations = Allocations(context, entity, parsed.rows)
    sheet = _Sheet(parsed, context, entity, context.fund(entity, None, "lottery"), allocations)
    each_row(parsed, proposal, lambda row: _project(sheet, proposal, row))
    proposal.notes += sheet.notes
    return proposal


def _project(sheet: _Sheet, proposal: Proposal, row: CleanRow) -> None:
    values, context = row.values, sheet.context
    meant = sheet.allocations.of(row, _year(row, context))
    allocation = meant.allocation
    purpose = coded(PURPOSES, values.get("direction"), "other")
    place = context.place(sheet.parsed, row)
    chain = Chain(context)
    issued = day_of(values.get("issued_on"), context)
    known = chain.add(
        f"allocation:{allocation}",
        issued,
        "lottery.allocated",
        allocation=allocation,
        fund=sheet.fund,
        year=meant.year,
        level=coded(LEVELS, values.get("level"), "county"),
        document=values["doc_no"],
        budget_item=values.get("budget_item") or "2296002",
        project=meant.project,
        project_label=values["project"],
        user_label=user_of(values),
        purpose=purpose,
        amount_fen=values["allotted_fen"],
        carried_over=False,
        on=str(issued),
        origin="history",
        place=place,
    )
    common = {"allocation": allocation, "fund": sheet.fund, "purpose": purpose, "place": place}
    _left(sheet, allocation, values)
    booked = _booked(sheet, allocation)
    payee = _payee(sheet, proposal, values)
    paid = _payments(sheet, chain, row, {**common, **payee}, booked)
    _report(sheet, chain, row, allocation, money=not booked.keys() >= paid.keys() or not context.events(known))
    chain.close(proposal, row, sheet.entity, known)
    sheet.paid[allocation] |= paid


def _year(row: CleanRow, context: Context) -> int:
    """The year of the money: as the row says, else that in which it was allotted. E_CELL_MISSING, E_YEAR."""
    stated, issued = row.values.get("year"), row.values.get("issued_on")
    if stated is None and not isinstance(issued, date):
        raise RowRefusedError("年度", "E_CELL_MISSING")
    year = whole(row.values, "year") if stated is not None or not isinstance(issued, date) else issued.year
    if not _YEAR_FIRST <= year <= context.options.today.year + 1:
        raise RowRefusedError("年度", "E_YEAR", value=year)
    return year


def _left(sheet: _Sheet, allocation: str, values: Mapping[str, Any]) -> None:
    """结余 is what was allotted, less what was paid, less what went back by some day up to now. E_LOTTERY_LEFT."""
    allotted, total, left = (values.get(name) for name in ("allotted_fen", "paid_total_fen", "left_fen"))
    if not isinstance(allotted, int) or not isinstance(total, int) or not isinstance(left, int):
        return
    events = sheet.context.events(Need(f"allocation:{allocation}", ("lottery.returned",)))
    back = [one.amount_fen for one in sorted(events, key=lambda one: one.occurred_on)]
    if allotted - total - left not in {sum(back[:count]) for count in range(len(back) + 1)}:
        rest = {"stated_fen": left, "returned_fen": sum(back), "computed_fen": allotted - total - sum(back)}
        raise RowRefusedError("结余(万元)", "E_LOTTERY_LEFT", **rest)


def _payments(
    sheet: _Sheet, chain: Chain, row: CleanRow, common: dict[str, Any], booked: _Payments
) -> dict[str, tuple[date, int]]:
    """The row's own payment, and, when the total says more, what was paid before it."""
    values, context, allocation = row.values, sheet.context, common["allocation"]
    paid, total = whole(values, "paid_fen"), whole(values, "paid_total_fen")
    day = day_of(values.get("paid_on"), context)
    own = _own(sheet, allocation, values)
    earlier = context.reference("movement", allocation, "before", total - paid)
    if total and paid > total:
        raise RowRefusedError("累计支付(万元)", "E_LOTTERY_TOTAL", paid_fen=paid, total_fen=total)
    known, others = own in booked, {name: one for name, one in booked.items() if name not in {own, earlier}}
    room = total - sum(fen for _, fen in others.values()) if total else paid
    if total:
        before = sum(fen for on, fen in others.values() if on < _until(values, context))
        if before + paid > total or (0 < room < paid and not known):
            told = before if before + paid > total else total - room
            rest = {"paid_fen": paid, "total_fen": total, "booked_fen": told}
            raise RowRefusedError("累计支付(万元)", "E_LOTTERY_BOOKED", **rest)
    if paid and not known and room <= 0:
        _not_recorded(sheet, row, allocation, paid, total)
    parts = (
        (earlier, room - paid, _BEFORE, None),
        (own, paid if known or room > 0 else 0, values.get("progress") or "按进度支付", values.get("voucher_no")),
    )
    for movement, fen, use, voucher in parts:
        if fen > 0:
            need = chain.add(
                f"movement:{movement}",
                day,
                "lottery.used",
                **common,
                movement=movement,
                use=use,
                amount_fen=fen,
                contract=values.get("contract_no"),
                voucher_ref=voucher,
                beneficiaries=whole(values, "beneficiaries"),
                occurred_on=str(day),
            )
            if movement == own:
                chain.hold(need, *_firm(sheet, allocation, own, values))
    return {movement: (day, fen) for movement, fen, _, _ in parts if fen > 0}


def _not_recorded(sheet: _Sheet, row: CleanRow, allocation: str, paid: int, total: int) -> None:
    """W_LOTTERY_PAID: the book has the row's total without its own payment, which is then not recorded. What an earlier
    import took in as one sum, paid before its own day, may hold it.
    """
    used = sheet.context.events(Need(f"allocation:{allocation}", ("lottery.used",)))
    booked = sum(one.amount_fen for one in used)
    if booked >= total and all(one.use != _BEFORE for one in used):
        told = {"project": row.values["project"], "paid_fen": paid, "total_fen": total, "booked_fen": booked}
        sheet.notes.append(Note(row.place, "W_LOTTERY_PAID", told))


def _payee(sheet: _Sheet, proposal: Proposal, values: Mapping[str, Any]) -> dict[str, str | None]:
    """Who was paid: an organisation, or a class of people, in clear; anybody else is kept in the vault."""
    name = values.get("payee")
    if not name or _CLASS.search(str(name)):
        return {"payee": None, "payee_label": name or user_of(values)}
    label, payee, subjects = sheet.context.party(str(name))
    proposal.subjects += [(sheet.entity, one) for one in subjects]
    return {"payee": payee, "payee_label": label}


def _firm(sheet: _Sheet, allocation: str, own: str, values: Mapping[str, Any]) -> list[str]:
    """What the row says of its payment that the book, if it has that from a file, must say too: whom it went to and
    under which contract, where both say so. Whoever is nobody's name in clear today may have been kept before.
    """
    used = sheet.context.events(Need(f"allocation:{allocation}", ("lottery.used",)))
    for was in (one for one in used if one.movement == own and one.place is not None):
        name, contract = values.get("payee"), values.get("contract_no")
        known = not name or was.payee_label == name or was.payee == sheet.context.reference("party", str(name))
        return [*(() if known else ("payee", "payee_label")), *(("contract",) if contract and was.contract else ())]
    return []


def _own(sheet: _Sheet, allocation: str, values: Mapping[str, Any]) -> str:
    """The row's payment: by day, sum and voucher number; a number that one of row and book lacks is no difference,
    unless another row of the sheet has that payment.
    """
    own, day, fen = _stated(sheet, allocation, values), values.get("paid_on"), whole(values, "paid_fen")
    used = sheet.context.events(Need(f"allocation:{allocation}", ("lottery.used",)))
    alike = [one for one in used if (one.occurred_on, one.amount_fen) == (day, fen)]
    if not alike or any(one.movement == own for one in alike):
        return own
    others = {_stated(sheet, allocation, row.values) for row in sheet.parsed.rows} | sheet.found_again
    for one in alike:
        if one.movement not in others and None in (one.voucher_ref, values.get("voucher_no")):
            sheet.found_again.add(one.movement)
            return str(one.movement)
    return own


def _stated(sheet: _Sheet, allocation: str, values: Mapping[str, Any]) -> str:
    stated = (values.get("paid_on") or "", whole(values, "paid_fen"), values.get("voucher_no") or "")
    return sheet.context.reference("movement", allocation, "paid", *stated)


def _booked(sheet: _Sheet, allocation: str) -> _Payments:
    """What the book and the sheet's earlier rows know of an allocation's payments."""
    used = sheet.context.events(Need(f"allocation:{allocation}", ("lottery.used",)))
    return {**sheet.paid[allocation], **{one.movement: (one.occurred_on, one.amount_fen) for one in used}}


def _until(values: Mapping[str, Any], context: Context) -> date:
    """The day before which every payment that the book knows must be in the row's total; none when nobody says."""
    stated = values.get("paid_on")
    if isinstance(stated, date):
        return stated
    return context.month_end() if context.options.month else date.min


def _report(sheet: _Sheet, chain: Chain, row: CleanRow, allocation: str, *, money: bool) -> None:
    """How far the project has come, unless the newest report said so already. Beside new money it stands in a voucher
    of the money's day, for a payment of June is no payment of the month in which it was made public.
    """
    values, context = row.values, sheet.context
    if all(values.get(name) is None for name in _TOLD):
        return
    published = values.get("published_on")
    if isinstance(published, date) and published > context.options.today:
        rest = {"on": day_text(published), "today": day_text(context.options.today)}
        raise RowRefusedError("公示日期", "E_FACT_IN_FUTURE", **rest)
    stated = [values.get(name) for name in ("issued_on", "paid_on", "published_on")]
    days = [one for one in stated if isinstance(one, date)]
    if context.options.month or not days:
        days.append(context.month_end())
    day = min(max(days), context.options.today)
    said = dict(zip(_REPORTED, (values.get(name) for name in _TOLD), strict=True))
    said["progress"] = said["progress"] or "未填"
    tag, kind = f"allocation:{allocation}", "lottery.progress_reported"
    place = context.place(sheet.parsed, row)
    reports = context.events(Need(tag, (kind,)))
    if _is_reported(reports, said, place, day, month=context.options.month):
        return
    if _is_news(sheet, allocation, reports, day):
        before = max(one.as_of for one in reports)
        day = context.options.today
        told = {"project": values["project"], "before": str(before), "day": str(day)}
        sheet.notes.append(Note(row.place, "W_LOTTERY_STATE", told))
    said["published_on"] = None if published is None else str(published)
    voucher_day = min(day, chain.day) if money else day
    chain.restate(tag, voucher_day, kind, **said, allocation=allocation, as_of=str(day), place=place)


def _is_news(sheet: _Sheet, allocation: str, reports: Sequence[Any], day: date) -> bool:
    """Whether a state that is in none of the reports is the newest although a report bears a later day: no month was
    named, and no payment and no notice that the book has is later than the row's own days. Then the later day is only
    the end of the month that was named for another sheet, and what the row says would be hidden behind it for good.
    """
    if sheet.context.options.month is not None or all(one.as_of <= day for one in reports):
        return False
    used = sheet.context.events(Need(f"allocation:{allocation}", ("lottery.used",)))
    facts = [*(one.occurred_on for one in used), *(one.published_on for one in reports if one.published_on)]
    return all(fact <= day for fact in facts)


def _is_reported(
    reports: Iterable[Any], said: Mapping[str, Any], place: Mapping[str, Any], day: date, *, month: str | None
) -> bool:
    """Whether the book has this report: the newest one up to its day says so, or one of that row of that file. Whoever
    names no month has only the row's own days, which may lie before the end of the month that was named for it: then a
    report of a later day is it too, for a state that comes back is news of a month only.
    """
    known = sorted(reports, key=lambda one: one.as_of)
    alike = [one for one in known if {name: getattr(one, name) for name in said} == said]
    until = [one for one in known if one.as_of <= day]
    if until and until[-1] in alike:
        return True
    if month is None and any(one.as_of >= day for one in alike):
        return True
    own = [one for one in known if one.place is not None and one.place.model_dump(mode="json") == place]
    return any(month is None or one.as_of >= day for one in own)
