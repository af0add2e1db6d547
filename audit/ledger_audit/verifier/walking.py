"""The walk through the log: every leaf in order, its events beside it, judged by what the log said before.

Numbers and positions must tile without gaps, every signature must hold for a person who might sign then, and every
what they had seen must be a beginning of this log. Roots of events are checked beside the walk, in `pairing`.
"""

import sys
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final

from ledger_audit.verifier.authority import BOOK, BY_ADMINISTRATORS, CHECKED, CHECKER, TAKEN_IN, Authority
from ledger_audit.verifier.completeness import COUNTED, Completeness
from ledger_audit.verifier.findings import Findings, Place
from ledger_audit.verifier.formats.canonical import MAX_INTEGER, FaultError, uuid_text
from ledger_audit.verifier.formats.layouts import Layouts
from ledger_audit.verifier.formats.merkle import Tree, leaf_hash
from ledger_audit.verifier.formats.shapes import (
    Approval,
    Envelope,
    Leaf,
    Seen,
    Statement,
    read_approval,
)
from ledger_audit.verifier.once import Once
from ledger_audit.verifier.pairing import EVENTS, Pair, lines_of, pairs

FEW: Final = 16
NEEDED: Final = TAKEN_IN | COUNTED
"""Kinds whose values the walk looks at."""


Needed = tuple[int, Mapping[str, Any]]
"""An event with its position."""


@dataclass(slots=True)
class Counts:
    """How much was checked."""

    vouchers: int = 0
    events: int = 0
    signatures: int = 0
    approvals: int = 0
    one_signature: int = 0
    """Vouchers that nobody but their maker signed."""
    checkpoints: int = 0
    postings: int = 0
    balances: int = 0


