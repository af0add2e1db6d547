"""Rows that wait for a signature in a voucher that can no longer be posted, told when their file is read again.

A voucher is signed whole. What was posted meanwhile (another list of the month) may refuse two of its lines, and then
nobody can sign the others either. Nothing is ended here: only its maker or a checker ends a voucher, and what it held
is then new again, so that reading the file once more records the rest and takes out what cannot stand.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from ledger.application import waiting
from ledger.application.importing.rows import Place, WrongCell
from ledger.application.outcomes import Outcome, VoucherRefusedError
from ledger.application.proposing.proposal import Proposed
from ledger.application.proposing.reports import FileReport
from ledger.application.proposing.telling.teller import Teller
from ledger.decisions.prepared import Submission
from ledger.errors import LedgerError
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding
from ledger.flows.registry import read_event
from ledger.log.store import LogStore

Preview = Callable[[Submission], Outcome]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one file by what they are known by: a tag, and a second one where the first is of several rows."""

    found: FileReport
    teller: Teller
    places: Mapping[tuple[str, str | None], Place]

    @classmethod
    def of(cls, found: FileReport, teller: Teller, items: Sequence[Proposed]) -> "Rows":
        """Of a file's items. A row that only restates what stands is known by nothing of its own, and left out."""
        own = (one for one in items if one.bearing == "row" and one.sameness != "content")
        return cls(found, teller, {(one.known_by.tag, one.within): one.place for one in own})

    def among(self, tags: frozenset[str]) -> dict[str, Place]:
        """Tag -> the row, of those that a voucher with these tags holds."""
        return {tag: at for (tag, more), at in self.places.items() if tag in tags and (more is None or more in tags)}


def tell_no_longer(
    store: LogStore, preview: Preview, files: Sequence[Rows], judged: Container[str] = frozenset()
) -> None:
    """Judge again every waiting voucher that holds rows of these files, but for those that were just `judged`. Of one
    that is refused each line at fault is wrong at its row, and its file says how the others are paid.
    """
    with store.read() as connection:
        waits = waiting.all_waiting(connection) if files else []
    for one in waits:
        if one.voucher in judged:
            continue
        events = [read_event(data) for data in one.submission.events]
        tags = frozenset(tag for event in events for tag in event.tags())
        theirs = [(rows, held) for rows in files if (held := rows.among(tags))]
        refusing = _refusing(preview, one.submission) if theirs else []
        for rows, held in theirs if refusing else ():
            _tell(rows, held, events, refusing)
            told = {"voucher": one.voucher, "codes": "、".join(sorted({finding.code for finding in refusing}))}
            rows.found.tell(WrongCell(Place(rows.found.file, None, 0), "", "", "", "W_WAITS_IN_VAIN", told))


def _refusing(preview: Preview, waits: Submission) -> list[Finding]:
    try:
        preview(Submission(waits.envelope, waits.events))
    except VoucherRefusedError as refused:
        return [finding for finding in refused.findings if finding.refuses]
    except LedgerError as error:
        return [Finding(error.code, -1, tuple(error.params.items()))]
    return []


def _tell(rows: Rows, held: Mapping[str, Place], events: Sequence[Event], refusing: Sequence[Finding]) -> None:
    for finding in refusing:
        tags = events[finding.event].tags() if finding.event >= 0 else ()
        for place in {held[tag] for tag in tags if tag in held}:
            cell = WrongCell(place, "", "", "", finding.code, dict(finding.params))
            for told in rows.teller.told([cell]):
                rows.found.tell(told)
            rows.found.not_duplicate({place} & rows.found.duplicate_places.keys())
