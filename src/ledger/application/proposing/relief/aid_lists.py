"""Lists of aid given once (一次性救助发放表): each row is entitled for its month, authorised, and ended with it.

The list is read twice: when it is made up, and again when its days of payment are filled in and the batch was signed.
Money that a bank pays comes back in a result file instead; both say the same of a payment.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

from ledger.application.importing.fields.identity import mask_names
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import text, whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, attempt, each_row
from ledger.application.proposing.relief.aid_changes import Confirmed
from ledger.application.proposing.relief.programmes import (
    TERMS,
    UNSTATED,
    batch_id,
    enrolment_id,
    first_day,
    payment_id,
    person_ref,
    programme_of,
)
from ledger.application.proposing.relief.roster_changes import Receivers
from ledger.application.proposing.relief.roster_lines import BatchLines
from ledger.application.proposing.relief.roster_rows import Entry, of_mask
from ledger.application.proposing.words import is_organisation, said_of
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import LINES, PAID
from ledger.values.dates import Period
from ledger.vault.people import Subject

_OFFICE: Final = "经办机构"


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Enrolment, line and end of each row, programme by programme; what was paid, where the batch was signed."""
    if parsed.month is None:
        raise InputError("E_MONTH_NEEDED", kind="一次性救助发放表", file=parsed.file)
    proposal = Proposal(columns={"E_PROGRAMME_CHOICE": "救助项目", "E_FACT_IN_FUTURE": "发放日期"})
    by_programme: dict[str, tuple[Any, list[CleanRow]]] = {}

    def sort(row: CleanRow) -> None:
        opened = programme_of(context, parsed, row, "category")
        by_programme.setdefault(opened.programme, (opened, []))[1].append(row)

    each_row(parsed, proposal, sort)
    for opened, rows in by_programme.values():
        _List(parsed, context, proposal, opened, parsed.month).read(rows)
    return proposal


@dataclass(frozen=True, slots=True)
class _Paid:
    """A row that says when it was paid."""

    row: CleanRow
    payment: str
    day: date
    fen: int