@dataclass(slots=True)
class Walk:
    """The state of the walk and, at its end, what the other checks need: tree, authority, ranges of vouchers."""

    findings: Findings
    counts: Counts
    completeness: Completeness
    tree: Tree = field(default_factory=Tree)
    authority: Authority = field(default_factory=Authority)
    starts: "array[int]" = field(default_factory=lambda: array("q"))
    entities: list[str] = field(default_factory=list)
    checked: bytearray = field(default_factory=bytearray)
    """For each voucher 1 where a checker signed, or where its leaf tells nothing."""
    posted: list[str] = field(default_factory=list)
    """For each voucher when it was posted; "" where its leaf tells nothing."""
    position: int = 0
    posted_at: str = ""
    _layouts: Layouts = field(default_factory=lambda: Layouts(NEEDED))
    _vouchers: Once = field(default_factory=Once)
    _events: Once = field(default_factory=Once)
    _numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _pins: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    _place: Place = field(default_factory=Place)

    def run(self, leaves: IO[bytes], events: IO[bytes]) -> None:
        """Walks both files to their ends."""
        lines = lines_of(events)
        for pair in pairs(leaves, lines):
            self._pass_over(pair)
            self._place = Place(pair.number, self.position + 1)
            self.tree.append(leaf_hash(pair.data))
            self.counts.vouchers += 1
            self.starts.append(self.position + 1)
            self.checked.append(pair.content is None)
            if pair.content is None:
                self.entities.append("")
                self.posted.append("")
                self._note(pair.fault or FaultError("V_LINE"))
            else:
                leaf, statement = pair.content
                self.entities.append(sys.intern(statement.entity))
                self.posted.append(sys.intern(leaf.posted_at))
                self._voucher(pair, leaf, statement)
        self._repetitions()
        if lines.left():
            self.findings.add("V_EVENTS_LEFT", Place(file=EVENTS, line=self.counts.events + 1))

    def place_of(self, position: int) -> Place:
        """The voucher of a position, as a place: its number and first position."""
        number = bisect_right(self.starts, position)
        return Place(number, self.starts[number - 1]) if number and position <= self.position else Place()

    def _voucher(self, pair: Pair, leaf: Leaf, statement: Statement) -> None:
        number, first = pair.number, self.position + 1
        if leaf.number != number:
            self.findings.add("V_NUMBER", self._place, stated=leaf.number)
        if leaf.first_position != first:
            self.findings.add("V_POSITION", self._place, stated=leaf.first_position)
        kinds, needed = self._events_of(pair.events)
        if pair.cut:
            self.findings.add("V_EVENTS_END", self._place, stated=statement.count, found=len(pair.events))
        if number == 1:
            self._opening(kinds, needed)
        self._form(leaf, statement)
        self._signatures(number, leaf, statement, kinds)
        for position, value in needed:
            if number > 1 or position > 1:
                self._learn(value, number, position)
            self.completeness.take(value, position, statement.entity)

    def _pass_over(self, pair: Pair) -> None:
        """Events of an unreadable leaf still count for what follows; the leaf itself was reported."""
        for data in pair.skipped:
            value = self._event(data)
            for _ in self.authority.learn(str(value.get("kind")), value, pair.number - 1):
                pass

    def _event(self, data: bytes) -> Mapping[str, Any]:
        """The next event; one that does not hold is reported and stands as an empty one."""
        self.position += 1
        self.counts.events += 1
        try:
            value, own = self._layouts.read(data)
        except FaultError as fault:
            self._note(fault, self.position)
            return {}
        self._events.take(own, self.position)
        return value

    def _repetitions(self) -> None:
        """Ids that came before; they are known when everything was read."""
        for own, position in self._events.again():
            self.findings.add("V_EVENT_TWICE", self.place_of(position), position, id=uuid_text(own))
        for _, number in self._vouchers.again():
            self.findings.add("V_VOUCHER_TWICE", Place(number, self.starts[number - 1]))

    def _events_of(self, lines: list[bytes]) -> tuple[set[str], list[Needed]]:
        """The kinds of a voucher, and its events whose values are needed.

        When the first two are alike, the others may be alike too and are read at once.
        """
        kinds: set[str] = set()
        needed: list[Needed] = []
        for at, line in enumerate(lines):
            if at == 2 and len(lines) > FEW and (ids := self._layouts.alike(lines[at:])) is not None:
                self._events.take_all(ids, self.position + 1)
                self.position += len(ids)
                self.counts.events += len(ids)
                break
            value = self._event(line)
            kind = str(value.get("kind"))
            kinds.add(kind)
            if kind in NEEDED:
                needed.append((self.position, value))
        return kinds, needed

    def _opening(self, kinds: set[str], needed: list[Needed]) -> None:
        """Voucher 1 is the opening of the book and nothing else; it names those who sign it."""
        if self.position != 1 or kinds != {"book.opened"}:
            self.findings.add("V_BOOK_NOT_OPENED", self._place)
        for position, value in needed[:1]:
            if position == 1:
                self._learn(value, 1, position)

    def _learn(self, value: Mapping[str, Any], number: int, position: int) -> None:
        for fault in self.authority.learn(str(value.get("kind")), value, number):
            self._note(fault, position)

    def _form(self, leaf: Leaf, statement: Statement) -> None:
        """Times, numbers, ids and the book's name."""
        if leaf.posted_at < self.posted_at:
            self.findings.add("V_CLOCK_BACK", self._place, posted_at=leaf.posted_at, before=self.posted_at)
        self.posted_at = max(self.posted_at, leaf.posted_at)
        if statement.ledger != self.authority.origin:
            self.findings.add("V_ORIGIN", self._place, ledger=statement.ledger, origin=self.authority.origin)
        self._vouchers.take(statement.voucher, len(self.starts))
        if leaf.voucher_no is not None:
            *series, no = leaf.voucher_no
            entity, period, word = series
            last = self._numbers.get((entity, period, word), 0)
            if no != last + 1 or entity != statement.entity or period != statement.voucher_date[:7]:
                stated = f"{entity} {period} {word}-{no:04d}"
                self.findings.add("V_VOUCHER_NO", self._place, stated=stated, expected=last + 1)
            self._numbers[entity, period, word] = no

    def _signatures(self, number: int, leaf: Leaf, statement: Statement, kinds: set[str]) -> None:
        """The maker, then everybody who approved: each with a key that counts, in a role that is held."""
        maker, entity = statement.maker, statement.entity
        if statement.digest in self.authority.ended:
            self.findings.add("V_ENDED", self._place)
        self._in_time(leaf, statement.valid_until)
        self._check_seen(number, maker, statement.made_at, statement.seen)
        key = self._signed(maker, leaf, leaf.envelope)
        if key is not None and not kinds <= key:
            self.findings.add("V_MACHINE_KIND", self._place, officer=maker, kinds=", ".join(sorted(kinds - key)))
        if number > 1 and entity not in self.authority.entities | {BOOK}:
            self.findings.add("V_ENTITY", self._place, entity=entity)
        role = "administrator" if number == 1 or kinds & BY_ADMINISTRATORS else None
        fits = self.authority.holds(maker, role, entity) if role else self.authority.may_record(maker, entity)
        if not fits:
            self.findings.add("V_MAKER_ROLE", self._place, officer=maker, entity=entity)
        capacities = list(self._approvals(number, leaf, statement))
        if role is not None and role not in capacities:
            self.findings.add("V_TWO_ADMINISTRATORS", self._place)
        self.counts.one_signature += not leaf.approvals
        if number > 1 and kinds & CHECKED and not self.checked[-1]:
            self.findings.add("V_UNCHECKED", self._place)
            self.checked[-1] = 1  # told once, whatever it moves besides

    def _approvals(self, number: int, leaf: Leaf, statement: Statement) -> Iterator[str]:
        """Yields the capacities of the approvals that hold."""
        persons = {statement.maker}
        for envelope in leaf.approvals:
            self.counts.approvals += 1
            before = self.findings.total
            try:
                approval = read_approval(envelope.payload)
            except FaultError as fault:
                self._note(fault)
                continue
            self.checked[-1] |= approval.capacity == CHECKER  # what is wrong with it is told by itself
            self._approval(leaf, statement, approval, envelope)
            self._check_seen(number, approval.person, approval.made_at, approval.seen)
            if approval.person in persons:
                self.findings.add("V_SAME_PERSON", self._place, officer=approval.person)
            persons.add(approval.person)
            if self.findings.total == before:
                yield approval.capacity

    def _approval(self, leaf: Leaf, statement: Statement, approval: Approval, envelope: Envelope) -> None:
        person = approval.person
        if approval.statement != statement.digest or approval.ledger != statement.ledger:
            self.findings.add("V_APPROVAL_OF_OTHER", self._place, officer=person)
        if approval.rejects:
            self.findings.add("V_REJECTED", self._place, officer=person)
        if not self.authority.holds(person, approval.capacity, statement.entity):
            self.findings.add("V_CAPACITY", self._place, officer=person, capacity=approval.capacity)
        if self._signed(person, leaf, envelope) is not None:
            self.findings.add("V_MACHINE_APPROVES", self._place, officer=person)
        self._in_time(leaf, approval.valid_until)

    def _signed(self, officer: str, leaf: Leaf, envelope: Envelope) -> frozenset[str] | None:
        """Checks a signature; returns the kinds that a machine's key is bound to, None for a person's."""
        self.counts.signatures += 1
        try:
            key = self.authority.signer(officer, leaf.posted_at[:10], envelope.message, envelope.signatures)
        except FaultError as fault:
            self._note(fault)
            return None
        return key.kinds

    def _in_time(self, leaf: Leaf, valid_until: str) -> None:
        if leaf.posted_at > valid_until:
            self.findings.add("V_EXPIRED", self._place, posted_at=leaf.posted_at, valid_until=valid_until)

    def _check_seen(self, number: int, person: str, made_at: str, seen: Seen | None) -> None:
        """What a signer had seen is a beginning of this very log, before this voucher, and never goes back.

        It goes by the order of signing: a voucher may wait for its checker while its maker signs others. Having seen
        nothing counts as size 0.
        """
        size = 0 if seen is None else seen.size
        if seen is not None and (size > number - 1 or self.tree.root(size) != seen.root):
            self.findings.add("V_SEEN", self._place, officer=person, size=size)
        pins = self._pins.setdefault(person, [])
        before, after = bisect_left(pins, (made_at, 0)), bisect_right(pins, (made_at, MAX_INTEGER))
        if (before and size < pins[before - 1][1]) or (after < len(pins) and pins[after][1] < size):
            self.findings.add("V_SEEN_BACK", self._place, officer=person, size=size)
        if len(pins) > 1 and after == len(pins) and pins[-2][1] == pins[-1][1] == size:
            pins.pop()
        insort(pins, (made_at, size))

    def _note(self, fault: FaultError, event: int | None = None) -> None:
        self.findings.fault(fault, self._place, event)
