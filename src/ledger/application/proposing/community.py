"""Mutual-aid societies and welfare-lottery projects: registers that state totals, booked by their increase.

A society is a fund of the entity that keeps its books. What a source has given in all, or a society has granted in all,
stands in the register; what is booked is the difference to what the book knows, so next month's list adds only what is
new.
"""

from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.chains import Chain, coded, day_of
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.flows.knowledge import Need

_STATUS: Final = {"已登记": "registered", "备案": "filed"}
_SOURCES: Final = (
    ("county_fen", "county"),
    ("village_fen", "village"),
    ("donors_fen", "donor"),
    ("members_fen", "member"),
)
_LEVELS: Final = {"中央": "central", "省": "province", "市": "city", "县": "county"}
_PURPOSES: Final = {"扶老": "elderly", "助残": "disabled", "救孤": "orphans", "济困": "poverty"}


def _booked(context: Context, tag: str, kind: str, **same: str) -> int:
    """Fen that events of a kind under a tag stand for, of those whose fields are the same."""
    need = Need(tag, (kind,))
    return sum(
        int(getattr(item.event, "amount_fen", 0))
        for item in context.find([need])[need]
        if all(getattr(item.event, name, None) == value for name, value in same.items())
    )


def propose_societies(parsed: ParsedFile, context: Context) -> Proposal:
    """Registration, contributions by source, grants, and the sheet itself, for each society."""
    proposal = Proposal()
    entity = context.entity("agent", "society")
    accounts = {
        str(getattr(item.event, "number_ref", "")): str(getattr(item.event, "account", ""))
        for item in context.standing
        if item.event.kind == "bank.account_registered" and item.entity == entity
    }
    each_row(parsed, proposal, lambda row: _Society(parsed, context, entity, accounts, row).propose(proposal))
    return proposal


class _Society:
    """One row of the societies' ledger."""

    def __init__(
        self, parsed: ParsedFile, context: Context, entity: str, accounts: dict[str, str], row: CleanRow
    ) -> None:
        self._context, self._entity, self._row, self._values = context, entity, row, row.values
        self._place = context.place(parsed, row)
        self._digest = parsed.digest
        self._society = "society-" + context.reference(
            "society", self._values["township"], self._values["society_name"]
        )
        self._account = self._money_account(accounts)
        self._day = context.options.today if context.options.month is None else _month_end(context)
        self._chain = Chain(context)

    def _money_account(self, accounts: dict[str, str]) -> str:
        """The society's own account when it is registered; else the one that holds villages' money."""
        number = self._values.get("account")
        if number:
            own = accounts.get(self._context.reference("account-number", str(number)))
            return own or "acct-" + self._context.reference("account-number", str(number))
        return str(self._context.account(label="村账").account)

    def propose(self, proposal: Proposal) -> None:
        """The chain of one society."""
        known = self._registered()
        for column, source in _SOURCES:
            self._contributed(column, source)
        self._granted()
        self._reviewed()
        self._chain.close(proposal, self._row, self._entity, known)

    def _registered(self) -> Need:
        values = self._values
        founded = values.get("founded_on")
        return self._chain.add(
            f"society:{self._society}",
            founded if isinstance(founded, date) else self._day,
            "mutual_aid.society_registered",
            society=self._society,
            fund=self._society,
            name=values["society_name"],
            township=values.get("township"),
            village=values["village"],
            status=coded(_STATUS, values.get("registration"), "unregistered"),
            uscc=values.get("credit_code"),
            founded_on=None if founded is None else str(founded),
            members=int(values.get("members") or 0),
            money_with="own_account" if values.get("account") else "village_account",
            account=self._account,
            on=str(founded if isinstance(founded, date) else self._day),
            origin="history",
            place=self._place,
        )

    def _contributed(self, column: str, source: str) -> None:
        total = int(self._values.get(column) or 0)
        movement = self._context.reference("movement", self._society, source, total)
        tag = f"society:{self._society}"
        before = _booked(self._context, tag, "mutual_aid.contributed", source=source)
        known = _booked(self._context, tag, "mutual_aid.contributed", movement=movement)
        increase = total - before + known
        if increase <= 0:
            return
        label = {"county": "县级补助", "village": "村集体", "donor": "企业乡贤", "member": "会员"}[source]
        self._chain.add(
            f"movement:{movement}",
            self._day,
            "mutual_aid.contributed",
            movement=movement,
            society=self._society,
            fund=self._society,
            source=source,
            donor_label=label,
            amount_fen=increase,
            cumulative_fen=total,
            means="bank",
            account=self._account,
            occurred_on=str(self._day),
            place=self._place,
        )

    def _granted(self) -> None:
        """This year's grants in all; the detail sheet names each of them when the office keeps one."""
        total, tag = int(self._values.get("helped_fen") or 0), f"society:{self._society}"
        movement = self._context.reference("movement", self._society, "granted", total)
        before = _booked(self._context, tag, "mutual_aid.granted")
        increase = total - before + _booked(self._context, tag, "mutual_aid.granted", movement=movement)
        if increase <= 0:
            return
        self._chain.add(
            f"movement:{movement}",
            self._day,
            "mutual_aid.granted",
            movement=movement,
            society=self._society,
            fund=self._society,
            households=int(self._values.get("helped_households") or 0),
            amount_fen=increase,
            cause="本年救助合计",
            means="bank",
            account=self._account,
            occurred_on=str(self._day),
            place=self._place,
        )

    def _reviewed(self) -> None:
        values = self._values
        self._chain.add_report(
            f"society:{self._society}",
            self._day,
            "mutual_aid.reviewed",
            society=self._society,
            fund=self._society,
            raised_fen=int(values.get("raised_fen") or 0),
            balance_fen=int(values.get("balance_fen") or 0),
            helped_households=int(values.get("helped_households") or 0),
            helped_fen=int(values.get("helped_fen") or 0),
            reaches_line=values.get("reaches_goal"),
            as_of=str(self._day),
            place=self._place,
        )


def _month_end(context: Context) -> date:
    """The last day of the month that the user named, or today when that is earlier."""
    year, month = (int(part) for part in str(context.options.month).split("-"))
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date.fromordinal(following.toordinal() - 1), context.options.today)


def propose_lottery(parsed: ParsedFile, context: Context) -> Proposal:
    """Allocation, this payment, and what was paid before the book began, for each project."""
    proposal = Proposal()
    entity = context.entity("bureau")
    fund = context.fund(entity, None, "lottery")
    each_row(parsed, proposal, lambda row: _project(parsed, context, proposal, entity, fund, row))
    return proposal


def _project(
    parsed: ParsedFile, context: Context, proposal: Proposal, entity: str, fund: str, row: CleanRow
) -> None:
    values = row.values
    natural = (values["year"], values["doc_no"], values["project"])
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
        year=values["year"],
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


def _payments(context: Context, chain: Chain, row: CleanRow, common: dict[str, Any]) -> None:
    """The row's own payment, and, when the total says more, what was paid before it."""
    values, allocation = row.values, common["allocation"]
    paid, total = int(values.get("paid_fen") or 0), int(values.get("paid_total_fen") or 0)
    day = day_of(values.get("paid_on"), context)
    own = context.reference("movement", allocation, "paid", day, paid, values.get("voucher_no") or "")
    earlier = context.reference("movement", allocation, "before", total - paid)
    tag = f"allocation:{allocation}"
    booked = _booked(context, tag, "lottery.used")
    known = sum(_booked(context, tag, "lottery.used", movement=one) for one in (own, earlier))
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
                beneficiaries=int(values.get("beneficiaries") or 0),
                occurred_on=str(day),
            )
