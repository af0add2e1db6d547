"""Lists of who left (退出名单): the confirmation that a household's absence from the roster is an exit.

A row names its enrolment as a roster's row does. What left already is a duplicate when the list says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import text
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.application.proposing.relief.enrolled import Enrolled
from ledger.application.proposing.relief.programmes import first_day, named_by, programme
from ledger.flows.knowledge import Need


@dataclass(frozen=True, slots=True)
class _Leaving:
    """Who left, as a row names them."""

    row: CleanRow
    number: str
    name: str
    id_number: str | None
    id_masked: str | None

    def text(self, name: str) -> str | None:
        """A field of the row as text."""
        return text(self.row.values, name)


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`enrolment.ended` for each row, programme by programme."""
    proposal = Proposal(columns={"E_PROGRAMME_CHOICE": "保障类别", "E_ENROLMENT_CHOICE": "家庭编号"})
    by_programme: dict[str, list[_Leaving]] = {}

    def sort(row: CleanRow) -> None:
        opened = programme(context, named_by(parsed, row, "category"))
        by_programme.setdefault(opened.programme, []).append(_leaving(row))

    each_row(parsed, proposal, sort)
    for name, leaving in by_programme.items():
        _Exits(parsed, context, name).propose(proposal, leaving)
    return proposal


def _leaving(row: CleanRow) -> _Leaving:
    number, masked = text(row.values, "id_number"), text(row.values, "id_number_masked")
    known = text(row.values, "household_no") or text(row.values, "certificate_no") or number or masked
    return _Leaving(row, str(known), str(row.values["name"]), number, masked)


class _Exits:
    """The rows of one programme."""

    def __init__(self, parsed: ParsedFile, context: Context, name: str) -> None:
        self._parsed, self._context, self._programme = parsed, context, name
        self._entity = context.entity("bureau")
        self._enrolled = Enrolled.read(context, name)

    def propose(self, proposal: Proposal, leaving: Sequence[_Leaving]) -> None:
        """An ending for each row whose enrolment can be told."""
        matched = self._enrolled.match(leaving)
        for one in leaving:
            found = matched[id(one)]
            if isinstance(found, str) and found not in self._enrolled.last:
                found = RowRefusedError("家庭编号", "E_EXIT_UNKNOWN", value=one.number, programme=self._programme)
            if isinstance(found, RowRefusedError):
                proposal.refuse(one.row, found.column, found.code, found.params)
                continue
            self._end(proposal, one, self._enrolled.last[found])

    def _end(self, proposal: Proposal, one: _Leaving, terms: Any) -> None:
        values = one.row.values
        decided, month = values.get("decided_on"), str(values["from_month"])
        event = self._context.event(
            "enrolment.ended",
            enrolment=terms.enrolment,
            programme=self._programme,
            household=terms.household,
            persons=list(terms.covered()),
            from_month=month,
            reason=str(values["reason_code"]),
            decided_on=None if decided is None else str(decided),
            document=one.text("document"),
            origin="history",
            place=self._context.place(self._parsed, one.row),
        )
        day = decided if isinstance(decided, date) else min(first_day(month), self._context.options.today)
        need = Need(f"enrolment:{terms.enrolment}", ("enrolment.ended",))
        proposal.add(one.row, need, self._entity, day, event, sameness="content")
