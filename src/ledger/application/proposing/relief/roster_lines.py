"""A batch's lines from its roster: what each row may be paid, what is kept back, and the promise of the whole.

A row that a gate refuses is taken out of the batch with the rule that refused it, so that the others go on and the
total is restated (剔除清单).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError
from ledger.application.proposing.relief.beside_normal import Beside, Claim, Share, rise, shares
from ledger.application.proposing.relief.paying import anew
from ledger.application.proposing.relief.paying.remarks import UNSAID, Remarks
from ledger.application.proposing.relief.paying.sources import Promises, Quotas, Sources
from ledger.application.proposing.relief.programmes import first_day, payment_id
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.payment.batches import LINES
from ledger.values.dates import Period

_OF_TERMS: Final = "E_MONTHLY_SUM"
"""Refuses the household's terms themselves: they are wrong by form, and only that the line is out is recorded."""
_TAKES_OUT: Final = frozenset(
    {
        "E_DUE_TWICE",
        "E_ARREARS_TWICE",
        "E_SUBSIDY_AMOUNT",
        "E_PAID_ABOVE_STANDARD",
        "E_PAYEE_DEAD",
        "E_EXCLUSIVE_BENEFIT",
        "E_DIFFERENCE_EXCEEDED",
        _OF_TERMS,
    }
)
"""Refusals that say something of the household; any other says that the batch or the roster is not ready."""


