"""From new items to vouchers: handed in as most can be, sorted where one is refused, told where a row cannot go in.

Who signs is not known here. A desk takes items: the writer behind a signer at this machine, or a rehearsal that judges
for somebody who signs elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Protocol

from ledger.application.importing.rows import Note, Place, WrongCell
from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError, Waiting
from ledger.application.proposing.context import Context
from ledger.application.proposing.judging import groups, sort_out
from ledger.application.proposing.outside import OUTSIDE
from ledger.application.proposing.proposal import Proposed
from ledger.application.proposing.reports import FileReport
from ledger.application.proposing.telling.teller import Refusal, Teller
from ledger.decisions.authority import Authority
from ledger.decisions.policies import wrong_maker
from ledger.errors import InputError, LedgerError
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Need

Codes = tuple[str, ...]
_DAYS: Final = ("occurred_on", "occurred_at", "on", "issued_on", "published_on", "raised_on", "registered_on")
"""Fields that hold an event's own day, the surest first."""
_DAY_SIGNS: Final = len("2025-09-30")
_STANDS: Final = frozenset({"E_BATCH_TWICE"})
"""Refusals that say that somebody else recorded the act meanwhile: rows may rest on it."""


class Desk(Protocol):
    """Where items are handed in as one voucher. `codes` are the rules that its note explains, None while nobody knows
    whether its facts break any; it is refused when they do.
    """

    def preview(self, items: Sequence[Proposed], codes: Codes) -> Outcome:
        """What `submit` would answer, with nothing kept."""
        ...

    def submit(self, items: Sequence[Proposed], codes: Codes | None, *, passing: bool) -> Outcome:
        """Hand in; in `passing` what would wait for a signature is answered so, and not kept. Raises
        VoucherRefusedError or another LedgerError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Filed:
    """Items that were taken as one voucher, what its note explains, and what was answered."""

    items: list[Proposed]
    codes: Codes
    outcome: Outcome


@dataclass(slots=True)
class Fate:
    """What rows rest on and is not in the book: acts that were refused, and acts that wait for a signature."""

    fallen: set[Need] = field(default_factory=set)
    waits: set[Need] = field(default_factory=set)

    def look(self, context: Context, items: Sequence[Proposed]) -> None:
        """See which acts of other rows, that these come after, wait now, and which do no more."""
        needs = {item.after for item in items if item.after is not None}
        for need, recorded in context.find(needs).items() if needs else ():
            if any(one.position != OUTSIDE for one in recorded):
                self.waits.discard(need)
                self.fallen.discard(need)
            elif context.outside.waits(need):
                self.waits.add(need)


@dataclass(slots=True)
class PutOff:
    """Items of rows that another list of the same import may make right, in their order, until all lists were read.

    What one gives somebody may be the difference to what another gives (补差), or forbidden beside it (互斥). Nothing
    is recorded of such a row before the others are, so that the book does not know in which order they came.
    """

    items: list[Proposed] = field(default_factory=list)
    places: set[Place] = field(default_factory=set)
    last: bool = False
    """Whether the others were read, and nothing is put off any more."""
    signed_last: bool = False
    """Whether what a second person must sign is kept only when all that goes out at once is in the book: a voucher is
    signed whole, and one that holds a line which other lists forbid could never be posted."""
    unsigned: list[Proposed] = field(default_factory=list)
    """Items that will wait for a signature."""
    unsigned_places: set[Place] = field(default_factory=set)
    made_right: set[Place] = field(default_factory=set)
    """Rows among them that other lists made right."""

    def add(self, items: Sequence[Proposed]) -> None:
        """Put items off, and with them whatever else comes of their rows."""
        self.items += items
        self.places |= {item.place for item in items if item.bearing != "file"}

    def add_unsigned(self, items: Sequence[Proposed]) -> None:
        """The same of items that will wait."""
        self.unsigned += items
        self.unsigned_places |= {item.place for item in items}

    def taken(self) -> list[Proposed]:
        """What was put off, to be handed in once more."""
        items, self.items, self.places = self.items, [], set()
        return items

    def taken_unsigned(self) -> list[Proposed]:
        """What will wait, to be handed in for good."""
        items, self.unsigned, self.unsigned_places = self.unsigned, [], set()
        return items

    @property
    def all(self) -> list[Proposed]:
        """All that is put off, for whatever reason."""
        return [*self.items, *self.unsigned]


class Filing:
    """One file's way to the desk. `teller` tells its faults; `refused` collects the rows that were refused, of which
    nothing more is handed in; `fate` what rows rest on in vain; `put_off` what waits for other lists.
    """

    def __init__(
        self, desk: Desk, found: FileReport, teller: Teller, refused: set[Place], fate: Fate, put_off: PutOff
    ) -> None:
        self.desk = desk
        self._found = found
        self._teller = teller
        self.refused = refused
        self._fate = fate
        self.put_off = put_off

    def left(self, group: Sequence[Proposed]) -> list[Proposed]:
        """The items of a group without those of rows that were refused or are put off; of rows that rest on what was
        not recorded only what stands by itself. Why that is so was told where it belongs, and is no fault of each.
        """
        left = [item for item in group if item.bearing == "file" or item.place not in self.refused]
        if (off := self.put_off).places or off.unsigned_places:
            rows = [item for item in left if item.bearing != "file"]
            off.add([item for item in rows if item.place in off.places])
            off.add_unsigned([item for item in rows if item.place in off.unsigned_places - off.places])
            gone = off.places | off.unsigned_places
            left = [item for item in left if item.bearing == "file" or item.place not in gone]
        fate = self._fate
        return self._standing(self._following(left)) if fate.fallen or fate.waits or self._found.held else left

    def _following(self, group: Sequence[Proposed]) -> list[Proposed]:
        """The items that come after no act of another row, or after one that stands; the others are told."""
        kept: list[Proposed] = []
        for item in group:
            waits = item.after in self._fate.waits
            if item.after is None or not (waits or item.after in self._fate.fallen):
                kept.append(item)
                for row in item.rows if item.after is not None else ():
                    self._found.release(row)
                continue
            self._found.held.update(item.rows)
            self._found.tell(self._teller.resting(item.place, "W_ROW_WAITS" if waits else "W_ROW_AFTER", item.after))
        return kept

    def _standing(self, group: Sequence[Proposed]) -> list[Proposed]:
        kept: list[Proposed] = []
        held: dict[Need, set[Place]] = {}
        for item in group:
            if item.rests_on is None or item.rests_on not in self._fate.fallen:
                kept.append(item)
                continue
            held.setdefault(item.rests_on, set()).update(item.rows or (item.place,))
            events = None if item.instead is None else item.instead("")
            if events:
                kept.append(replace(item, events=events, instead=None, rests_on=None))
            else:
                self._found.held.update(item.rows or (item.place,))
        for need, places in held.items():
            what, _, name = need.tag.partition(":")
            self._found.tell_held(name, "W_ROWS_HELD" if what == "batch" else "W_STATEMENT_HELD", places)
        return kept

    def file(self, group: list[Proposed]) -> Iterator[Filed]:
        """Hand a group in as one voucher, as most can be. One that is refused, or whose facts want an explanation, is
        sorted out; vouchers that are refused after all are sorted out again.
        """
        if group and not isinstance(whole := self._submit(group, None), bool):
            yield from self._answered(group, (), whole)
            return
        while group:
            sorting = sort_out(group, self._judge, last=self.put_off.last)
            self.put_off.add(sorting.put_off)
            self._refuse(sorting.refused)
            again: list[Proposed] = []
            for items, codes in sorting.vouchers():
                if codes and self._signed_last(items):  # what is explained wants a second person
                    self.put_off.add_unsigned(items)
                    continue
                outcome = self._submit(items, codes)
                if not isinstance(outcome, bool):
                    yield from self._answered(items, codes, outcome)
                elif not outcome:
                    again += items
            group = [*again, *sorting.instead] if len(again) < len(group) else []
            if not group:
                self._found.wrong += [WrongCell(item.place, "", "", "", "E_ROW_NOT_POSTED", {}) for item in again]
                self._found.held.update(row for item in again for row in item.others)

    def file_again(self) -> Iterator[Filed]:
        """Hand in once more what was put off; what is not right yet is put off again, but for the `last` time."""
        for group in groups(self.put_off.taken()):
            before = len(self.put_off.unsigned)
            for filed in self.file(self.left(group)):
                if not self.put_off.last:
                    self._found.tell_made_right(_rows(filed.items))
                yield filed
            if not self.put_off.last:
                self.put_off.made_right |= _rows(self.put_off.unsigned[before:])

    def file_unsigned(self) -> Iterator[Filed]:
        """Hand in for good what will wait for a signature; what cannot stand beside the others is told at its row."""
        self.put_off.last, self.put_off.signed_last = True, False
        for group in groups(self.put_off.taken_unsigned()):
            for filed in self.file(self.left(group)):
                if made_right := _rows(filed.items) & self.put_off.made_right:
                    self._found.tell_made_right(made_right)
                yield filed

    def _signed_last(self, items: Sequence[Proposed]) -> bool:
        """Whether these may not wait yet. An act of the file as a whole (the batch) comes before its rows; and what is
        recorded instead of a row that was refused is forbidden by nothing.
        """
        rows = all(item.bearing != "file" and item.place not in self.refused for item in items)
        return self.put_off.signed_last and rows

    def _answered(self, items: list[Proposed], codes: Codes, outcome: Outcome) -> Iterator[Filed]:
        if isinstance(outcome, Waiting) and self._signed_last(items):
            self.put_off.add_unsigned(items)
        else:
            yield self._filed(items, codes, outcome)

    def _filed(self, items: list[Proposed], codes: Codes, outcome: Outcome) -> Filed:
        acts = {item.known_by for item in items if item.bearing == "row"}
        self._fate.fallen -= acts
        self._fate.waits = self._fate.waits - acts if isinstance(outcome, Receipt) else self._fate.waits | acts
        self._found.tell_handed_in(item.remark for item in items)
        return Filed(items, codes, outcome)

    def _refuse(self, refusals: Sequence[Refusal]) -> None:
        """Tell refusals, and hand in no more of their rows."""
        for cell in self._teller.refused(refusals):
            self._found.tell(cell)
        for one in refusals:
            self._found.untell(one.item.remark)
            if one.item.bearing == "row":
                self.refused.add(one.item.place)
                self._fate.fallen.add(one.item.known_by)
            elif one.item.bearing == "file" and one.code not in _STANDS:
                self._fate.fallen.add(one.item.known_by)
        told = {cell.place for cell in self._found.wrong}
        self._found.held |= {row for one in refusals for row in one.item.rows} - told

    def _judge(self, items: Sequence[Proposed], codes: Codes) -> Sequence[Finding]:
        return self.desk.preview(items, codes).warnings

    def _submit(self, items: Sequence[Proposed], codes: Codes | None) -> Outcome | bool:
        """What the desk answered; False when it refused, also where what the voucher rested on now waits. True when it
        cannot be handed in at all, which is then told at its rows; before the sorting it is left to that.
        """
        try:
            return self.desk.submit(items, codes, passing=self._signed_last(items))
        except VoucherRefusedError:
            return False
        except LedgerError as error:
            if codes is not None:
                self._refuse([Refusal(one, error.code, dict(error.params), of_voucher=True) for one in items])
            return codes is not None


def settle(filings: Sequence[Filing]) -> Iterator[tuple[Filing, Filed]]:
    """All that was put off, now that every list is in the book: as often as some of it has become right, at last as it
    is, and behind all of it what will wait for a signature.
    """
    while left := sum(len(one.put_off.items) for one in filings):
        for filing in filings:
            yield from ((filing, filed) for filed in filing.file_again())
        if sum(len(one.put_off.items) for one in filings) == left:
            for filing in filings:
                filing.put_off.last = True
    for filing in filings:
        yield from ((filing, filed) for filed in filing.file_unsigned())


def _rows(items: Sequence[Proposed]) -> set[Place]:
    return {row for item in items for row in item.rows}


def demanding(items: Sequence[Proposed], outcome: Outcome, teller: Teller) -> list[Note]:
    """What an answer found in the facts of a voucher's rows that demands an explanation, each at its row."""
    owners = [item for item in items for _ in item.events]
    cells = [
        WrongCell(owners[one.event].place_of(dict(one.params)), "", "", "", one.code, dict(one.params))
        for one in outcome.warnings
        if one.demands and 0 <= one.event < len(owners)
    ]
    return [Note(one.place, one.code, one.params) for one in teller.told(cells)]


