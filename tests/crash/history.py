"""What several clients saw of one log, and whether one order of all that happened explains it.

An operation is begun and ends as `ok` (answered), `fail` (refused), or stays `info`: the connection broke, and it may
have happened or not. The log has one total order, so a scan decides whether the history is strictly serialisable; no
search is needed. Source of the method: the bank and append tests of Jepsen.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, count
from typing import Literal

Kind = Literal["give", "spend", "read"]


@dataclass
class Operation:
    """One operation of a client. Money in fen; `position` of an act is that of its event."""

    client: int
    kind: Kind
    name: str
    fen: int
    begun: float
    ended: float = float("inf")
    outcome: Literal["ok", "fail", "info"] = "info"
    position: int = 0
    number: int = 0
    leaf_hash: bytes = b""
    seen: tuple[int, bytes] | None = None
    """Size and root of the checkpoint that came with the answer."""


@dataclass
class History:
    """All operations of all clients, added as they begin."""

    operations: list[Operation] = field(default_factory=list)
    _names: Iterator[int] = field(default_factory=count)

    def begin(self, client: int, kind: Kind, fen: int = 0) -> Operation:
        """A new operation with a name of its own."""
        found = Operation(client, kind, f"op-{next(self._names)}", fen, time.monotonic())
        self.operations.append(found)
        return found

    def of(self, outcome: str, *kinds: str) -> list[Operation]:
        """Operations that ended so."""
        return [one for one in self.operations if one.outcome == outcome and one.kind in kinds]


@dataclass(frozen=True)
class Recorded:
    """An act as the log has it."""

    name: str
    kind: Kind
    fen: int
    position: int
    number: int
    leaf_hash: bytes
    maker: str
    checkers: tuple[str, ...]


@dataclass(frozen=True)
class Log:
    """What the log has in the end: its acts in position order, the balance before them, and the root of each size."""

    acts: Sequence[Recorded]
    opening_fen: int
    root_at: Callable[[int], bytes]


def faults(history: History, log: Log) -> list[str]:
    """Everything in the history that no order explains, or that the log should never have taken."""
    checks = (_once, _in_real_time, _never_below_nothing, _reads_a_prefix, _one_log, _four_eyes)
    return [fault for check in checks for fault in check(history, log)]


def _once(history: History, log: Log) -> Iterator[str]:
    """Each answered act stands once, where its answer said; a refused one stands nowhere; any other at most once."""
    found: dict[str, list[Recorded]] = {}
    for act in log.acts:
        found.setdefault(act.name, []).append(act)
    known = {one.name for one in history.operations}
    yield from (f"{name}: nobody asked for it" for name in found.keys() - known)
    for one in history.operations:
        stands = found.get(one.name, [])
        if len(stands) > 1:
            yield f"{one.name}: recorded {len(stands)} times"
        if one.kind == "read":
            continue
        if one.outcome == "fail" and stands:
            yield f"{one.name}: refused, and recorded at {stands[0].position}"
        if one.outcome == "ok":
            told = (one.position, one.number, one.leaf_hash, one.fen)
            if not stands:
                yield f"{one.name}: acknowledged at {one.position}, and lost"
            elif told != (stands[0].position, stands[0].number, stands[0].leaf_hash, stands[0].fen):
                yield f"{one.name}: acknowledged as {told}, recorded as {stands[0]}"


def _in_real_time(history: History, log: Log) -> Iterator[str]:
    """What was answered before something else began has an earlier place; a read stands for no earlier one."""
    del log
    ended = sorted(history.of("ok", "give", "spend", "read"), key=lambda one: one.ended)
    latest = list(accumulate((one.position for one in ended), max))
    place = 0
    for one in sorted(history.of("ok", "give", "spend", "read"), key=lambda one: one.begun):
        while place < len(ended) and ended[place].ended < one.begun:
            place += 1
        before = latest[place - 1] if place else 0
        late = before > one.position if one.kind == "read" else before >= one.position
        if late:
            yield f"{one.name}: at {one.position}, though {before} was answered before it began"


def _never_below_nothing(history: History, log: Log) -> Iterator[str]:
    """The fund is never below zero after any act."""
    del history
    for act, fen in zip(log.acts, _balances(log), strict=True):
        if fen < 0:
            yield f"{act.name}: leaves {fen} fen"


def _reads_a_prefix(history: History, log: Log) -> Iterator[str]:
    """Each balance is that of the acts up to the position that came with it."""
    at = dict(zip((act.position for act in log.acts), _balances(log), strict=True))
    places = sorted(at)
    for one in history.of("ok", "read"):
        place = bisect_right(places, one.position)
        expected = at[places[place - 1]] if place else log.opening_fen
        if one.fen != expected:
            yield f"{one.name}: read {one.fen} at {one.position}, where the log has {expected}"


def _one_log(history: History, log: Log) -> Iterator[str]:
    """Every checkpoint that any client ever saw is of this log."""
    seen: Mapping[tuple[int, bytes], str] = {one.seen: one.name for one in history.operations if one.seen is not None}
    for (size, root), name in seen.items():
        if log.root_at(size) != root:
            yield f"{name}: was shown another log of {size} vouchers"


def _four_eyes(history: History, log: Log) -> Iterator[str]:
    """Money that moves between funds was signed by somebody else as well."""
    del history
    for act in log.acts:
        if act.kind == "spend" and not set(act.checkers) - {act.maker}:
            yield f"{act.name}: signed by {act.maker} alone"


def _balances(log: Log) -> Iterable[int]:
    fen = log.opening_fen
    for act in log.acts:
        fen += act.fen if act.kind == "give" else -act.fen
        yield fen
