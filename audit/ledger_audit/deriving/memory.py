"""Histories from derived tags: an index from tag and kind to positions, filled as the replay goes.

The rules ask it what they ask the writer's histories, and get what the signed bytes say, never what a table of tags
says. Events are read again from the log by position; their bytes held against their voucher's root before.
"""

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Final

from sqlalchemy import Connection, select

from ledger.decisions.histories import REVERSED
from ledger.errors import EvidenceError
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.registry import trusted_event
from ledger.log.tables import events
from ledger_audit.deriving.index import Index

CACHED: Final = 10_000
"""How many parsed events are kept at hand; standing ones are kept for ever."""
READ_AT_ONCE: Final = 500


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
        self.index = Index()
        self._usual_kinds: list[str] = []
        """Every kind that has come up, reversals left out."""
        self.tag_counts = array("i")
        """How many tags each event has, by position - 1."""
        self.firsts: list[int] = []
        """The first position of each voucher, by number - 1."""
        self._vouchers: list[tuple[str, date]] = []
        self._standing_items: dict[int, Recorded] = {}
        self._recent: dict[int, Recorded] = {}

    def load(self, needs: Iterable[Need]) -> None:
        """Fetch the answers to a voucher's needs with few questions to the index and to the log."""
        wanted: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        for tag, kinds in needs:
            if (tag, kinds) not in self._answers:
                wanted[kinds][tag] = None
        found = [
            (kinds, self.index.positions(list(tags), kinds or self._usual_kinds)) for kinds, tags in wanted.items()
        ]
        items = self._items({place for _, by_tag in found for places in by_tag.values() for place in places})
        for kinds, by_tag in found:
            for tag, places in by_tag.items():
                stored = map(items.__getitem__, places)
                self._answers[tag, kinds] = [item for item in stored if item.event.id not in self._gone]

    @property
    def growing(self) -> bool:
        """Never: every answer is made when it is asked for."""
        return False

    def history(self, tag: str, kinds: tuple[str, ...]) -> Sequence[Recorded]:
        """Derived events with a tag, in position order, without those that a reversal names. No kinds ask for all kinds
        but reversals, which appear only where they are asked for.
        """
        if (tag, kinds) not in self._answers:
            self.load([Need(tag, kinds)])
        stored = self._answers[tag, kinds]
        by_kind = self._fresh.get(tag, {})
        parts = [by_kind[kind] for kind in kinds or self._usual_kinds if kind in by_kind]
        found = [*stored, *sorted((item for part in parts for item in part), key=_place)] if parts else stored
        return [item for item in found if item.event.id not in self._undone] if self._undone else found

    def by_id(self, event_id: str) -> Recorded | None:
        """An event by id, from the voucher under judgement or from before."""
        fresh = self._fresh_ids.get(event_id)
        if fresh is not None:
            return fresh
        place = self.index.place_of_id(id_bytes(event_id))
        return None if place is None else self._items({place})[place]

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
        self.index.add(
            ((tag, item.event.kind, item.position) for item, tags in self._judged for tag in tags),
            ((id_bytes(item.event.id), item.position) for item, _ in self._judged),
        )
        self.tag_counts.extend(len(tags) for _, tags in self._judged)
        self._have_at_hand([item for item, _ in self._judged])
        self.forget()

    def first_of(self, number: int) -> int:
        """Where a voucher begins; 0 for a number that is not in the log."""
        return self.firsts[number - 1] if 1 <= number <= len(self.firsts) else 0

    def start_of(self, position: int) -> int:
        """Where the voucher begins that holds a position; a position that no walked voucher holds is its own start."""
        place = bisect_right(self.firsts, position)
        within = place and position < self.firsts[0] + len(self.tag_counts)
        return self.firsts[place - 1] if within else position

    def _have_at_hand(self, items: Iterable[Recorded]) -> None:
        for item in items:
            (self._standing_items if item.event.standing else self._recent)[item.position] = item
        for position in list(islice(self._recent, max(0, len(self._recent) - CACHED))):
            del self._recent[position]

    def _items(self, positions: set[int]) -> dict[int, Recorded]:
        """The events at some positions, read unless they are at hand."""
        found: dict[int, Recorded] = {}
        for place in positions:
            item = self._standing_items.get(place) or self._recent.get(place)
            if item is not None:
                found[place] = item
        absent = sorted(positions - found.keys())
        parts = [absent[at : at + READ_AT_ONCE] for at in range(0, len(absent), READ_AT_ONCE)]
        read = [item for part in parts for item in self._read(part)]
        self._have_at_hand(read)
        found.update((item.position, item) for item in read)
        return found

    def _read(self, positions: Sequence[int]) -> list[Recorded]:
        chosen = select(events.c.position, events.c.kind, events.c.data).where(events.c.position.in_(positions))
        return [self._recorded(*row) for row in self._log.execute(chosen)]

    def _recorded(self, position: int, kind: str, data: bytes) -> Recorded:
        number = bisect_right(self.firsts, position)
        if number < 1:
            raise EvidenceError("E_BARE_EVENT", number=position)
        return Recorded(position, trusted_event(kind, bytes(data)), *self._vouchers[number - 1], number)


def id_bytes(event_id: str) -> bytes:
    """The 16 bytes of an event id; ids of any other form (a tampered row) become bytes of another length."""
    plain = event_id.replace("-", "")
    try:
        return bytes.fromhex(plain) if len(plain) == 32 else event_id.encode()
    except ValueError:
        return event_id.encode()


def _place(item: Recorded) -> int:
    return item.position
