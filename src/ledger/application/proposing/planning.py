"""An import for somebody who signs elsewhere: rounds of vouchers to be signed, and what became of every row.

Rounds are judged one after another on the book as it is then (a rehearsal), so that a row may rest on one of an earlier
round. Whatever is refused after all, because the book moved in between, comes again in the next round, sorted. A plan
that is lost is made anew from the file: what was recorded is known again, so nothing is doubled.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

from ledger.application.drafting import default_validity
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import Place
from ledger.application.outcomes import Outcome, Receipt
from ledger.application.proposing.context import Context
from ledger.application.proposing.filing import (
    Codes,
    Fate,
    Filed,
    Filing,
    PutOff,
    events_of,
    in_open_months,
    moved_months,
    note_of,
    settle,
    with_a_role,
)
from ledger.application.proposing.judging import groups
from ledger.application.proposing.kinds import ENTITLING, PROPOSERS
from ledger.application.proposing.known import fresh_items, proposed
from ledger.application.proposing.narrowing.rows import narrowing
from ledger.application.proposing.people import registrations
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError
from ledger.application.proposing.reports import FileReport
from ledger.application.proposing.telling.no_longer import Rows, tell_no_longer
from ledger.application.proposing.telling.teller import Refusal, Teller
from ledger.application.rehearsal import Rehearsal
from ledger.decisions.authority import Authority
from ledger.decisions.prepared import as_if_signed
from ledger.errors import InputError, LedgerError
from ledger.flows.knowledge import Finding
from ledger.flows.registry import write_event
from ledger.log.appending import read_head
from ledger.log.store import LogStore
from ledger.signing.ids import new_uuid7
from ledger.signing.merkle import leaf_hash, root_over
from ledger.signing.statements import EventsRoot, Seen, Statement
from ledger.values.dates import day_text, timestamp_text

TRIES: Final = 3
"""How often a voucher comes again before its rows are called wrong."""


COMPARED: Final = frozenset({"roster", "exits"})
"""Kinds whose remarks name people of the book who are not in the file: only for somebody who may record their rows."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who will sign: the officer, the key that is likely to be used, and the log that is signed for."""

    officer: str
    keyid: str
    ledger: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A voucher to be signed. `codes` are the rules that its note explains; `warnings` what its rehearsal found,
    None where it was not rehearsed. `waits` says that it will need another person's signature.
    """

    items: tuple[Proposed, ...]
    data: tuple[bytes, ...]
    root: bytes
    note: str
    codes: Codes
    warnings: tuple[Finding, ...] | None
    waits: bool = False
    tries: int = 1

    @property
    def parts(self) -> tuple["Part", ...]:
        """What it is made of, in the order of its events."""
        return tuple(Part(item.place, len(item.events), item.rows) for item in self.items)

    @property
    def entity(self) -> str:
        """Whose books."""
        return self.items[0].entity

    @property
    def day(self) -> str:
        """凭证日期."""
        return day_text(self.items[0].day)


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row that was handed in: posted at a position, or waiting for a signature (None)."""

    voucher: str
    position: int | None


class Part(NamedTuple):
    """A part of a voucher: where it stands, how many events it has, and all rows that it is what they say."""

    place: Place
    events: int
    rows: tuple[Place, ...]


def results_of(parts: Iterable[Part], outcome: Outcome) -> Iterator[tuple[Place, RowResult]]:
    """What became of the rows of a voucher that was posted, or waits."""
    first = outcome.first_position if isinstance(outcome, Receipt) else None
    for part in parts:
        for place in part.rows:
            yield place, RowResult(outcome.voucher, first)
        first = None if first is None else first + part.events


