"""Results of a batch (代发回盘): what the bank says became of each line.

One line of the bank may pay several components of one household; what was authorised tells how it splits. Results wait
for their roster, without which nobody knows whom and how many a line was for; where there never was one, the user says
so and the line is recorded as it is. Money that comes back weeks after a success is a late return, whichever of the
two is read first: what the days say counts, and not the order in which files arrive or rows stand.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final, cast

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, Place
from ledger.application.proposing.cells import hidden, text, whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, attempt, each_row
from ledger.application.proposing.relief.paying import bereaved
from ledger.application.proposing.relief.paying.meant import Line
from ledger.application.proposing.relief.paying.pay_files import paying_bank
from ledger.application.proposing.relief.paying.payee_names import other_holders, unknown_codes
from ledger.application.proposing.relief.paying.result_parts import For, may_be_of_another, parts_of, terms_in
from ledger.application.proposing.relief.paying.stories import Claimed, Result, Return, Story
from ledger.application.proposing.relief.programmes import (
    Named,
    enrolments_of,
    first_day,
    of_batch_no,
    person_ref,
)
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import PAID, PAYMENT, RESULTS, RETURNED, RETURNED_LATE
from ledger.flows.public_money.payment.payments import SubsidyPaid, SubsidyReturnedLate
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised
from ledger.flows.public_money.payment.tellings import LINE_NO, as_told, had_left

_SERIAL: Final = "银行流水号"
"""The column that tells lines of one sum apart."""


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
        self._stories: dict[str, Story] = {}
        self._told: defaultdict[tuple[str, str, date, bool], set[str]] = defaultdict(set)
        """(batch, enrolment, day, whether it was a success) -> the payments that lines of the file told of already."""
        self._claimed: set[str] = set()
        """The events of the book that lines of the file tell again."""
        self._numbers: dict[Place, str] = {}
        """Row -> what tells it from other rows of the file that may be the same line: its number, else its place."""
        self._first = {one.place: one.of for one in parsed.duplicates}
        """Row that stands in the file again -> the row that it repeats."""
        self._parts: dict[Place, list[dict[str, Any]]] = {}
        self._several: set[tuple[str, str]] = set()
        """(enrolment, batch) of which several lines failed."""
        self._unsure: set[Place] = set()
        """Rows that were proposed before another one told the same, and nothing says that they are two."""
        self._came_back: list[tuple[Place, Return]] = []
        """What is booked as money that came back, and the row that tells of it."""
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
        self.proposal.items = [item for item in self.proposal.items if item.place not in self._unsure]
        self.proposal.notes += self._undecided(lines)
        named_rows = [(row, enrolments[id(row)]) for row in rows]
        self.proposal.notes += other_holders(self._context, named_rows, self._persons_of(lines))
        self.proposal.notes += unknown_codes(rows)
        self.proposal.notes += self._to_the_dead(rows, enrolments)
        for batch in sorted({b for row in rows if self._has_roster(b := self._batches[id(row)][2])}):
            self._file(batch, [row for row in rows if self._batches[id(row)][2] == batch])

    def _undecided(self, lines: Mapping[tuple[str, str], Sequence[Event]]) -> list[Note]:
        """Remarks on what was taken for money that came back, and may be another line of the household that failed once
        more: a line says an amount, and not which of two that come to the same.
        """
        found = []
        wrong = {one.place for one in self.proposal.wrong}
        for place, one in self._came_back:
            if place in wrong:
                continue
            known = lines.get((one.batch, one.enrolment), ())
            if may_be_of_another(known, one, partial(self._story, known)):
                told = {"batch": one.batch, "on": one.occurred_on.isoformat(), "amount_fen": one.amount_fen}
                found.append(Note(place, "W_RETURN_EITHER", told))
        return found

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
        ref, paid = self._ref(row, enrolment, batch), values["outcome"] == "paid"
        told = [self._told[batch, enrolment, day, success] for success in (paid, not paid)]
        others = {str(getattr(one, "payment", "")) for one in known if _is_other(one, day, ref)}
        taken, story_of = others.union(*told), partial(self._story, known)
        line = Line(whole(values, "amount_fen"), day, paid, ref, self._claimed, taken, story_of)
        first = self._first.get(row.place, row.place)
        parts = self._parts.get(first) or parts_of(self._context, known, line, of)
        self._parts[first] = parts
        told[0].update(str(part["payment"]) for part in parts)
        each = [(self._story(known, str(part["payment"])), part, line.of(part["amount_fen"])) for part in parts]
        number = self._numbers.setdefault(first, text(values, "seq") or f"{first.sheet}/{first.row}")
        claims = [(part, story.claim(result, number, row)) for story, part, result in each]
        self._require_apart(claims, paid=paid)
        again = [{event.id for event in claimed.events} for _, claimed in claims]
        self._claimed.update(*again)
        common = {"enrolment": enrolment, "programme": opened.programme, "fund": opened.fund, "batch": batch}
        common |= {"occurred_on": day.isoformat()}
        need = Need(f"payment:{parts[0]['payment']}", PAID if paid else RETURNED)
        events: list[SubsidyPaid | Return] = []
        stood: list[bool] = []
        if paid:
            for story, part, result in each:
                credit = self._paid(story, common, part, result)
                stood.append(story.take_paid(credit, number, row))
                events.append(credit)
        else:
            common |= {"code": values.get("fail_class") or "OTHER", "reason_text": hidden(values, "fail_reason")}
            for story, part, result in each:
                is_new = story.failure(result) is None
                back_now = self._returned(story, common, part, result, (number, row))
                self._came_back += [(row.place, back_now)] if is_new and had_left(back_now) else []
                events.append(back_now)
        item = Proposed(row.place, need, tuple(events), self._entity, day)
        item = replace(item, among=_telling(events[0], again[0]), several=True)
        back = [self._back(row, one) for story, _, _ in each for one in story.take_back()]
        if back and any(stood):
            # One voucher, for each without the other would leave the line paid twice, or not at all.
            lates = [event for one in back for event in one.events]
            day_of_all = max(day, *(one.day for one in back))
            item, back = replace(item, events=(*lates, *events), day=day_of_all, sameness="row"), []
        self.proposal.items += [item, *back]

    def _require_apart(self, claims: Iterable[tuple[Mapping[str, Any], Claimed]], *, paid: bool) -> None:
        """A refusal where another row of the file told the same of a payment and nothing says that they are two; of
        that row as well where it has no number of the bank, for then the book could not know the other one either.
        """
        code = "E_PAID_TWICE" if paid else "E_RETURN_TWICE"
        for part, claimed in claims:
            told = {"payment": str(part["payment"])}
            for other in claimed.others if claimed.is_bare else ():
                if other.place not in self._unsure:
                    self._unsure.add(other.place)
                    self.proposal.refuse(other, _SERIAL, code, told)
            if claimed.others:
                raise RowRefusedError(_SERIAL, code, **told)

    def _ref(self, row: CleanRow, enrolment: str, batch: str) -> str | None:
        """What tells a line from others of its household: the bank's serial number, else, of what failed, the number
        of the line in its file, for the bank seldom gives a serial of what it did not pay.
        """
        serial, number = text(row.values, "bank_serial"), text(row.values, "seq")
        numbered = number and _fails(row) and (enrolment, batch) in self._several
        return serial or (f"{LINE_NO}{number}" if numbered else None)

    def _story(self, known: Sequence[Event], payment: str) -> Story:
        if payment not in self._stories:
            self._stories[payment] = Story(event for event in known if getattr(event, "payment", "") == payment)
        return self._stories[payment]

    def _paid(self, story: Story, common: Mapping[str, Any], part: Mapping[str, Any], result: Result) -> SubsidyPaid:
        """A line that was paid."""
        counted = {**part, "households": story.counts(result, part["households"])}
        fields = {**common, **counted, "result_ref": story.ref(result), "origin": "decision"}
        return cast("SubsidyPaid", self._context.event("subsidy.paid", **fields))

    def _returned(
        self,
        story: Story,
        common: Mapping[str, Any],
        part: Mapping[str, Any],
        result: Result,
        told_by: tuple[str, CleanRow],
    ) -> Return:
        """A line that failed; one that stood paid came back, and late when its payment was reported on another day. A
        return that the book has is told as it has it.
        """
        fields = {**common, "payment": part["payment"], "amount_fen": part["amount_fen"]}
        fields["result_ref"] = story.ref(result)
        known = story.failure(result)
        if isinstance(known, SubsidyReturnedLate):
            return cast("Return", self._context.event("subsidy.returned_late", **fields))
        was_paid = False if known is None else known.was_paid
        event: Any = self._context.event("subsidy.returned", **fields, was_paid=was_paid)
        if known is None and (paid_on := story.take_failed(event, *told_by)) is not None:
            late = paid_on < result.day
            kind, more = ("subsidy.returned_late", {}) if late else ("subsidy.returned", {"was_paid": True})
            event = self._context.event(kind, **fields, **more)
            story.tell_last(event)
        return cast("Return", event)

    def _back(self, row: CleanRow, failure: Return) -> Proposed:
        """What the book took for a line that never left, as the money that came back that it proves to be."""
        said = failure.model_dump(mode="json", exclude={"id", "kind", "version", "was_paid"})
        event: Any = self._context.event("subsidy.returned_late", **said)
        self._came_back.append((row.place, event))
        day = failure.occurred_on
        item = Proposed(row.place, Need(f"payment:{failure.payment}", RETURNED_LATE), (event,), self._entity, day)
        return replace(item, bearing="beside", among=_telling(event, ()), several=True)

    def _file(self, batch: str, rows: Sequence[CleanRow]) -> None:
        sums: dict[str, list[int]] = {"paid": [], "failed": [], "pending": []}
        for row in (row for row in rows if row.place not in self._first):
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


def _telling(event: SubsidyPaid | Return, again: Collection[str]) -> Callable[[Event], bool]:
    """Which results of a payment are the one that a row tells: those of the book that it tells `again`, or what says
    the same of its day.
    """
    day, said = event.occurred_on, as_told(event)

    def is_it(one: Any) -> bool:
        return one.id in again or (getattr(one, "occurred_on", None) == day and as_told(one) == said)

    return is_it


def _is_other(event: Any, day: date, ref: object) -> bool:
    """Whether an event is what another line of the bank told of the same day."""
    return event.kind in RESULTS and event.occurred_on == day and event.result_ref not in {None, ref}


def _has_month(events: Iterable[Event]) -> bool:
    return any(getattr(event, "component", "") == "normal" for event in events)
