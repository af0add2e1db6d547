"""Rows that wait for a signature in a voucher that can no longer be posted, told when their file is read again.

A voucher is signed whole. What was posted meanwhile (another list of the month) may refuse two of its lines, and then
nobody can sign the others either. Nothing is ended here: only its maker or a checker ends a voucher, and what it held
is then new again, so that reading the file once more records the rest and takes out what cannot stand.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ledger.application import waiting
from ledger.application.importing.rows import Place, WrongCell
from ledger.application.outcomes import Outcome, refusing
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposed
from ledger.application.proposing.reports import FileReport
from ledger.application.proposing.telling.teller import Teller
from ledger.decisions.prepared import Submission
from ledger.errors import LedgerError
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Need

Preview = Callable[[Submission], Outcome]


class Row(NamedTuple):
    """A row and what it is known by: a need, and a tag and what is about it besides where several rows share that."""

    place: Place
    need: Need
    within: str | None
    among: Callable[[Event], bool] | None

    def is_of(self, event: Event) -> bool:
        """Whether an event, of those that bear the need's tag, is what the row is known by."""
        within = self.within is None or self.within in event.tags()
        about = self.among is None or self.among(event)
        return within and about and (not self.need.kinds or event.kind in self.need.kinds)


Held = Mapping[str, Sequence[Row]]
"""Tag -> the rows that a voucher holds under it: the success and the return of one payment are two."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one file by what they are known by."""

    found: FileReport
    teller: Teller
    rows: Sequence[Row]

    @classmethod
    def of(cls, found: FileReport, teller: Teller, items: Sequence[Proposed]) -> "Rows":
        """Of a file's items. A row that only restates what stands is known by nothing of its own, and left out."""
        own = (one for one in items if one.bearing == "row" and one.sameness != "content")
        return cls(found, teller, [Row(one.place, one.known_by, one.within, one.among) for one in own])

    def among(self, by_tag: Mapping[str, Sequence[Event]]) -> Held:
        """Those of them that some events (by their tags) are known to be."""
        held: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            if any(row.is_of(event) for event in by_tag.get(row.need.tag, ())):
                held[row.need.tag].append(row)
        return held


def tell_no_longer(
    context: Context, preview: Preview, files: Sequence[Rows], judged: Container[str] = frozenset()
) -> None:
    """Judge again every waiting voucher that holds rows of these files, but for those that were just `judged`. Of one
    that is refused each line at fault is wrong at its row, and its file says how the others are paid.
    """
    if not files:
        return
    with context.store.read() as connection:
        context.outside.refresh(connection)
        for voucher, recorded in context.outside.vouchers().items():
            events = [] if voucher in judged else [item.event for item in recorded]
            by_tag = _by_tag(events)
            theirs = [(rows, held) for rows in files if (held := rows.among(by_tag))] if events else []
            findings = _refusing(preview, waiting.waiting(connection, voucher).submission) if theirs else []
            for rows, held in theirs if findings else ():
                _tell(rows, held, events, findings)
                told = {"voucher": voucher, "codes": "、".join(sorted({finding.code for finding in findings}))}
                rows.found.tell(WrongCell(Place(rows.found.file, None, 0), "", "", "", "W_WAITS_IN_VAIN", told))


def _by_tag(events: Sequence[Event]) -> Mapping[str, Sequence[Event]]:
    found: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        for tag in event.tags():
            found[tag].append(event)
    return found


def _refusing(preview: Preview, waits: Submission) -> list[Finding]:
    try:
        preview(Submission(waits.envelope, waits.events))
    except LedgerError as error:
        return refusing(error)
    return []


def _tell(rows: Rows, held: Held, events: Sequence[Event], findings: Sequence[Finding]) -> None:
    for finding in findings:
        places = _places_of(held, events[finding.event]) if finding.event >= 0 else set()
        for place in places:
            cell = WrongCell(place, "", "", "", finding.code, dict(finding.params))
            for told in rows.teller.told([cell]):
                rows.found.tell(told)
            rows.found.not_duplicate({place} & rows.found.duplicate_places.keys())


def _places_of(held: Held, event: Event) -> set[Place]:
    """The rows that an event is of: those that it is known by, else those that it came with."""
    found: set[Place] = set()
    for rows in (held[tag] for tag in event.tags() if tag in held):
        own = [row for row in rows if row.is_of(event)] or rows
        found.update(row.place for row in own)
    return found