class BatchLines:
    """The lines of one batch, and those that it has already."""

    def __init__(
        self, context: Context, entity: str, opened: Any, month: str, batch: str, promised: Promises | None = None
    ) -> None:
        self._sources = Sources(context, entity, opened, {} if promised is None else promised)
        self._context, self._entity, self._programme = context, entity, opened
        self._month, self.batch, self._day = month, batch, first_day(month)
        self.remarks: Final = Remarks(month)
        self.need = Need(f"batch:{batch}", ("batch.prepared",))
        """The act that the lines rest on."""
        prepared = context.find([self.need])[self.need]
        self._before = prepared[-1] if prepared else None
        self._prepared: Any = None if self._before is None else self._before.event
        of_lines = Need(f"batch:{batch}", LINES)
        found = [one for one in context.find([of_lines])[of_lines] if getattr(one.event, "batch", None) == batch]
        self._lines: list[Any] = [one.event for one in found]
        self._taken_out = [one for one in found if one.event.kind == "batch.line_excluded" and anew.is_recorded(one)]
        self._lines_beside: dict[str, list[Any]] = {}
        for one in self._lines:
            if one.kind == "subsidy.authorised" and one.component != "normal":
                self._lines_beside.setdefault(one.enrolment, []).append(one)
        self._listed, self._kept_back = _nets(self._lines), _kept_back(self._lines)
        self._out = _still_out(self._lines)
        self._restates = False
        self._cut_off: frozenset[str] = frozenset()
        self._lacks = 0
        self._again: list[str] = []
        """The payments that came back and that lines of this list make good."""
        others = context.events(Need(f"programme:{opened.programme}", ("batch.prepared",)))
        self.is_first = all(event.batch == batch for event in others)
        """Whether the programme has no other batch."""
        self._newest = max((event.month for event in others), default="")
        self._oldest = min((event.month for event in others), default=month)
        before = (event.month for event in others if event.month < month)
        self.last_month = max(before, default=str(Period.parse(month).previous()))
        """The month of the last roster before this one; the month before where no roster was read."""

    @property
    def old(self) -> bool:
        """Whether a later month's roster was read already: what is enrolled now says nothing about this month."""
        return self._month < self._newest

    def refuse_old(self, file: str) -> None:
        """E_ROSTER_OLD: rosters are read in the order of their months; one that was read may be read again."""
        if self.old and self._prepared is None:
            raise InputError("E_ROSTER_OLD", file=file, month=self._month, newest=self._newest)

    @property
    def tiers(self) -> list[int]:
        """Amounts a head that the county pays by, of the programme's categories."""
        mine = [one for one in self._context.facts("standard.set") if one.programme == self._programme.programme]
        return sorted({fen for one in mine for fen in one.tiers_fen})

    @property
    def standards(self) -> dict[str, int]:
        """Category -> the standard in force in the month, which a roster need not state."""
        mine = [one for one in self._context.facts("standard.set") if one.programme == self._programme.programme]
        known = [one for one in mine if one.effective_from <= self._month]
        return {str(one.category): one.amount_fen_per_month for one in sorted(known, key=lambda s: s.effective_from)}

    def prepare(self, proposal: Proposal, first: Entry, entries: Mapping[str, Entry]) -> None:
        """The batch: how many, how much net, and which funding documents pay it. It stands before its lines. Of a batch
        of which lines were sent back, the same anew where the list comes to another total.
        """
        nets = {name: entry.net_fen for name, entry in entries.items()} | self._listed
        total = sum(nets.values())
        if total <= 0 or (self._prepared is not None and (not self._restates or total == self._prepared.total_fen)):
            return
        place = _place_of(first, entries.values())
        if self._before is not None and not anew.is_recorded(self._before):
            self._tell_waiting(proposal, place, total)
            return
        quotas = self._sources.quotas()
        count = sum(fen > 0 for fen in nets.values())
        event = self._event(total, count, self._persons_of(entries, nets), quotas)
        lying = self._sources.lying(self._again)
        proposal.notes += [Note(place.as_a_whole(), "W_REISSUE_TRANSIT", params) for params in lying]
        item = Proposed(place, self.need, (event,), self._entity, self._day, "file", alone=bool(self._listed))
        if self._before is not None:
            told = {"batch": self.batch, "was_fen": self._prepared.total_fen, "total_fen": total, "count": count}
            remark = Note(place.as_a_whole(), "W_BATCH_ANEW", told)
            item = replace(self._anew(item, self._before, event), remark=remark)
        proposal.items.insert(0, replace(item, restate=self._sources.short_of(total, quotas)))

    def _event(self, total: int, count: int, persons: int, quotas: Quotas) -> Event:
        return self._context.event(
            "batch.prepared",
            batch=self.batch,
            programme=self._programme.programme,
            month=self._month,
            fund=self._programme.fund,
            count=count,
            persons=persons,
            total_fen=total,
            fund_source=self._sources.of(total, quotas.free, self.batch),
            carried=[],
            on=self._day.isoformat(),
            origin="decision",
        )

    def _persons_of(self, entries: Mapping[str, Entry], nets: Mapping[str, int]) -> int:
        """Persons of the list, and of lines that stand and that it no longer names: of those that are paid anything,
        each household once, however many components its line has.
        """
        found = {name: entry.persons for name, entry in entries.items()}
        for one in self._lines:
            if one.kind == "subsidy.authorised" and one.enrolment not in entries:
                found[one.enrolment] = max(found.get(one.enrolment, 0), int(one.persons))
        return sum(persons for name, persons in found.items() if nets.get(name, 0) > 0)

    def _anew(self, item: Proposed, before: Recorded, event: Event) -> Proposed:
        events = anew.prepared_anew(self._context, before, self._taken_out, event)
        day = max(self._day, anew.day_of(before, self._taken_out))
        of = before.event.id
        return replace(
            item,
            events=events,
            day=day,
            sameness="exists",
            among=lambda event: getattr(event, "target", "") == of,
            alone=True,
        )

    def _tell_waiting(self, proposal: Proposal, place: Place, total: int) -> None:
        told = {"batch": self.batch, "was_fen": self._prepared.total_fen, "total_fen": total}
        told |= {"voucher": anew.voucher_of(self._context, self._prepared) or "-"}
        proposal.notes.append(Note(place.as_a_whole(), "W_BATCH_ANEW_WAITS", told))

    def of(self, entry: Entry, enrolment: str, person: str) -> list[Event]:
        """What a row may be paid, component by component, and what is kept back of it."""
        lines = []
        if entry.normal_fen > 0:
            lines.append(self._normal(entry, enrolment, person))
        if entry.arrears_fen > 0:
            lines += self._beside(entry, enrolment, person)
        kept = self._spread(entry, enrolment, lines)
        return [*lines, *(self._offset(entry, enrolment, payment, fen) for payment, fen in kept.items() if fen > 0)]

    def _spread(self, entry: Entry, enrolment: str, lines: Sequence[Any]) -> Mapping[str, int]:
        """Payment -> what is kept back of it: of the month's own amount first, and the rest of what comes beside it. A
        deduction that was recorded stays where it was put.
        """
        recorded = self._kept_back.get(enrolment, {})
        if sum(recorded.values()) == entry.deduction_fen:
            return recorded
        kept, left = dict[str, int](), entry.deduction_fen
        for one in lines:
            kept[one.payment] = min(left, one.amount_fen)
            left -= kept[one.payment]
        last = next(reversed(kept), payment_id(self._context, enrolment, self.batch, "normal"))
        return {**kept, last: kept.get(last, 0) + left}

    def _normal(self, entry: Entry, enrolment: str, person: str) -> Event:
        first, last = entry.period
        month: dict[str, Any] = {"period_from": first, "period_to": last, "amount_fen": entry.normal_fen}
        payment = payment_id(self._context, enrolment, self.batch, "normal")
        month |= {"payment": payment, "persons": entry.persons}
        return self._authorised(entry, enrolment, person, component="normal", **month)

    def _beside(self, entry: Entry, enrolment: str, person: str) -> list[Event]:
        """What comes on top of the month, as the remark says, kind by kind."""
        said = self.remarks.recorded(entry, self._lines_beside.get(enrolment, ())) or self.remarks.parts(entry)
        return [line for meant, fen in said for line in self._of_kind(entry, enrolment, person, meant, fen)]

    def _of_kind(self, entry: Entry, enrolment: str, person: str, meant: Beside, fen: int) -> list[Event]:
        """The lines of one kind; what came back is made good payment by payment."""
        payment = payment_id(self._context, enrolment, self.batch, meant.component)
        remark = entry.text("remark") or UNSAID
        said: dict[str, Any] = {"document": f"花名册 {self._month} {remark}"}
        parts = [Share(payment, None, meant.first, meant.last, fen)]
        if meant.component == "uplift":
            standards = self._context.facts("standard.set")
            mine = [one for one in standards if one.programme == self._programme.programme]
            raised = rise(mine, entry.category, meant, Period.parse(self._month).last_day)
            said |= {} if raised is None else {"event": raised.id}
        elif meant.component == "arrears":
            parts = shares(self._context, Claim(enrolment, self.batch, payment), meant, fen)
            if not entry.text("remark") and any(one.old is None for one in parts):
                self._refuse_unsaid(payment, fen)
            self._again += [one.old for one in parts if one.old is not None]
        return [
            self._authorised(
                entry,
                enrolment,
                person,
                payment=one.payment,
                component=meant.component,
                period_from=one.first,
                period_to=one.last,
                amount_fen=one.fen,
                reason=remark,
                reference=said if one.old is None else {**said, "payment": one.old},
                persons=self._persons(entry, meant, one),
            )
            for one in parts
        ]

    def _persons(self, entry: Entry, meant: Beside, share: Share) -> int:
        """Persons of what is paid beside the month: none, unless it makes good what came back before the book had lists
        of its months. No failed payment tells of them then, and nothing else counts those months in 人次 and 户次.
        """
        if meant.component != "arrears" or share.old is not None or not (meant.says_returned and meant.is_dated):
            return 0
        recorded = self._context.events(Need(f"payment:{share.payment}", ("subsidy.authorised",)))
        if recorded:
            return int(recorded[-1].persons)
        return entry.persons if meant.last < self._oldest else 0

    def _refuse_unsaid(self, payment: str, fen: int) -> None:
        """E_ARREARS_REASON for what comes beside the month where the row says no reason and no payment that came back
        is one. A list that was taken in before reasons were asked for is known again.
        """
        if not self._context.events(Need(f"payment:{payment}", ("subsidy.authorised",))):
            raise RowRefusedError("备注", "E_ARREARS_REASON", amount_fen=fen)

    def _authorised(
        self, entry: Entry, enrolment: str, person: str, *, component: str, persons: int, **fields: Any
    ) -> Event:
        return self._context.event(
            "subsidy.authorised",
            enrolment=enrolment,
            programme=self._programme.programme,
            batch=self.batch,
            component=component,
            persons=persons,
            subjects=[person] if entry.persons == 1 else [],
            origin="decision",
            **fields,
        )

    def _offset(self, entry: Entry, enrolment: str, payment: str, fen: int) -> Event:
        return self._context.event(
            "subsidy.offset",
            movement=self._context.reference("movement", "offset", payment),
            payment=payment,
            enrolment=enrolment,
            programme=self._programme.programme,
            fund=self._programme.fund,
            batch=self.batch,
            amount_fen=fen,
            reason=entry.text("remark"),
            on=self._day.isoformat(),
            origin="history",
        )

    def go_on(self, entries: Mapping[str, Entry]) -> bool:
        """An import that was cut off left the promise of a batch without all its lines. Those that are missing go on
        when they are exactly what the promise lacks: then it is the same roster again. Where lines were sent back, the
        list that was mended is, whatever it comes to, and the batch is prepared anew. Answers whether it is.
        """
        if self._prepared is None:
            return False
        self._lacks = left = self._prepared.total_fen - sum(self._listed.values())
        missing = {name: entry.net_fen for name, entry in entries.items() if name not in self._listed}
        if left and sum(missing.values()) == left:
            self._cut_off = frozenset(missing)
        elif left and not self._approved() and anew.was_sent_back(self._context, self._entity, self.batch):
            self._restates, self.need = True, anew.reversed_need(self.batch)
        return bool(self._cut_off) or self._restates

    def _approved(self) -> bool:
        """Whether the batch was signed: what it consists of is settled then."""
        return bool(self._context.events(Need(f"batch:{self.batch}", ("batch.approved",))))

    def refuse_late(self, entry: Entry, enrolment: str) -> None:
        """E_ROSTER_PREPARED for a household that comes after its batch was added up; E_ROSTER_LACKS where the batch
        counts more than its lines: a batch beside it would leave this one without its total for ever.
        """
        known = enrolment in self._listed or enrolment in self._cut_off
        if self._prepared is not None and not known and not self._restates:
            about = {"enrolment": enrolment, "value": entry.stated, "batch": self.batch}
            if self._lacks > 0:
                raise RowRefusedError("", "E_ROSTER_LACKS", **about, left_fen=self._lacks)
            raise RowRefusedError("", "E_ROSTER_PREPARED", **about)

    def told_out(self, entries: Mapping[str, Entry]) -> list[Note]:
        """Remarks at the rows whose line the book took out of the batch: the same list again does not put it back."""
        return [
            Note(
                entry.row.place,
                "W_LINE_TAKEN_OUT",
                {"amount_fen": out.amount_fen, "batch": self.batch, "month": self._month, "rule": f"E_{out.rule_code}"},
            )
            for name, entry in entries.items()
            if (out := self._out.get(name)) is not None
        ]

    def instead(self, entry: Entry, enrolment: str, decision: tuple[Event, ...], code: str) -> tuple[Event, ...] | None:
        """What is recorded of a row that was refused: its decision, if that is sound, and its line out of the batch."""
        return (*(() if code == _OF_TERMS else decision), *self._excluded(entry, enrolment, code)) or None

    def _excluded(self, entry: Entry, enrolment: str, code: str) -> tuple[Event, ...]:
        """The line taken out of the batch, when the refusal is about its household; it goes out once."""
        if code not in _TAKES_OUT or entry.net_fen <= 0 or enrolment in self._out:
            return ()
        fields = {"batch": self.batch, "fund": self._programme.fund, "enrolment": enrolment}
        why = {"rule_code": code.removeprefix("E_"), "reason": f"花名册第{entry.row.place.row}行未通过核对: {code}"}
        rest = {"on": self._day.isoformat(), "origin": "decision"}
        return (self._context.event("batch.line_excluded", **fields, amount_fen=entry.net_fen, **why, **rest),)


