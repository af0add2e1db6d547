"""Results of a batch (代发回盘): what the bank says became of each line.

One line of the bank may pay several components of one household; what was authorised tells how it splits. Results wait
for their roster, without which nobody knows whom and how many a line was for; where there never was one, the user says
so and the line is recorded as it is. Money that comes back weeks after a success is a late return.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import text, whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, each_row
from ledger.application.proposing.relief.payee_names import other_holders, unknown_codes
from ledger.application.proposing.relief.programmes import enrolments_of, first_day, of_batch_no
from ledger.application.proposing.relief.result_parts import parts_of
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import PAYMENT, RESULTS

_BANK: Final = "代发银行"
_RETURNS: Final = RESULTS[1:]


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`subsidy.paid` or `subsidy.returned` for every line, and the result file itself."""
    results = _Results(parsed, context)
    results.read()
    return results.proposal


class _Results:
    """One result file."""

    def __init__(self, parsed: ParsedFile, context: Context) -> None:
        self._parsed, self._context = parsed, context
        self._entity = context.entity("bureau")
        self.proposal = Proposal(columns={"E_PROGRAMME_CHOICE": "批次号", "E_FACT_IN_FUTURE": "处理日期"})
        self._batches: dict[int, tuple[Any, str, str]] = {}
        """Row -> (programme, month, batch)."""
        self._rosters: dict[str, bool] = {}

    def read(self) -> None:
        """Find each row's batch and household, then propose."""
        each_row(self._parsed, self.proposal, self._place)
        rows = [row for row in self._parsed.rows if id(row) in self._batches]
        named = [(text(row.values, "remark"), text(row.values, "id_number")) for row in rows]
        programmes = [self._batches[id(row)][0].programme for row in rows]
        lines = self._lines_of({self._batches[id(row)][2] for row in rows})
        listed = {enrolment for _, enrolment in lines}
        found = enrolments_of(self._context, [(p, *who) for p, who in zip(programmes, named, strict=True)], listed)
        enrolments = {id(row): enrolment for row, enrolment in zip(rows, found, strict=True)}

        def one(row: CleanRow) -> None:
            if id(row) in enrolments:
                enrolment, batch = enrolments[id(row)], self._batches[id(row)][2]
                self._line(row, enrolment, lines.get((batch, enrolment), ()))

        each_row(self._parsed, self.proposal, one)
        self.proposal.notes += other_holders(self._context, [(row, enrolments[id(row)]) for row in rows])
        self.proposal.notes += unknown_codes(rows)
        for batch in sorted({b for row in rows if self._has_roster(b := self._batches[id(row)][2])}):
            self._file(batch, [row for row in rows if self._batches[id(row)][2] == batch])

    def _lines_of(self, batches: Iterable[str]) -> Mapping[tuple[str, str], Sequence[Event]]:
        """(batch, enrolment) -> what was authorised, kept back, paid and returned."""
        found: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
        for batch in sorted(batches):
            for event in self._context.events(Need(f"batch:{batch}", PAYMENT)):
                if event.batch == batch:
                    found[batch, event.enrolment].append(event)
        return found

    def _place(self, row: CleanRow) -> None:
        if not (row.values.get("remark") or row.values.get("id_number")):
            raise RowRefusedError("备注", "E_CELL_MISSING")
        place = of_batch_no(self._context, str(row.values.get("batch_no") or ""))
        if not self._has_roster(place[2]) and not self._context.options.without_roster:
            raise RowRefusedError("批次号", "E_RESULT_BEFORE_ROSTER", value=row.values.get("batch_no") or place[2])
        self._batches[id(row)] = place

    def _has_roster(self, batch: str) -> bool:
        if batch not in self._rosters:
            self._rosters[batch] = bool(self._context.events(Need(f"batch:{batch}", ("batch.prepared",))))
        return self._rosters[batch]

    def _line(self, row: CleanRow, enrolment: str, known: Sequence[Event]) -> None:
        values, (opened, month, batch) = row.values, self._batches[id(row)]
        if values["outcome"] == "pending":
            self.proposal.noted += 1
            return
        day = values.get("processed_on")
        day = day if isinstance(day, date) else first_day(month)
        parts = parts_of(self._context, known, whole(values, "amount_fen"), (enrolment, month, batch))
        common = {"enrolment": enrolment, "programme": opened.programme, "fund": opened.fund, "batch": batch}
        common |= {"occurred_on": day.isoformat(), "result_ref": values.get("bank_serial")}
        if values["outcome"] == "paid":
            events = [self._context.event("subsidy.paid", **common, **part, origin="decision") for part in parts]
        else:
            common |= {"code": values.get("fail_class") or "OTHER", "reason_text": values.get("fail_reason")}
            events = [self._returned(known, day, common, part) for part in parts]
        need = Need(f"payment:{parts[0]['payment']}", RESULTS[:1] if values["outcome"] == "paid" else _RETURNS)
        item = Proposed(row.place, need, tuple(events), self._entity, day)
        self.proposal.items.append(replace(item, among=lambda event: getattr(event, "occurred_on", None) == day))

    def _returned(self, known: Sequence[Event], day: date, common: Mapping[str, Any], part: Mapping[str, Any]) -> Event:
        """A line that failed; one that stood paid came back, and late when its payment was reported on another day."""
        fields = {**common, "payment": part["payment"], "amount_fen": part["amount_fen"]}
        mine = [event for event in known if getattr(event, "payment", "") == part["payment"]]
        earlier = [event for event in mine if event.kind in RESULTS and getattr(event, "occurred_on", day) <= day]
        same = [event for event in earlier if event.kind in _RETURNS and getattr(event, "occurred_on", None) == day]
        paid = [event for event in earlier if event.kind == "subsidy.paid"]
        came_back = [e for e in earlier if e not in same and (e.kind == _RETURNS[1] or getattr(e, "was_paid", False))]
        if len(paid) <= len(came_back):
            return self._context.event("subsidy.returned", **fields, was_paid=False)
        if getattr(paid[-1], "occurred_on", day) < day:
            return self._context.event("subsidy.returned_late", **fields)
        return self._context.event("subsidy.returned", **fields, was_paid=True)

    def _file(self, batch: str, rows: Sequence[CleanRow]) -> None:
        sums: dict[str, list[int]] = {"paid": [], "failed": [], "pending": []}
        for row in rows:
            sums[str(row.values["outcome"])].append(whole(row.values, "amount_fen"))
        days = [day for row in rows if isinstance(day := row.values.get("processed_on"), date)]
        day = max(days, default=self._context.options.today)
        event = self._context.event(
            "batch.result_imported",
            batch=batch,
            **{f"{name}_count": len(amounts) for name, amounts in sums.items()},
            **{f"{name}_fen": sum(amounts) for name, amounts in sums.items()},
            occurred_on=day.isoformat(),
            source=self._context.source(self._parsed, _BANK),
        )
        known = Need(f"batch:{batch}", ("batch.result_imported",))
        latest = next((row for row in rows if row.values.get("processed_on") == day), rows[0])
        self.proposal.add_of_file(latest.place, known, self._entity, day, event, sameness="content")
        # Before its rows: an import that is cut off after them would find nothing new in the file, and leave this out.
        self.proposal.items.insert(0, self.proposal.items.pop())