def note_of(kind: str, given: str, codes: Sequence[str]) -> str:
    """The note of an import's voucher; it explains the facts that break rules."""
    note = given or f"导入 {kind}"
    if codes:
        note += "。所记事实与规则不符,按文件如实入账并列为疑点: " + "、".join(codes)
    return note


def events_of(items: Sequence[Proposed]) -> list[Event]:
    """The events of a voucher's items, in order."""
    return [event for item in items for event in item.events]


def with_a_role(
    authority: Authority, officer: str, keyid: str, items: Sequence[Proposed], found: FileReport
) -> list[Proposed]:
    """The items that an officer may record; the rows of the others are wrong. When nothing is left, the file itself
    is refused, with one sentence instead of one for every row (InputError E_ROLE).
    """
    key = authority.keys.get(keyid)
    machine = key is not None and key.machine_kinds is not None
    kinds = {(item.entity, event.kind): event for item in items for event in item.events}
    barred = {
        place: dict(finding.params)
        for place, event in kinds.items()
        for finding in wrong_maker(authority, officer, place[0], [event], machine=machine)
    }
    left: list[Proposed] = []
    wrong: dict[Place, dict[str, Any]] = {}
    rest: set[Place] = set()
    for item in items:
        why = next((barred[p] for e in item.events if (p := (item.entity, e.kind)) in barred), None)
        if why is None:
            left.append(item)
        else:
            wrong.setdefault(item.place, why)
            rest.update(item.others)
    if wrong and not left:
        raise InputError("E_ROLE", **next(iter(wrong.values())))
    found.wrong += [WrongCell(place, "", "", "", "E_ROLE", why) for place, why in wrong.items()]
    found.held |= rest
    return left


