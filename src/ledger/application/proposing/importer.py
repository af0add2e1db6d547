"""Importing: read files, propose, drop what is known, sign what is new, and say what became of every row.

A file's rows are judged before anything is signed: rows that a gate refuses are wrong rows with their reason, facts
that break a rule go into vouchers of their own (they need an explanation and a second person), the rest is posted.
The same file again adds nothing; a row that says something else than what was recorded under its key is wrong.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from ledger.application import waiting
from ledger.application.drafting import Signer, draft
from ledger.application.importing.parse import parse_file
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import WrongCell
from ledger.application.outcomes import Receipt, VoucherRefusedError, Waiting
from ledger.application.proposing.context import Context
from ledger.application.proposing.kinds import ORDER, PROPOSERS
from ledger.application.proposing.people import registration
from ledger.application.proposing.proposal import Proposal, Proposed, says
from ledger.application.writer import Writer
from ledger.decisions.histories import recorded, without_reversed
from ledger.decisions.prepared import Submission
from ledger.errors import InputError, LedgerError
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Need
from ledger.flows.registry import read_event
from ledger.log import reading

VOUCHER_EVENTS: Final = 1000
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class FileReport:
    """What became of one file's rows."""

    file: str
    kind: str
    new: int = 0
    duplicate: int = 0
    noted: int = 0
    duplicates: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[WrongCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: InputError | None = None

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """For machines."""
        answer: dict[str, Any] = {
            "file": self.file,
            "kind": self.kind,
            "new": self.new,
            "duplicate": self.duplicate,
            "noted": self.noted,
            "duplicates": self.duplicates,
            "wrong": [wrong_json(cell, language) for cell in self.wrong],
            "notes": self.notes,
        }
        if self.refused is not None:
            answer["error"] = {"code": self.refused.code, "message": self.refused.message(language)}
        return answer


@dataclass(slots=True)
class ImportReport:
    """What became of all files, and the vouchers that were posted or wait."""

    files: list[FileReport] = field(default_factory=list)
    vouchers: list[Receipt] = field(default_factory=list)
    pending: list[Waiting] = field(default_factory=list)
    dry_run: bool = False

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """`{"files": […], "vouchers": […], "pending": […], "dry_run": …}`."""
        return {
            "files": [one.to_json(language) for one in self.files],
            "vouchers": [one.to_json() for one in self.vouchers],
            "pending": [one.to_json() for one in self.pending],
            "dry_run": self.dry_run,
        }


def wrong_json(cell: WrongCell, language: str = "zh") -> dict[str, Any]:
    """A wrong cell with place, value, code, and the sentence with reason and cure."""
    return {
        "sheet": cell.place.sheet,
        "row": cell.place.row,
        "column": cell.column,
        "value": cell.value,
        "code": cell.code,
        "message": cell.message(language),
    }


class Importer:
    """Imports files into one book for one signer. `dry_run` records nothing, in log, vault or waiting list."""

    def __init__(
        self,
        writer: Writer,
        context: Context,
        signer: Callable[[], Signer],
        *,
        dry_run: bool = False,
        progress: Progress = lambda _what, _done, _all: None,
    ) -> None:
        self._writer = writer
        self._context = context
        self._signer = signer
        self._dry = dry_run
        self._progress = progress
        self.report = ImportReport(dry_run=dry_run)

    def add_all(self, files: Sequence[Path], kind: str | None = None) -> ImportReport:
        """Import files, what others build on first, whatever the order given; reported in the order given.

        A file that cannot be read is reported and stops no other.
        """
        opened: list[tuple[FileReport, ParsedFile]] = []
        for file in files:
            try:
                parsed = parse_file(file, kind, month=self._context.options.month)
            except InputError as refused:
                self.report.files.append(FileReport(file.name, kind or "?", refused=refused))
                continue
            found = FileReport(file.name, parsed.kind, wrong=list(parsed.wrong))
            found.notes = [note.message() for note in parsed.notes]
            self.report.files.append(found)
            opened.append((found, parsed))
        for found, parsed in sorted(opened, key=lambda one: ORDER.index(one[1].kind)):
            proposal = PROPOSERS[parsed.kind](parsed, self._context)
            found.wrong += proposal.wrong
            found.noted = proposal.noted
            self._record(parsed, proposal, found)
        return self.report

    def _record(self, parsed: ParsedFile, proposal: Proposal, found: FileReport) -> None:
        items = self._fresh(proposal.items, found)
        items = [*self._people(proposal, items), *items]
        groups = _groups(items)
        for index, group in enumerate(groups):
            self._progress(parsed.file, index, len(groups))
            self._sign(parsed, group, found)
        self._progress(parsed.file, len(groups), len(groups))

    def _people(self, proposal: Proposal, items: Sequence[Proposed]) -> list[Proposed]:
        """Keep people in the vault first; what is new about them is committed in the log by the first vouchers."""
        if self._dry or not items:
            return []
        with self._writer.store.write() as connection:
            subjects = [subject for _, subject in proposal.subjects]
            made = self._context.vault.register(connection, subjects)
        return registration(self._context, proposal, made, items[0])

    def _fresh(self, items: Sequence[Proposed], found: FileReport) -> list[Proposed]:
        """The items that neither the log, nor a waiting voucher, nor an earlier row of this file holds."""
        known = self._known(items)
        fresh: list[Proposed] = []
        seen: set[tuple[Need, str]] = set()
        for item in items:
            if item.chain:
                fresh += self._fresh_acts(item, known, found)
                continue
            before = known.get(item.known_by, [])
            if item.by_content:
                before = [one for one in before if says(one[0]) == says(item.events[0])]
            same = [event for event, _ in before if event.kind == item.events[0].kind]
            if same and says(same[0]) != says(item.events[0]) and not item.file_level:
                found.wrong.append(_changed(item, before[0][1], says(same[0]), says(item.events[0])))
            elif before or (item.known_by, item.events[0].kind) in seen:
                self._duplicate(item, before, found)
            else:
                fresh.append(item)
                if not item.by_content:
                    seen.add((item.known_by, item.events[0].kind))
        return fresh

    def _fresh_acts(
        self, item: Proposed, known: Mapping[Need, list[tuple[Event, int]]], found: FileReport
    ) -> list[Proposed]:
        """The acts of a chain that are not known; the row is wrong when its main act was recorded otherwise."""
        before = known.get(item.known_by, [])
        main = next((e for n, e in zip(item.chain, item.events, strict=True) if n == item.known_by), item.events[0])
        same = [event for event, _ in before if event.kind == main.kind]
        if same and says(same[0]) != says(main):
            found.wrong.append(_changed(item, before[0][1], says(same[0]), says(main)))
            return []
        acts = [
            (need, event)
            for need, event in zip(item.chain, item.events, strict=True)
            if not [one for one, _ in known.get(need, []) if need not in item.reports or says(one) == says(event)]
        ]
        if not acts:
            self._duplicate(item, before, found)
            return []
        return [replace(item, events=tuple(e for _, e in acts), chain=tuple(n for n, _ in acts))]

    @staticmethod
    def _duplicate(item: Proposed, before: Sequence[tuple[Event, int]], found: FileReport) -> None:
        if item.file_level:
            return
        found.duplicate += 1
        of = before[0][1] if before else None
        found.duplicates.append({"sheet": item.place.sheet, "row": item.place.row, "of_position": of})

    def _known(self, items: Sequence[Proposed]) -> dict[Need, list[tuple[Event, int]]]:
        """Recorded and waiting events by need; position 0 means that the event waits for a signature."""
        needs = list(dict.fromkeys(need for item in items for need in (item.known_by, *item.chain)))
        wide = {need: Need(need.tag, (*need.kinds, "event.reversed")) for need in needs}
        known: dict[Need, list[tuple[Event, int]]] = {}
        with self._writer.store.read() as connection:
            rows = reading.history(connection, list(wide.values()))
            for need, query in wide.items():
                kept = without_reversed(recorded(connection, rows[query]), need.kinds)
                known[need] = [(one.event, one.position) for one in kept]
            waits = waiting.all_waiting(connection)
        by_tag: dict[str, list[Need]] = {}
        for need in needs:
            by_tag.setdefault(need.tag, []).append(need)
        for event in (read_event(data) for one in waits for data in one.submission.events):
            for tag in event.tags():
                for need in by_tag.get(tag, ()):
                    if event.kind in need.kinds:
                        known[need].append((event, 0))
        return known

    def _sign(self, parsed: ParsedFile, group: list[Proposed], found: FileReport) -> None:
        """Judge a group, part what is refused or demanding from it, and submit the rest."""
        clean, odd = self._judged(parsed, group, found)
        for items, codes in ((clean, ()), *((items, codes) for codes, items in odd.items())):
            if items:
                self._submit(parsed, items, codes, found)

    def _judged(
        self, parsed: ParsedFile, group: list[Proposed], found: FileReport
    ) -> tuple[list[Proposed], dict[tuple[str, ...], list[Proposed]]]:
        """Items that break no rule, and items whose facts do, by the codes. Refused items become wrong rows."""
        odd: dict[tuple[str, ...], list[Proposed]] = {}
        while group:
            try:
                outcome = self._writer.preview(self._draft(parsed, group, ("W_",)))
                findings: Sequence[Finding] = outcome.warnings
            except VoucherRefusedError as refused:
                findings = refused.findings
            except LedgerError as error:
                found.wrong += [_wrong(item, error.code, error.params) for item in group if not item.file_level]
                return [], odd
            refusing = [f for f in findings if f.refuses]
            if not refusing:
                owners = _owners(group)
                for finding in (f for f in findings if f.demands and f.event >= 0):
                    item = owners[finding.event]
                    codes = tuple(sorted({f.code for f in findings if f.demands and owners.get(f.event) is item}))
                    if item not in odd.setdefault(codes, []):
                        odd[codes].append(item)
                out = {id(item) for items in odd.values() for item in items}
                return [item for item in group if id(item) not in out], odd
            group = _without_refused(group, refusing, found)
        return [], odd

    def _submit(self, parsed: ParsedFile, items: list[Proposed], codes: Sequence[str], found: FileReport) -> None:
        if not self._dry:
            try:
                outcome = self._writer.submit(self._draft(parsed, items, codes))
            except LedgerError as error:
                found.wrong += [_wrong(item, error.code, error.params) for item in items if not item.file_level]
                return
            if isinstance(outcome, Receipt):
                self.report.vouchers.append(outcome)
            else:
                self.report.pending.append(outcome)
        found.new += len({(i.place.sheet, i.place.row) for i in items if not i.file_level})

    def _draft(self, parsed: ParsedFile, items: Iterable[Proposed], codes: Sequence[str]) -> Submission:
        items = list(items)
        events = [event for item in items for event in item.events]
        note = self._context.options.note or f"导入 {parsed.kind}"
        if codes:
            note += "。所记事实与规则不符,按文件如实入账并列为疑点: " + "、".join(codes)
        return draft(
            self._signer(), items[0].entity, items[0].day, events, self._writer.clock(), note=note, attachments=1
        )


def _groups(items: Sequence[Proposed]) -> list[list[Proposed]]:
    """Vouchers to be: by entity, day and kinds in the order of first appearance, at most 1,000 events each."""
    groups: dict[tuple[Any, ...], list[list[Proposed]]] = {}
    for item in items:
        kinds = ("chain",) if item.chain else tuple(dict.fromkeys(event.kind for event in item.events))
        parts = groups.setdefault((item.entity, item.day, kinds), [[]])
        if sum(len(one.events) for one in parts[-1]) + len(item.events) > VOUCHER_EVENTS and parts[-1]:
            parts.append([])
        parts[-1].append(item)
    return [part for parts in groups.values() for part in parts]


def _owners(group: Sequence[Proposed]) -> dict[int, Proposed]:
    """Which item each event of the voucher belongs to, by the event's index."""
    order = [item for item in group for _ in item.events]
    return dict(enumerate(order))


def _without_refused(group: list[Proposed], refusing: Sequence[Finding], found: FileReport) -> list[Proposed]:
    """Drop the items that a gate refuses; a finding about the voucher as a whole refuses them all."""
    owners = _owners(group)
    bad = {id(owners[f.event]) for f in refusing if f.event >= 0} or {id(item) for item in group}
    for item in group:
        if id(item) in bad:
            own = [f for f in refusing if f.event < 0 or owners[f.event] is item]
            found.wrong += [_wrong(item, finding.code, dict(finding.params)) for finding in own]
    return [item for item in group if id(item) not in bad]


def _wrong(item: Proposed, code: str, params: Any) -> WrongCell:
    return WrongCell(item.place, "", "", "", code, params)


def _changed(item: Proposed, position: int, before: Any, after: Any) -> WrongCell:
    """The row says something else than what was recorded under its key: reverse first, never overwrite."""
    names = [name for name in after if before.get(name) != after[name]]
    params = {"position": position, "fields": "、".join(names)}
    value = "; ".join(f"{name}: {before.get(name)} → {after[name]}" for name in names[:5])
    return WrongCell(item.place, "", "", value, "E_ROW_CHANGED", params)


def months_of(days: Iterable[date]) -> list[str]:
    """The months that days lie in, sorted: what a summary of an import speaks of."""
    return sorted({day.isoformat()[:7] for day in days})
