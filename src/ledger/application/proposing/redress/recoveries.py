"""The recovery ledger (追缴台账): one row a matter, from the finding to the last yuan.

A deduction (抵扣) takes what the roster kept back from the household, so its enrolment must be known; money that went
to the treasury never passed the bureau's account. A matter that a check sheet found is that finding, and none beside
it: the register only says how it was recovered.
"""

from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import Chain, coded, day_of
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.application.proposing.redress.oversight import FOUND_BY, person_of
from ledger.application.proposing.relief.programmes import person_ref, programme
from ledger.flows.knowledge import Need

_MODES: Final = {"抵扣": "offset", "现金": "cash", "转账": "transfer", "汇款": "transfer", "银行": "transfer"}
_SOFT: Final = frozenset({"responsible", "due_on", "confirmed_by", "closed_by"})
_ENROLLED: Final = ("enrolment.confirmed", "enrolment.changed")


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Finding, notice, order, collection, referral and closing of each row, as one chain."""
    proposal = Proposal(columns={"E_PROGRAMME_CHOICE": "救助类别", "E_FACT_IN_FUTURE": "最近到账日期"})
    entity = context.entity("bureau")
    each_row(parsed, proposal, lambda row: _Row(parsed, context, proposal, entity, row).propose())
    return proposal


class _Row:
    """One matter."""

    def __init__(self, parsed: ParsedFile, context: Context, proposal: Proposal, entity: str, row: CleanRow) -> None:
        self._context, self._proposal, self._entity, self._row = context, proposal, entity, row
        self._values = row.values
        self._place = context.place(parsed, row)
        self._opened = programme(context, str(row.values.get("programme") or ""))
        number, name = self._values.get("id_number"), str(self._values["name"])
        natural = (self._values.get("decision_no") or "", number or name, self._opened.programme)
        self._recovery = context.reference("recovery", *natural)
        self._person = person_ref(context, None if number is None else str(number), name)
        self._sheet_found = self._of_sheet(context.reference("finding", *natural))
        self._finding = self._sheet_found or context.reference("finding", *natural)
        self._chain = Chain(context)

    def _of_sheet(self, own: str) -> str | None:
        """The finding of this person and programme that came from a doubt and is large enough; None where there is
        none, or where the register's own finding is recorded already. E_FINDING_CHOICE.
        """
        due, programme_id = whole(self._values, "due_fen"), self._opened.programme
        found = self._context.events(Need(f"person:{self._person}", ("finding.confirmed",)))
        if any(one.finding == own for one in found):
            return None
        fit = [one for one in found if one.clues and one.programme == programme_id and one.amount_fen >= due]
        exact = [one for one in fit if one.amount_fen == due]
        fit = exact if len(fit) > 1 and exact else fit
        if len(fit) > 1:
            raise RowRefusedError("认定文书号", "E_FINDING_CHOICE", programme=self._opened.name, found=len(fit))
        return str(fit[0].finding) if fit else None

    def propose(self) -> None:
        """The whole chain, in the order in which it happened."""
        if self._sheet_found is None:
            self._found()
        self._served()
        known = self._ordered()
        self._collected()
        self._ended()
        self._chain.close(self._proposal, self._row, self._entity, known, _SOFT)

    def _found(self) -> None:
        values, day = self._values, day_of(self._values.get("decided_on"), self._context)
        self._chain.add(
            f"finding:{self._finding}",
            day,
            "finding.confirmed",
            finding=self._finding,
            clues=[],
            found_by=coded(FOUND_BY, values.get("origin")),
            authority=values.get("origin") or "未填",
            confirmed_by=[values["responsible"]] if values.get("responsible") else [],
            document=values.get("decision_no"),
            category=values.get("circumstance") or "未填",
            summary=values.get("circumstance") or "",
            programme=self._opened.programme,
            person=person_of(self._context, self._proposal, self._entity, values),
            period_from=values.get("month_from"),
            period_to=values.get("month_to"),
            persons=1,
            amount_fen=whole(values, "due_fen"),
            reply_waived=False,
            on=str(day),
            origin="history",
            place=self._place,
        )

    def _served(self) -> None:
        day = self._values.get("served_on")
        if isinstance(day, date):
            fields = {"finding": self._finding, "how": "in_person", "on": str(day)}
            self._chain.add(f"finding:{self._finding}", day, "notice.served", **fields)

    def _ordered(self) -> Need:
        values = self._values
        day = day_of(values.get("served_on") or values.get("decided_on"), self._context)
        return self._chain.add(
            f"recovery:{self._recovery}",
            day,
            "recovery.ordered",
            recovery=self._recovery,
            finding=self._finding,
            fund=self._opened.fund,
            programme=self._opened.programme,
            person=self._person,
            amount_fen=values["due_fen"],
            destination="treasury" if "国库" in str(values.get("destination") or "") else "programme",
            document=values.get("decision_no"),
            due_on=None if values.get("planned_on") is None else str(values["planned_on"]),
            responsible=values.get("responsible"),
            on=str(day),
            origin="history",
            place=self._place,
        )

    def _collected(self) -> None:
        """The increase over what is booked: the ledger states what was collected in all."""
        values, context = self._values, self._context
        total = whole(values, "collected_fen")
        movement = context.reference("movement", self._recovery, total)
        booked = context.events(Need(f"recovery:{self._recovery}", ("recovery.collected",)))
        increase = total - sum(one.amount_fen for one in booked if one.movement != movement)
        if increase <= 0:
            return
        mode, day = self._mode(values), day_of(values.get("collected_on"), context)
        self._chain.add(
            f"movement:{movement}",
            day,
            "recovery.collected",
            movement=movement,
            recovery=self._recovery,
            finding=self._finding,
            fund=self._opened.fund,
            mode=mode,
            amount_fen=increase,
            account=self._account(mode),
            enrolment=self._enrolment() if mode == "offset" else None,
            voucher_ref=values.get("receipt_no"),
            note=values.get("remark"),
            occurred_on=str(day),
            place=self._place,
        )

    @staticmethod
    def _mode(values: Any) -> str:
        if "国库" in str(values.get("destination") or ""):
            return "paid_to_treasury"
        return coded(_MODES, values.get("mode"), "transfer")

    def _account(self, mode: str) -> str | None:
        holding = {"cash": "cash", "transfer": "bank"}.get(mode)
        if holding is None:
            return None
        accounts = [
            item.event
            for item in self._context.standing
            if item.event.kind == "bank.account_registered" and item.entity == self._entity
        ]
        found = [str(getattr(one, "account", "")) for one in accounts if getattr(one, "holding", "") == holding]
        if len(found) != 1:
            raise RowRefusedError("追缴方式", "E_ACCOUNT_CHOICE", name=holding, found=len(found))
        return found[0]

    def _enrolment(self) -> str:
        """The household that was deducted from: the person's enrolment in the programme. E_ENROLMENT_CHOICE."""
        events = self._context.events(Need(f"person:{self._person}", _ENROLLED))
        found = {str(one.enrolment) for one in events if one.programme == self._opened.programme}
        if len(found) != 1:
            raise RowRefusedError("身份证号", "E_ENROLMENT_CHOICE", programme=self._opened.name, found=len(found))
        return found.pop()

    def _ended(self) -> None:
        values, tag = self._values, f"finding:{self._finding}"
        if values.get("referred"):
            day = day_of(values.get("decided_on"), self._context)
            fields = {"to": "discipline", "organisation": "纪检监察机关", "persons": 1, "origin": "history"}
            self._chain.add(tag, day, "finding.referred", finding=self._finding, on=str(day), **fields)
        closed = values.get("closed_on")
        if isinstance(closed, date):
            fields = {"closed_by": values.get("responsible") or "未填", "document": values.get("decision_no")}
            self._chain.add(
                tag, closed, "finding.closed", finding=self._finding, on=str(closed), origin="history", **fields
            )
