"""Importing: read files, propose, drop what is known, sign what is new, and say what became of every row.

A file's rows are judged before anything is signed (see `judging.py`). The same file again adds nothing; a row that says
something else than what was recorded under its key is wrong (see `known.py`). A dry run is a rehearsal of all this.
"""

from collections.abc import Callable, Mapping, Sequence
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
from ledger.application.importing.rows import Place, WrongCell
from ledger.application.outcomes import Outcome, VoucherRefusedError
from ledger.application.proposing.context import Context
from ledger.application.proposing.judging import groups, sort_out
from ledger.application.proposing.kinds import ORDER, PROPOSERS
from ledger.application.proposing.known import fresh_items
from ledger.application.proposing.people import registrations
from ledger.application.proposing.placing import placed
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError
from ledger.application.proposing.reports import FileReport, ImportReport
from ledger.application.rehearsal import Rehearsal
from ledger.application.writer import Writer
from ledger.decisions.policies import wrong_maker
from ledger.decisions.prepared import Submission
from ledger.errors import InputError, LedgerError
from ledger.flows.knowledge import Finding

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
        self.report = ImportReport(dry_run=dry_run)

    def add_all(self, files: Sequence[Path], kind: str | None = None) -> ImportReport:
        """Import files, what others build on first, whatever the order given; reported in the order given.

        A file that cannot be read is reported and stops no other.
        """
        with ExitStack() as stack:
            stack.enter_context(collector_seldom())
            opened = [one for file in files if (one := self._open(file, kind)) is not None]
            if self._dry:
                connection = stack.enter_context(self._writer.store.read())
                self._desk = Rehearsal(connection, self._writer.clock())
            opened.sort(key=lambda one: ORDER.index(one[1].kind))
            for name, part in groupby(opened, key=lambda one: one[1].kind):
                self._add(name, list(part))
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
                proposals = proposer.propose([parsed for _, parsed in part], self._context)
            except (InputError, RowRefusedError) as error:
                for found, _ in part:
                    found.refused = InputError(error.code, **error.params)
                continue
            for (found, parsed), proposal in zip(part, proposals, strict=True):
                found.wrong += placed(parsed, proposal.wrong)
                found.notes += proposal.notes
                found.noted = proposal.noted
                self._record(parsed, proposal, found)
        self._context.forget_names()

    def _record(self, parsed: ParsedFile, proposal: Proposal, found: FileReport) -> None:
        items = fresh_items(self._context, proposal.items, found)
        try:
            items = self._with_a_role(items, found) if items else []
        except LedgerError as error:
            found.refused = InputError(error.code, **error.params)
            return
        told, refused = (found, proposal.columns), set[Place]()
        parts = groups(self._in_open_months(items))
        self._progress(parsed.file, 0, len(parts))
        if not self._dry:
            for people in registrations(self._writer.store, self._context, proposal, items):
                for group in groups(self._in_open_months(people)):
                    self._sign(parsed, group, told, refused)
        for index, group in enumerate(parts):
            self._progress(parsed.file, index, len(parts))
            left = [i for i in group if i.bearing == "file" or i.place not in refused]
            self._sign(parsed, left, told, refused)
        self._progress(parsed.file, len(parts), len(parts))

    def _with_a_role(self, items: Sequence[Proposed], found: FileReport) -> list[Proposed]:
        """The items that the signer may record; the rows of the others are wrong. When nothing is left, the file itself
        is refused, with one sentence instead of one for every row.
        """
        authority, signer = self._writer.authority, self._signer()
        officer, key = signer.officer, authority.keys.get(signer.key.public.keyid)
        machine = key is not None and key.machine_kinds is not None
        kinds = {(item.entity, event.kind): event for item in items for event in item.events}
        barred = {
            (entity, kind): {"kind": kind, "officer": officer, "entity": entity}
            for (entity, kind), event in kinds.items()
            if wrong_maker(authority, officer, entity, [event], machine=machine)
        }
        left: list[Proposed] = []
        wrong: dict[Place, dict[str, str]] = {}
        for item in items:
            why = next((barred[p] for e in item.events if (p := (item.entity, e.kind)) in barred), None)
            if why is None:
                left.append(item)
            else:
                wrong.setdefault(item.place, why)
        if wrong and not left:
            raise InputError("E_ROLE", **next(iter(wrong.values())))
        found.wrong += [WrongCell(place, "", "", "", "E_ROLE", why) for place, why in wrong.items()]
        return left

    def _in_open_months(self, items: Sequence[Proposed]) -> list[Proposed]:
        """What comes after its month was closed is dated today; its events keep their own days."""
        authority, today = self._writer.authority, self._context.options.today
        return [i if authority.month_open(i.entity, i.day) else replace(i, day=today) for i in items]

    def _sign(
        self,
        parsed: ParsedFile,
        group: list[Proposed],
        told: tuple[FileReport, Mapping[str, str]],
        refused: set[Place],
    ) -> None:
        """Submit a group as one voucher, as most can be. One that is refused, or whose facts want an explanation, is
        sorted out; vouchers that are refused after all are sorted out again.
        """
        found, columns = told
        if group and self._submit(parsed, group, None, found):
            return
        while group:
            sorting = sort_out(group, lambda items, codes: self._judge(parsed, items, codes))
            for item, code, params in sorting.refused:
                found.wrong.append(WrongCell(item.place, columns.get(code, ""), "", "", code, params))
                if item.bearing == "row":
                    refused.add(item.place)
            again: list[Proposed] = []
            for items, codes in sorting.vouchers():
                again += [] if self._submit(parsed, items, codes, found) else items
            group = [*again, *sorting.instead] if len(again) < len(group) else []
            if not group:
                found.wrong += [WrongCell(item.place, "", "", "", "E_ROW_NOT_POSTED", {}) for item in again]

    def _judge(self, parsed: ParsedFile, items: Sequence[Proposed], codes: tuple[str, ...]) -> Sequence[Finding]:
        return self._desk.preview(self._draft(parsed, items, codes)).warnings

    def _submit(
        self, parsed: ParsedFile, items: Sequence[Proposed], codes: Sequence[str] | None, found: FileReport
    ) -> bool:
        """Submit a voucher; False when it is refused, also where what it rested on now waits. `codes` is None while
        nobody knows whether its facts break rules; it is refused when they do, and whatever else is wrong with it is
        left to the sorting.
        """
        try:
            submission = replace(self._draft(parsed, items, codes or ()), unexplained=codes is None)
            outcome = self._desk.submit(submission)
        except VoucherRefusedError:
            return False
        except LedgerError as error:
            if codes is not None:
                found.wrong += [WrongCell(i.place, "", "", "", error.code, dict(error.params)) for i in items]
            return codes is not None
        self.report.count(outcome)
        if self._dry:
            events = [event for item in items for event in item.events]
            self._context.outside.rehearse(items[0].entity, items[0].day.isoformat(), events)
        found.new += len({item.place for item in items if item.bearing == "row"})
        return True

    def _draft(self, parsed: ParsedFile, items: Sequence[Proposed], codes: Sequence[str]) -> Submission:
        events = [event for item in items for event in item.events]
        note = self._context.options.note or f"导入 {parsed.kind}"
        if codes:
            note += "。所记事实与规则不符,按文件如实入账并列为疑点: " + "、".join(codes)
        first, now = items[0], self._writer.clock()
        return draft(self._signer(), first.entity, first.day, events, now, note=note, attachments=1)
