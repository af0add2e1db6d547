"""Results of a batch (代发回盘): what the bank says became of each line.

One line of the bank may pay several components of one household; what was authorised tells how it splits. Results wait
for their roster, without which nobody knows whom and how many a line was for; where there never was one, the user says
so and the line is recorded as it is. Money that comes back weeks after a success is a late return, whichever of the
two is read first: what the days say counts, and not the order in which files arrive or rows stand.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any, Final, cast

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import hidden, text, whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, attempt, each_row
from ledger.application.proposing.relief.paying import bereaved
from ledger.application.proposing.relief.paying.pay_files import paying_bank
from ledger.application.proposing.relief.paying.payee_names import other_holders, unknown_codes
from ledger.application.proposing.relief.paying.result_parts import For, parts_of, terms_in
from ledger.application.proposing.relief.programmes import (
    Named,
    enrolments_of,
    first_day,
    of_batch_no,
    person_ref,
)
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import PAYMENT, RESULTS
from ledger.flows.public_money.payment.payments import SubsidyPaid, SubsidyReturned, SubsidyReturnedLate
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised, SubsidyOffset

_RETURNS: Final = RESULTS[1:]
_LINE_NO: Final = "序号"
_Return = SubsidyReturned | SubsidyReturnedLate


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
        self._stories: dict[str, _Story] = {}
        self._taken: defaultdict[tuple[str, str, date], set[str]] = defaultdict(set)
        """(batch, enrolment, day) -> the payments that lines of the file told of already."""
        self._several: set[tuple[str, str]] = set()
        """(enrolment, batch) of which several lines failed."""
        self._terms: Mapping[str, Any] = {}
        """Enrolment -> its terms, of those whose month the batch does not pay."""

    def read(self) -> None:
        """Find each row's batch and household, then propose."""
        each_row(self._parsed, self.proposal, self._place)
        rows = [row for row in self._parsed.rows if id(row) in self._batches]
        named = [Named.of(self._batches[id(row)][0].programme, row) for row in rows]
        lines = self._lines_of({self._batches[id(row)][2] for row in rows})
        listed = {enrolment for _, enrolment in lines}
        found = enrolments_of(self._context, named, listed)
        enrolments = {id(row): enrolment for row, enrolment in zip(rows, found, strict=True)}
        failed = Counter((of, self._batches[id(row)][2]) for row, of in zip(rows, found, strict=True) if _fails(row))
        self._several = {key for key, count in failed.items() if count > 1}
        bare = [(name, self._batches[id(row)]) for row, name in zip(rows, found, strict=True)]
        bare = [(name, at) for name, at in bare if not _has_month(lines.get((at[2], name), ()))]
        self._terms = terms_in(self._context, {name: at[1] for name, at in bare})

        def one(row: CleanRow) -> None:
            if id(row) in enrolments:
                enrolment, batch = enrolments[id(row)], self._batches[id(row)][2]
                self._line(row, enrolment, lines.get((batch, enrolment), ()))

        for row in sorted(self._parsed.rows, key=self._day):
            attempt(row, self.proposal, one)
        named_rows = [(row, enrolments[id(row)]) for row in rows]
        self.proposal.notes += other_holders(self._context, named_rows, self._persons_of(lines))
        self.proposal.notes += unknown_codes(rows)
        self.proposal.notes += self._to_the_dead(rows, enrolments)
        for batch in sorted({b for row in rows if self._has_roster(b := self._batches[id(row)][2])}):
            self._file(batch, [row for row in rows if self._batches[id(row)][2] == batch])

    def _persons_of(self, lines: Mapping[tuple[str, str], Sequence[Event]]) -> Mapping[str, set[str]]:
        """Enrolment -> whom its authorised lines are for, of programmes that pay persons; a household's line names
        members as well, who are not its payees.
        """
        single = {one.programme for one in self._context.facts("programme.opened") if one.unit == "person"}
        found: defaultdict[str, set[str]] = defaultdict(set)
        for (_, enrolment), events in lines.items():
            for event in events:
                if isinstance(event, SubsidyAuthorised) and event.programme in single:
                    found[enrolment].update(event.subjects)
        return found

    def _to_the_dead(self, rows: Sequence[CleanRow], enrolments: Mapping[int, str]) -> list[Note]:
        dead = bereaved.reported(self._context)
        theirs = {name for mine in dead.values() for name in mine}
        terms = bereaved.terms_of(self._context, theirs.intersection(enrolments.values()))
        known = [(row, terms[name]) for row in rows if (name := enrolments[id(row)]) in terms]
        shown = [(row, str(row.values["name"]), self._batches[id(row)][1], term, term.person) for row, term in known]
        return bereaved.of_rows(self._context, shown, dead)

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

    def _day(self, row: CleanRow) -> date:
        """The day of a row's result; the first of the batch's month where the bank gives none."""
        day = row.values.get("processed_on")
        placed = self._batches.get(id(row))
        return day if isinstance(day, date) else date.max if placed is None else first_day(placed[1])

    def _has_roster(self, batch: str) -> bool:
        if batch not in self._rosters:
            self._rosters[batch] = bool(self._context.events(Need(f"batch:{batch}", ("batch.prepared",))))
        return self._rosters[batch]

    def _line(self, row: CleanRow, enrolment: str, known: Sequence[Event]) -> None:
        values, (opened, month, batch) = row.values, self._batches[id(row)]
        if values["outcome"] == "pending":
            self.proposal.noted += 1
            return
        day = self._day(row)
        number = text(values, "id_number") if opened.unit == "person" else None
        person = person_ref(self._context, number, None) if number else None
        of = For(enrolment, month, batch, person, self._terms.get(enrolment))
        own = self._taken[batch, enrolment, day]
        ref = self._ref(row, enrolment, batch)
        others = {str(getattr(one, "payment", "")) for one in known if _is_other(one, day, ref)}
        parts = parts_of(self._context, known, whole(values, "amount_fen"), of, own | others)
        own.update(str(part["payment"]) for part in parts)
        stories = [self._story(known, str(part["payment"])) for part in parts]
        common = {"enrolment": enrolment, "programme": opened.programme, "fund": opened.fund, "batch": batch}
        common |= {"occurred_on": day.isoformat(), "result_ref": ref}
        need = Need(f"payment:{parts[0]['payment']}", RESULTS[:1] if values["outcome"] == "paid" else _RETURNS)
        events: list[Event]
        if values["outcome"] == "paid":
            each = list(zip(stories, parts, strict=True))
            counted = [{**part, "households": story.counts(day, part["households"])} for story, part in each]
            events = [self._context.event("subsidy.paid", **common, **part, origin="decision") for part in counted]
            stood = [story.take_paid(day, str(part["payment"]), part["amount_fen"]) for story, part in each]
        else:
            common |= {"code": values.get("fail_class") or "OTHER", "reason_text": hidden(values, "fail_reason")}
            returned = zip(stories, parts, strict=True)
            events, stood = [self._returned(story, day, common, part) for story, part in returned], []
        item = Proposed(row.place, need, tuple(events), self._entity, day)
        item = replace(item, among=lambda event: getattr(event, "occurred_on", None) == day, several=True)
        back = [self._back(row, one) for story in stories for one in story.take_back()]
        if back and any(stood):
            # One voucher, for each without the other would leave the line paid twice, or not at all.
            lates = [event for one in back for event in one.events]
            day_of_all = max(day, *(one.day for one in back))
            item, back = replace(item, events=(*lates, *events), day=day_of_all, sameness="row"), []
        self.proposal.items += [item, *back]

    def _ref(self, row: CleanRow, enrolment: str, batch: str) -> str | None:
        """What tells a line from others of its household: the bank's serial number, else, of what failed, the number
        of the line in its file, for the bank seldom gives a serial of what it did not pay.
        """
        serial, number = text(row.values, "bank_serial"), text(row.values, "seq")
        numbered = number and _fails(row) and (enrolment, batch) in self._several
        return serial or (f"{_LINE_NO}{number}" if numbered else None)

    def _story(self, known: Sequence[Event], payment: str) -> "_Story":
        if payment not in self._stories:
            self._stories[payment] = _Story(event for event in known if getattr(event, "payment", "") == payment)
        return self._stories[payment]

    def _returned(self, story: "_Story", day: date, common: Mapping[str, Any], part: Mapping[str, Any]) -> Event:
        """A line that failed; one that stood paid came back, and late when its payment was reported on another day. A
        return that the book has is told as it has it.
        """
        fields = {**common, "payment": part["payment"], "amount_fen": part["amount_fen"]}
        known = story.failure(day)
        if known is not None and _LINE_NO in {str(known.result_ref)[:2], str(common["result_ref"])[:2]}:
            fields["result_ref"] = known.result_ref
        if isinstance(known, SubsidyReturnedLate):
            return self._context.event("subsidy.returned_late", **fields)
        was_paid = False if known is None else known.was_paid
        event: Any = self._context.event("subsidy.returned", **fields, was_paid=was_paid)
        if known is None and (paid_on := story.take_failed(event)) is not None:
            late = paid_on < day
            kind, more = ("subsidy.returned_late", {}) if late else ("subsidy.returned", {"was_paid": True})
            event = self._context.event(kind, **fields, **more)
        return cast("Event", event)

    def _back(self, row: CleanRow, failure: "_Return") -> Proposed:
        """What the book took for a line that never left, as the money that came back that it proves to be."""
        said = failure.model_dump(mode="json", exclude={"id", "kind", "version", "was_paid"})
        event = self._context.event("subsidy.returned_late", **said)
        day = failure.occurred_on
        item = Proposed(row.place, Need(f"payment:{failure.payment}", _RETURNS[1:]), (event,), self._entity, day)
        return replace(item, bearing="beside", among=lambda one: getattr(one, "occurred_on", None) == day, several=True)

    def _file(self, batch: str, rows: Sequence[CleanRow]) -> None:
        sums: dict[str, list[int]] = {"paid": [], "failed": [], "pending": []}
        again = {one.place for one in self._parsed.duplicates}
        for row in (row for row in rows if row.place not in again):
            sums[str(row.values["outcome"])].append(whole(row.values, "amount_fen"))
        days = [day for row in rows if isinstance(day := row.values.get("processed_on"), date)]
        day = max(days, default=self._context.options.today)
        event = self._context.event(
            "batch.result_imported",
            batch=batch,
            **{f"{name}_count": len(amounts) for name, amounts in sums.items()},
            **{f"{name}_fen": sum(amounts) for name, amounts in sums.items()},
            occurred_on=day.isoformat(),
            source=self._context.source(self._parsed, paying_bank(self._context, self._parsed, rows)),
        )
        known = Need(f"batch:{batch}", ("batch.result_imported",))
        latest = next((row for row in rows if row.values.get("processed_on") == day), rows[0])
        self.proposal.add_of_file(latest.place, known, self._entity, day, event, sameness="content")
        # Before its rows: an import that is cut off after them would find nothing new in the file, and leave this out.
        self.proposal.items.insert(0, self.proposal.items.pop())


