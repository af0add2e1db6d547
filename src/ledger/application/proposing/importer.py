"""Importing: read files, propose, drop what is known, sign what is new, and say what became of every row.

A file's rows are judged before anything is signed (see `judging.py`). The same file again adds nothing; a row that says
something else than what was recorded under its key is wrong (see `known.py`). A dry run is a rehearsal of all this.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Protocol

from ledger.application.collector import collector_seldom
from ledger.application.drafting import Signer, draft
from ledger.application.importing.ahead import Reader
from ledger.application.importing.parse import parse_file
from ledger.application.importing.report import ParsedFile
from ledger.application.outcomes import Outcome, Waiting
from ledger.application.proposing.context import Context
from ledger.application.proposing.filing import (
    Codes,
    Fate,
    Filed,
    Filing,
    PutOff,
    demanding,
    events_of,
    in_open_months,
    moved_months,
    note_of,
    settle,
    with_a_role,
)
from ledger.application.proposing.judging import groups
from ledger.application.proposing.kinds import ENTITLING, FORBIDDING, ORDER, PROPOSERS
from ledger.application.proposing.known import fresh_items, proposed
from ledger.application.proposing.people import registrations
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError
from ledger.application.proposing.relief.which_month import bank_months, order_of
from ledger.application.proposing.reports import FileReport, ImportReport
from ledger.application.proposing.telling.no_longer import Rows, tell_no_longer
from ledger.application.proposing.telling.teller import Teller
from ledger.application.rehearsal import Rehearsal
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.errors import InputError, LedgerError

__all__ = ["FileReport", "ImportReport", "Importer", "Progress"]

Progress = Callable[[str, int, int], None]
_Opened = tuple[FileReport, ParsedFile]


class _Desk(Protocol):
    """Where vouchers are handed in: the writer, or a rehearsal."""

    def preview(self, submission: Submission) -> Outcome: ...

    def submit(self, submission: Submission) -> Outcome: ...


class Importer:
    """Imports files into one book for one signer. `dry_run` records nothing, in log, vault or waiting list; `read` may
    have begun with the files before.
    """

    def __init__(
        self,
        writer: Writer,
        context: Context,
        signer: Callable[[], Signer],
        *,
        dry_run: bool = False,
        progress: Progress = lambda _what, _done, _all: None,
        read: Reader = parse_file,
    ) -> None:
        self._writer = writer
        self._desk: _Desk = writer
        self._context = context
        self._signer = signer
        self._dry = dry_run
        self._progress = progress
        self._read = read
        self._fate = Fate()
        self._put_off: list[tuple[Filing, FileReport, Teller]] = []
        self._rows: list[Rows] = []
        self._just_waits: set[str] = set()
        """Vouchers that were kept waiting since the last list was posted: nothing that came since makes them vain."""
        self.report = ImportReport(dry_run=dry_run)

    def add_all(self, files: Sequence[Path], kind: str | None = None) -> ImportReport:
        """Import files, what others build on first, whatever the order given; reported in the order given.

        Lists that say who is entitled to what have an order of their own, and what one makes right of another is judged
        when all are read. A file that cannot be read is reported and stops no other.
        """
        with ExitStack() as stack:
            stack.enter_context(collector_seldom())
            opened = [one for file in files if (one := self._open(file, kind)) is not None]
            if self._dry:
                connection = stack.enter_context(self._writer.store.read())
                self._desk = Rehearsal(connection, self._writer.clock())
            self._context.bank_months = bank_months((parsed for _, parsed in opened), self._context)
            if len(opened) > 1:
                opened.sort(key=lambda one: (ORDER.index(one[1].kind), order_of(one[1], self._context)))
            for name, part in groupby(opened, key=lambda one: one[1].kind):
                if name not in ENTITLING:
                    self._settle()
                self._add(name, list(part))
            self._settle()
            tell_no_longer(self._context, self._desk.preview, self._rows, self._just_waits)
        return self.report

    def _open(self, file: Path, kind: str | None) -> _Opened | None:
        try:
            parsed = self._read(file, kind, month=self._context.options.month)
        except InputError as refused:
            self.report.files.append(FileReport(file.name, kind or "?", refused=refused))
            return None
        found = FileReport(file.name, parsed.kind, wrong=list(parsed.wrong), notes=list(parsed.notes))
        self.report.files.append(found)
        return found, parsed

    def _add(self, kind: str, opened: Sequence[_Opened]) -> None:
        """All files of one kind: rosters are proposed together, because they are compared as one list."""
        proposer = PROPOSERS[kind]
        together = [list(opened)] if proposer.together else [[one] for one in opened]
        for part in together:
            try:
                proposals = proposed([parsed for _, parsed in part], self._context, proposer.propose)
            except (InputError, RowRefusedError) as error:
                for found, _ in part:
                    found.refused = InputError(error.code, **error.params)
                continue
            for (found, parsed), proposal in zip(part, proposals, strict=True):
                teller = Teller(parsed, proposal.columns, self._context)
                found.wrong += teller.told(proposal.wrong)
                found.notes += proposal.notes
                found.take(proposal.noted, proposal.repeated, proposal.held)
                self._record(parsed, proposal, found, teller)
        self._context.forget_names()

    def _record(self, parsed: ParsedFile, proposal: Proposal, found: FileReport, teller: Teller) -> None:
        items = fresh_items(self._context, proposal.items, found, teller)
        found.notes += moved_months(self._writer.authority, self._context, items)
        authority, signer = self._writer.authority, self._signer()
        try:
            keyid = signer.key.public.keyid
            items = with_a_role(authority, signer.officer, keyid, items, found) if items else []
        except LedgerError as error:
            found.refused = InputError(error.code, **error.params)
            return
        self._fate.look(self._context, items)
        put_off = PutOff(signed_last=parsed.kind in ENTITLING)
        filing = Filing(_Signing(self, parsed), found, teller, set(), self._fate, put_off)
        parts = self._groups(items)
        self._progress(parsed.file, 0, len(parts))
        if not self._dry:
            for people in registrations(self._context, proposal, items):
                for group in self._groups(people):
                    self._count(filing.file(group), found, teller)
        for index, group in enumerate(parts):
            self._progress(parsed.file, index, len(parts))
            self._count(filing.file(filing.left(group)), found, teller)
        self._progress(parsed.file, len(parts), len(parts))
        if off := put_off.all:
            self._put_off.append((filing, found, teller))
            self._context.outside.put_off((one.entity, one.day.isoformat(), one.events) for one in off)
        if self._context.outside.vouchers() or self.report.waits or off:
            self._rows.append(Rows.of(found, teller, proposal.items))

    def _settle(self) -> None:
        """What was put off until the lists that it depends on were read."""
        if self._put_off:
            self._context.outside.take_up()
        whose = {id(filing): (found, teller) for filing, found, teller in self._put_off}
        for filing, filed in settle([filing for filing, _, _ in self._put_off]):
            self._count([filed], *whose[id(filing)])
        self._put_off.clear()

    def _groups(self, items: Sequence[Proposed]) -> list[list[Proposed]]:
        return groups(in_open_months(self._writer.authority, self._context, items))

    def _count(self, filings: Iterable[Filed], found: FileReport, teller: Teller) -> None:
        for filed in filings:
            items = filed.items
            self.report.count(filed.outcome)
            if isinstance(filed.outcome, Waiting):
                self._just_waits.add(filed.outcome.voucher)
            elif found.kind in FORBIDDING:
                self._just_waits.clear()
            found.findings += demanding(items, filed.outcome, teller)
            if self._dry:
                self._context.outside.rehearse(items[0].entity, items[0].day.isoformat(), events_of(items))
            found.new += len({row for item in items for row in item.rows})

    def draft(self, parsed: ParsedFile, items: Sequence[Proposed], codes: Codes) -> Submission:
        """The items as one signed voucher; its note explains the rules that its facts break."""
        note = note_of(parsed.kind, self._context.options.note, codes)
        first, now = items[0], self._writer.clock()
        return draft(self._signer(), first.entity, first.day, events_of(items), now, note=note, attachments=1)

    def preview(self, submission: Submission) -> Outcome:
        """What the desk would answer now."""
        return self._desk.preview(submission)

    def submit(self, submission: Submission) -> Outcome:
        """Hand in at the desk."""
        return self._desk.submit(submission)


class _Signing:
    """The desk of an importer whose signer is here."""

    def __init__(self, importer: Importer, parsed: ParsedFile) -> None:
        self._importer = importer
        self._parsed = parsed

    def preview(self, items: Sequence[Proposed], codes: Codes) -> Outcome:
        return self._importer.preview(self._importer.draft(self._parsed, items, codes))

    def submit(self, items: Sequence[Proposed], codes: Codes | None, *, passing: bool) -> Outcome:
        drafted = self._importer.draft(self._parsed, items, codes or ())
        return self._importer.submit(replace(drafted, unexplained=codes is None, passing=passing))