class Plan:
    """What one file still has to be signed. `found` is the report of its rows, `results` what became of those that
    were handed in, by this plan or by one before it; not thread-safe.
    """

    def __init__(
        self,
        parsed: ParsedFile,
        context: Context,
        store: LogStore,
        authority: Authority,
        maker: Maker,
        results: dict[Place, RowResult],
    ) -> None:
        self.parsed: Final = parsed
        self.found: Final = FileReport(parsed.file, parsed.kind, wrong=list(parsed.wrong), notes=list(parsed.notes))
        self.results: Final = results
        self._narrow = narrowing(context, authority, maker.officer, self.found)
        self._context = context if self._narrow is None else self._narrow.context
        self._store = store
        self._authority = authority
        self._maker = maker
        self._refused: set[Place] = set()
        self._fate = Fate()
        self._proposal = Proposal()
        self._teller = Teller(parsed, {}, self._context)
        self._rows: tuple[Rows, ...] = ()
        self._tries: dict[bytes, int] = {}
        self._again: deque[tuple[list[Proposed], int]] = deque()
        self._put_off = self._nothing_put_off()
        self.compared_at = self._head()
        """The number of the last voucher when the rows were compared with the book."""
        self._posted = 0
        self._outdated = False
        try:
            self.items: Final = self._fresh()
        finally:
            self._context.forget_all()
        self._rest = self._groups()

    @property
    def new(self) -> set[Place]:
        """The rows that say something new and were neither refused nor handed in."""
        return self._left - self.found.held

    @property
    def _left(self) -> set[Place]:
        """The new rows and those that are held back."""
        told = {cell.place for cell in self.found.wrong}
        fallen = self._refused | told
        rows = {row for item in self.items if item.place not in fallen for row in item.rows}
        return rows - fallen - self.results.keys()

    @property
    def comes_again(self) -> bool:
        """Whether a voucher was refused that the next round brings again, sorted."""
        return bool(self._again)

    def is_outrun(self) -> bool:
        """Whether others recorded something since the rows were compared with the book: what is refused then may be
        what they recorded.
        """
        return self._outdated or self._head() != self.compared_at + self._posted

    def outdate(self) -> None:
        """Others handed in something that waits: it is known, though the log has not grown."""
        self._outdated = True

    def catch_up(self, anew: "Plan") -> None:
        """Rows that others recorded meanwhile, as a plan that was made anew found them, are duplicates; where no row is
        left, the file says nothing of itself either.
        """
        known = anew.found.duplicate_places
        for place in sorted(self._left & known.keys(), key=lambda one: (one.file, one.sheet or "", one.row)):
            self.found.add_duplicate(place, known[place])
            self.found.held.discard(place)
            self._refused.add(place)
        self.compared_at, self._posted, self._outdated = anew.compared_at, 0, False
        if not self._left:
            self._again.clear()
            self._put_off = self._nothing_put_off()
            self._rest = iter(())

    def _head(self) -> int:
        with self._store.read() as connection:
            return read_head(connection).number

    def rehearse(self, now: datetime) -> int:
        """Judge all that is new on one snapshot of the book, which tells every row that a rule refuses; answers how
        many vouchers would be recorded. Nothing is kept but what was found.
        """
        with self._store.read() as connection:
            rehearsal = Rehearsal(connection, now)
            filing = self._filing(rehearsal, now, self._nothing_put_off())
            parts = groups(in_open_months(self._authority, self._context, self.items))
            filed = sum(1 for group in parts for _ in filing.file(filing.left(group)))
            filed += sum(1 for _ in settle([filing]))
            tell_no_longer(self._context, rehearsal.preview, self._rows)
            return filed

    def next_round(self, now: datetime, events_max: int | None, *, rehearsed: bool = True) -> list[Planned]:
        """The next vouchers to be signed, about `events_max` events, None for all of them; nothing when all is done.

        People whom they name are kept in the vault first. Without `rehearsed` whole groups come as they are, and what
        the writer refuses of them comes sorted in the next round.
        """
        planned: list[Planned] = []
        count = 0
        with self._store.read() as connection:
            filing = self._filing(Rehearsal(connection, now), now, self._put_off)
            for group in self._planned(filing, rehearsed=rehearsed):
                planned += group
                count += sum(len(one.data) for one in group)
                if events_max is not None and count >= events_max:
                    break
        self._context.forget_all()
        return planned

    def record(self, planned: Planned, outcome: Outcome | LedgerError) -> None:
        """What the writer answered for a voucher of a round."""
        if isinstance(outcome, LedgerError):
            if planned.tries < TRIES:
                self._again.append((list(planned.items), planned.tries + 1))
                return
            refusals = [Refusal(item, outcome.code, dict(outcome.params), of_voucher=True) for item in planned.items]
            for cell in self._teller.refused(refusals):
                self.found.tell(cell)
            for item in planned.items:
                self.found.untell(item.remark)
            self._refused |= {item.place for item in planned.items}
            self.found.held |= {row for item in planned.items for row in item.rows}
            return
        self._posted += isinstance(outcome, Receipt)
        self.found.tell_handed_in(item.remark for item in planned.items)
        for place, result in results_of(planned.parts, outcome):
            self.results.setdefault(place, result)

    def _fresh(self) -> list[Proposed]:
        """The new items. What the maker has no say in is not compared with the book: nothing of it is told."""
        narrow, parsed = self._narrow, self.parsed
        try:
            propose = PROPOSERS[parsed.kind].propose
            parsed = parsed if narrow is None else narrow.own_rows(parsed, propose)
            self._proposal = proposed([parsed], self._context, propose)[0]
            items = self._proposal.items if narrow is None else narrow.own_items(self._proposal.items)
            barred = len(self.found.wrong)
            items = with_a_role(self._authority, self._maker.officer, self._maker.keyid, items, self.found)
            barred = len(self.found.wrong) - barred
        except (InputError, RowRefusedError) as error:
            self.found.refused = InputError(error.code, **error.params)
            return []
        self._teller = Teller(self.parsed, self._proposal.columns, self._context)
        self.found.wrong += self._teller.told(self._proposal.wrong)
        if not barred and (items or self.parsed.kind not in COMPARED):
            self.found.notes += self._proposal.notes
        self.found.take(self._proposal.noted, self._proposal.repeated, self._proposal.held)
        self._rows = (Rows.of(self.found, self._teller, items),) if narrow is None else ()
        fresh = fresh_items(self._context, items, self.found, self._teller)
        fresh = fresh if narrow is None else narrow.recordable(fresh)
        self.found.notes += moved_months(self._authority, self._context, fresh)
        return fresh

    def _groups(self) -> Iterator[tuple[list[Proposed], bool]]:
        """What is handed in one after another: people first, by the thousand, then the rows. True for rows."""
        authority, context = self._authority, self._context
        for people in registrations(self._context, self._proposal, self.items):
            yield from ((group, False) for group in groups(in_open_months(authority, context, people)))
        yield from ((group, True) for group in groups(in_open_months(authority, context, self.items)))

    def _planned(self, filing: Filing, *, rehearsed: bool) -> Iterator[list[Planned]]:
        """Group by group, whatever each came apart into; then what was put off for the others, when all of those were
        judged: what is handed out unjudged is in the book by the next round.
        """
        unjudged = False
        while self._again:
            items, tries = self._again.popleft()
            yield self._sorted(filing, filing.left(items), tries)
        for group, judged in self._rest:
            left = filing.left(group)
            if judged and rehearsed:
                yield self._sorted(filing, left, 1)
            elif left:
                unjudged = True
                yield [self._voucher(left, ())]
        if not unjudged:
            yield self._signed([filed for _, filed in settle([filing])], 1)

    def _sorted(self, filing: Filing, group: list[Proposed], tries: int) -> list[Planned]:
        return self._signed(filing.file(group), tries)

    def _signed(self, filed: Iterable[Filed], tries: int) -> list[Planned]:
        return [
            self._voucher(
                one.items, one.codes, one.outcome.warnings, waits=not isinstance(one.outcome, Receipt), tries=tries
            )
            for one in filed
        ]

    def _voucher(
        self,
        items: Sequence[Proposed],
        codes: Codes,
        warnings: tuple[Finding, ...] | None = None,
        *,
        waits: bool = False,
        tries: int = 1,
    ) -> Planned:
        data = tuple(write_event(event) for event in events_of(items))
        note = note_of(self.parsed.kind, self._context.options.note, codes)
        root = root_over(data)
        return Planned(tuple(items), data, root, note, codes, warnings, waits, tries)

    def _nothing_put_off(self) -> PutOff:
        return PutOff(signed_last=self.parsed.kind in ENTITLING)

    def _filing(self, rehearsal: Rehearsal, now: datetime, put_off: PutOff) -> Filing:
        self._fate.look(self._context, self.items)
        desk = _Rehearsing(rehearsal, self._maker, now, self.parsed.kind, self._context.options.note)
        return Filing(desk, self.found, self._teller, self._refused, self._fate, put_off)


