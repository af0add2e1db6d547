"""Histories by tag: what the log holds plus what the same batch has accepted, without reversed pairs.

One set-based read serves a whole batch (see `load`). What a batch accepts is added to it voucher by voucher, so that a
refused voucher leaves no trace in the judgement of its neighbours.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection

from ledger.decisions.recent import Recent
from ledger.errors import EvidenceError
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.log.reading import StoredEvent

REVERSED: Final = "event.reversed"
STANDING: Final = "standing:book"


Kinds = tuple[str, ...]
Answer = list[Recorded]
ByKind = defaultdict[str, Answer]


class Histories:
    """Reads of one batch. `standing` facts are kept by the caller between batches and given in.

    Every need has one list, its answer, which grows as the batch goes: an accepted event is added to the answers that
    ask for its tag and kind, so that a rule's question costs one look-up however often it is asked.
    """

    def __init__(self, connection: Connection, standing: "Standing", recent: Recent | None = None) -> None:
        self._connection = connection
        self._standing = standing
        self._recent = recent or Recent()
        self._answer: dict[Kinds, dict[str, Answer]] = {}
        """The answer to every need so far: kinds -> tag -> events."""
        self._asking: dict[str, list[dict[str, Answer]]] = {}
        """The parts of `_answer` that an event of a kind belongs to."""
        self._added: defaultdict[str, Answer] = defaultdict(list)
        """Tag -> what the batch has accepted and the voucher under judgement has tried, in position order; made only
        when a need comes up that was not announced.
        """
        self._fresh: list[tuple[Recorded, tuple[str, ...]]] = []
        """All of that in order; the first `_accepted` are accepted, the first `_indexed` stand in `_added`."""
        self._accepted = 0
        self._indexed = 0
        self._by_id: dict[str, Recorded] = {}
        self._undone: Counter[str] = Counter()
        """Targets of the reversals that this batch, and the voucher under judgement, bring."""

    @property
    def growing(self) -> bool:
        """Whether every answer is one list that only grows, as long as this batch reverses nothing."""
        return not self._undone

    def load(self, needs: Iterable[Need]) -> None:
        """Fetch every need that is not at hand, in one go. Standing facts are in memory and need no query."""
        wanted: defaultdict[Kinds, dict[str, None]] = defaultdict(dict)
        for tag, kinds in needs:
            wanted[kinds][tag] = None
        found: list[tuple[Kinds, dict[str, list[int]]]] = []
        for kinds, tags in wanted.items():
            known = self._part(kinds)
            missing = [tag for tag in tags if tag not in known]
            if self._standing.answers(kinds):
                known.update({tag: self._whole(tag, kinds, self._standing.history(tag, kinds)) for tag in missing})
            elif missing:
                found.append((kinds, reading.places(self._connection, missing, kinds)))
        positions = {place for _, by_tag in found for part in by_tag.values() for place in part}
        items = items_at(self._connection, positions, self._recent)
        for kinds, by_tag in found:
            stored = {tag: [items[place] for place in part] for tag, part in by_tag.items()}
            if self._fresh or self._standing.reversed:
                stored = {tag: self._whole(tag, kinds, part) for tag, part in stored.items()}
            self._answer[kinds].update(stored)

    def _part(self, kinds: Kinds) -> dict[str, Answer]:
        """The answers to the needs of some kinds."""
        if kinds not in self._answer:
            self._answer[kinds] = {}
            self._asking.clear()
        return self._answer[kinds]

    def _parts_for(self, kind: str) -> list[dict[str, Answer]]:
        """The answers that an event of a kind belongs to, if they are for one of its tags."""
        if kind not in self._asking:
            self._asking[kind] = [part for kinds, part in self._answer.items() if _asks(kinds, kind)]
        return self._asking[kind]

    def _whole(self, tag: str, kinds: Kinds, stored: Answer) -> Answer:
        """The answer to a need: what is stored and not reversed, then what the batch has added already."""
        gone = self._standing.reversed
        self._index()
        kept = [item for item in stored if item.event.id not in gone] if gone else stored
        if gone and not kinds:
            kept = [item for item in kept if item.event.kind != REVERSED]
        added = self._added.get(tag, ())
        return kept + [item for item in added if _asks(kinds, item.event.kind)] if added else kept

    def history(self, tag: str, kinds: Kinds) -> Sequence[Recorded]:
        """Recorded and accepted events with a tag, in position order, reversed pairs dropped."""
        try:
            answer = self._answer[kinds][tag]
        except KeyError:
            self.load([Need(tag, kinds)])
            answer = self._answer[kinds][tag]
        return [item for item in answer if item.event.id not in self._undone] if self._undone else answer

    def by_id(self, event_id: str) -> Recorded | None:
        """An event by id, from the trial, the batch or the log."""
        if event_id not in self._by_id:
            row = reading.event_by_id(self._connection, event_id)
            if row is None:
                return None
            self._by_id[event_id] = recorded(self._connection, [row])[0]
        return self._by_id[event_id]

    def attempt(self, item: Recorded, tags: tuple[str, ...]) -> None:
        """Lay one judged event of the present voucher over the histories, until `accept` or `forget`."""
        self._fresh.append((item, tags))
        self._by_id[item.event.id] = item
        if item.event.kind == REVERSED:
            self._undone[_target(item)] += 1
        for answer in self._answers_with(item, tags):
            answer.append(item)

    def _index(self) -> None:
        """Sort by tag what came since the last time."""
        for item, tags in self._fresh[self._indexed :]:
            for tag in tags:
                self._added[tag].append(item)
        self._indexed = len(self._fresh)

    def _answers_with(self, item: Recorded, tags: tuple[str, ...]) -> list[Answer]:
        """Every answer that an event of the batch belongs to."""
        parts = self._asking.get(item.event.kind) or self._parts_for(item.event.kind)
        return [part[tag] for part in parts for tag in tags if tag in part]

    def accept(self) -> None:
        """The present voucher is accepted: its events count for the rest of the batch."""
        self._accepted = len(self._fresh)

    def forget(self) -> None:
        """The present voucher is not accepted: nothing of it remains. Last in, first out: each list loses its end."""
        while len(self._fresh) > self._accepted:
            item, tags = self._fresh.pop()
            self._by_id.pop(item.event.id, None)
            if item.event.kind == REVERSED:
                self._undone -= Counter((_target(item),))  # a difference keeps what is above zero
            if self._indexed > len(self._fresh):
                self._indexed -= 1
                for tag in tags:
                    self._added[tag].pop()
            for answer in self._answers_with(item, tags):
                answer.pop()


class Standing:
    """Few facts that every judgement reads (entities, funds, programmes, periods …), kept in memory by tag."""

    def __init__(self) -> None:
        self._by_tag: defaultdict[str, ByKind] = defaultdict(lambda: defaultdict(list))
        """By kind too, because a batch's tag may have ten thousand payments and three steps."""
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

    def answers(self, kinds: Kinds) -> bool:
        """Whether these are standing kinds only."""
        return bool(kinds) and self._kinds.issuperset(kinds)

    def history(self, tag: str, kinds: Kinds) -> Answer:
        """Standing events of a tag and kinds, in position order; a list of the caller's own."""
        by_kind = self._by_tag.get(tag)
        if by_kind is None:
            return []
        return sorted((item for kind in kinds if kind in by_kind for item in by_kind[kind]), key=_place)