def _place_of(first: Entry, entries: Collection[Entry]) -> Place:
    """Where the batch is told: at its first row where all stand on one sheet, else at the file."""
    sheets = {(entry.row.place.file, entry.row.place.sheet) for entry in entries}
    file = first.row.place.file if len({name for name, _ in sheets}) == 1 else first.parsed.file
    return first.row.place if len(sheets) == 1 else Place(file, None, 0)


def _nets(lines: Sequence[Any]) -> dict[str, int]:
    """Enrolment -> what its lines in a batch come to, net; of one that was taken out, what it would have been."""
    found: dict[str, int] = {}
    out: dict[str, int] = {}
    for event in lines:
        if event.kind == "batch.line_excluded":
            out[event.enrolment] = event.amount_fen
        else:
            sign = -1 if event.kind == "subsidy.offset" else 1
            found[event.enrolment] = found.get(event.enrolment, 0) + sign * event.amount_fen
    return out | found


def _still_out(lines: Sequence[Any]) -> dict[str, Any]:
    """Enrolment -> the event that took its line out before it was authorised, where it is not authorised since."""
    found: dict[str, Any] = {}
    for event in lines:
        if event.kind == "batch.line_excluded" and event.payment is None:
            found[event.enrolment] = event
        elif event.kind == "subsidy.authorised":
            found.pop(event.enrolment, None)
    return found


def _kept_back(lines: Sequence[Any]) -> dict[str, dict[str, int]]:
    """Enrolment -> payment -> what was kept back of it."""
    found: dict[str, dict[str, int]] = {}
    for event in lines:
        if event.kind == "subsidy.offset":
            mine = found.setdefault(event.enrolment, {})
            mine[event.payment] = mine.get(event.payment, 0) + event.amount_fen
    return found