class _Rehearsing:
    """A desk that judges what somebody else will sign, and keeps nothing."""

    def __init__(self, rehearsal: Rehearsal, maker: Maker, now: datetime, kind: str, note: str) -> None:
        self._rehearsal = rehearsal
        self._maker = maker
        self._now = timestamp_text(now)
        self._kind = kind
        self._note = note

    def preview(self, items: Sequence[Proposed], codes: Codes) -> Outcome:
        return self._judge(items, codes, keep=False)

    def submit(self, items: Sequence[Proposed], codes: Codes | None, *, passing: bool) -> Outcome:  # noqa: ARG002 - a rehearsal keeps nothing that waits
        return self._judge(items, codes, keep=True)

    def _judge(self, items: Sequence[Proposed], codes: Codes | None, *, keep: bool) -> Outcome:
        head, events = self._rehearsal.head, events_of(items)
        data = [write_event(event) for event in events]
        statement = Statement(
            ledger=self._maker.ledger,
            voucher=new_uuid7(),
            entity=items[0].entity,
            voucher_date=day_text(items[0].day),
            attachments=1,
            made_at=self._now,
            valid_until=default_validity(items[0].day, self._now),
            maker=self._maker.officer,
            events=EventsRoot(len(data), leaf_hash(data[0])),
            note=note_of(self._kind, self._note, codes or ()),
            seen=Seen(head.number, head.root) if head.number else None,
        )
        prepared = as_if_signed(statement, events, data, self._maker.keyid)
        return self._rehearsal.judge(replace(prepared, unexplained=codes is None), keep=keep)
