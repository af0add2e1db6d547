"""Histories from derived tags: an index in memory from tag and kind to positions, filled as the replay goes.

The rules ask it what they ask the writer's histories, and get what the signed bytes say, never what a table of tags
says. Events are read again from the log by position; their bytes held against their voucher's root before.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from ledger.decisions.histories import REVERSED
from ledger.errors import EvidenceError
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.registry import trusted_event
from ledger.log.tables import events

CACHED: Final = 50_000
"""How many parsed events are kept at hand; standing ones are kept for ever."""


class Memory:
    """The answers to `history` and `by_id` for the replay of one log: the public part of the writer's `Histories`."""

    def __init__(self, connection: Connection) -> None:
        self._log = connection
        self._judged: list[tuple[Recorded, tuple[str, ...]]] = []
        """The events of the voucher under judgement, in order."""
        self._fresh: dict[str, dict[str, list[Recorded]]] = {}
        """Tag -> kind -> events of the voucher under judgement."""
        self._fresh_ids: dict[str, Recorded] = {}
        self._gone: set[str] = set()
        """Ids of events that a reversal in the log names."""
        self._undone: set[str] = set()
        """Ids of events that a reversal in the voucher under judgement names."""
        self._answers: dict[tuple[str, tuple[str, ...]], list[Recorded]] = {}
        """What was answered to the voucher under judgement, of what stood before it."""
        self._places: dict[str, int | array[int]] = {}
        self._usual_kinds: list[str] = []
        """Every kind that has come up, reversals left out."""
        self.ids: dict[bytes, int] = {}
        self.tag_counts = array("q")
        """How many tags each event has, by position - 1."""
        self.firsts: list[int] = []
        """The first position of each voucher, by number - 1."""
        self._vouchers: list[tuple[str, date]] = []
        self._standing_items: dict[int, Recorded] = {}
        self._recent: dict[int, Recorded] = {}

    def load(self, needs: Iterable[Need]) -> None:
        """Nothing to fetch: the index is at hand."""

    def history(self, tag: str, kinds: tuple[str, ...]) -> Sequence[Recorded]:
        """Derived events with a tag, in position order, without those that a reversal names. No kinds ask for all kinds
        but reversals, which appear only where they are asked for.
        """
        stored = self._answers.get((tag, kinds))
        if stored is None:
            places = sorted({place for kind in kinds or self._usual_kinds for place in self.positions(tag, kind)})
            stored = [item for item in map(self._item, places) if item.event.id not in self._gone]
            self._answers[tag, kinds] = stored
        by_kind = self._fresh.get(tag, {})
        parts = [by_kind[kind] for kind in kinds or self._usual_kinds if kind in by_kind]
        found = [*stored, *sorted((item for part in parts for item in part), key=_place)] if parts else stored
        return [item for item in found if item.event.id not in self._undone] if self._undone else found

    def by_id(self, event_id: str) -> Recorded | None:
        """An event by id, from the voucher under judgement or from before."""
        fresh = self._fresh_ids.get(event_id)
        if fresh is not None:
            return fresh
        place = self.ids.get(id_bytes(event_id))
        return None if place is None else self._item(place)

    def attempt(self, item: Recorded, tags: tuple[str, ...]) -> None:
        """Lay one judged event of the voucher under judgement over what was indexed."""
        self._judged.append((item, tags))
        self._fresh_ids[item.event.id] = item
        if item.event.kind == REVERSED:
            self._undone.add(str(getattr(item.event, "target", "")))
        if item.event.kind != REVERSED and item.event.kind not in self._usual_kinds:
            self._usual_kinds.append(item.event.kind)
        for tag in tags:
            self._fresh.setdefault(tag, {}).setdefault(item.event.kind, []).append(item)

    def forget(self) -> None:
        """Nothing of the voucher under judgement remains."""
        self._judged, self._fresh, self._fresh_ids, self._answers, self._undone = [], {}, {}, {}, set()

    def accept(self) -> None:
        """The voucher under judgement stands in the log: index it."""
        if self._judged:
            first = self._judged[0][0]
            self.firsts.append(first.position)
            self._vouchers.append((first.entity, first.voucher_date))
            self._gone |= self._undone
        for item, tags in self._judged:
            self.ids[id_bytes(item.event.id)] = item.position
            self.tag_counts.append(len(tags))
            for tag in tags:
                self._index(_key(tag, item.event.kind), item.position)
            self._have_at_hand(item)
        self.forget()

    def positions(self, tag: str, kind: str) -> Iterator[int]:
        """Positions of the events with a tag and kind, ascending."""
        found = self._places.get(_key(tag, kind))
        if isinstance(found, int):
            yield found
        elif found is not None:
            yield from found

    def has(self, tag: str, kind: str, position: int) -> bool:
        """Whether the event at a position has this kind and tag."""
        found = self._places.get(_key(tag, kind))
        if found is None or isinstance(found, int):
            return found == position
        place = bisect_right(found, position) - 1
        return place >= 0 and found[place] == position

    def first_of(self, number: int) -> int:
        """Where a voucher begins; 0 for a number that is not in the log."""
        return self.firsts[number - 1] if 1 <= number <= len(self.firsts) else 0

    def start_of(self, position: int) -> int:
        """Where the voucher begins that holds a position; a position that no walked voucher holds is its own start."""
        place = bisect_right(self.firsts, position)
        within = place and position < self.firsts[0] + len(self.tag_counts)
        return self.firsts[place - 1] if within else position

    def _index(self, key: str, position: int) -> None:
        found = self._places.get(key)
        if found is None:
            self._places[key] = position
        elif isinstance(found, int):
            self._places[key] = array("q", (found, position))
        else:
            found.append(position)

    def _have_at_hand(self, item: Recorded) -> None:
        if item.event.standing:
            self._standing_items[item.position] = item
            return
        if len(self._recent) >= CACHED:
            self._recent.clear()
        self._recent[item.position] = item

    def _item(self, position: int) -> Recorded:
        found = self._standing_items.get(position) or self._recent.get(position)
        if found is None:
            row = self._log.execute(select(events.c.kind, events.c.data).where(events.c.position == position))
            kind, data = row.one()
            place = bisect_right(self.firsts, position) - 1
            if place < 0:
                raise EvidenceError("E_BARE_EVENT", number=position)
            entity, day = self._vouchers[place]
            found = Recorded(position, trusted_event(kind, bytes(data)), entity, day, place + 1)
            self._have_at_hand(found)
        return found


def id_bytes(event_id: str) -> bytes:
    """The 16 bytes of an event id; ids of any other form (a tampered row) become bytes of another length."""
    plain = event_id.replace("-", "")
    try:
        return bytes.fromhex(plain) if len(plain) == 32 else event_id.encode()
    except ValueError:
        return event_id.encode()


def _place(item: Recorded) -> int:
    return item.position


def _key(tag: str, kind: str) -> str:
    return f"{kind} {tag}"
