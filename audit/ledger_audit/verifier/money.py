"""Postings and balances: every event's postings sum to zero for each fund and book, and the balances are their sums.

Whether a posting is the right one is not asked here; that is derived again by the other verifier. It needs neither
leaves nor events, so it runs beside the walk; what it says of positions and entities is compared at the end.
"""

import io
import json
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

from ledger_audit.verifier.findings import GONE, Findings, Place
from ledger_audit.verifier.formats.bag import Bag
from ledger_audit.verifier.formats.canonical import (
    DAY,
    FaultError,
    count_at,
    day_at,
    fen_at,
    fields,
    is_utf8,
    read_canonical,
    text_at,
    whole_line,
    write_canonical,
)

POSTINGS: Final = "data/postings.jsonl"
BALANCES: Final = "data/balances.jsonl"
MAX_LINE_BYTES: Final = 1 << 16
_BLOCK_BYTES: Final = 1 << 17
_OWNER: Final = ("book", "chart", "code", "entity", "fund")
_KEY: Final = (*_OWNER, "party", "role")
_POSTING: Final = (*_KEY, "amount_fen", "line", "occurred_on", "position")
_BALANCE: Final = (*_KEY, "amount_fen")

Key = tuple[bytes, bytes, bytes]
"""What a balance stands for, as canonical JSON: the members of `_OWNER`, the party, the role; null is not "null"."""

_LIQUID: Final = frozenset({b'"cash"', b'"bank"', b'"channel"', b'"deposit"', b'"quota"'})
"""Roles of money that can be spent today. Where it leaves, a checker signs; as one does where cash comes in by hand."""
_CASH: Final = b'"cash"'

Row = tuple[bytes | int, bytes, bytes | int, bytes, bytes | int, bytes]
"""A posting or balance: amount in fen, owner, line, party, position, role."""


@dataclass(slots=True)
class Runs:
    """Neighbouring positions with postings of one entity, in arrays, because there may be as many as events.

    Entities are kept as JSON texts.
    """

    first: "array[int]" = field(default_factory=lambda: array("q"))
    last: "array[int]" = field(default_factory=lambda: array("q"))
    line: "array[int]" = field(default_factory=lambda: array("q"))
    name: "array[int]" = field(default_factory=lambda: array("q"))
    names: dict[str, int] = field(default_factory=dict)

    def extend(self, position: int, entity: str, line: int) -> None:
        """The next position that has postings, with the line of its first."""
        name = self.names.setdefault(entity, len(self.names))
        if self.last and self.last[-1] + 1 == position and self.name[-1] == name:
            self.last[-1] = position
            return
        for column, value in ((self.first, position), (self.last, position), (self.line, line), (self.name, name)):
            column.append(value)

    def __iter__(self) -> Iterator[tuple[int, int, str, int]]:
        """(first position, last position, entity, line of the file)."""
        names = [json.loads(name) for name in self.names]
        for first, last, name, line in zip(self.first, self.last, self.name, self.line, strict=True):
            yield first, last, names[name], line


