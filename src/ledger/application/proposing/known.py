"""What of a file's proposal is new: neither in the log, nor waiting for a signature, nor in an earlier row of the file.

A row that says something else than what was recorded under its key is wrong, and nothing of it is recorded: what
stands is reversed first. A row is never recorded in part because a part of it looks new.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.outside import OUTSIDE
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, agree, of_file, says
from ledger.application.proposing.reports import FileReport
from ledger.application.proposing.telling.teller import Teller
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.knowledge import Need, Recorded

_Known = Mapping[Need, Sequence[Recorded]]


def fresh_items(context: Context, items: Sequence[Proposed], found: FileReport, teller: Teller) -> list[Proposed]:
    """The new items; duplicates and changed rows go to the report. A file without a new row says nothing new
    itself, unless that stands alone.
    """
    narrow = {item.known_by: item.within for item in items if item.within is not None}
    known = context.find((need for item in items for need in (item.known_by, *item.chain)), narrow)
    sieve = _Sieve(known, found, context.options.today, teller)
    fresh = [one for item in items for one in sieve.sift(item)]
    fresh = [item for item in fresh if item.bearing == "file" or item.place not in sieve.changed]
    found.not_duplicate(sieve.changed)
    found.notes += older_told(sieve.older)
    return fresh if any(item.bearing != "file" or item.alone for item in fresh) else []


def older_told(places: Sequence[Place]) -> list[Note]:
    """One note of the rows of a file that was read before, of which the book has heard otherwise since."""
    return [Note(places[0].as_a_whole(), "W_ROWS_OLDER", {"rows": len(places), "row": places[0].row})] if places else []


_Propose = Callable[[Sequence[ParsedFile], Context], Sequence[Proposal]]


def proposed(files: Sequence[ParsedFile], context: Context, propose: _Propose) -> Sequence[Proposal]:
    """What files propose. A text is read with its digits in half width; what an earlier release recorded as it stood,
    full width and all, has its key from that, and a row of which the book knows something so is read so again.
    """
    return propose(_as_recorded(files, context, propose), context)


def _as_recorded(files: Sequence[ParsedFile], context: Context, propose: _Propose) -> Sequence[ParsedFile]:
    if all(row.typed is None for parsed in files for row in parsed.rows):
        return files
    typed = [replace(parsed, rows=tuple(_as_typed(row) for row in parsed.rows)) for parsed in files]
    try:
        proposals = propose(typed, context)
    except (InputError, RowRefusedError):
        return files
    read: list[ParsedFile] = []
    plain = [_known_places(parsed, one, context) for parsed, one in zip(files, propose(files, context), strict=True)]
    as_typed = [_known_places(parsed, one, context) for parsed, one in zip(typed, proposals, strict=True)]
    for parsed, (same, partly), (same_typed, partly_typed) in zip(files, plain, as_typed, strict=True):
        known = (same_typed - same) | (partly_typed - partly - same)
        read.append(replace(parsed, rows=tuple(_as_typed(row) if row.place in known else row for row in parsed.rows)))
    return read


def _known_places(parsed: ParsedFile, proposal: Proposal, context: Context) -> tuple[set[Place], set[Place]]:
    """The rows that the book, or what waits, knows as they are, and those of which it knows a part, or otherwise."""
    found, items = FileReport(parsed.file, parsed.kind), proposal.items
    fresh = fresh_items(context, items, found, Teller(parsed, {}, context))
    whole = {item.known_by: len(item.events) for item in items if item.chain}
    partly = {item.place for item in fresh if len(item.events) < whole.get(item.known_by, 0)}
    return set(found.duplicate_places), {*(cell.place for cell in found.wrong), *partly}


def _as_typed(row: CleanRow) -> CleanRow:
    return row if row.typed is None else replace(row, values=row.typed)


class _Sieve:
    """Sifts one file's items in order."""

    def __init__(self, known: _Known, found: FileReport, today: date, teller: Teller) -> None:
        self._known, self._found, self._today, self._teller = known, found, today, teller
        self._seen: dict[tuple[Need, str], list[Event]] = {}
        """(need, entity where each says it for itself) -> what earlier rows said."""
        self._acts_seen: defaultdict[Need, list[Event]] = defaultdict(list)
        self.changed: set[Place] = set()
        self.older: list[Place] = []

    def sift(self, item: Proposed) -> list[Proposed]:
        """The item, the part of it that is new, or nothing."""
        if item.chain:
            return self._acts(item)
        before = self._before(item)
        if item.sameness == "row":
            return self._row(item, before)
        if item.sameness == "exists":
            return self._duplicate(item, before) if before or self._again(item) else [item]
        if item.sameness == "content":
            same = [one for one in before if self._is_said(one.event, item)]
            return self._duplicate(item, same) if same or self._again(item) else [item]
        return self._keyed(item, before)

    def _keyed(self, item: Proposed, before: Sequence[Recorded]) -> list[Proposed]:
        """One fact of the history: the same, another than the file says, or none yet."""
        now, seen = item.events[0], self._seen_of(item)
        own = [one for one in seen if not item.several or item.among is None or item.among(one)]
        told = before[0] if before else None
        event = told.event if told is not None else own[0] if own else None
        if event is None:
            seen.append(now)
            return [item]
        taken_over = event.kind == "opening.recorded"
        if not taken_over and (event.kind != now.kind or not self._is_said(event, item)):
            return self._change(item, told, says(event), says(now))
        return self._duplicate(item, before)

    def _again(self, item: Proposed) -> bool:
        """Whether an earlier row of the file said so already; remembers it for the next."""
        seen = self._seen_of(item)
        found = any(item.sameness == "exists" or self._agree(one, item.events[0]) for one in seen)
        seen.append(item.events[0])
        return found

    def _seen_of(self, item: Proposed) -> list[Event]:
        return self._seen.setdefault((item.known_by, item.entity if item.apart else ""), [])

    def _before(self, item: Proposed) -> list[Recorded]:
        among, known = item.among, self._known.get(item.known_by, ())
        told = [one for one in known if one.entity == item.entity] if item.apart else known
        return [one for one in told if among is None or among(one.event)]

    def _row(self, item: Proposed, before: Sequence[Recorded]) -> list[Proposed]:
        """A row whose events stand together: all of them are recorded, or none, or the row was changed."""
        if not before:
            return [item]
        kinds = {one.event.kind for one in before}
        beside = tuple(event for event in item.events if event.kind not in item.known_by.kinds)
        was = _sorted(one.event for one in before)
        now = _sorted(event for event in item.events if event.kind in item.known_by.kinds)
        if was == now or not any(event.kind in kinds for event in item.events):
            return [replace(item, events=beside)] if beside else self._duplicate(item, before)
        pairs = [pair for pair in zip(was, now, strict=False) if pair[0] != pair[1]]
        return self._change(item, before[0], *(pairs[0] if pairs else (was[-1], {**now[-1], "lines": len(now)})))

    def _acts(self, item: Proposed) -> list[Proposed]:
        """The acts of a chain that neither the book nor an earlier row of the file knows; the row is wrong when a known
        act was recorded otherwise.
        """
        acts: list[tuple[Need, Event]] = []
        for need, event in zip(item.chain, item.events, strict=True):
            before, seen = self._known.get(need, ()), self._acts_seen[need]
            told = [*(one.event for one in before), *seen]
            if self._is_told(item, need, event, told):
                continue
            if not told or need in item.reports:
                acts.append((need, event))
            elif was := self._otherwise(told[0], event, item.firm.get(need), need):
                return self._change(item, before[0] if before else None, was, says(event))
        if not acts:
            return self._duplicate(item, self._before(item))
        for need, event in acts:
            self._acts_seen[need].append(event)
        return [replace(item, events=tuple(e for _, e in acts), chain=tuple(n for n, _ in acts))]

    def _is_told(self, item: Proposed, need: Need, event: Event, told: Sequence[Event]) -> bool:
        """Whether an act of a chain is known. Where the newest stands, of those of its day if it has one, it alone is
        asked; but a file that was read before says nothing anew.
        """
        same = [one for one in told if self._agree(one, event, item.soft)]
        if need not in item.restates or not same:
            return bool(same)
        of_day = item.restates[need]
        day = getattr(event, of_day, None)
        newest = [one for one in told if getattr(one, of_day, None) == day][-1:]
        if any(one is newest[0] for one in same if newest):
            return True
        if of_file(event) is None or of_file(event) not in {of_file(one) for one in same}:
            return False
        if item.place not in self.older:
            self.older.append(item.place)
        return True

    def _otherwise(self, was: Event, now: Event, firm: frozenset[str] | None, need: Need) -> Mapping[str, Any] | None:
        """What was recorded otherwise than a row says; of a payment only in what is firm. None where nothing was."""
        said = says(was)
        if not need.tag.startswith("movement:"):
            return said
        held = {name: value for name, value in said.items() if name in (firm or ())}
        told = {**says(now), **held}
        return None if agree(told, says(now), self._today) else told

    def _is_said(self, was: Event, item: Proposed) -> bool:
        """Whether an event says what a row says, or what an older release made of that."""
        return any(self._agree(was, said) for said in (item.events[0], *item.once))

    def _agree(self, was: Event, now: Event, soft: frozenset[str] = frozenset()) -> bool:
        return agree(says(was), says(now), self._today, soft)

    def _duplicate(self, item: Proposed, before: Sequence[Recorded]) -> list[Proposed]:
        if item.bearing == "row":
            of = before[0].position if before and before[0].position != OUTSIDE else None
            for row in item.rows:
                self._found.add_duplicate(row, of)
        return []

    def _change(
        self, item: Proposed, before: Recorded | None, was: Mapping[str, Any], now: Mapping[str, Any]
    ) -> list[Proposed]:
        if item.bearing == "file" or item.place in self.changed:
            return []
        self.changed.add(item.place)
        self._found.held.update(item.others)
        self._found.wrong.append(self._teller.changed(item.place, before, was, now))
        return []


def _sorted(events: Iterable[Event]) -> list[Mapping[str, Any]]:
    return sorted((says(event) for event in events), key=str)
