"""Giving doubts out (下发): which go to which township, the signed assignments, and the workbooks with their names.

Giving out is an act: the doubts are assigned with a term by a signed voucher, and every name that is read out of the
vault for a sheet is written down with its purpose. What comes back is imported like any other file.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from ledger.application.importing.check_sheets import UNSTATED, Issue, write_check_sheet
from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.redress.issued import issued_fields
from ledger.application.proposing.redress.outstanding import issue_number
from ledger.decisions.authority import Authority
from ledger.decisions.policies import makers_of
from ledger.errors import AuthorityError, InputError
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.redress.clues import as_restated
from ledger_api.books import Book
from ledger_api.new_files import into_new
from ledger_projections.public_money.doubts import clues

_VOUCHER_EVENTS: Final = 1000
_NO_NAME: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_KINDS: Final = ("clue.raised", "clue.restated", "clue.assigned")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What goes out to one township: where to, and the `clue.raised` of each doubt with its last assignment."""

    file: Path
    issue: Issue
    doubts: Sequence[tuple[Any, Any | None, str]]
    """(raised, assigned, entity)."""


@dataclass(frozen=True, slots=True)
class GivingOut:
    """Who gives out, on which day, and how a voucher is signed: `post(entity, events, note)`."""

    book: Book
    officer: str
    authority: Authority
    today: date
    now: str
    """The moment under which readings of names are written down."""
    post: Callable[[str, Sequence[Event], str], None]

    def out(self, output: Path, township: str | None, due: date | None, purpose: str) -> tuple[Sequence[Sheet], int]:
        """Sign the assignments and write the sheets; answers them, and how many doubts were newly assigned.

        Raises InputError E_NO_DOUBTS or E_TARGET_EXISTS, AuthorityError E_SCOPE; then nothing was read or signed.
        """
        context = Context(self.book.store, self.book.vault, Options(self.officer, self.today))
        sheets = self._sheets(context, output, township, due)
        assigned = self._assign(context, sheets)
        self._write(context, sheets, purpose)
        return sheets, assigned

    def _sheets(self, context: Context, output: Path, township: str | None, due: date | None) -> list[Sheet]:
        """One sheet a township, of the doubts that nobody has answered and that the signer may give out."""
        if township is None and output.exists() and not output.is_dir():
            raise InputError("E_TARGET_EXISTS", file=str(output))
        with self.book.store.read() as connection:
            listed = clues(connection, self.today).rows
        open_rows = [one for one in listed if one.state in ("raised", "assigned") and township in (None, one.township)]
        by_township: defaultdict[str | None, list[str]] = defaultdict(list)
        for one in open_rows:
            if self._in_scope(one.entity, one.township):
                by_township[one.township].append(one.clue)
            elif township is not None:
                scopes = self.authority.scopes(self.officer, makers_of("clue.assigned"), one.entity)
                told = "、".join(sorted(scope for scope in scopes if scope)) or "-"
                raise AuthorityError("E_SCOPE", officer=self.officer, scope=told, township=township)
        if not by_township:
            raise InputError("E_NO_DOUBTS", township=township or "-")
        known = context.find(Need(f"clue:{one.clue}", _KINDS) for one in open_rows)
        sheets: list[Sheet] = []
        for name, numbers in sorted(by_township.items(), key=lambda part: part[0] or ""):
            issue = Issue(issue_number(context, self.today, due, numbers), name, self.today, due)
            file = output if township is not None else output / f"疑点核查表-{_NO_NAME.sub('_', name or UNSTATED)}.xlsx"
            if file.exists() or file in {one.file for one in sheets}:
                raise InputError("E_TARGET_EXISTS", file=str(file))
            doubts = [_stands(known[Need(f"clue:{number}", _KINDS)]) for number in numbers]
            sheets.append(Sheet(file, issue, doubts))
        if township is None:
            output.mkdir(parents=True, exist_ok=True)
        return sheets

    def _in_scope(self, entity: str, township: str | None) -> bool:
        scopes = self.authority.scopes(self.officer, makers_of("clue.assigned"), entity)
        return None in scopes or (township is not None and township in scopes)

    def _assign(self, context: Context, sheets: Sequence[Sheet]) -> int:
        """Sign the assignments that are not in the log or waiting already; how many doubts they are of."""
        wanted: defaultdict[str, list[Event]] = defaultdict(list)
        for sheet in sheets:
            for raised, before, entity in sheet.doubts:
                unit, due = sheet.issue.township or UNSTATED, sheet.issue.due_on
                if before is not None and due in (None, before.due_on):
                    continue
                fields = {"unit": unit, "due_on": None if due is None else str(due), "on": str(sheet.issue.on)}
                event = context.event("clue.assigned", clue=raised.clue, **fields, origin="decision")
                wanted[entity].append(event)
        for entity, events in wanted.items():
            for first in range(0, len(events), _VOUCHER_EVENTS):
                part = events[first : first + _VOUCHER_EVENTS]
                self.post(entity, part, f"下发疑点核查表 {len(part)} 条")
        return sum(map(len, wanted.values()))

    def _write(self, context: Context, sheets: Sequence[Sheet], purpose: str) -> None:
        """Each sheet's people are read out of the vault with its purpose on record, then the sheet is written."""
        for sheet in sheets:
            people = [raised.person for raised, _, _ in sheet.doubts if raised.person is not None]
            why = f"{purpose}(核查表 {sheet.issue.number})"
            with self.book.store.write(beside=True) as connection:
                shown = self.book.vault.show_all(connection, people, self.officer, why, self.now)
            fields = {one: {part.name: part.value for part in found} for one, found in shown.items()}
            rows = list(_rows(context, sheet, fields))
            into_new(sheet.file, lambda file: write_check_sheet(file, sheet.issue, rows))  # noqa: B023 - called at once


def _stands(items: Sequence[Any]) -> tuple[Any, Any | None, str]:
    raised = next(item for item in items if item.event.kind == "clue.raised")
    assigned = next((item.event for item in reversed(items) if item.event.kind == "clue.assigned"), None)
    return as_restated(raised.event, (item.event for item in items)), assigned, raised.entity


def _rows(context: Context, sheet: Sheet, people: Mapping[str, Mapping[str, str]]) -> Iterator[Mapping[str, Any]]:
    for raised, _, _ in sheet.doubts:
        yield issued_fields(context, raised, people.get(raised.person or "", {}))
