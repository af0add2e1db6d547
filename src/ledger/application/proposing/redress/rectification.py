"""The rectification ledger (问题整改台账): a problem, its plan, its progress, its acceptance, the look back."""

import re
from datetime import date
from typing import Any, Final, cast

from ledger.application.importing.kinds.oversight import state_of
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import Chain, coded, day_of
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.application.proposing.redress.looked_back import relapses
from ledger.application.proposing.redress.oversight import FOUND_BY
from ledger.application.proposing.redress.problems import UNSAID, Problems
from ledger.catalogue import Words
from ledger.flows.knowledge import Need
from ledger.flows.public_money.redress.clues import is_case
from ledger.values.dates import day_text

_PACES: Final = {"立行立改": "immediate", "分阶段": "phased", "持续": "continuing"}
_MEANS: Final = {
    "追缴": "recovered",
    "拨付": "paid_out",
    "退还": "returned_to_persons",
    "调账": "adjusted",
    "上缴": "returned_to_treasury",
    "缴国库": "returned_to_treasury",
}
_PARTS: Final = re.compile(r"[、,，;；\s]+")
_ONCE: Final = frozenset({"confirmed_by", "reply_days"})
"""What is taken over with the problem; a register that says it later does not make another problem of it."""
"""What stands between two numbers in one cell."""


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """The acts of each row, as one chain."""
    proposal = Proposal()
    entity = context.entity("bureau")
    problems = Problems(context, entity, parsed.rows)

    def one(row: CleanRow) -> None:
        problem = _Problem(parsed, context, row, entity, problems.of(row))
        known = problem.found()
        problem.grouped()
        problem.planned()
        problem.reported()
        problem.stands(proposal)
        problem.accepted()
        problem.looked_back(proposal)
        problem.chain.close(proposal, row, entity, known, _ONCE)

    each_row(parsed, proposal, one)
    return proposal


