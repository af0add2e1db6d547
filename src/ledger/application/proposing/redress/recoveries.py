"""The recovery ledger (追缴台账): one row a matter, from the finding to the last yuan.

A deduction (抵扣) takes what the roster kept back from the household, so its enrolment must be known; money that was
paid to the treasury never passed the bureau's account, and money that is to go there (资金去向) may have come any way.
A matter that a check sheet found is that finding, and none beside it: the register only says how it was recovered.
What the opening took over goes on from there (see `matters.py`). What is still open has its reason (未追缴原因) and the
day by which it shall come as a plan, so that the tables say why.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Any, Final

from ledger.application.importing.kinds.oversight import DESTINATIONS, IN_PARTS, MODES, modes_of
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import Chain, coded, day_of
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.application.proposing.redress.corrected import Corrected
from ledger.application.proposing.redress.matters import KNOWN, Rows, matter_of, meet, months_of
from ledger.application.proposing.redress.oversight import FOUND_BY, person_of
from ledger.application.proposing.redress.paid_into import paid_into
from ledger.application.proposing.redress.plans import is_said
from ledger.application.proposing.relief.programmes import person_ref, programme
from ledger.flows.knowledge import Need
from ledger.values.dates import day_text

_REASONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("死亡", "去世", "病故", "亡故"), "deceased"),
    **dict.fromkeys(("诉讼", "法院", "起诉", "强制执行"), "in_court"),
    **dict.fromkeys(("异议", "申诉", "复议", "不服", "不认可"), "disputed"),
    **dict.fromkeys(("下落不明", "失联", "联系不上", "无法联系", "查无"), "untraceable"),
    **dict.fromkeys(("困难", "无力", "贫困", "无偿还能力"), "hardship"),
    "分期": "instalments",
}
"""未追缴原因 as offices write it; what none of these words says is `other`."""
_WAYS: Final = frozenset({"transfer", "cash", "offset"})
"""Ways of which nobody can mean another; to the treasury money may go by any."""
_SOFT: Final = frozenset({"responsible", "due_on", "confirmed_by", "closed_by"})
_ENROLLED: Final = ("enrolment.confirmed", "enrolment.changed")


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Finding, notice, order, collection, referral and closing of each row, as one chain."""
    proposal = Proposal(columns={"E_PROGRAMME_CHOICE": "救助类别", "E_FACT_IN_FUTURE": "最近到账日期"})
    entity = context.entity("bureau")
    rows, corrected = Rows.of(parsed.rows), Corrected(context, entity, parsed.rows)
    each_row(parsed, proposal, lambda row: _Row(parsed, context, proposal, entity, row, rows, corrected).propose())
    return proposal


