"""The monthly roster (发放花名册): whole lists are compared with what is enrolled, never entered anew.

A household that is not known is confirmed (of a book's first roster: taken over as history), one whose terms differ is
changed, and one that is missing from the list is named to the user and stays enrolled. Each row authorises its
components in the same voucher; the batch promises the net total. Several files of one import are one list.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import Any, Final

from ledger.application.importing.keys import values_differ
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, attempt
from ledger.application.proposing.relief.enrolled import Enrolled, same_person
from ledger.application.proposing.relief.paying import bereaved, redressed, rises
from ledger.application.proposing.relief.paying.sources import Promises
from ledger.application.proposing.relief.programmes import (
    TERMS,
    UNSTATED,
    batch_id,
    first_day,
    person_ref,
    programme_of,
)
from ledger.application.proposing.relief.roster_changes import (
    Receivers,
    Unread,
    absences,
    compare,
    in_month,
    reasons,
    refuse_losses,
)
from ledger.application.proposing.relief.roster_kinds import Change, counted, row_notes
from ledger.application.proposing.relief.roster_lines import BatchLines
from ledger.application.proposing.relief.roster_rows import Entry, entry_of, twice
from ledger.application.proposing.relief.terms import exclusions
from ledger.application.proposing.relief.terms.care_remarks import care_remarks
from ledger.application.proposing.relief.terms.household import Decided
from ledger.application.proposing.relief.terms.restated import Restated, monthly_of
from ledger.application.proposing.relief.which_month import month_of_list, opened_order
from ledger.application.proposing.words import is_organisation
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import LINES
from ledger.signing.digests import digest_text, sha256
from ledger.vault.people import Subject

_SELF: Final = frozenset({"本人", "户主", "自己"})
_AGREED: Final = frozenset({"institution", "guardian", "carer"})
"""Kinds of payee who receive by an agreement."""
_FIRST_BATCH: Final = "01"
_ROWS_SHOWN: Final = 20
_COLUMNS: Final = {"E_PROGRAMME_CHOICE": "保障类别", "E_ROSTER_CERTIFICATE": "低保证号"}


def propose(files: Sequence[ParsedFile], context: Context) -> list[Proposal]:
    """Enrolments, batches and lines, programme by programme as the county opened them; one proposal a file."""
    proposals = {id(parsed): Proposal(columns=_COLUMNS) for parsed in files}
    by_programme: dict[tuple[str, str], list[tuple[ParsedFile, CleanRow, Any]]] = {}
    strays: list[tuple[ParsedFile, CleanRow]] = []
    for parsed in files:
        month, told = month_of_list(parsed, context)
        proposals[id(parsed)].notes += told
        for row in parsed.rows:
            try:
                meant = programme_of(context, parsed, row, "category", "subsidy_type")
            except RowRefusedError as refused:
                by_type = row.values.get("subsidy_type") and not row.values.get("category")
                column = "补贴类型" if by_type and refused.code == "E_PROGRAMME_CHOICE" else refused.column
                proposals[id(parsed)].refuse(row, column, refused.code, refused.params)
                strays.append((parsed, row))
                continue
            by_programme.setdefault((meant.programme, month), []).append((parsed, row, meant))
    lists = {name: rows[0][0] for (name, _), rows in by_programme.items()}
    for parsed, note in exclusions.notes(context, lists) if lists else ():
        proposals[id(parsed)].notes.append(note)
    promised: Promises = {}
    rank = opened_order(context)
    for (_, month), rows in sorted(by_programme.items(), key=lambda one: (one[0][1], rank[one[0][0]])):
        listed = [(parsed, row) for parsed, row, _ in rows]
        _Roster(context, proposals, rows[0][2], month, promised).read(listed, strays)
    return [proposals[id(parsed)] for parsed in files]


class _Roster:
    """The entries of one programme and month."""

    def __init__(
        self, context: Context, proposals: Mapping[int, Proposal], opened: Any, month: str, promised: Promises
    ) -> None:
        self._context, self._proposals, self._programme, self._month = context, proposals, opened, month
        self._entity = context.entity("bureau")
        self._enrolled = Enrolled.read(context, opened.programme)
        self._first = not self._enrolled.standing and not self._enrolled.ended
        self._people: Mapping[str, Mapping[str, str]] = {}
        self._receivers = Receivers({}, {})
        self._changes: list[Change] = []
        self._only_again: set[str] = set()
        """The enrolments of which the month itself owes nothing, and the rows pay for months before."""
        self._restated = Restated()
        batch = batch_id(opened.programme, month, context.options.batch_no)
        self._lines = BatchLines(context, self._entity, opened, month, batch, promised)
        self._county = Decided(opened.name, self._lines.tiers, self._lines.standards)

    def read(self, rows: Sequence[tuple[ParsedFile, CleanRow]], strays: Sequence[tuple[ParsedFile, CleanRow]]) -> None:
        """Propose everything of these rows; `strays` are rows of no programme that can be told. Raises E_ROSTER_PLACE,
        E_ROSTER_LOSS, E_ROSTER_OLD.
        """
        entries = self._entries(rows)
        if not entries:
            return
        first = next(iter(entries.values()))
        self._lines.refuse_old(first.row.place.file)
        if self._lines.go_on(entries):
            reasons_told = {getattr(term, "reason", "") for term in self._enrolled.standing.values()}
            self._first = self._lines.is_first and reasons_told <= {"opening"}
        lost = Unread.of((*rows, *strays), entries.values())
        if self._context.options.batch_no == _FIRST_BATCH and not self._lines.old:
            where = first.row.place.file, self._programme.unit
            here = entries.keys() | self._unusable(entries, lost)
            refuse_losses(self._enrolled.standing, here, self._context.options, where)
        terms = [self._enrolled.standing[name] for name in entries if name in self._enrolled.standing]
        self._people = self._context.opened({ref for one in terms for ref in (one.person, one.payee.payee)})
        self._receivers = Receivers.of(self._context, entries.values())
        done, usable, shown = dict[str, Entry](), dict[str, Entry](), list[bereaved.Shown]()
        for name, entry in entries.items():
            proposal, told = self._proposals[id(entry.parsed)], len(self._changes)
            items, wrong = len(proposal.items), len(proposal.wrong)
            attempt(entry.row, proposal, partial(self._propose, name, entry))
            done |= {name: entry} if len(proposal.items) > items else {}
            if len(proposal.wrong) > wrong:  # then nothing changes
                del self._changes[told:]
                self._restated.drop(name)
            else:
                usable[name] = entry
                shown += self._paid_by(name, entry, proposal.items[items:])
        if not self._lines.old:
            self._tell(entries, first, usable.keys(), lost)
        self._lines.prepare(self._proposals[id(first.parsed)], first, done)
        files = {entry.row.place: id(entry.parsed) for entry in entries.values()}
        for note in bereaved.of_rows(self._context, shown, bereaved.reported(self._context)):
            self._proposals[files[note.place]].notes.append(note)
        standards = [one for one in self._context.facts("standard.set") if one.programme == self._programme.programme]
        raised = rises.of_rows(self._context, usable, self._lines.remarks, self._month, standards)
        redress = redressed.of_rows(self._context, usable, self._enrolled.standing)
        cared = care_remarks(self._programme.name, usable, self._enrolled.standing)
        for entry, note in (*cared, *self._lines.remarks.of_rows(usable)):
            self._proposals[id(entry.parsed)].notes.append(note)
        for note in (*raised, *redress, *self._lines.told_out(usable)):
            self._proposals[files[note.place]].notes.append(note)

    def _paid_by(self, enrolment: str, entry: Entry, items: Sequence[Proposed]) -> Iterator[bereaved.Shown]:
        """The terms by which a row pays: those that it brings, or else those that stand."""
        brought = [event for item in items for event in item.events if event.kind in TERMS[:2]]
        term: Any = brought[-1] if brought else self._enrolled.standing.get(enrolment)
        if term is not None:
            yield entry.row, entry.name, entry.period[1], term, term.person

    def _unusable(self, entries: Mapping[str, Entry], lost: Unread) -> set[str]:
        """The enrolments whose rows are there and cannot be used, by what the `lost` rows say."""
        if not (lost.numbers or lost.sights):
            return set()
        missing = {name: term for name, term in self._enrolled.standing.items() if name not in entries}
        known = self._context.opened([ref for term in missing.values() for ref in (term.household, term.person) if ref])
        return {name for name, term in missing.items() if lost.has(term, known)}

    def _entries(self, rows: Sequence[tuple[ParsedFile, CleanRow]]) -> dict[str, Entry]:
        """Enrolment -> entry; rows that cannot be told, or that name one twice, are wrong."""
        read: list[Entry] = []
        for parsed, row in rows:
            attempt(row, self._proposals[id(parsed)], partial(self._read, read, parsed))
        matched, found = self._enrolled.match(read), dict[str, Entry]()
        self._tell_masked(matched.masked)
        for entry in read:
            name, proposal = matched.names[id(entry)], self._proposals[id(entry.parsed)]
            if isinstance(name, RowRefusedError):
                proposal.refuse(entry.row, name.column, name.code, name.params)
            elif (owner := matched.owners[name]) is entry:
                number = matched.numbers.get(id(entry), entry.number)
                found[name] = entry if number == entry.number else replace(entry, number=number)
            elif not values_differ(owner.row.values, entry.row.values):
                proposal.repeated.append(entry.row.place)
            else:
                proposal.refuse(entry.row, "", *twice(name, owner, entry))
        return found

    def _tell_masked(self, entries: Sequence[Entry]) -> None:
        """Who is taken for new although the number is masked: on a first roster only those who have no other number."""
        sheets: dict[tuple[int, Place], list[Entry]] = {}
        for entry in entries:
            if not self._first or entry.by_mask:
                sheets.setdefault((id(entry.parsed), entry.row.place.as_a_whole()), []).append(entry)
        for (parsed, place), masked in sheets.items():
            rows = "、".join(str(one.row.place.row) for one in masked[:_ROWS_SHOWN])
            more = "……" if len(masked) > _ROWS_SHOWN else ""
            params = {"programme": self._programme.name, "count": len(masked), "rows": rows + more}
            self._proposals[parsed].notes.append(Note(place, "W_ID_MASKED_NEW", params))

    def _read(self, read: list[Entry], parsed: ParsedFile, row: CleanRow) -> None:
        read.append(entry_of(parsed, row, self._month, self._county))

    def _tell(self, entries: Mapping[str, Entry], first: Entry, usable: AbstractSet[str], lost: Unread) -> None:
        """The control line, the changes by kind, who is missing, and every row that is new or changed. A batch beside
        the month's first holds part of the list, and nobody is missing from it. Of the `usable` rows the changes are
        told; `lost` is what the rows say that cannot be used. Who left and is paid for months before is not taken in.
        """
        notes, place = self._proposals[id(first.parsed)].notes, first.row.place.as_a_whole()
        standing, missing = self._enrolled.standing, list[Any]()
        is_whole = self._context.options.batch_no == _FIRST_BATCH
        if is_whole:
            last = in_month(self._enrolled.decisions, self._lines.last_month)
            compared = compare(last, standing, entries, self._only_again)
            notes.append(compared.note(place, self._programme, self._month))
            missing = [term for name, term in standing.items() if name not in entries]
        known = self._context.opened([ref for term in missing for ref in (term.household, term.person) if ref])
        if is_whole or self._changes:
            absent = sum(not lost.has(term, known) for term in missing)
            counts = {"absent": absent, "listed": len(usable - self._only_again if is_whole else usable)}
            notes.append(counted(self._changes, counts, place, self._programme, self._month))
        notes += self._restated.notes(place, self._programme, self._month)
        notes += absences(missing, known, place, lost)
        for entry, note in row_notes(self._changes):
            self._proposals[id(entry.parsed)].notes.append(note)

    def _propose(self, enrolment: str, entry: Entry, row: CleanRow) -> None:
        proposal = self._proposals[id(entry.parsed)]
        decision = self._decision(proposal, enrolment, entry)
        if enrolment in self._restated:  # the row itself is what it was
            decision, restated = decision[:-1], decision[-1]
            known = Need(f"enrolment:{enrolment}", (restated.kind,))
            day = first_day(self._month)
            proposal.add_beside(row, known, self._entity, day, restated, sameness="content")
        lines = self._lines.of(entry, enrolment, self._person(entry, self._enrolled.standing.get(enrolment)))
        events = (*decision, *lines)
        if not events:
            proposal.noted += 1
            return
        need = Need(f"enrolment:{enrolment}", LINES) if lines else Need(f"enrolment:{enrolment}", (events[0].kind,))
        item = Proposed(row.place, need, events, self._entity, first_day(self._month))
        if not lines:
            proposal.items.append(replace(item, sameness="content"))
            return
        self._lines.refuse_late(entry, enrolment)
        batch, made = self._lines.batch, self._lines  # without the roster, which holds what holds these functions
        proposal.items.append(
            replace(
                item,
                sameness="row",
                among=lambda event: getattr(event, "batch", "") == batch,
                within=f"batch:{batch}",
                instead=lambda code: made.instead(entry, enrolment, decision, code),
                rests_on=made.need,
            )
        )

    def _decision(self, proposal: Proposal, enrolment: str, entry: Entry) -> tuple[Event, ...]:
        """The enrolment confirmed, or changed, or nothing when the row says what is known."""
        filled = self._filled(enrolment, entry)
        before = self._enrolled.standing.get(enrolment)
        known = before is not None or enrolment in self._enrolled.ended
        if self._lines.old:
            return filled
        if known and self._pays_only_again(enrolment, entry):
            self._only_again.add(enrolment)
            return filled
        was = None if before is None else before.model_dump(mode="json")  # once a row: a list has fifty thousand
        terms = self._terms(proposal, enrolment, entry, before, was)
        if was is None:
            again = "readmitted" if enrolment in self._enrolled.ended else "pending"
            way = "opening" if self._first else again
            reason = way if self._first else entry.text("came_code") or again
            event = self._context.event("enrolment.confirmed", **terms, reason=reason, origin="history")
            self._changes.append(Change.of(entry, None, [way]))
            return (event,)
        why = reasons(was, terms, entry, self._people, self._receivers)
        if not why:
            return filled
        removed = [was["person"]] if was["person"] != terms["person"] else []
        restated = self._restated.takes(why, was, entry, terms, self._own_payee(entry))
        said = {"removed": removed, "reasons": restated or why, "origin": "history"}
        changed = self._context.event("enrolment.changed", **terms, **said)
        if not restated:
            self._changes.append(Change.of(entry, before, why))
        return (*filled, changed)

    def _pays_only_again(self, enrolment: str, entry: Entry) -> bool:
        """Whether a row of a batch beside the first, or of who has left, says nothing of what the month itself owes."""
        if entry.normal_fen != 0:
            return False
        beside_the_first = self._context.options.batch_no != _FIRST_BATCH
        return beside_the_first or (enrolment in self._enrolled.ended and self._lines.remarks.is_past(entry))

    def _filled(self, enrolment: str, entry: Entry) -> tuple[Event, ...]:
        """A reason that was to be supplied (待补原因), once a roster states it."""
        reason = entry.text("came_code")
        about = self._enrolled.reason_needed(enrolment) if reason not in (None, "pending") else None
        if about is None:
            return ()
        on = str(self._context.options.today)
        filled = self._context.event("enrolment.reason_filled", enrolment=enrolment, about=about, reason=reason, on=on)
        return (filled,)

    def _terms(
        self, proposal: Proposal, enrolment: str, entry: Entry, before: Any, was: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """The terms of a row; `was` are those of `before`, as they stand in the book."""
        person = self._person(entry, before)
        household = self._household(entry, before)
        self._keep(proposal, entry, person, household)
        members = [] if was is None else was["members"]
        return {
            "enrolment": enrolment,
            "programme": self._programme.programme,
            "unit": self._programme.unit,
            "household": household,
            "person": person,
            "category": entry.category,
            "township": entry.text("township") or UNSTATED,
            "village": entry.text("village"),
            "members": members if len(members) == entry.persons else [],
            "monthly": monthly_of(entry, was),
            "payee": self._payee(proposal, entry, person, before),
            "from_month": entry.period[0],
            "place": self._context.place(entry.parsed, entry.row),
        }

    def _person(self, entry: Entry, before: Any) -> str:
        """By the ID number; a masked one is the person who was there, if number and name fit."""
        if entry.id_number is None and before is not None:
            known = self._people.get(before.person, {})
            if not entry.id_masked or same_person(entry, known):
                return str(before.person)
        return person_ref(self._context, entry.id_number, entry.name, entry.shown)

    def _household(self, entry: Entry, before: Any) -> str | None:
        if self._programme.unit != "household":
            return None
        return str(before.household) if before is not None else self._context.reference("household", entry.number)

    def _keep(self, proposal: Proposal, entry: Entry, person: str, household: str | None) -> None:
        number = entry.id_number or (None if find_full(self._people, person) else entry.id_masked)
        proposal.subjects.append((self._entity, Subject("person", person, _kept(id_number=number, name=entry.name))))
        if household is not None:
            home = _kept(number=entry.text("household_no"), certificate=entry.text("certificate_no"))
            proposal.subjects.append((self._entity, Subject("household", household, home)))

    def _payee(self, proposal: Proposal, entry: Entry, person: str, before: Any) -> dict[str, Any]:
        name, account = entry.receiver, entry.text("account")
        was = None if before is None or before.payee.payee_kind != "carer" else before.payee.payee
        theirs = self._receivers.is_shared(entry) or was == self._context.reference("payee", account or "")
        carer = entry.carer if entry.receiver_named is None and theirs else None
        number = entry.text("payee_id") or entry.text("guardian_id")
        payee = self._context.reference("payee", account or f"{name}/{number or entry.number}")
        if before is not None and account is None and self._people.get(before.payee.payee, {}).get("name") == name:
            payee = before.payee.payee
        held = carer or self._receivers.name_of(entry, payee)
        fields = _kept(name=held, account=account, bank=entry.text("bank"), phone=entry.text("phone"))
        proposal.subjects.append((self._entity, Subject("payee", payee, fields)))
        kind = self._payee_kind(entry, carer or name, number, person)
        return {"payee": payee, "payee_kind": kind, "authorisation": self._agreed(entry, kind)}

    def _own_payee(self, entry: Entry) -> str:
        """How whoever receives for themselves without an account is referred to."""
        number = entry.text("payee_id") or entry.text("guardian_id")
        return self._context.reference("payee", f"{entry.name}/{number or entry.number}")

    def _agreed(self, entry: Entry, kind: str) -> str | None:
        """The agreement (护理协议、监护委托) by which another receives, known by its number and not telling it."""
        number = entry.text("agreement_no")
        if number is None or kind not in _AGREED:
            return None
        return digest_text(sha256(self._context.reference("agreement", number).encode()))

    def _payee_kind(self, entry: Entry, name: str, number: str | None, person: str) -> str:
        relation = entry.text("payee_relation")
        if is_organisation(name):
            return "institution"
        same = number is not None and person_ref(self._context, number, None) == person
        if same or name == entry.name or relation in _SELF:
            return "self"
        if name == entry.carer:
            return "carer"
        return "guardian" if relation == "监护人" or entry.text("guardian_name") else "agent"


def find_full(people: Mapping[str, Mapping[str, str]], person: str) -> bool:
    """Whether the vault knows a person's whole number, which a masked one must not replace."""
    number = people.get(person, {}).get("id_number", "")
    return bool(number) and "*" not in number


def _kept(**fields: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in fields.items() if value)
