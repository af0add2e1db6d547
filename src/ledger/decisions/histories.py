"""Histories by tag: what the log holds plus what the same batch has accepted, without reversed pairs.

One set-based read serves a whole batch (see `load`). What a batch accepts is laid over it voucher by voucher, so that a
refused voucher leaves no trace in the judgement of its neighbours.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.errors import EvidenceError
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.log.reading import StoredEvent

REVERSED: Final = "event.reversed"
STANDING: Final = "standing:book"


Overlay = defaultdict[str, defaultdict[str, list[Recorded]]]


def _overlay() -> Overlay:
    """Tag -> kind -> events. By kind, because a batch's tag may have ten thousand payments and three steps."""
    return defaultdict(lambda: defaultdict(list))


class Histories:
    """Reads of one batch. `standing` facts are kept by the caller between batches and given in."""

    def __init__(self, connection: Connection, standing: "Standing") -> None:
        self._connection = connection
        self._standing = standing
        self._stored: dict[Need, list[Recorded]] = {}
        self._added: Overlay = _overlay()
        self._trial: list[tuple[Recorded, tuple[str, ...]]] = []
        self._trial_by_tag: Overlay = _overlay()
        self._by_id: dict[str, Recorded] = {}
        self._undone: set[str] = set()
        """Targets of the reversals that this batch, and the voucher under judgement, bring."""

    def load(self, needs: Iterable[Need]) -> None:
        """Fetch every need that is not at hand, in one query. Reversals are standing facts and need no query."""
        missing = {need for need in needs if need not in self._stored and not self._standing.answers(need)}
        if not missing:
            return
        found = reading.history(self._connection, list(missing))
        rows = {row.position: row for part in found.values() for row in part}
        items = {item.position: item for item in recorded(self._connection, rows.values())}
        for need, kept in found.items():
            self._stored[need] = self._alive([items[row.position] for row in kept]) if kept else []

    def _alive(self, items: list[Recorded]) -> list[Recorded]:
        """Without what the log has reversed."""
        gone = self._standing.reversed
        return [item for item in items if item.event.id not in gone] if gone else items

    def history(self, tag: str, kinds: tuple[str, ...]) -> Sequence[Recorded]:
        """Recorded and accepted events with a tag, in position order, reversed pairs dropped."""
        need = Need(tag, kinds)
        if self._standing.answers(need):
            stored = self._alive(self._standing.history(need))
        else:
            if need not in self._stored:
                self.load([need])
            stored = self._stored[need]
        if tag not in self._added and tag not in self._trial_by_tag:
            return stored
        fresh = self._fresh(tag, kinds)
        both = [*stored, *fresh] if fresh else stored
        return [item for item in both if item.event.id not in self._undone] if self._undone else both

    def _fresh(self, tag: str, kinds: tuple[str, ...]) -> list[Recorded]:
        """What the batch, and the voucher under judgement, have added under a tag, in position order."""
        parts: list[list[Recorded]] = []
        for overlay in (self._added, self._trial_by_tag):
            if tag in overlay:
                by_kind = overlay[tag]
                wanted = kinds or tuple(by_kind)
                parts.extend(by_kind[kind] for kind in wanted if kind in by_kind)
        if len(parts) == 1:
            return parts[0]
        return sorted({item.position: item for part in parts for item in part}.values(), key=_place)

    def by_id(self, event_id: str) -> Recorded | None:
        """An event by id, from the trial, the batch or the log."""
        for item, _ in reversed(self._trial):
            if item.event.id == event_id:
                return item
        if event_id not in self._by_id:
            row = reading.event_by_id(self._connection, event_id)
            if row is None:
                return None
            self._by_id[event_id] = recorded(self._connection, [row])[0]
        return self._by_id[event_id]

    def attempt(self, item: Recorded, tags: tuple[str, ...]) -> None:
        """Lay one judged event of the present voucher over the histories, until `accept` or `forget`."""
        self._trial.append((item, tags))
        kind = item.event.kind
        if kind == REVERSED:
            self._undone.add(_target(item))
        for tag in tags:
            self._trial_by_tag[tag][kind].append(item)

    def accept(self) -> None:
        """The present voucher is accepted: its events count for the rest of the batch."""
        for item, tags in self._trial:
            self._by_id[item.event.id] = item
            for tag in tags:
                self._added[tag][item.event.kind].append(item)
        self._drop_trial()

    def forget(self) -> None:
        """The present voucher is not accepted: nothing of it remains."""
        self._undone -= {_target(item) for item, _ in self._trial if item.event.kind == REVERSED}
        self._drop_trial()

    def _drop_trial(self) -> None:
        self._trial.clear()
        self._trial_by_tag = _overlay()


class Standing:
    """Few facts that every judgement reads (entities, funds, programmes, periods …), kept in memory by tag."""

    def __init__(self) -> None:
        self._by_tag: Overlay = _overlay()
        self._kinds: frozenset[str] = frozenset()
        self.position = 0
        self.reversed: set[str] = set()
        """Ids of the events that the log has reversed."""

    def learn(self, items: Iterable[Recorded], kinds: frozenset[str]) -> None:
        """Add recorded standing events, in position order; `kinds` are the kinds that are standing."""
        self._kinds = kinds
        for item in items:
            if item.event.kind == REVERSED:
                self.reversed.add(_target(item))
            for tag in item.event.tags():
                self._by_tag[tag][item.event.kind].append(item)
            self.position = max(self.position, item.position)

    def answers(self, need: Need) -> bool:
        """Whether a need asks for standing kinds only."""
        return bool(need.kinds) and self._kinds.issuperset(need.kinds)

    def history(self, need: Need) -> list[Recorded]:
        """Standing events of a tag and kinds, in position order."""
        by_kind = self._by_tag.get(need.tag)
        if by_kind is None:
            return []
        parts = [by_kind[kind] for kind in need.kinds if kind in by_kind]
        if len(parts) == 1:
            return parts[0]
        return sorted((item for part in parts for item in part), key=_place)


def recorded(connection: Connection, rows: Iterable[StoredEvent]) -> list[Recorded]:
    """Rows of the log as the rules see them, with the entity and date of their vouchers (one query for all)."""
    rows = list(rows)
    numbers = {row.voucher_number for row in rows}
    found = {number: _voucher(connection, number) for number in numbers}
    return [
        Recorded(row.position, trusted_event(row.kind, row.data), *found[row.voucher_number], row.voucher_number)
        for row in rows
    ]


def _voucher(connection: Connection, number: int) -> tuple[str, date]:
    voucher = reading.voucher_by_number(connection, number)
    if voucher is None:
        raise EvidenceError("E_BARE_EVENT", number=number)
    return voucher.entity, voucher.voucher_date


def without_reversed(items: Sequence[Recorded], kinds: tuple[str, ...]) -> list[Recorded]:
    """Drop every event that a reversal among `items` names, and the reversals themselves unless asked for."""
    gone = {getattr(item.event, "target", "") for item in items if item.event.kind == REVERSED}
    return [
        item
        for item in items
        if item.event.id not in gone and (item.event.kind != REVERSED or not kinds or REVERSED in kinds)
    ]


def _target(item: Recorded) -> str:
    return str(getattr(item.event, "target", ""))


def _place(item: Recorded) -> int:
    return item.position