@dataclass(slots=True)
class _List:
    """The rows of one programme."""

    parsed: ParsedFile
    context: Context
    proposal: Proposal
    opened: Any
    month: str
    entity: str = ""
    batch: str = ""
    paid: list[_Paid] = field(default_factory=list)
    receivers: Receivers = field(default_factory=lambda: Receivers({}, {}))

    def read(self, rows: Sequence[CleanRow]) -> None:
        """Propose everything of these rows."""
        context = self.context
        self.entity = context.entity("bureau")
        self.batch = batch_id(self.opened.programme, self.month, context.options.batch_no)
        lines = BatchLines(context, self.entity, self.opened, self.month, self.batch)
        signed = bool(context.events(Need(f"batch:{self.batch}", ("batch.approved",))))
        entries = self._entries(rows)
        self.receivers = Receivers.of(context, entries.values())
        begun = self._begun(entries.values())
        firsts: dict[str, Entry] = {}  # a second row of somebody is refused
        for entry in entries.values():
            firsts.setdefault(self._enrolment(entry, begun), entry)
        lines.go_on(firsts)
        done: dict[str, Entry] = {}
        taken: dict[str, CleanRow] = {}
        for row in (row for row in rows if id(row) in entries):
            entry = entries[id(row)]
            before = len(self.proposal.items)
            attempt(row, self.proposal, partial(self._row, entry, lines, (taken, begun), signed=signed))
            done |= {self._enrolment(entry, begun): entry} if len(self.proposal.items) > before else {}
        if done:
            self._told_later(rows, signed=signed)
            lines.prepare(self.proposal, next(iter(done.values())), done)
            self._file()

    def _begun(self, entries: Collection[Entry]) -> Confirmed:
        """The enrolments that this month's list has confirmed before."""
        names = {name for entry in entries for name in self._names(entry)}
        needs = {name: Need(f"enrolment:{name}", TERMS[:1]) for name in names}
        known = self.context.find(needs.values())
        found = [item for need in needs.values() for item in known[need]]
        mine = [item for item in found if getattr(item.event, "from_month", None) == self.month]
        return Confirmed.of(self.context, self.parsed, mine, self.receivers)

    def _names(self, entry: Entry) -> tuple[str, ...]:
        """The enrolment of a row: by its case number, else of the month alone, for aid is given once and lists come in
        any order; and as it was named before, without the month or by a mask alone, where this month was confirmed
        under that.
        """
        number, opened = entry.number, self.opened.programme
        if entry.text("case_no"):
            return (enrolment_id(self.context, opened, number),)
        before = entry.id_masked if entry.by_mask and not entry.veiled else None
        numbers = (f"{number}/{self.month}", *((f"{before}/{self.month}", before) if before else (number,)))
        return tuple(enrolment_id(self.context, opened, one) for one in numbers)

    def _enrolment(self, entry: Entry, known: Confirmed) -> str:
        """Under a mask alone stood one person of all that show the same signs."""
        names, mine = self._names(entry), self._person(entry)
        told = (name for name in names if name in known.begun)
        return next((one for one in told if one == names[0] or not entry.by_mask or known.is_of(one, mine)), names[0])

    def _person(self, entry: Entry) -> str:
        return person_ref(self.context, entry.id_number, entry.name, entry.shown if entry.id_masked else entry.number)

    def _entries(self, rows: Sequence[CleanRow]) -> dict[int, Entry]:
        """The rows that say what was given. E_AID_NOTHING."""
        found: dict[int, Entry] = {}

        def one(row: CleanRow) -> None:
            if whole(row.values, "amount_fen") <= 0:
                raise RowRefusedError("救助金额(元)", "E_AID_NOTHING", value=whole(row.values, "amount_fen") // 100)
            found[id(row)] = self._entry(row)

        for row in rows:
            attempt(row, self.proposal, one)
        return found

    def _entry(self, row: CleanRow) -> Entry:
        values = row.values
        masked = str(values.get("id_number_masked") or "")
        home = "/".join(str(values.get(name) or "") for name in ("name", "township", "village"))
        shown = of_mask(values, masked, str(values["name"])) if mask_names(masked) else home
        number = values.get("case_no") or values.get("id_number") or shown
        persons, fen = whole(values, "persons") or 1, whole(values, "amount_fen")
        category = text(values, "category") or self.opened.name
        return Entry(
            self.parsed,
            row,
            str(number),
            by_household=self.opened.unit == "household",
            name=str(values["name"]),
            id_number=text(values, "id_number"),
            id_masked=text(values, "id_number_masked"),
            category=category,
            persons=persons,
            monthly=self._monthly(category, persons, fen),
            normal_fen=fen,
            arrears_fen=0,
            deduction_fen=0,
            period=(self.month, self.month),
        )

    def _monthly(self, category: str, persons: int, fen: int) -> dict[str, Any]:
        """Decided case by case under the county's standard; a programme without one pays what was decided."""
        standards = [
            one
            for one in self.context.facts("standard.set")
            if (one.programme, one.category) == (self.opened.programme, category) and one.effective_from <= self.month
        ]
        ceiling = max(standards, key=lambda one: str(one.effective_from)).amount_fen_per_month if standards else 0
        part = [] if ceiling else [{"supplement_class": "other", "persons": persons, "fen": fen}]
        return {
            "mode": "taper",
            "income_per_head_fen": 0,
            "standard_fen": ceiling,
            "tier_fen": None,
            "persons": persons,
            "base_fen": fen if ceiling else 0,
            "supplements": part,
            "rounding": "none",
            "total_fen": fen,
        }

    def _row(
        self,
        entry: Entry,
        lines: BatchLines,
        known: tuple[dict[str, CleanRow], Confirmed],
        row: CleanRow,
        *,
        signed: bool,
    ) -> None:
        taken, begun = known
        enrolment, day = self._enrolment(entry, begun), row.values.get("paid_on")
        other = taken.setdefault(enrolment, row)
        if other is not row:
            raise RowRefusedError(
                "", "E_ROSTER_TWICE", place_of=said_of(other.place), enrolment=enrolment, value=entry.stated
            )
        lines.refuse_late(entry, enrolment)
        person = self._person(entry)
        if enrolment in begun.begun:
            begun.refuse_changed(enrolment, entry, self._payee(entry))
        decision = () if enrolment in begun.begun else self._decision(entry, enrolment, person)
        said = tuple(lines.of(entry, enrolment, person))
        need, batch = Need(f"enrolment:{enrolment}", LINES), self.batch
        tells = signed and isinstance(day, date)
        self.proposal.items.append(
            Proposed(
                row.place,
                need,
                (*decision[:1], *said, *decision[1:]),
                self.entity,
                first_day(self.month),
                bearing="beside" if tells else "row",
                sameness="row",
                among=lambda event: getattr(event, "batch", "") == batch,
                within=f"batch:{batch}",
                instead=lambda code: lines.instead(entry, enrolment, decision, code),
                rests_on=lines.need,
            )
        )
        if tells and isinstance(day, date):
            self._paid(entry, enrolment, person, day)

    def _decision(self, entry: Entry, enrolment: str, person: str) -> tuple[Event, Event]:
        """Confirmed for the month, and ended with it."""
        household = self.context.reference("household", entry.number) if entry.by_household else None
        common = {"enrolment": enrolment, "programme": self.opened.programme, "household": household}
        common |= {"document": entry.text("document"), "origin": "history"}
        common |= {"place": self.context.place(self.parsed, entry.row)}
        payee = self._payee(entry)
        self._keep(entry, person, household, payee["payee"])
        decided = entry.row.values.get("decided_on")
        confirmed = self.context.event(
            "enrolment.confirmed",
            **common,
            unit=self.opened.unit,
            person=person,
            category=entry.category,
            township=entry.text("township") or UNSTATED,
            village=entry.text("village"),
            members=[],
            monthly=dict(entry.monthly),
            payee=payee,
            from_month=self.month,
            reason="new",
            decided_on=str(decided) if isinstance(decided, date) else None,
        )
        after = str(Period.parse(self.month).next())
        ended = self.context.event("enrolment.ended", **common, persons=[person], from_month=after, reason="other")
        return confirmed, ended

    def _keep(self, entry: Entry, person: str, household: str | None, payee: str) -> None:
        number = entry.id_number or entry.id_masked
        who = (("name", entry.name), *((("id_number", number),) if number else ()))
        self.proposal.subjects.append((self.entity, Subject("person", person, who)))
        name = self.receivers.name_of(entry, payee)
        fields = (("name", name), ("account", entry.text("account")), ("bank", entry.text("bank")))
        kept = tuple((what, value) for what, value in fields if value)
        self.proposal.subjects.append((self.entity, Subject("payee", payee, kept)))
        if household is not None:
            home = Subject("household", household, (("number", entry.number),))
            self.proposal.subjects.append((self.entity, home))

    def _payee(self, entry: Entry) -> dict[str, Any]:
        name, account = entry.receiver, entry.text("account")
        payee = self.context.reference("payee", account or f"{name}/{entry.id_number or entry.number}")
        kind = "institution" if is_organisation(name) else "self" if name == entry.name else "agent"
        return {"payee": payee, "payee_kind": kind, "authorisation": None}

    def _paid(self, entry: Entry, enrolment: str, person: str, day: date) -> None:
        """Handed over on that day, as the list says."""
        payment = payment_id(self.context, enrolment, self.batch, "normal")
        event = self.context.event(
            "subsidy.paid",
            payment=payment,
            enrolment=enrolment,
            programme=self.opened.programme,
            fund=self.opened.fund,
            batch=self.batch,
            component="normal",
            period_from=self.month,
            period_to=self.month,
            amount_fen=entry.normal_fen,
            persons=entry.persons,
            households=1,
            subjects=[person] if entry.persons == 1 else [],
            occurred_on=day.isoformat(),
            result_ref=entry.text("receipt_no"),
            origin="decision",
        )
        need = Need(f"payment:{payment}", PAID)
        self.proposal.items.append(Proposed(entry.row.place, need, (event,), self.entity, day))
        self.paid.append(_Paid(entry.row, payment, day, entry.normal_fen))

    def _told_later(self, rows: Sequence[CleanRow], *, signed: bool) -> None:
        """Days of payment before the batch was signed are not taken; the list says so."""
        early = [row for row in rows if isinstance(row.values.get("paid_on"), date)]
        if early and not signed:
            self.proposal.notes.append(
                Note(early[0].place, "W_AID_PAID_LATER", {"batch": self.batch, "rows": len(early)})
            )

    def _file(self) -> None:
        """The list as the proof of what it tells anew."""
        known = {one.payment for one in self.context.events(Need(f"batch:{self.batch}", PAID))}
        told = [one for one in self.paid if one.payment not in known]
        if not told:
            return
        last = max(one.day for one in told)
        event = self.context.event(
            "batch.result_imported",
            batch=self.batch,
            paid_count=len(told),
            paid_fen=sum(one.fen for one in told),
            failed_count=0,
            failed_fen=0,
            pending_count=0,
            pending_fen=0,
            occurred_on=last.isoformat(),
            source=self.context.source(self.parsed, _OFFICE),
        )
        need = Need(f"batch:{self.batch}", ("batch.result_imported",))
        self.proposal.add_of_file(told[0].row.place, need, self.entity, last, event, sameness="content")