@dataclass(slots=True)
class Money:
    """What was read, and where which entity's postings stand."""

    findings: Findings = field(default_factory=Findings)
    postings: int = 0
    balances: int = 0
    runs: Runs = field(default_factory=Runs)
    handled: "array[int]" = field(default_factory=lambda: array("q"))
    """Positions by which money leaves, or cash comes in."""
    _sums: dict[Key, int] = field(default_factory=dict)

    def run(self, bag: Bag) -> "Money":
        """Reads both files; a missing one is a finding, and without postings no balance can be wrong."""
        for name, read in ((POSTINGS, self._postings), (BALANCES, self._balances)):
            try:
                with bag.open(name) as file:
                    read(file)
            except FaultError as fault:
                self.findings.fault(fault)
                if fault.code == GONE:
                    break
        return self

    def _postings(self, file: IO[bytes]) -> None:
        position = last = 0
        owner = b""
        own = _Owner("", "", "")
        owners: dict[bytes, _Owner] = {}
        sums, open_sums = self._sums, dict[tuple[str, str], int]()
        for first, rows in self._blocks(file):
            self.postings += len(rows)
            for at, (fen, named, line, party, place, role) in enumerate(rows, first):
                amount, order, here = int(fen), int(line), int(place)
                if named != owner:
                    owner, before = named, own
                    own = owners.get(named) or owners.setdefault(named, _owner(named))
                    if here == position and own.entity != before.entity:
                        self.findings.add("V_POSTING_ORDER", Place(file=POSTINGS, line=at))
                if here != position:
                    self._close(position, open_sums)
                    if here < position:
                        self.findings.add("V_POSTING_ORDER", Place(file=POSTINGS, line=at))
                    position = here
                    self.runs.extend(position, own.entity, at)
                elif order <= last:
                    self.findings.add("V_POSTING_ORDER", Place(file=POSTINGS, line=at))
                last = order
                if (amount < 0 and role in _LIQUID) or (role == _CASH and amount > 0):
                    self._handle(own, here)
                group = own.group
                open_sums[group] = open_sums.get(group, 0) + amount
                key = (named, party, role)
                sums[key] = sums.get(key, 0) + amount
        self._close(position, open_sums)

    def _handle(self, own: "_Owner", position: int) -> None:
        if own.book == '"main"' and (not self.handled or self.handled[-1] != position):
            self.handled.append(position)

    def _close(self, position: int, sums: dict[tuple[str, str], int]) -> None:
        for (fund, book), fen in sums.items():
            if fen:
                self.findings.add("V_POSTING_SUM", Place(position=position), fund=fund, book=book, fen=fen)
        sums.clear()

    def _balances(self, file: IO[bytes]) -> None:
        """Each balance takes its sum away; what is left over has no balance."""
        for at, (stated, owner, _, party, _, role) in self._rows(file, BALANCES, _BALANCE):
            self.balances += 1
            key = owner, party, role
            fen = self._sums.pop(key, None)
            if fen != stated or fen == 0:
                place = Place(file=BALANCES, line=at)
                self.findings.add("V_BALANCE", place, key=_said(key), stated=stated, computed=fen or 0)
        for key, fen in self._sums.items():
            if fen:
                self.findings.add("V_BALANCE_MISSING", Place(file=BALANCES), key=_said(key), computed=fen)

    def _blocks(self, file: IO[bytes]) -> Iterator[tuple[int, Sequence[Row]]]:
        """(number of the first line, rows) of postings. A block in which every line is usual is read at one stroke."""
        at = 0
        while block := file.read(_BLOCK_BYTES):
            if not block.endswith(b"\n"):
                block += file.readline(MAX_LINE_BYTES)
            rows = _USUAL.findall(block)
            lines = block.count(b"\n") + (not block.endswith(b"\n"))
            if len(rows) == lines and is_utf8(block):
                yield at + 1, rows
            else:
                for number, row in self._rows(io.BytesIO(block), POSTINGS, _POSTING, at):
                    yield number, (row,)
            at += lines

    def _rows(self, file: IO[bytes], name: str, names: tuple[str, ...], at: int = 0) -> Iterator[tuple[int, Row]]:
        """(line number, row) of each line that can be read."""
        while line := file.readline(MAX_LINE_BYTES):
            at += 1
            try:
                row = _any(whole_line(line), names)
            except FaultError as fault:
                self.findings.fault(fault, Place(file=name, line=at))
                continue
            yield at, row


@dataclass(frozen=True, slots=True)
class _Owner:
    """Of an owner's members: the entity, and in what the postings of one event must sum to zero."""

    entity: str
    fund: str
    book: str

    @property
    def group(self) -> tuple[str, str]:
        return self.fund, self.book


def _owner(named: bytes) -> _Owner:
    """Its members as JSON texts."""
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in json.loads(b"{%b}" % named).items()}
    return _Owner(texts["entity"], texts["fund"], texts["book"])


# Bounded, so that a line which is too long for this file never passes for a usual one.
_TEXT: Final = rb'(?:"[^"\\\x00-\x1f]{0,4000}+"|null)'
_COUNT: Final = rb"(0|[1-9][0-9]{0,14}+)"
_USUAL: Final = re.compile(
    rb'^\{"amount_fen":(-?[1-9][0-9]{0,14}+),'
    rb'("book":%(text)b,"chart":%(text)b,"code":%(text)b,"entity":"[^"\\\x00-\x1f]{1,4000}+","fund":%(text)b),'
    rb'"line":%(count)b,"occurred_on":"%(day)b","party":(%(text)b),"position":([1-9][0-9]{0,14}+),"role":(%(text)b)\}\n'
    % {b"text": _TEXT, b"count": _COUNT, b"day": DAY.pattern.replace("(", "(?:").encode()},
    re.MULTILINE,
)
"""A posting without escapes is canonical when it has exactly this shape."""


def _any(data: bytes, names: tuple[str, ...]) -> Row:
    """Any posting or balance; FaultError V_CANONICAL, V_FIELDS, V_FIELD."""
    value = fields(read_canonical(data), names, "row")
    text_at(value, "entity")
    if any(isinstance(value[name], (dict, list)) for name in _KEY):
        raise FaultError("V_FIELD", field="key", value="")
    owner = write_canonical({name: value[name] for name in _OWNER})[1:-1]
    party, role = write_canonical(value["party"]), write_canonical(value["role"])
    if "position" not in names:
        return fen_at(value, "amount_fen"), owner, 0, party, 0, role
    day_at(value, "occurred_on")
    return fen_at(value, "amount_fen"), owner, count_at(value, "line", 0), party, count_at(value, "position"), role


def _said(key: Key) -> str:
    owner, party, role = key
    members = json.loads(b'{%b,"party":%b,"role":%b}' % (owner, party, role))
    return " ".join(f"{name}={json.dumps(members[name], ensure_ascii=False)}" for name in _KEY if members[name])
