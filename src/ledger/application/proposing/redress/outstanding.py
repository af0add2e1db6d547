"""What a returned check sheet does not answer: rows that were left blank, and rows that were given out and are gone.

A doubt whose row is deleted is not answered, and nobody would miss it among eleven thousand. The number of an issue is
a keyed reference of its doubts, so a sheet that holds all of them is known at once; on any other one, every open doubt
that was given to its township by then must stand.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from ledger.application.importing.check_sheets import UNSTATED, Issue
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, Place
from ledger.application.proposing.context import Context
from ledger.flows.knowledge import Need

_NUMBER_CHARACTERS: Final = 8
_NUMBERS_SHOWN: Final = 10
_STEPS: Final = ("clue.raised", "clue.assigned", "clue.verified", "clue.refuted")
_ANSWERS: Final = frozenset(("clue.verified", "clue.refuted"))
Sheets = Mapping[tuple[str, str | None], Issue | None]
"""File and sheet -> the issue that its lines name."""


def issue_number(context: Context, on: date | None, due: date | None, doubts: Iterable[str]) -> str:
    """The number of an issue: the same doubts given out the same day with the same term are the same issue."""
    own = context.reference("issue", on, due, *sorted(doubts))
    return f"HC{on or date.min:%Y%m%d}-{own[:_NUMBER_CHARACTERS].upper()}"


def unanswered(
    context: Context, parsed: ParsedFile, rows: Sequence[CleanRow], issues: Sheets, answered: Collection[str]
) -> Iterator[Note]:
    """What each sheet of a file leaves open; `answered` are doubts that the book has an answer to. Where rows cannot be
    read nobody knows which doubts they are of, so what is gone is told when they are mended.
    """
    broken = {(one.place.file, one.place.sheet) for one in parsed.wrong}
    own: defaultdict[tuple[str, str | None], list[CleanRow]] = defaultdict(list)
    for row in rows:
        own[row.place.file, row.place.sheet].append(row)
    for (file, sheet), issue in issues.items():
        mine = own[file, sheet]
        blank = [row for row in mine if row.values.get("result") is None and _number(row) not in answered]
        if issue is None:
            continue
        told = {"number": issue.number, "township": issue.township or UNSTATED, "rows": len(mine)}
        if blank:
            due = "-" if issue.due_on is None else issue.due_on.isoformat()
            yield Note(blank[0].place, "W_SHEET_OPEN", {**told, "open": len(blank), "due": due})
        if (file, sheet) in broken:
            continue
        if gone := _gone(context, issue, {_number(row) for row in mine}):
            shown = "、".join(gone[:_NUMBERS_SHOWN]) + ("…" if len(gone) > _NUMBERS_SHOWN else "")
            yield Note(Place(file, sheet, 1), "W_SHEET_ROWS_GONE", {**told, "gone": len(gone), "doubts": shown})


def _gone(context: Context, issue: Issue, present: Collection[str]) -> list[str]:
    """Doubts that were given out with an issue, or before it, are still open, and do not stand on its sheet."""
    on = issue.on
    if on is None or issue.number == issue_number(context, on, issue.due_on, present):
        return []
    programmes = [one.programme for one in context.facts("programme.opened")]
    raised = context.find(Need(f"programme:{one}", ("clue.raised",)) for one in programmes)
    clues: list[Any] = [item.event for items in raised.values() for item in items]
    wanted = {one.clue for one in clues if one.township == issue.township} - set(present)
    found = context.find(Need(f"clue:{one}", _STEPS) for one in sorted(wanted))
    return [need.tag.partition(":")[2] for need, items in found.items() if _open([i.event for i in items], on)]


def _open(steps: Sequence[Any], on: date) -> bool:
    given = any(one.kind == "clue.assigned" and one.on <= on for one in steps)
    return given and not any(one.kind in _ANSWERS for one in steps)


def _number(row: CleanRow) -> str:
    return str(row.values["doubt_no"])