def _fails(row: CleanRow) -> bool:
    return row.values["outcome"] == "failed"


def _is_other(event: Any, day: date, ref: object) -> bool:
    """Whether an event is what another line of the bank told of the same day."""
    return event.kind in RESULTS and event.occurred_on == day and event.result_ref not in {None, ref}


def _has_month(events: Iterable[Event]) -> bool:
    return any(getattr(event, "component", "") == "normal" for event in events)


class _Story:
    """What the results of all files tell of one payment. A return sends back what stood paid on its day; `_back` are
    the days of those that the book has as such. Results of one day happened in the order in which they were read.
    """

    def __init__(self, known: Iterable[Event]) -> None:
        self._told: dict[tuple[date, bool], _Return | None] = {}
        """(day, whether it was a success) -> what was recorded of a return."""
        self._back: list[date] = []
        self._paid = 0
        self._due = 0
        self._fen: dict[date, int] = {}
        """Day of a success -> what it credited."""
        self._counted: dict[date, int] = {}
        """Day of a success that the book has -> the households that it counted."""
        for event in known:
            if isinstance(event, SubsidyAuthorised):
                self._due = event.amount_fen
            elif isinstance(event, SubsidyOffset):
                self._due -= event.amount_fen
            elif isinstance(event, SubsidyPaid):
                self._told.setdefault((event.occurred_on, True), None)
                self._fen[event.occurred_on] = event.amount_fen
                self._counted[event.occurred_on] = event.households
                self._paid += self._paid <= len(self._back)
            elif isinstance(event, SubsidyReturned | SubsidyReturnedLate):
                self._take(event)

    def _take(self, event: _Return) -> None:
        self._told.setdefault((event.occurred_on, False), event)
        if isinstance(event, SubsidyReturnedLate) or event.was_paid:
            self._back.append(event.occurred_on)

    def failure(self, day: date) -> _Return | None:
        """What is known of a return of a day."""
        return self._told.get((day, False))

    def counts(self, day: date, households: int) -> int:
        """The households that a success of a day counts: none where it pays the rest of what another one paid."""
        return self._counted.get(day, households if not self._beside(day) else 0)

    def _beside(self, day: date) -> list[date]:
        """The days of the successes between which and a day nothing came back."""
        told = self._told if (day, True) in self._told else [*self._told, (day, True)]
        order = sorted(told, key=lambda one: one[0])
        runs = [[other for other, _ in run] for success, run in groupby(order, key=lambda one: one[1]) if success]
        return next([other for other in run if other != day] for run in runs if day in run)

    def take_paid(self, day: date, payment: str, fen: int) -> bool:
        """Take a success; answers whether the line stands paid already, so that what sent that back comes first.
        E_PAID_TWICE where no return lies between it and another success, unless it pays the rest of what was due.
        """
        if (day, True) in self._told:
            return False
        stands = self._paid > len(self._back)
        beside = self._beside(day)
        if beside and sum(self._fen[one] for one in beside) + fen > self._due:
            raise RowRefusedError("处理结果", "E_PAID_TWICE", payment=payment)
        self._told[day, True] = None
        self._fen[day] = fen
        if beside:
            return False
        self._paid += 1
        return stands

    def take_failed(self, event: _Return) -> date | None:
        """Take a return; answers the day of the success that it sends back, None when there was none to send back."""
        self._take(event)
        paid_on = self._sent_back().get(event.occurred_on)
        if paid_on is None or len(self._sent_back()) <= len(self._back):
            return None
        self._back.append(event.occurred_on)
        return paid_on

    def take_back(self) -> list[_Return]:
        """The returns that the book lacks as money that came back; they are taken as such."""
        due = self._sent_back()
        lacking = [day for day in due if day not in self._back][: max(0, len(due) - len(self._back))]
        self._back += lacking
        return [one for day in lacking if (one := self.failure(day)) is not None]

    def _sent_back(self) -> dict[date, date]:
        """Day of a return -> day of the success that it sent back."""
        found: dict[date, date] = {}
        paid_on: date | None = None
        for day, success in sorted(self._told, key=lambda one: one[0]):
            if not success and paid_on is not None:
                found[day] = paid_on
            paid_on = (paid_on or day) if success else None
        return found
