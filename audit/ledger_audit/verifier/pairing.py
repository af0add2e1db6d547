"""Leaves beside their events: each voucher with the lines of the events file that it claims, by its own count.

After a leaf that cannot be read, the lines up to the place that the next leaf states are passed over. The roots of the
events are checked here, apart from the walk, because two processes may share the work.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from ledger_audit.verifier.formats.bag import Bag
from ledger_audit.verifier.formats.canonical import FaultError
from ledger_audit.verifier.formats.digests import sha256
from ledger_audit.verifier.formats.lines import Lines
from ledger_audit.verifier.formats.merkle import LEAF, root_of
from ledger_audit.verifier.formats.shapes import Leaf, Statement, read_leaf, read_statement

LEAVES: Final = "data/leaves.jsonl"
EVENTS: Final = "data/events.jsonl"
MAX_LEAF_BYTES: Final = 65_536
MAX_EVENT_BYTES: Final = 8 << 20


@dataclass(slots=True)
class Pair:
    """One line of the leaves: what it says (or the fault that hides it) and the event lines that belong to it.

    `skipped` are event lines before it that no readable leaf claims; `cut` says that lines were missing at the end.
    """

    number: int
    data: bytes
    content: tuple[Leaf, Statement] | None = None
    fault: FaultError | None = None
    skipped: list[bytes] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)
    cut: bool = False


def pairs(leaves: IO[bytes], events: Lines) -> Iterator[Pair]:
    """Every leaf with its events, in order."""
    position, lost = 0, False
    number = 0
    while line := leaves.readline(MAX_LEAF_BYTES + 1):
        number += 1
        pair = _read(number, line)
        if pair.content is not None:
            leaf, statement = pair.content
            if lost and leaf.first_position > position:
                pair.skipped = events.take(leaf.first_position - position - 1)
            pair.events = events.take(statement.count)
            pair.cut = len(pair.events) < statement.count
            position += len(pair.skipped) + len(pair.events)
        lost = pair.content is None
        yield pair
        if not line.endswith(b"\n"):
            return


def lines_of(events: IO[bytes]) -> Lines:
    """The lines of the events file."""
    return Lines(events, MAX_EVENT_BYTES)


def bad_roots(bag: Bag) -> list[int]:
    """The numbers of the vouchers whose events are not those that were signed."""
    try:
        with bag.open(LEAVES) as leaves, bag.open(EVENTS) as events:
            return [pair.number for pair in pairs(leaves, lines_of(events)) if not _root_holds(pair)]
    except FaultError:
        return []


def _root_holds(pair: Pair) -> bool:
    return pair.content is None or root_of([sha256(LEAF + data) for data in pair.events]) == pair.content[1].root


def _read(number: int, line: bytes) -> Pair:
    data = line.removesuffix(b"\n")
    if data == line:
        return Pair(number, data, fault=FaultError("V_LINE"))
    try:
        leaf = read_leaf(data)
        return Pair(number, data, (leaf, read_statement(leaf.envelope.payload)))
    except FaultError as fault:
        return Pair(number, data, fault=fault)