class _Row:
    """One matter."""

    def __init__(
        self,
        parsed: ParsedFile,
        context: Context,
        proposal: Proposal,
        entity: str,
        row: CleanRow,
        rows: Rows,
        corrected: Corrected,
    ) -> None:
        self._context, self._proposal, self._entity, self._row = context, proposal, entity, row
        self._corrected = corrected
        self._values = row.values
        self._place = context.place(parsed, row)
        self._opened = programme(context, str(row.values.get("programme") or ""))
        number, name = self._values.get("id_number"), str(self._values["name"])
        self._person = person_ref(context, None if number is None else str(number), name)
        need = Need(f"person:{self._person}", KNOWN)
        known = context.find([need])[need]
        matter = matter_of(rows, context, row, known, self._person, self._opened.programme)
        if matter.before is None:
            matter = corrected.matter(row, known, self._person, self._opened.programme, matter) or matter
        self._recovery, self._before, self._since = matter.recovery, matter.before, matter.since
        findings = [item.event for item in known if item.event.kind == "finding.confirmed"]
        sheet_found = matter.finding if matter.sheet else None
        if matter.before is None:
            sheet_found = sheet_found or self._of_sheet(matter.finding, findings)
        self._finding = sheet_found or matter.finding
        self._tells_finding = sheet_found is None and not (matter.before and matter.told_elsewhere(known))
        self._fund = self._opened.fund if matter.before is None else matter.before.fund
        self._total = whole(row.values, "collected_fen")
        self._booked = context.events(Need(f"recovery:{self._recovery}", ("recovery.collected",)))
        self._movement = context.reference("movement", self._recovery, self._total)
        self._booked_now = any(one.movement == self._movement for one in self._booked)
        self._had = 0 if matter.before is None else matter.before.collected_fen
        gave_back = context.events(Need(f"recovery:{self._recovery}", ("recovery.refunded",)))
        self._gave_back = sum(one.amount_fen for one in gave_back)
        self._in_book = self._had + sum(one.amount_fen for one in self._booked) - self._gave_back
        self._given_up = context.events(Need(f"recovery:{self._recovery}", ("recovery.written_off",)))
        self._chain = Chain(context, matter.since)

    def _of_sheet(self, own: str, findings: Sequence[Any]) -> str | None:
        """The finding of this person and programme that came from a doubt, is large enough and of these months, or of
        just this sum; None where there is none, or where the register's own finding is recorded already.
        E_FINDING_CHOICE.
        """
        due, months = whole(self._values, "due_fen"), months_of(self._row)
        if any(one.finding == own for one in findings):
            return None
        mine = [one for one in findings if one.clues and one.programme == self._opened.programme]
        enough = [one for one in mine if one.amount_fen >= due]
        # Doubts bear the months that were compared; where the register's are others, the sum must be the same.
        fit = [one for one in enough if meet(months_of(one), months) or one.amount_fen == due]
        exact = [one for one in fit if one.amount_fen == due]
        fit = exact if len(fit) > 1 and exact else fit
        if len(fit) > 1:
            raise RowRefusedError("认定文书号", "E_FINDING_CHOICE", programme=self._opened.name, found=len(fit))
        return str(fit[0].finding) if fit else None

    def propose(self) -> None:
        """The whole chain, in the order in which it happened."""
        self._left_is_true()
        if self._tells_finding:
            self._found()
        self._served()
        known = self._ordered()
        self._collected()
        self._open()
        self._ended()
        self._chain.close(self._proposal, self._row, self._entity, known, _SOFT)

    def _left_is_true(self) -> None:
        """What is left was neither collected nor given up, all of that or, in a sheet of before, a part. The register
        does not tell of giving up, which is decided by somebody in some paper. E_RECOVERY_LEFT.
        """
        stated, whole_fen = self._values.get("outstanding_fen"), whole(self._values, "due_fen") - self._total
        by_day = sorted(self._given_up, key=lambda one: one.on)
        lefts = [whole_fen, *(whole_fen - fen for fen in accumulate(one.amount_fen for one in by_day))]
        if stated is not None and stated not in lefts:
            rest = {"stated_fen": stated, "left_fen": lefts[-1], "given_up_fen": whole_fen - lefts[-1]}
            raise RowRefusedError("未追缴金额(元)", "E_RECOVERY_LEFT", **rest)

    def _found(self) -> None:
        values, day = self._values, self._decided()
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

    def _decided(self) -> date:
        """When the matter was decided: as the row says; of one that was taken over, which bears no day itself, as the
        opening says of its order.
        """
        stated = self._values.get("decided_on")
        if isinstance(stated, date) or self._before is None:
            return day_of(stated, self._context)
        return day_of(self._values.get("served_on") or self._before.ordered_on, self._context)

    def _served(self) -> None:
        day = self._values.get("served_on")
        if isinstance(day, date):
            fields = {"finding": self._finding, "how": "in_person", "on": str(day)}
            self._chain.add(f"finding:{self._finding}", day, "notice.served", **fields)

    def _ordered(self) -> Need:
        values, tag = self._values, f"recovery:{self._recovery}"
        if self._before is not None:
            return Need(tag, ("opening.recorded",))
        day = day_of(values.get("served_on") or values.get("decided_on"), self._context)
        return self._chain.add(
            tag,
            day,
            "recovery.ordered",
            recovery=self._recovery,
            finding=self._finding,
            fund=self._fund,
            programme=self._opened.programme,
            person=self._person,
            amount_fen=values["due_fen"],
            destination=self._destination(),
            document=values.get("decision_no"),
            due_on=None if values.get("planned_on") is None else str(values["planned_on"]),
            responsible=values.get("responsible"),
            on=str(day),
            origin="history",
            place=self._place,
        )

    def _collected(self) -> None:
        """The increase over what is booked: the ledger states what was collected in all."""
        values, context, total, movement = self._values, self._context, self._total, self._movement
        increase = total - self._had - sum(one.amount_fen for one in self._booked if one.movement != movement)
        if not self._booked_now:  # a sum that is booked was told before anything was given back of it
            increase += self._gave_back
        if total > whole(values, "due_fen"):
            self._note("W_RECOVERY_OVER", due_fen=whole(values, "due_fen"), total_fen=total)
        if increase <= 0:
            self._not_less()
            return
        stated = values.get("collected_on")
        if not self._booked_now and not isinstance(stated, date):
            raise RowRefusedError("最近到账日期", "E_RECOVERY_DAY", total_fen=total)
        if isinstance(stated, date) and stated < self._since:
            rest = {"on": day_text(stated), "total_fen": total, "had_fen": self._had}
            raise RowRefusedError("最近到账日期", "E_RECOVERY_BEFORE_BOOK", **rest)
        day = day_of(stated, context)
        if not self._booked_now:
            self._receipt_of_others()
            self._not_before_order(day)
        mode, account, enrolment = self._came(movement)
        need = self._chain.add(
            f"movement:{movement}",
            day,
            "recovery.collected",
            movement=movement,
            recovery=self._recovery,
            finding=self._finding,
            fund=self._fund,
            mode=mode,
            amount_fen=increase,
            account=account,
            enrolment=enrolment,
            voucher_ref=values.get("receipt_no"),
            note=values.get("remark"),
            occurred_on=str(day),
            place=self._place,
        )
        for was in (one for one in self._booked if one.movement == movement and one.place is not None):
            cells = {"voucher_ref": "receipt_no"}
            if not self._gave_back:  # else the register's newest day may be that of giving back
                cells["occurred_on"] = "collected_on"
            held = [name for name, cell in cells.items() if values.get(cell) and getattr(was, name)]
            self._chain.hold(need, "mode", *held)

    def _receipt_of_others(self) -> None:
        """Whether another matter has the row's receipt too, in the file or in the book."""
        number = self._values.get("receipt_no")
        if others := self._corrected.same_receipt(self._row):
            rows = "、".join(str(one) for one in sorted(others))
            self._note("W_RECOVERY_RECEIPT", value=number, rows=rows)
        elif (had := self._corrected.booked_receipt(self._row, self._recovery)) is not None:
            self._note("W_RECOVERY_RECEIPT_USED", value=number, on=str(had.occurred_on), amount_fen=had.amount_fen)

    def _not_before_order(self, day: date) -> None:
        """Whoever gives back by himself pays before he is told to; a day that was mistyped looks alike."""
        ordered = self._values.get("served_on") or self._values.get("decided_on")
        if isinstance(ordered, date) and day < ordered:
            self._note("W_RECOVERY_EARLY", paid_on=day_text(day), ordered_on=day_text(ordered))

    def _not_less(self) -> None:
        """Less than the book knows is an older sheet again, unless it is said of a later day. E_RECOVERY_LESS."""
        stated, booked = self._values.get("collected_on"), self._in_book
        if not isinstance(stated, date):
            stated = self._context.month_end() if self._context.options.month else None
        before = [] if self._before is None else [self._before.ordered_on]
        last = max((*before, *(one.occurred_on for one in self._booked)), default=None)
        if self._booked_now or self._total >= booked or last is None:
            return
        if (stated is None and self._total) or (stated is not None and stated >= last):
            raise RowRefusedError("已追缴金额(元)", "E_RECOVERY_LESS", total_fen=self._total, booked_fen=booked)

    def _open(self) -> None:
        """Why what is left is still open, and by when it shall come, unless the newest plan says so already."""
        values, context = self._values, self._context
        given_up = sum(one.amount_fen for one in self._given_up)
        left, reason = whole(values, "due_fen") - self._total - given_up, self._reason()
        if left <= 0 or reason is None or self._total < self._in_book:
            return
        tag, kind = f"recovery:{self._recovery}", "recovery.planned"
        # What a row tells of a matter that was taken over is of the matter's days, and no news of the month's end.
        is_first = self._is_news() or (self._tells_finding and not context.events(self._told))
        day = self._chain.day if is_first else max(self._chain.day, context.month_end())
        stated = values.get("planned_on")
        planned = stated if isinstance(stated, date) else None
        plans = sorted((one for one in context.events(Need(tag, (kind,))) if one.on <= day), key=lambda one: one.on)
        if is_said(plans, reason, planned):
            return
        self._chain.restate_of_day(
            tag,
            day,
            kind,
            version=2,
            recovery=self._recovery,
            finding=self._finding,
            fund=self._fund,
            instalments=[{"due_on": None if planned is None else str(planned), "fen": left}],
            reason=reason,
            document=values.get("decision_no"),
            on=str(day),
            origin="history",
            place=self._place,
        )

    def _reason(self) -> str | None:
        """The code of 未追缴原因; a matter that is paid in parts needs no other. None when nothing says why."""
        text = str(self._values.get("outstanding_reason") or "")
        if text.strip("无—-/ "):
            return coded(_REASONS, text)
        return "instalments" if IN_PARTS in str(self._values.get("mode") or "") else None

    def _destination(self) -> str:
        """Where the money goes: as 资金去向 says, or as the way it comes says it; else back to its programme."""
        if self._before is not None:
            return self._before.destination
        text = str(self._values.get("destination") or "") or str(self._values.get("mode") or "")
        return coded(DESTINATIONS, text, "programme")

    def _came(self, movement: str) -> tuple[str, str | None, str | None]:
        """Mode, account and enrolment of what came; of what is booked those that it was booked with."""
        for one in self._booked:
            if one.movement == movement:
                return self._still(one), one.account, one.enrolment
        mode = self._mode()
        account = paid_into(self._context, self._entity, self._row, mode)
        return mode, account, self._enrolment() if mode == "offset" else None

    def _still(self, was: Any) -> str:
        """The way of a booked sum, unless the row now names another of those that money comes by."""
        way = str(self._values.get("mode") or "")
        named = {mode for word, mode in MODES.items() if word in way} & _WAYS
        return named.pop() if was.mode in _WAYS and len(named) == 1 else str(was.mode)

    def _mode(self) -> str:
        """How it came: as 追缴方式 says, wherever it is to go. What is for the treasury and names no way, or only that
        it comes in parts, was paid to the treasury itself. E_RECOVERY_MODE where money came and nothing says how.
        """
        way = str(self._values.get("mode") or "")
        if self._destination() == "treasury" and not any(word in way for word in MODES):
            return "paid_to_treasury"
        found = modes_of(way)
        if not found:
            raise RowRefusedError("追缴方式", "E_RECOVERY_MODE", total_fen=self._total)
        return found.pop()

    def _note(self, code: str, **params: Any) -> None:
        """Something that is recorded as it is written, and looked at."""
        self._proposal.notes.append(Note(self._row.place, code, params))

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
            day = self._decided()
            fields = {"to": "discipline", "organisation": "纪检监察机关", "persons": 1, "origin": "history"}
            self._chain.add(tag, day, "finding.referred", finding=self._finding, on=str(day), **fields)
        closed = values.get("closed_on")
        if isinstance(closed, date):
            self._closed_late_enough(closed)
            fields = {"closed_by": values.get("responsible") or "未填", "document": values.get("decision_no")}
            dated = None if self._is_news() else closed
            self._chain.add(
                tag, dated, "finding.closed", finding=self._finding, on=str(closed), origin="history", **fields
            )

    @property
    def _told(self) -> Need:
        return Need(f"finding:{self._finding}", ("finding.confirmed",))

    def _is_news(self) -> bool:
        """Whether the book has not this order or this sum yet: money of August is no money of the month of the end."""
        known = self._context.events(Need(f"recovery:{self._recovery}", ("recovery.ordered", "opening.recorded")))
        return not known or (self._total > self._had and not self._booked_now)

    def _closed_late_enough(self, closed: date) -> None:
        """A matter is closed when its money is there: not before the last payment, and not on a day to come."""
        today, paid = self._context.options.today, self._values.get("collected_on")
        if closed > today:
            raise RowRefusedError("销号日期", "E_FACT_IN_FUTURE", on=str(closed), today=str(today))
        if isinstance(paid, date) and self._total and closed < paid:
            self._note("W_CLOSED_BEFORE_MONEY", closed_on=str(closed), paid_on=str(paid))
