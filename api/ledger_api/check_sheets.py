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
from typing import IO, Any, Final

from ledger.application.importing.check_sheets import UNSTATED, WITHHELD, Issue, write_check_sheet
from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.redress.issued import issued_fields
from ledger.application.proposing.redress.outstanding import issue_number
from ledger.decisions.authority import Authority
from ledger.decisions.policies import makers_of
from ledger.errors import AuthorityError, InputError
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.redress.clues import as_restated
from ledger_api.access import persons
from ledger_api.books import Book
from ledger_api.new_files import into_new
from ledger_projections.public_money.doubts import clues

VOUCHER_EVENTS: Final = 1000
_NO_NAME: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_KINDS: Final = ("clue.raised", "clue.restated", "clue.assigned")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What goes out to one township: where to, and the `clue.raised` of each doubt with its last assignment."""

    issue: Issue
    doubts: Sequence[tuple[Any, Any | None, str]]
    """(raised, assigned, entity)."""

    @property
    def exposure_fen(self) -> int:
        """What is at stake in all of them."""
        return sum(raised.exposure_fen for raised, _, _ in self.doubts)

    def assignments(self, context: Context) -> dict[str, list[Event]]:
        """The `clue.assigned` that are not in the log, by entity: those of doubts that nobody was given, or that have
        another term now.
        """
        wanted: defaultdict[str, list[Event]] = defaultdict(list)
        for raised, before, entity in self.doubts:
            unit, due = self.issue.township or UNSTATED, self.issue.due_on
            if before is not None and due in (None, before.due_on):
                continue
            fields = {"unit": unit, "due_on": None if due is None else str(due), "on": str(self.issue.on)}
            wanted[entity].append(context.event("clue.assigned", clue=raised.clue, **fields, origin="decision"))
        return dict(wanted)

    def write(self, context: Context, file: IO[bytes], purpose: str, now: str, authority: Authority) -> None:
        """The workbook. Its people are read out of the vault with the purpose on record; a person whose use is
        restricted is named where whoever gives it out inspects, as in any other reading, and the row says so.
        """
        officer, people = context.options.officer, {raised.person: entity for raised, _, entity in self.doubts}
        people.pop(None, None)
        why = f"{purpose}(核查表 {self.issue.number})"
        with context.store.write(beside=True) as connection:
            restricted = persons.restricted_among(connection, people)
            withheld = {one for one in restricted if not _inspects(authority, officer, people[one])}
            shown = context.vault.show_all(connection, people.keys() - withheld, officer, why, now)
        fields = {one: {part.name: part.value for part in found} for one, found in shown.items()}
        fields |= {one: {"name": WITHHELD} for one in withheld}
        places = [at for at, (raised, _, _) in enumerate(self.doubts) if raised.person in restricted]
        write_check_sheet(file, self.issue, list(_rows(context, self, fields)), places)


def sheets_of(context: Context, authority: Authority, township: str | None, due: date | None) -> list[Sheet]:
    """One sheet a township, of the doubts that nobody has answered and that the officer may give out today; of one
    township only where it is named (`UNSTATED`: doubts without one).

    Raises InputError E_NO_DOUBTS, AuthorityError E_SCOPE.
    """
    officer, today = context.options.officer, context.options.today
    with context.store.read() as connection:
        listed = clues(connection, today).rows
    open_rows = [one for one in listed if one.state in ("raised", "assigned") and _is_asked(township, one.township)]
    by_township: defaultdict[str | None, list[str]] = defaultdict(list)
    for one in open_rows:
        scopes = authority.scopes(officer, makers_of("clue.assigned"), one.entity)
        if None in scopes or (one.township is not None and one.township in scopes):
            by_township[one.township].append(one.clue)
        elif township is not None:
            told = "、".join(sorted(scope for scope in scopes if scope)) or "-"
            raise AuthorityError("E_SCOPE", officer=officer, scope=told, township=township)
    if not by_township:
        raise InputError("E_NO_DOUBTS", township=township or "-")
    known = context.find(Need(f"clue:{one.clue}", _KINDS) for one in open_rows)
    return [
        Sheet(
            Issue(issue_number(context, today, due, numbers), name, today, due),
            [_stands(known[Need(f"clue:{number}", _KINDS)]) for number in numbers],
        )
        for name, numbers in sorted(by_township.items(), key=lambda part: part[0] or "")
    ]


def in_parts(wanted: Mapping[str, Sequence[Event]]) -> Iterator[tuple[str, Sequence[Event]]]:
    """Events by entity, as many at a time as a voucher takes."""
    for entity, events in wanted.items():
        for first in range(0, len(events), VOUCHER_EVENTS):
            yield entity, events[first : first + VOUCHER_EVENTS]


def note_of(events: Sequence[Event]) -> str:
    """What a voucher of assignments says of itself."""
    return f"下发疑点核查表 {len(events)} 条"


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

    def out(
        self, output: Path, township: str | None, due: date | None, purpose: str
    ) -> tuple[Sequence[tuple[Path, Sheet]], int]:
        """Sign the assignments and write the sheets; answers them, and how many doubts were newly assigned.

        Raises InputError E_NO_DOUBTS or E_TARGET_EXISTS, AuthorityError E_SCOPE; then nothing was read or signed.
        """
        if township is None and output.exists() and not output.is_dir():
            raise InputError("E_TARGET_EXISTS", file=str(output))
        context = Context(self.book.store, self.book.vault, Options(self.officer, self.today))
        files: dict[Path, Sheet] = {}
        for sheet in sheets_of(context, self.authority, township, due):
            name = _NO_NAME.sub("_", sheet.issue.township or UNSTATED)
            file = output if township is not None else output / f"疑点核查表-{name}.xlsx"
            if file.exists() or file in files:
                raise InputError("E_TARGET_EXISTS", file=str(file))
            files[file] = sheet
        if township is None:
            output.mkdir(parents=True, exist_ok=True)
        wanted: defaultdict[str, list[Event]] = defaultdict(list)
        for sheet in files.values():
            for entity, events in sheet.assignments(context).items():
                wanted[entity] += events
        for entity, part in in_parts(wanted):
            self.post(entity, part, note_of(part))
        for file, sheet in files.items():
            into_new(file, lambda there: sheet.write(context, there, purpose, self.now, self.authority))  # noqa: B023 - called at once
        return list(files.items()), sum(map(len, wanted.values()))


def _inspects(authority: Authority, officer: str, entity: str) -> bool:
    return any(authority.holds(officer, role, entity) for role in persons.INSPECTORS)


def _is_asked(township: str | None, found: str | None) -> bool:
    return township is None or township == (found or UNSTATED)


def _stands(items: Sequence[Any]) -> tuple[Any, Any | None, str]:
    raised = next(item for item in items if item.event.kind == "clue.raised")
    assigned = next((item.event for item in reversed(items) if item.event.kind == "clue.assigned"), None)
    return as_restated(raised.event, (item.event for item in items)), assigned, raised.entity


def _rows(context: Context, sheet: Sheet, people: Mapping[str, Mapping[str, str]]) -> Iterator[Mapping[str, Any]]:
    for raised, _, _ in sheet.doubts:
        yield issued_fields(context, raised, people.get(raised.person or "", {}))
