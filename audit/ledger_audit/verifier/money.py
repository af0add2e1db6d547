"""Postings and balances: every event's postings sum to zero for each fund and book, and the balances are their sums.

Whether a posting is the right one is not asked here; that is derived again by the other verifier. It needs neither
leaves nor events, so it runs beside the walk; what it says of positions and entities is compared at the end.
"""

import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final, NamedTuple

from ledger_audit.verifier.findings import Findings, Place
from ledger_audit.verifier.formats.bag import Bag
from ledger_audit.verifier.formats.canonical import (
    DAY,
    FaultError,
    count_at,
    day_at,
    fen_at,
    fields,
    read_canonical,
    text_at,
    whole_line,
)

POSTINGS: Final = "data/postings.jsonl"
BALANCES: Final = "data/balances.jsonl"
MAX_LINE_BYTES: Final = 1 << 16
_KEY: Final = ("book", "chart", "code", "entity", "fund", "party", "role")
_POSTING: Final = (*_KEY, "amount_fen", "line", "occurred_on", "position")
_BALANCE: Final = (*_KEY, "amount_fen")

Key = tuple[str, ...]


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
    _sums: dict[Key, int] = field(default_factory=dict)

    def run(self, bag: Bag) -> "Money":
        """Reads both files; a missing one is a finding."""
        for name, read in ((POSTINGS, self._postings), (BALANCES, self._balances)):
            try:
                with bag.open(name) as file:
                    read(file)
            except FaultError as fault:
                self.findings.fault(fault)
        return self

    def _postings(self, file: IO[bytes]) -> None:
        position = line = 0
        entity = ""
        open_sums: dict[tuple[str, str], int] = {}
        for at, row in self._rows(file, POSTINGS, _POSTING):
            self.postings += 1
            if row.position != position:
                self._close(position, open_sums)
                if row.position < position:
                    self.findings.add("V_POSTING_ORDER", Place(file=POSTINGS, line=at))
                position, line, entity = row.position, -1, row.key[3]
                self.runs.extend(position, entity, at)
            if row.line <= line or row.key[3] != entity:
                self.findings.add("V_POSTING_ORDER", Place(file=POSTINGS, line=at))
            line = row.line
            fund_book = (row.key[4], row.key[0])
            open_sums[fund_book] = open_sums.get(fund_book, 0) + row.amount_fen
            self._sums[row.key] = self._sums.get(row.key, 0) + row.amount_fen
        self._close(position, open_sums)

    def _close(self, position: int, sums: dict[tuple[str, str], int]) -> None:
        for (fund, book), fen in sums.items():
            if fen:
                self.findings.add("V_POSTING_SUM", Place(position=position), fund=fund, book=book, fen=fen)
        sums.clear()

    def _balances(self, file: IO[bytes]) -> None:
        """Each balance takes its sum away; what is left over has no balance."""
        for at, row in self._rows(file, BALANCES, _BALANCE):
            self.balances += 1
            fen = self._sums.pop(row.key, None)
            if fen != row.amount_fen or fen == 0:
                place = Place(file=BALANCES, line=at)
                self.findings.add("V_BALANCE", place, key=_said(row.key), stated=row.amount_fen, computed=fen or 0)
        for key, fen in self._sums.items():
            if fen:
                self.findings.add("V_BALANCE_MISSING", Place(file=BALANCES), key=_said(key), computed=fen)

    def _rows(self, file: IO[bytes], name: str, names: tuple[str, ...]) -> Iterator[tuple[int, "_Row"]]:
        """(line number, row) of each line that can be read."""
        at = 0
        while line := file.readline(MAX_LINE_BYTES):
            at += 1
            try:
                row = _usual(line) or _any(whole_line(line), names)
            except FaultError as fault:
                self.findings.fault(fault, Place(file=name, line=at))
                continue
            yield at, row


class _Row(NamedTuple):
    """A posting or balance; the key holds the JSON texts of `_KEY`, so that null, 1 and "1" stay apart."""

    amount_fen: int
    key: Key
    line: int
    position: int


_TEXT: Final = r'("[^"\\\x00-\x1f]*"|null)'
_COUNT: Final = r"(0|[1-9][0-9]{0,14})"
_USUAL: Final = re.compile(
    rf'\{{"amount_fen":(-?[1-9][0-9]{{0,14}}),"book":{_TEXT},"chart":{_TEXT},"code":{_TEXT},"entity":("[^"\\\x00-\x1f]*"),'
    rf'"fund":{_TEXT},"line":{_COUNT},"occurred_on":"{DAY.pattern}","party":{_TEXT},"position":{_COUNT},"role":{_TEXT}\}}\n'
)


def _usual(line: bytes) -> _Row | None:
    """A posting without escapes is canonical when it has exactly this shape; None when it must be read slowly."""
    try:
        found = _USUAL.fullmatch(line.decode("utf-8"))
    except UnicodeDecodeError:
        return None
    if found is None:
        return None
    amount, book, chart, code, entity, fund, order, _, _, party, position, role = found.groups()
    return _Row(int(amount), (book, chart, code, entity, fund, party, role), int(order), int(position))


def _any(data: bytes, names: tuple[str, ...]) -> _Row:
    """Any posting or balance; FaultError V_CANONICAL, V_FIELDS, V_FIELD."""
    value = fields(read_canonical(data), names, "row")
    text_at(value, "entity")
    if any(isinstance(value[name], (dict, list)) for name in _KEY):
        raise FaultError("V_FIELD", field="key", value="")
    key = tuple([json.dumps(value[name], ensure_ascii=False) for name in _KEY])
    if "position" not in names:
        return _Row(fen_at(value, "amount_fen"), key, 0, 0)
    day_at(value, "occurred_on")
    return _Row(fen_at(value, "amount_fen"), key, count_at(value, "line", 0), count_at(value, "position"))


def _said(key: Key) -> str:
    return " ".join(f"{name}={value}" for name, value in zip(_KEY, key, strict=True) if value not in {"null", '""'})