def recorded(connection: Connection, rows: Iterable[StoredEvent]) -> list[Recorded]:
    """Rows of the log as the rules see them, with the entity and date of their vouchers (one query for all)."""
    rows = list(rows)
    numbers = {row.voucher_number for row in rows}
    found = reading.vouchers_of(connection, sorted(numbers)) if numbers else {}
    if len(found) < len(numbers):
        raise EvidenceError("E_BARE_EVENT", number=min(numbers - found.keys()))
    return [
        Recorded(row.position, trusted_event(row.kind, row.data), *found[row.voucher_number], row.voucher_number)
        for row in rows
    ]


def items_at(connection: Connection, positions: set[int], recent: Recent) -> dict[int, Recorded]:
    """The events at some positions, read unless they are at hand."""
    found = recent.find(positions)
    rows = reading.events_at(connection, positions - found.keys())
    found.update((item.position, item) for item in recorded(connection, rows))
    return found


def read_at_once(connection: Connection, needs: Iterable[Need], recent: Recent) -> dict[Need, list[Recorded]]:
    """What the log holds under each of many needs, read together and without reversed pairs; what was read is `recent`
    afterwards.
    """
    wide = {need: Need(need.tag, (*need.kinds, REVERSED)) if need.kinds else need for need in needs}
    found = reading.places_of(connection, wide.values())
    items = items_at(connection, {place for part in found.values() for place in part}, recent)
    recent.add(items.values())
    return {need: without_reversed([items[at] for at in found[query]], need.kinds) for need, query in wide.items()}


def without_reversed(items: Sequence[Recorded], kinds: tuple[str, ...]) -> list[Recorded]:
    """Drop every event that a reversal among `items` names, and the reversals themselves unless asked for."""
    gone = {getattr(item.event, "target", "") for item in items if item.event.kind == REVERSED}
    return [
        item
        for item in items
        if item.event.id not in gone and (item.event.kind != REVERSED or not kinds or REVERSED in kinds)
    ]


def _asks(kinds: Kinds, kind: str) -> bool:
    """Whether a need of some kinds (none: any) is for events of a kind; a reversal is met only by its own name."""
    return kind in kinds or (not kinds and kind != REVERSED)


def _target(item: Recorded) -> str:
    return str(getattr(item.event, "target", ""))


def _place(item: Recorded) -> int:
    return item.position