class _Problem:
    """One row."""

    def __init__(self, parsed: ParsedFile, context: Context, row: CleanRow, entity: str, finding: str) -> None:
        self._context, self._values, self._entity, self._row = context, row.values, entity, row
        self._digest = parsed.digest
        self._place = context.place(parsed, row)
        self._finding = finding
        self._day = self._first_day()
        self.chain = Chain(context)

    def _first_day(self) -> date:
        """The register gives no day for the problem itself: the day under which it stands, or its first known day."""
        before = self._context.events(Need(f"finding:{self._finding}", ("finding.confirmed",)))
        if before:
            return cast("date", before[0].on)
        known = [day for n in ("deadline_on", "accepted_on") if isinstance(day := self._values.get(n), date)]
        return min([*known, self._context.options.today])

    def _act(self, day: date, kind: str, **fields: Any) -> Need:
        """An act that stands once."""
        return self.chain.add(f"finding:{self._finding}", day, kind, finding=self._finding, on=str(day), **fields)

    def _report(self, day: date, kind: str, **fields: Any) -> None:
        """An act that comes again with other content: more cases, another look back."""
        self.chain.add_report(f"finding:{self._finding}", day, kind, finding=self._finding, on=str(day), **fields)

    def _restate(self, day: date, kind: str, **fields: Any) -> None:
        """A report of which the newest stands."""
        self.chain.restate(f"finding:{self._finding}", day, kind, finding=self._finding, on=str(day), **fields)

    def found(self) -> Need:
        """The problem: what the row is known by."""
        values = self._values
        return self._act(
            self._day,
            "finding.confirmed",
            clues=[],
            found_by=coded(FOUND_BY, values.get("origin")),
            authority=values.get("origin") or UNSAID,
            confirmed_by=list(dict.fromkeys(_several(values.get("confirmers")))),
            document=values["document"],
            category=values.get("category") or UNSAID,
            summary=values.get("problem") or "",
            unit=values.get("units"),
            persons=whole(values, "persons"),
            amount_fen=whole(values, "amount_fen"),
            reply_days=values.get("reply_days"),
            reply_waived=False,
            origin="history",
            place=self._place,
        )

    def grouped(self) -> None:
        """关联疑点编号或认定文书号: the cases that the problem takes in, those that it has not yet."""
        named = _several(self._values.get("cases"))
        before = self._context.events(Need(f"finding:{self._finding}", ("finding.cases_grouped",)))
        known = {case for event in before if event.finding == self._finding for case in event.cases}
        cases = dict.fromkeys(case for one in named for case in self._cases_of(one))
        if new := [case for case in cases if case not in known]:
            day = max([self._day, *(event.on for event in before)])
            self._report(day, "finding.cases_grouped", cases=new, place=self._place)

    def _cases_of(self, number: str) -> list[str]:
        """The findings about persons that a doubt's number or a paper names. E_CASE_NUMBER."""
        by = (f"finding:{number}", f"clue:{number}", f"document:{number}")
        needs = [Need(tag, ("finding.confirmed", "recovery.ordered")) for tag in by]
        items = [item for part in self._context.find(needs).values() for item in part if item.entity == self._entity]
        events: list[Any] = [item.event for item in items]
        found = list(dict.fromkeys(str(event.finding) for event in events if event.finding != self._finding))
        cases = [one for one in found if self._is_case(one)]
        if not cases:
            raise RowRefusedError("关联疑点编号或认定文书号", "E_CASE_NUMBER", value=number)
        return cases

    def _is_case(self, finding: str) -> bool:
        found = self._context.events(Need(f"finding:{finding}", ("finding.confirmed",)))
        return any(is_case(event) for event in found)

    def planned(self) -> None:
        """整改措施 and 时限."""
        values, due = self._values, self._values.get("deadline_on")
        if not isinstance(due, date):
            return
        self._restate(
            self._day,
            "rectification.planned",
            pace=coded(_PACES, values.get("mode"), "continuing"),
            measures=values.get("measures") or "",
            leader=values.get("leader"),
            unit=values.get("responsible_unit") or UNSAID,
            responsible=values.get("responsible") or UNSAID,
            due_on=str(due),
            origin="history",
            place=self._place,
        )

    def reported(self) -> None:
        """整改进展."""
        values = self._values
        if not values.get("progress"):
            return
        rules = values.get("rules_made")
        self._restate(
            day_of(values.get("accepted_on"), self._context),
            "rectification.reported",
            progress=values["progress"],
            rectified_fen=whole(values, "mended_fen"),
            money_means=coded(_MEANS, values.get("mended_how"), "none" if not values.get("mended_how") else "other"),
            systems=[rules] if rules else [],
            disciplined=whole(values, "punished"),
            evidence=[self._digest],
            evidence_note=values.get("evidence"),
            reporter=values.get("responsible") or UNSAID,
            place=self._place,
        )

    def stands(self, proposal: Proposal) -> None:
        """整改状态 beside the days and the money: what is not mended is not closed, or was opened again since.
        E_RECTIFICATION_STATE; what only looks odd is told.
        """
        values, row = self._values, self._row
        state, closed, accepted = str(values["state"]), values.get("closed_on"), values.get("accepted_on")
        stands = state_of(state)
        reopened = [one.on for one in self._context.events(Need(f"finding:{self._finding}", ("finding.reopened",)))]
        for column, day, barred in (("销号日期", closed, stands != "done"), ("验收日期", accepted, stands == "open")):
            if isinstance(day, date) and barred and not any(on >= day for on in reopened):
                raise RowRefusedError(column, "E_RECTIFICATION_STATE", value=day_text(day), state=state)
        if isinstance(closed, date) and isinstance(accepted, date) and closed < accepted:
            days = {"closed_on": day_text(closed), "accepted_on": day_text(accepted)}
            proposal.notes.append(Note(row.place, "W_CLOSED_BEFORE_ACCEPTED", days))
        amount, mended = values.get("amount_fen"), values.get("mended_fen")
        if stands == "done" and isinstance(amount, int) and isinstance(mended, int) and mended < amount:
            sums = {"amount_fen": amount, "mended_fen": mended}
            proposal.notes.append(Note(row.place, "W_RECTIFIED_LESS", {"state": Words(state, state), **sums}))

    def accepted(self) -> None:
        """验收 and 销号."""
        values = self._values
        day, closed = values.get("accepted_on"), values.get("closed_on")
        who = values.get("acceptor") or UNSAID
        if isinstance(day, date):
            self._once_more(day, "rectification.accepted", accepted_by=who, origin="history")
        if isinstance(closed, date):
            self._once_more(closed, "finding.closed", closed_by=who, origin="history")

    def _once_more(self, day: date, kind: str, **fields: Any) -> None:
        """An act that stands once, and once more after each reopening: what was accepted before one stays as it was."""
        tag = f"finding:{self._finding}"
        reopened = [event.on for event in self._context.events(Need(tag, ("finding.reopened",)))]
        since = max((on for on in reopened if on <= day), default=date.max)
        again = all(event.on < since for event in self._context.events(Need(tag, (kind,))))
        add = self._report if since != date.max and again else self._act
        add(day, kind, **fields)

    def looked_back(self, proposal: Proposal) -> None:
        """回头看, and that a problem whose end it contradicts is to be opened again. W_RELAPSED_CLOSED."""
        values = self._values
        day, result = values.get("look_back_on"), str(values.get("look_back_result") or "")
        if isinstance(day, date):
            relapsed = relapses(result)
            if relapsed is None:
                raise RowRefusedError("回头看结果", "E_LOOK_BACK_RESULT", value=result)
            who = values.get("acceptor") or UNSAID
            before = self._context.events(Need(f"finding:{self._finding}", ("look_back.performed",)))
            known = [one.relapsed for one in before if (one.on, one.note) == (day, result or None)]
            told = known[0] if known else int(relapsed)  # older releases read some of these words otherwise
            fields = {"performed_by": who, "sample": 1, "relapsed": told, "note": result or None}
            self._report(day, "look_back.performed", **fields)
            if told and (ended := self._ended()) is not None and not self._reopened_since(min(day, ended)):
                days = {"on": day_text(day), "closed_on": day_text(ended)}
                proposal.notes.append(Note(self._row.place, "W_RELAPSED_CLOSED", days))

    def _ended(self) -> date | None:
        """The day of its end, in the book or in this row."""
        before = self._context.events(Need(f"finding:{self._finding}", ("finding.closed",)))
        said = self._values.get("closed_on")
        return said if isinstance(said, date) else max((one.on for one in before), default=None)

    def _reopened_since(self, day: date) -> bool:
        """Whether it was opened again on a day or after it."""
        reopened = self._context.events(Need(f"finding:{self._finding}", ("finding.reopened",)))
        return any(one.on >= day for one in reopened)


def _several(text: Any) -> list[str]:
    """The parts of a cell that names several."""
    return [one for one in _PARTS.split(str(text or "")) if one]