def moved_months(authority: Authority, context: Context, items: Sequence[Proposed]) -> list[Note]:
    """What `in_open_months` dates anew, told: of each closed month how many rows, of which days, and into which."""
    found: dict[tuple[str, str], list[Proposed]] = {}
    for item in items:
        if item.bearing == "row" and not _keeps_its_day(authority, context, item):
            found.setdefault((item.entity, item.day.isoformat()[:7]), []).append(item)
    notes = []
    for (entity, month), moved in sorted(found.items()):
        days = sorted(_own_day(one) for one in moved)
        rows = len({row for one in moved for row in one.rows})
        params = {"rows": rows, "entity": entity, "month": month, "day": context.options.today.isoformat()}
        span = {"first": days[0], "last": days[-1], "entity_name": context.names_of(entity)[-1]}
        notes.append(Note(moved[0].place.as_a_whole(), "W_MONTH_CLOSED", {**params, **span}))
    return notes


def _own_day(item: Proposed) -> str:
    """The day that a row itself says; that of its voucher where it says none. A statement's rows share a voucher of its
    last day.
    """
    stated = (getattr(event, name, None) for event in item.events for name in _DAYS)
    return str(next((day for day in stated if day is not None), item.day))[:_DAY_SIGNS]


def in_open_months(authority: Authority, context: Context, items: Sequence[Proposed]) -> list[Proposed]:
    """What comes after its month was closed is dated today; its events keep their own days. Money from before an
    opening stays where it is, to be refused: today it would be counted on top of the opening that holds it.
    """
    today = context.options.today
    return [one if _keeps_its_day(authority, context, one) else replace(one, day=today) for one in items]


def _keeps_its_day(authority: Authority, context: Context, item: Proposed) -> bool:
    if authority.month_open(item.entity, item.day):
        return True
    before = item.day < context.began.get(item.entity, date.min)
    return before and any(type(event).postings is not Event.postings for event in item.events)
